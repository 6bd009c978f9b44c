//! The other codecs, each through its own API.

use std::hint::black_box;
use std::sync::Arc;

use bytes::BytesMut;
use mqtt_protocol_core::mqtt::packet as core_packet;

use crate::harness::Contender;
use crate::sample::Sample;

const MAX: usize = 1 << 20;

/// Decodes a `BytesMut` of many packets with `read`, which takes each off its front.
fn from_bytes_mut<'a, P>(
    name: &'static str,
    sample: &'a Sample,
    read: impl Fn(&mut BytesMut) -> P + 'a,
) -> Contender<'a> {
    let stream = sample.stream();
    Contender::new(
        name,
        sample.batch(),
        move || BytesMut::from(&stream[..]),
        move |stream| {
            while !stream.is_empty() {
                black_box(&read(black_box(stream)));
            }
        },
    )
}

/// Decodes slices that begin with a packet with `read`.
fn from_slices<'a>(
    name: &'static str,
    sample: &'a Sample,
    read: impl Fn(&[u8]) + 'a,
) -> Contender<'a> {
    let stream = sample.stream();
    let len = sample.bytes.len();
    Contender::new(
        name,
        sample.batch(),
        move || stream.clone(),
        move |stream| {
            for bytes in black_box(&stream[..]).chunks_exact(len) {
                read(bytes);
            }
        },
    )
}

/// Encodes one packet over and over into a `BytesMut` with `write`.
fn into_bytes_mut<'a>(
    name: &'static str,
    sample: &Sample,
    write: impl Fn(&mut BytesMut) + 'a,
) -> Contender<'a> {
    let batch = sample.batch();
    let room = sample.bytes.len();
    Contender::new(
        name,
        batch,
        move || BytesMut::with_capacity(room),
        move |out| {
            for _ in 0..batch {
                out.clear();
                write(out);
                black_box(&out[..]);
            }
        },
    )
}

/// Encodes one packet over and over into a buffer that `write` returns.
fn into_new<'a>(
    name: &'static str,
    sample: &Sample,
    write: impl Fn() -> Vec<u8> + 'a,
) -> Contender<'a> {
    let batch = sample.batch();
    Contender::new(
        name,
        batch,
        || (),
        move |()| {
            for _ in 0..batch {
                drop(black_box(write()));
            }
        },
    )
}

/// What follows the fixed header of a packet shorter than 16 KiB.
fn body(bytes: &[u8]) -> &[u8] {
    &bytes[if bytes[1] & 0x80 == 0 { 2 } else { 3 }..]
}

const PUBLISH: u8 = 3;

pub(crate) fn decoders(sample: &Sample) -> Vec<Contender<'_>> {
    let is_publish = sample.bytes[0] >> 4 == PUBLISH;
    if sample.is_v5() {
        return vec![
            from_bytes_mut("mqttbytes", sample, |stream| {
                mqttbytes::v5::read(stream, MAX)
            }),
            from_bytes_mut("rumqttc", sample, |stream| {
                rumqttc::v5::mqttbytes::v5::Packet::read(stream, Some(MAX as u32))
            }),
            from_slices("mqtt-protocol-core", sample, |bytes| {
                let body = Arc::from(body(bytes));
                black_box(&core_packet::v5_0::Publish::parse(bytes[0] & 15, body));
            }),
        ];
    }
    vec![
        from_slices("mqttrs", sample, |bytes| {
            black_box(&mqttrs::decode_slice(bytes));
        }),
        from_bytes_mut("mqttbytes", sample, |stream| {
            mqttbytes::v4::read(stream, MAX)
        }),
        from_bytes_mut("rumqttc", sample, |stream| {
            rumqttc::mqttbytes::v4::Packet::read(stream, MAX)
        }),
        from_slices("mqtt-protocol-core", sample, move |bytes| {
            if is_publish {
                let body = Arc::from(body(bytes));
                black_box(&core_packet::v3_1_1::Publish::parse(bytes[0] & 15, body));
            } else {
                black_box(&core_packet::v3_1_1::Puback::parse(body(bytes)));
            }
        }),
    ]
}

pub(crate) fn encoders(sample: &Sample) -> Vec<Contender<'_>> {
    if sample.is_v5() {
        encoders_v5(sample)
    } else {
        encoders_v3_1_1(sample)
    }
}

fn encoders_v5(sample: &Sample) -> Vec<Contender<'_>> {
    let stream = || BytesMut::from(&sample.bytes[..]);
    let mqttbytes::v5::Packet::Publish(mqttbytes) =
        mqttbytes::v5::read(&mut stream(), MAX).expect("it is valid")
    else {
        panic!("it is a PUBLISH");
    };
    let rumqttc::v5::mqttbytes::v5::Packet::Publish(rumqttc) =
        rumqttc::v5::mqttbytes::v5::Packet::read(&mut stream(), Some(MAX as u32))
            .expect("it is valid")
    else {
        panic!("it is a PUBLISH");
    };
    let rest = Arc::from(body(&sample.bytes));
    let (core, _) =
        core_packet::v5_0::Publish::parse(sample.bytes[0] & 15, rest).expect("it is valid");
    vec![
        into_bytes_mut("mqttbytes", sample, move |out| {
            black_box(&mqttbytes).write(out).expect("it can be written");
        }),
        into_bytes_mut("rumqttc", sample, move |out| {
            black_box(&rumqttc).write(out).expect("it can be written");
        }),
        into_new("mqtt-protocol-core", sample, move || {
            black_box(&core).to_continuous_buffer()
        }),
    ]
}

fn encoders_v3_1_1(sample: &Sample) -> Vec<Contender<'_>> {
    let batch = sample.batch();
    let room = sample.bytes.len();
    let stream = || BytesMut::from(&sample.bytes[..]);
    let mqttrs = mqttrs::decode_slice(&sample.bytes)
        .expect("it is valid")
        .expect("it is whole");
    let mqttbytes = mqttbytes::v4::read(&mut stream(), MAX).expect("it is valid");
    let rumqttc = rumqttc::mqttbytes::v4::Packet::read(&mut stream(), MAX).expect("it is valid");
    let mut contenders = vec![
        Contender::new(
            "mqttrs",
            batch,
            move || vec![0; room],
            move |out| {
                for _ in 0..batch {
                    mqttrs::encode_slice(black_box(&mqttrs), out).expect("it can be written");
                    black_box(&out[..]);
                }
            },
        ),
        into_bytes_mut("mqttbytes", sample, move |out| {
            match black_box(&mqttbytes) {
                mqttbytes::v4::Packet::Publish(publish) => publish.write(out),
                mqttbytes::v4::Packet::PubAck(ack) => ack.write(out),
                _ => panic!("it is neither"),
            }
            .expect("it can be written");
        }),
        into_bytes_mut("rumqttc", sample, move |out| {
            match black_box(&rumqttc) {
                rumqttc::mqttbytes::v4::Packet::Publish(publish) => publish.write(out),
                rumqttc::mqttbytes::v4::Packet::PubAck(ack) => ack.write(out),
                _ => panic!("it is neither"),
            }
            .expect("it can be written");
        }),
    ];
    let rest = body(&sample.bytes);
    contenders.push(if sample.bytes[0] >> 4 == PUBLISH {
        let (core, _) = core_packet::v3_1_1::Publish::parse(sample.bytes[0] & 15, Arc::from(rest))
            .expect("it is valid");
        into_new("mqtt-protocol-core", sample, move || {
            black_box(&core).to_continuous_buffer()
        })
    } else {
        let (core, _) = core_packet::v3_1_1::Puback::parse(rest).expect("it is valid");
        into_new("mqtt-protocol-core", sample, move || {
            black_box(&core).to_continuous_buffer()
        })
    });
    contenders
}
