//! What is written is read as it was, for every type of packet in every version.

use proptest::prelude::*;
use vitrine_packet::{EncodedPublish, Packet, PacketId, PacketType, ProtocolVersion};

use crate::owned::{Owned, packet_of};
use crate::{body, sample};

fn check(owned: &Owned, version: ProtocolVersion) -> Result<(), TestCaseError> {
    let packet = owned.packet(version);
    let mut bytes = Vec::new();
    packet
        .encode(version, &mut bytes)
        .expect("it can be written");
    prop_assert_eq!(packet.encoded_len(version), Ok(bytes.len()));
    match (Packet::decode(&bytes, version), packet) {
        // 3.1.1 writes only the QoS of what a filter asks for.
        (Ok(Packet::Subscribe(got)), Packet::Subscribe(sent)) if version != ProtocolVersion::V5 => {
            let qos = |filters: vitrine_packet::Filters<'_>| -> Vec<_> {
                filters
                    .iter()
                    .map(|(filter, options)| (filter.to_owned(), options.qos))
                    .collect()
            };
            prop_assert_eq!(qos(got.filters), qos(sent.filters));
        }
        (got, packet) => prop_assert_eq!(got, Ok(packet)),
    }
    // Every byte has a name, and no shorter piece of it is a packet.
    body::packet(&bytes, version);
    for len in 0..bytes.len() {
        prop_assert!(Packet::decode(&bytes[..len], version).is_err());
    }
    Ok(())
}

macro_rules! round_trip {
    ($($name:ident: $packet:ident in [$($version:ident)*];)*) => {
        $(proptest! {
            #[test]
            fn $name(packet in packet_of(PacketType::$packet)) {
                $(check(&packet, ProtocolVersion::$version)?;)*
            }
        })*
    };
}

round_trip! {
    connect: Connect in [V3_1 V3_1_1 V5];
    connack: ConnAck in [V3_1 V3_1_1 V5];
    publish: Publish in [V3_1 V3_1_1 V5];
    puback: PubAck in [V3_1 V3_1_1 V5];
    pubrec: PubRec in [V3_1 V3_1_1 V5];
    pubrel: PubRel in [V3_1 V3_1_1 V5];
    pubcomp: PubComp in [V3_1 V3_1_1 V5];
    subscribe: Subscribe in [V3_1 V3_1_1 V5];
    suback: SubAck in [V3_1 V3_1_1 V5];
    unsubscribe: Unsubscribe in [V3_1 V3_1_1 V5];
    unsuback: UnsubAck in [V3_1 V3_1_1 V5];
    pingreq: PingReq in [V3_1 V3_1_1 V5];
    pingresp: PingResp in [V3_1 V3_1_1 V5];
    disconnect: Disconnect in [V3_1 V3_1_1 V5];
    auth: Auth in [V5];
}

proptest! {
    /// A stamped copy is the packet that would have been written.
    #[test]
    fn copies_of_a_publish(
        owned in packet_of(PacketType::Publish),
        id in 1_u16..,
        dup: bool,
    ) {
        for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5] {
            let Packet::Publish(mut publish) = owned.packet(version) else {
                panic!("it is a PUBLISH");
            };
            let mut template = publish;
            template.packet_id = None;
            let mut encoded = EncodedPublish::new(&template, version).expect("it can be written");
            let id = PacketId::new(id).expect("it is not 0");
            let mut copy = vec![0xEE];
            encoded.copy_to(Some(id), dup, &mut copy);

            publish.packet_id = publish.packet_id.map(|_| id);
            publish.dup = dup && publish.packet_id.is_some();
            let mut expected = vec![0xEE];
            publish.encode(version, &mut expected).expect("it can be written");
            prop_assert_eq!(&copy, &expected);
            prop_assert_eq!(encoded.len(), expected.len() - 1);
            encoded.set_packet_id(id);
            encoded.set_dup(dup);
            prop_assert_eq!(encoded.bytes(), &expected[1..]);
        }
    }
}

#[test]
fn samples() {
    for sample in sample::all() {
        let packet = Packet::decode(&sample.bytes, sample.version);
        let packet = packet.unwrap_or_else(|error| panic!("{:02X?}: {error}", sample.bytes));
        let mut bytes = Vec::new();
        packet
            .encode(sample.version, &mut bytes)
            .expect("it can be written");
        // One of them says more than it has to.
        if bytes != sample.bytes {
            assert_eq!(sample.bytes, [0x62, 4, 0, 1, 0x92, 0]);
        }
    }
}
