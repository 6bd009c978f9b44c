//! What must hold for any bytes. Run by the fuzz target, and by the tests on seeded input.

use vitrine_packet::{
    Carrier, DecodeError, Dissection, FieldValue, Framer, Packet, PacketType, Properties,
    ProtocolVersion, dissect, topic,
};

const VERSIONS: [ProtocolVersion; 3] = [
    ProtocolVersion::V3_1,
    ProtocolVersion::V3_1_1,
    ProtocolVersion::V5,
];

/// The first byte of `data` says how to cut the rest, and which version a stream of it is.
pub(crate) fn run(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else {
        return;
    };
    for version in VERSIONS {
        packet(bytes, version);
    }
    let version = VERSIONS[usize::from(choice >> 6) % 3];
    stream(bytes, usize::from(choice & 0x3F) + 1, version);
    topics(bytes);
}

/// One packet: what is decoded is encoded to something that is decoded to the same.
pub(crate) fn packet(bytes: &[u8], version: ProtocolVersion) {
    let dissection = dissect(bytes, version);
    covers(bytes, &dissection);
    match Packet::decode(bytes, version) {
        Err(error) => {
            assert!(error.offset as usize <= bytes.len(), "{error:?}");
            assert!(!error.code().is_empty() && error.reason_code().is_error());
            assert!(error.to_string().starts_with(error.code()));
            assert_eq!(dissection.error, Some(error));
        }
        Ok(packet) => {
            assert_eq!(dissection.error, None);
            let mut out = vec![0xEE];
            packet.encode(version, &mut out).expect("it was decoded");
            assert_eq!(packet.encoded_len(version), Ok(out.len() - 1));
            assert!(
                out.len() - 1 <= bytes.len(),
                "it is written as short as can be"
            );
            assert_eq!(Packet::decode(&out[1..], version), Ok(packet));
            assert!(
                !dissection
                    .fields
                    .iter()
                    .any(|field| field.name == "Undecoded bytes"),
                "{dissection:#?}"
            );
            parts(&packet);
        }
    }
}

/// What is looked at only later was checked as well.
fn parts(packet: &Packet<'_>) {
    let carrier = Carrier::Packet(packet.packet_type());
    match packet {
        Packet::Connect(connect) => {
            properties(connect.properties, carrier);
            if let Some(will) = connect.will {
                properties(will.properties, Carrier::Will);
                assert_eq!(topic::validate_name(will.topic), Ok(()));
            }
        }
        Packet::Publish(publish) => {
            properties(publish.properties, carrier);
            assert_eq!(publish.packet_id.is_some(), publish.qos.is_acknowledged());
            if publish.topic.is_empty() {
                assert!(publish.properties.topic_alias().is_some());
            } else {
                assert_eq!(topic::validate_name(publish.topic), Ok(()));
            }
        }
        Packet::Subscribe(subscribe) => {
            properties(subscribe.properties, carrier);
            let version = ProtocolVersion::V3_1_1;
            for (filter, _) in subscribe.filters.iter() {
                assert_eq!(topic::validate_filter_for(filter, version), Ok(()));
            }
            assert!(subscribe.filters.iter().next().is_some());
        }
        Packet::Unsubscribe(unsubscribe) => {
            properties(unsubscribe.properties, carrier);
            let version = ProtocolVersion::V3_1_1;
            for filter in unsubscribe.filters.iter() {
                assert_eq!(topic::validate_filter_for(filter, version), Ok(()));
            }
            assert!(unsubscribe.filters.iter().next().is_some());
        }
        Packet::ConnAck(packet) => properties(packet.properties, carrier),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            properties(ack.properties, carrier);
        }
        Packet::SubAck(packet) => properties(packet.properties, carrier),
        Packet::UnsubAck(packet) => properties(packet.properties, carrier),
        Packet::Disconnect(packet) => properties(packet.properties, carrier),
        Packet::Auth(packet) => properties(packet.properties, carrier),
        Packet::PingReq | Packet::PingResp => {}
    }
}

fn properties(properties: Properties<'_>, carrier: Carrier) {
    let mut written = vitrine_packet::PropertyBuf::new();
    for property in properties {
        assert!(property.kind().is_allowed_in(carrier));
        written.push(property).expect("it was decoded");
    }
    assert_eq!(written.as_properties(), properties);
    assert_eq!(
        Properties::from_bytes(properties.as_bytes(), carrier),
        Ok(properties)
    );
}

/// Every byte belongs to exactly one field without parts, every bit of a divided one to one.
pub(crate) fn covers(bytes: &[u8], dissection: &Dissection<'_>) {
    let mut bits = vec![0_u8; bytes.len()];
    for (index, field) in dissection.fields.iter().enumerate() {
        let range = field.start as usize..field.end as usize;
        assert!(
            range.start <= range.end && range.end <= bytes.len(),
            "{field:?}"
        );
        let parts = dissection.fields[index + 1..]
            .iter()
            .take_while(|part| part.depth > field.depth);
        if field.value == FieldValue::Group {
            for part in parts {
                assert!(
                    part.start >= field.start && part.end <= field.end,
                    "{part:?} in {field:?}"
                );
            }
            continue;
        }
        assert_eq!(parts.count(), 0, "{field:?} is no group");
        let mask = match field.bits {
            None => 0xFF,
            Some((high, low)) => {
                assert!(high <= 7 && low <= high && range.len() == 1, "{field:?}");
                ((1_u16 << (high + 1)) - (1 << low)) as u8
            }
        };
        for byte in &mut bits[range] {
            assert_eq!(*byte & mask, 0, "{field:?} is covered twice");
            *byte |= mask;
        }
    }
    assert!(bits.iter().all(|&byte| byte == 0xFF), "{dissection:#?}");
}

/// The packets of a stream, and the error that ends it, do not depend on how it is cut.
pub(crate) fn stream(bytes: &[u8], piece: usize, version: ProtocolVersion) {
    const LIMIT: u32 = 2048;
    let cut = |piece: usize| -> (Vec<Vec<u8>>, Option<DecodeError>, usize) {
        let mut framer = Framer::new(LIMIT);
        framer.set_version(version);
        let mut packets = Vec::new();
        for mut input in bytes.chunks(piece.max(1)) {
            loop {
                match framer.next(&mut input) {
                    Ok(Some(packet)) => packets.push(packet.to_vec()),
                    Ok(None) => break,
                    Err(error) => return (packets, Some(error), 0),
                }
            }
            assert!(input.is_empty());
            assert!(framer.buffered() < LIMIT as usize);
        }
        (packets, None, framer.buffered())
    };
    let whole = cut(bytes.len());
    assert_eq!(cut(piece), whole);
    let used: usize = whole.0.iter().map(Vec::len).sum();
    if whole.1.is_none() {
        assert_eq!(used + whole.2, bytes.len(), "nothing is lost");
    }
    assert!(bytes.starts_with(&whole.0.concat()));
    for packet in &whole.0 {
        let first = PacketType::from_bits(packet[0] >> 4);
        assert!(first.is_some());
    }
}

/// A filter and a topic: the explanation says what the matching says, which is what a plain
/// comparison of levels says.
pub(crate) fn topics(bytes: &[u8]) {
    topics_at(bytes, bytes.len() / 2);
}

/// [`topics`], with the filter in the first `at` bytes.
pub(crate) fn topics_at(bytes: &[u8], at: usize) {
    let (filter, topic) = bytes.split_at(at);
    let (Ok(filter), Ok(name)) = (core::str::from_utf8(filter), core::str::from_utf8(topic)) else {
        return;
    };
    if topic::validate_name(name).is_ok() {
        assert!(topic::matches(name, name) || name.starts_with(['+', '#']));
        assert!(topic::matches("#", name) != name.starts_with('$'));
    }
    match topic::validate_filter(filter) {
        Err(error) => {
            assert!(filter.is_char_boundary(error.at_byte));
            assert_eq!(filter[..error.at_byte].chars().count(), error.at_char);
        }
        Ok(()) if topic::validate_name(name).is_ok() => {
            let filter = topic::strip_share(filter);
            let expected = plain_match(filter, name);
            assert_eq!(
                topic::matches(filter, name),
                expected,
                "{filter:?} {name:?}"
            );
            let explanation = topic::explain(filter, name);
            assert_eq!(explanation.matches, expected, "{filter:?} {name:?}");
            let (last, others) = explanation.levels.split_last().expect("there is a level");
            assert!(others.iter().all(|level| level.verdict.is_match()));
            assert_eq!(last.verdict.is_match(), expected);
        }
        Ok(()) => {}
    }
}

/// Section 4.7 taken literally.
fn plain_match(filter: &str, name: &str) -> bool {
    if name.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let filter: Vec<&str> = filter.split('/').collect();
    let name: Vec<&str> = name.split('/').collect();
    let same = |(filter, name): (&&str, &&str)| *filter == "+" || filter == name;
    match filter.split_last() {
        Some((&"#", parents)) => name.len() >= parents.len() && parents.iter().zip(&name).all(same),
        _ => filter.len() == name.len() && filter.iter().zip(&name).all(same),
    }
}
