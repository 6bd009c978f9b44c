//! Packets as text, so that a test reads like what it expects.

use std::fmt::Write;

use vitrine_packet::{
    Ack, Packet, PacketType, Properties, Property, PropertyBuf, ProtocolVersion, QoS, ReasonCode,
};

/// One line for a packet from the broker: the type, then only what is not at its plainest.
///
/// ```text
/// PUBLISH a/b "text"
/// PUBLISH q1 #7 dup retain a/b "text" [UserProperty("a", "b")]
/// PUBACK #7 87
/// ```
pub(crate) fn describe(bytes: &[u8], version: ProtocolVersion) -> String {
    let packet = Packet::decode(bytes, version).expect("the broker sends valid packets");
    match packet {
        Packet::ConnAck(ack) => {
            let present = if ack.session_present { " present" } else { "" };
            format!("CONNACK {:02X}{present}{}", ack.code, list(ack.properties))
        }
        Packet::Publish(publish) => {
            let mut line = "PUBLISH".to_owned();
            if publish.qos != QoS::AtMostOnce {
                write!(
                    line,
                    " q{} #{}",
                    publish.qos.as_u8(),
                    publish.packet_id.unwrap()
                )
                .unwrap();
            }
            line += if publish.dup { " dup" } else { "" };
            line += if publish.retain { " retain" } else { "" };
            let payload = String::from_utf8_lossy(publish.payload);
            write!(
                line,
                " {} {payload:?}{}",
                publish.topic,
                list(publish.properties)
            )
            .unwrap();
            line
        }
        Packet::PubAck(ack) => acknowledgement(PacketType::PubAck, &ack),
        Packet::PubRec(ack) => acknowledgement(PacketType::PubRec, &ack),
        Packet::PubRel(ack) => acknowledgement(PacketType::PubRel, &ack),
        Packet::PubComp(ack) => acknowledgement(PacketType::PubComp, &ack),
        Packet::SubAck(ack) => {
            format!(
                "SUBACK #{}{}{}",
                ack.packet_id,
                codes(ack.codes),
                list(ack.properties)
            )
        }
        Packet::UnsubAck(ack) => {
            format!(
                "UNSUBACK #{}{}{}",
                ack.packet_id,
                codes(ack.codes),
                list(ack.properties)
            )
        }
        Packet::PingResp => "PINGRESP".into(),
        Packet::Disconnect(disconnect) => {
            format!(
                "DISCONNECT {:02X}{}",
                disconnect.reason.as_u8(),
                list(disconnect.properties)
            )
        }
        Packet::Auth(auth) => format!("AUTH {:02X}{}", auth.reason.as_u8(), list(auth.properties)),
        Packet::Connect(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_) | Packet::PingReq => {
            panic!("a broker never sends {packet:?}")
        }
    }
}

fn acknowledgement(kind: PacketType, ack: &Ack<'_>) -> String {
    let name = kind.name();
    let reason = match ack.reason {
        ReasonCode::Success => String::new(),
        reason => format!(" {:02X}", reason.as_u8()),
    };
    format!("{name} #{}{reason}{}", ack.packet_id, list(ack.properties))
}

fn codes(codes: &[u8]) -> String {
    codes.iter().map(|code| format!(" {code:02X}")).collect()
}

/// The properties, but for the Reason String, whose words are nobody's to rely on.
fn list(properties: Properties<'_>) -> String {
    let mut shown = PropertyBuf::new();
    for property in properties {
        if !matches!(property, Property::ReasonString(_)) {
            shown.push(property).expect("it came in a packet");
        }
    }
    if shown.as_properties().is_empty() {
        String::new()
    } else {
        format!(" {:?}", shown.as_properties())
    }
}
