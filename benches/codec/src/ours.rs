//! vitrine-packet.

use std::hint::black_box;

use vitrine_packet::{Framer, Packet, PacketId, PacketType, encode_ack};

use crate::harness::Contender;
use crate::sample::Sample;

pub(crate) fn decoders(sample: &Sample) -> Vec<Contender<'_>> {
    let batch = sample.batch();
    let version = sample.version;
    let stream = sample.stream();
    let framed = Contender::new(
        "vitrine-packet (Framer, then decode)",
        batch,
        {
            let stream = stream.clone();
            move || {
                let mut framer = Framer::new(1 << 20);
                framer.set_version(version);
                (framer, stream.clone())
            }
        },
        move |(framer, stream)| {
            let mut input = black_box(&stream[..]);
            while let Some(bytes) = framer.next(&mut input).expect("it is valid") {
                black_box(&Packet::decode(bytes, version));
            }
        },
    );
    let len = sample.bytes.len();
    let whole = Contender::new(
        "vitrine-packet (decode)",
        batch,
        move || stream.clone(),
        move |stream| {
            for bytes in black_box(&stream[..]).chunks_exact(len) {
                black_box(&Packet::decode(bytes, version));
            }
        },
    );
    vec![framed, whole]
}

pub(crate) fn encoders(sample: &Sample) -> Vec<Contender<'_>> {
    let version = sample.version;
    let packet = Packet::decode(&sample.bytes, version).expect("it is valid");
    let batch = sample.batch();
    let room = sample.bytes.len();
    let mut contenders = vec![Contender::new(
        "vitrine-packet (encode)",
        batch,
        move || Vec::with_capacity(room),
        move |out| {
            for _ in 0..batch {
                out.clear();
                match black_box(&packet) {
                    Packet::Publish(publish) => publish.encode(version, out),
                    Packet::PubAck(ack) => ack.encode(PacketType::PubAck, version, out),
                    _ => panic!("it is neither"),
                }
                .expect("it can be written");
                black_box(&out[..]);
            }
        },
    )];
    match packet {
        Packet::Publish(publish) => {
            let mut template = Vec::new();
            let at = publish.encode_template(version, &mut template);
            let at = at.expect("it can be written");
            contenders.push(Contender::new(
                "vitrine-packet (copy of a template)",
                batch,
                move || Vec::with_capacity(room),
                move |out| {
                    for _ in 0..batch {
                        out.clear();
                        out.extend_from_slice(black_box(&template));
                        if let (Some(at), Some(id)) = (at, black_box(publish.packet_id)) {
                            out[at..at + 2].copy_from_slice(&id.get().to_be_bytes());
                        }
                        black_box(&out[..]);
                    }
                },
            ));
        }
        Packet::PubAck(ack) => contenders.push(Contender::new(
            "vitrine-packet (encode_ack)",
            batch,
            move || Vec::with_capacity(room),
            move |out| {
                for _ in 0..batch {
                    out.clear();
                    let id: PacketId = black_box(ack.packet_id);
                    encode_ack(PacketType::PubAck, id, out);
                    black_box(&out[..]);
                }
            },
        )),
        _ => {}
    }
    contenders
}
