//! Which numbered statement of which standard a malformed packet breaks.

use crate::topic::TopicErrorKind;
use crate::{DecodeErrorKind, PacketType, ProtocolVersion};

/// The statement that `kind` in a packet of type `packet` breaks.
///
/// For 3.1, which has no numbered statements, that of 3.1.1. Where no statement is about the very
/// thing, the one on malformed packets and protocol violations.
pub(crate) fn of(
    kind: DecodeErrorKind,
    packet: Option<PacketType>,
    version: ProtocolVersion,
) -> Option<&'static str> {
    match version {
        ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => in_3_1_1(kind, packet),
        ProtocolVersion::V5 => in_5(kind, packet),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rest has no statement of its own"
)]
fn in_3_1_1(kind: DecodeErrorKind, packet: Option<PacketType>) -> Option<&'static str> {
    use DecodeErrorKind as K;
    Some(match kind {
        K::ReservedFlags => match packet {
            Some(PacketType::PubRel) => "MQTT-3.6.1-1",
            Some(PacketType::Subscribe) => "MQTT-3.8.1-1",
            Some(PacketType::Unsubscribe) => "MQTT-3.10.1-1",
            Some(PacketType::Disconnect) => "MQTT-3.14.1-1",
            _ => "MQTT-2.2.2-2",
        },
        K::PublishQos => "MQTT-3.3.1-4",
        K::DupOnQosZero => "MQTT-3.3.1-2",
        K::InvalidUtf8 => "MQTT-1.5.3-1",
        K::NulCharacter => "MQTT-1.5.3-2",
        K::ZeroPacketId => match packet {
            Some(PacketType::SubAck | PacketType::UnsubAck) => "MQTT-2.3.1-7",
            Some(
                PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp,
            ) => "MQTT-2.3.1-6",
            _ => "MQTT-2.3.1-1",
        },
        K::ProtocolName => "MQTT-3.1.2-1",
        K::ProtocolVersion => "MQTT-3.1.2-2",
        K::ReservedConnectFlag => "MQTT-3.1.2-3",
        K::WillQos => "MQTT-3.1.2-14",
        K::WillQosWithoutWill => "MQTT-3.1.2-13",
        K::WillRetainWithoutWill => "MQTT-3.1.2-15",
        K::PasswordWithoutUserName => "MQTT-3.1.2-22",
        K::SessionPresentOnRefusal => "MQTT-3.2.2-4",
        K::ReasonCode if packet == Some(PacketType::SubAck) => "MQTT-3.9.3-2",
        K::TopicName(TopicErrorKind::WildcardInTopicName)
            if packet == Some(PacketType::Publish) =>
        {
            "MQTT-3.3.2-2"
        }
        K::TopicName(kind) | K::TopicFilter(kind) | K::ResponseTopic(kind) => {
            kind.statement(ProtocolVersion::V3_1_1)
        }
        K::EmptyPayload => match packet {
            Some(PacketType::Subscribe) => "MQTT-3.8.3-3",
            Some(PacketType::Unsubscribe) => "MQTT-3.10.3-2",
            _ => "MQTT-3.8.4-5",
        },
        K::ReservedSubscriptionOptions | K::RequestedQos => "MQTT-3.8.3-4",
        // 3.1.1 leaves the size of packets to the server.
        K::PacketTooLarge => return None,
        _ if packet == Some(PacketType::Connect) => "MQTT-3.1.4-1",
        _ => "MQTT-4.8.0-1",
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rest has no statement of its own"
)]
fn in_5(kind: DecodeErrorKind, packet: Option<PacketType>) -> Option<&'static str> {
    use DecodeErrorKind as K;
    Some(match kind {
        K::ReservedFlags => match packet {
            Some(PacketType::PubRel) => "MQTT-3.6.1-1",
            Some(PacketType::Subscribe) => "MQTT-3.8.1-1",
            Some(PacketType::Unsubscribe) => "MQTT-3.10.1-1",
            Some(PacketType::Disconnect) => "MQTT-3.14.1-1",
            Some(PacketType::Auth) => "MQTT-3.15.1-1",
            _ => "MQTT-2.1.3-1",
        },
        K::PublishQos => "MQTT-3.3.1-4",
        K::DupOnQosZero => "MQTT-3.3.1-2",
        K::OverlongVariableByteInteger => "MQTT-1.5.5-1",
        K::InvalidUtf8 => "MQTT-1.5.4-1",
        K::NulCharacter => "MQTT-1.5.4-2",
        K::ZeroPacketId => match packet {
            Some(PacketType::SubAck | PacketType::UnsubAck) => "MQTT-2.2.1-6",
            Some(
                PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp,
            ) => "MQTT-2.2.1-5",
            _ => "MQTT-2.2.1-3",
        },
        K::ProtocolName => "MQTT-3.1.2-1",
        K::ProtocolVersion => "MQTT-3.1.2-2",
        K::ReservedConnectFlag => "MQTT-3.1.2-3",
        K::WillQos => "MQTT-3.1.2-12",
        K::WillQosWithoutWill => "MQTT-3.1.2-11",
        K::WillRetainWithoutWill => "MQTT-3.1.2-13",
        K::ReservedConnAckFlags => "MQTT-3.2.2-1",
        K::SessionPresentOnRefusal => "MQTT-3.2.2-6",
        K::ReasonCode => match packet {
            Some(PacketType::ConnAck) => "MQTT-3.2.2-8",
            Some(PacketType::PubAck) => "MQTT-3.4.2-1",
            Some(PacketType::PubRec) => "MQTT-3.5.2-1",
            Some(PacketType::PubRel) => "MQTT-3.6.2-1",
            Some(PacketType::PubComp) => "MQTT-3.7.2-1",
            Some(PacketType::SubAck) => "MQTT-3.9.3-2",
            Some(PacketType::UnsubAck) => "MQTT-3.11.3-2",
            Some(PacketType::Disconnect) => "MQTT-3.14.2-1",
            Some(PacketType::Auth) => "MQTT-3.15.2-1",
            _ => "MQTT-4.13.1-1",
        },
        K::TopicName(TopicErrorKind::WildcardInTopicName)
            if packet == Some(PacketType::Publish) =>
        {
            "MQTT-3.3.2-2"
        }
        K::ResponseTopic(TopicErrorKind::WildcardInTopicName) => "MQTT-3.3.2-14",
        K::TopicName(kind) | K::TopicFilter(kind) | K::ResponseTopic(kind) => {
            kind.statement(ProtocolVersion::V5)
        }
        K::EmptyPayload => match packet {
            Some(PacketType::Subscribe) => "MQTT-3.8.3-2",
            Some(PacketType::Unsubscribe) => "MQTT-3.10.3-2",
            Some(PacketType::UnsubAck) => "MQTT-3.11.3-2",
            _ => "MQTT-3.8.4-6",
        },
        K::ReservedSubscriptionOptions => "MQTT-3.8.3-5",
        K::NoLocalOnShared => "MQTT-3.8.3-4",
        K::ZeroTopicAlias => "MQTT-3.3.2-8",
        K::MissingAuthenticationMethod => "MQTT-4.12.0-5",
        K::PacketTooLarge => "MQTT-3.2.2-15",
        _ if packet == Some(PacketType::Connect) => "MQTT-3.1.4-1",
        _ => "MQTT-4.13.1-1",
    })
}
