//! Cutting a stream into packets.

use proptest::prelude::*;
use vitrine_packet::ProtocolVersion::{V3_1_1, V5};
use vitrine_packet::{DecodeError, Framer};

use crate::owned::{any_packet, encoded};

/// All packets of `input`, and what ended it.
fn drain(framer: &mut Framer, mut input: &[u8]) -> (Vec<Vec<u8>>, Option<DecodeError>) {
    let mut packets = Vec::new();
    loop {
        match framer.next(&mut input) {
            Ok(Some(packet)) => packets.push(packet.to_vec()),
            Ok(None) => {
                assert!(input.is_empty(), "all of it is used");
                return (packets, None);
            }
            Err(error) => return (packets, Some(error)),
        }
    }
}

#[test]
fn whole_packets_are_not_copied() {
    let stream = b"\xC0\0\x40\x02\0\x01";
    let mut framer = Framer::default();
    let mut input = &stream[..];
    let packet = framer.next(&mut input).expect("valid").expect("whole");
    assert!(core::ptr::eq(packet, &stream[..2]));
    let packet = framer.next(&mut input).expect("valid").expect("whole");
    assert!(core::ptr::eq(packet, &stream[2..]));
    assert_eq!(framer.next(&mut input), Ok(None));
    assert_eq!(framer.buffered(), 0);
}

#[test]
fn byte_by_byte() {
    let publish = [&[0x30, 0x83, 0x01, 0, 1, b'a'][..], &[7; 128]].concat();
    let stream = [&b"\xC0\0"[..], &publish, b"\x40\x02\0\x01"].concat();
    let mut framer = Framer::new(1000);
    let mut packets = Vec::new();
    for byte in &stream {
        packets.extend(drain(&mut framer, core::slice::from_ref(byte)).0);
    }
    assert_eq!(packets, [&b"\xC0\0"[..], &publish, b"\x40\x02\0\x01"]);
}

#[test]
fn what_is_buffered_can_be_seen() {
    let mut framer = Framer::default();
    assert_eq!(drain(&mut framer, b"\x40\x02\0"), (vec![], None));
    assert_eq!(
        (framer.buffered(), framer.partial()),
        (3, &b"\x40\x02\0"[..])
    );
    assert_eq!(drain(&mut framer.clone(), b"\x09").0, [b"\x40\x02\0\x09"]);
    assert_eq!(drain(&mut framer, b"\x01\xC0").0, [b"\x40\x02\0\x01"]);
    assert_eq!((framer.buffered(), framer.partial()), (1, &b"\xC0"[..]));
}

/// The first byte is enough to refuse a packet.
#[test]
fn bad_first_bytes_are_refused_at_once() {
    for (first, code) in [
        (0x00, "reserved-packet-type"),
        (0x13, "reserved-flags"),
        (0x60, "reserved-flags"),
        (0x36, "publish-qos"),
        (0x38, "dup-on-qos-0"),
    ] {
        let mut framer = Framer::new(1000);
        let (packets, error) = drain(&mut framer, &[first]);
        assert!(packets.is_empty());
        assert_eq!(
            error.map(|error| (error.code(), error.offset)),
            Some((code, 0))
        );
        assert_eq!(framer.partial(), [first]);
        // There is no way on.
        assert_eq!(drain(&mut framer, b"\xC0\0"), (vec![], error));
    }
}

/// AUTH, and lengths longer than they need be, depend on the version.
///
/// 5.0: [MQTT-1.5.5-1]
#[test]
fn rules_of_the_version() {
    let overlong = b"\xC0\x80\0";
    assert_eq!(drain(&mut Framer::default(), overlong).0, [overlong]);
    assert_eq!(drain(&mut Framer::default(), b"\xF0\0").0, [b"\xF0\0"]);
    let mut framer = Framer::default();
    framer.set_version(V5);
    let error = drain(&mut framer, overlong).1.expect("5.0 forbids it");
    assert_eq!(error.statement, Some("MQTT-1.5.5-1"));
    let mut framer = Framer::default();
    framer.set_version(V3_1_1);
    let error = drain(&mut framer, b"\xF0").1.expect("3.1.1 has no AUTH");
    assert_eq!(
        (error.code(), error.statement),
        ("reserved-packet-type", Some("MQTT-4.8.0-1"))
    );
}

/// The size counts the fixed header, and is checked as soon as the Remaining Length is there.
///
/// 5.0: [MQTT-3.2.2-15]
#[test]
fn packets_that_are_too_large_are_refused_before_they_come() {
    let mut framer = Framer::new(131);
    framer.set_version(V5);
    assert_eq!(drain(&mut framer, &[0x30, 0x80, 0x01]), (vec![], None));
    let mut framer = Framer::new(130);
    framer.set_version(V5);
    let error = drain(&mut framer, &[0x30, 0x80, 0x01])
        .1
        .expect("131 bytes");
    assert_eq!(
        (error.code(), error.statement),
        ("packet-too-large", Some("MQTT-3.2.2-15"))
    );
    assert_eq!(error.reason_code().as_u8(), 0x95);
    // 3.1.1 has no rule on it.
    let mut framer = Framer::new(10);
    framer.set_version(V3_1_1);
    let whole = [&[0x30, 10][..], &[0; 10]].concat();
    assert_eq!(
        drain(&mut framer, &whole).1.expect("12 bytes").statement,
        None
    );
    framer = Framer::new(10);
    framer.set_max_packet_size(12);
    assert_eq!(drain(&mut framer, &whole).0, [whole]);
}

#[test]
fn pings_with_a_body_are_refused_before_it_comes() {
    let error = drain(&mut Framer::default(), &[0xC0, 0xFF, 0xFF, 0x7F])
        .1
        .expect("it is empty");
    assert_eq!((error.code(), error.offset), ("trailing-bytes", 4));
}

#[test]
fn a_length_of_five_bytes_is_refused() {
    let error = drain(&mut Framer::default(), &[0x30, 0xFF, 0xFF, 0xFF, 0xFF]).1;
    assert_eq!(
        error.map(|error| (error.code(), error.offset)),
        Some(("variable-byte-integer", 4))
    );
}

/// Announcing much costs the receiver nothing.
#[test]
fn memory_follows_what_has_arrived() {
    let mut framer = Framer::default();
    let (packets, error) = drain(&mut framer, &[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1]);
    assert_eq!((packets, error), (vec![], None));
    assert!(framer.capacity() < 64);
    for arrived in 1..100 {
        drain(&mut framer, &[0; 1000]);
        assert!(framer.capacity() <= 2 * (arrived * 1000 + 7) + 1000);
    }
    // At the end it is the packet's size, to the byte, and the memory is given back.
    let mut framer = Framer::new(100_000);
    let len = 70_000_u32;
    let header = [
        0x30,
        len as u8 | 0x80,
        (len >> 7) as u8 | 0x80,
        (len >> 14) as u8,
    ];
    drain(&mut framer, &header);
    for _ in 0..69 {
        drain(&mut framer, &[1; 1000]);
        assert!(framer.capacity() <= 70_004);
    }
    assert_eq!(framer.buffered(), 69_004);
    let mut input = &[1; 1000][..];
    assert_eq!(
        framer
            .next(&mut input)
            .map(|packet| packet.map(<[u8]>::len)),
        Ok(Some(70_004))
    );
    assert_eq!(framer.next(&mut input), Ok(None));
    assert_eq!((framer.buffered(), framer.capacity()), (0, 0));
}

#[test]
fn a_look_sees_nothing_in_what_is_no_packet() {
    for bytes in [
        &b""[..],
        b"\x30",
        b"\x30\x80",
        b"\x30\x02a",
        b"\x30\xFF\xFF\xFF\xFF\x01",
    ] {
        assert_eq!(Framer::peek(bytes), None, "{bytes:?}");
    }
}

proptest! {
    /// However a stream is cut, the same packets come out.
    #[test]
    fn cuts_do_not_matter(
        packets in prop::collection::vec(any_packet(), 1..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let packets: Vec<_> = packets.iter().map(|packet| encoded(packet, V5)).collect();
        let stream = packets.concat();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut framer = Framer::default();
        let mut got = Vec::new();
        for piece in cuts.windows(2) {
            let (more, error) = drain(&mut framer, &stream[piece[0]..piece[1]]);
            prop_assert_eq!(error, None);
            got.extend(more);
        }
        prop_assert_eq!(got, packets);
        prop_assert_eq!(framer.buffered(), 0);
    }
    /// What is seen by looking is what comes.
    #[test]
    fn a_look_sees_the_packets_that_come(
        packets in prop::collection::vec(any_packet(), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let stream: Vec<_> = packets.iter().flat_map(|packet| encoded(packet, V5)).collect();
        let stream = &stream[..cut.index(stream.len() + 1)];
        let (mut rest, mut seen) = (stream, Vec::new());
        while let Some((first, body, after)) = Framer::peek(rest) {
            let packet = &rest[..rest.len() - after.len()];
            prop_assert_eq!(first, packet[0]);
            prop_assert!(packet[1..].ends_with(body));
            seen.push(packet.to_vec());
            rest = after;
        }
        prop_assert_eq!(seen, drain(&mut Framer::default(), stream).0);
    }
}
