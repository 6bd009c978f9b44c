//! What is written is read as it was, for every type of packet in every version.

use proptest::prelude::*;
use vitrine_packet::{Packet, PacketId, PacketType, ProtocolVersion, Publish};

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
    /// A copy with a Packet Identifier where the template says is the packet that would have been written.
    #[test]
    fn copies_of_a_publish(owned in packet_of(PacketType::Publish), id in 1_u16..) {
        for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5] {
            let Packet::Publish(mut publish) = owned.packet(version) else {
                panic!("it is a PUBLISH");
            };
            let template = Publish { packet_id: None, ..publish };
            // What stands in front of it is left alone.
            let mut copy = vec![0xEE];
            let at = template.encode_template(version, &mut copy).expect("it can be written");
            prop_assert_eq!(at.is_some(), publish.packet_id.is_some());
            if let Some(at) = at {
                copy[at..at + 2].copy_from_slice(&id.to_be_bytes());
                publish.packet_id = PacketId::new(id);
            }
            let mut expected = vec![0xEE];
            publish.encode(version, &mut expected).expect("it can be written");
            prop_assert_eq!(&copy, &expected);
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
