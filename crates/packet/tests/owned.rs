//! Packets of any content that own their parts, for properties to be made of.

use proptest::prelude::*;
use proptest::sample::subsequence;
use vitrine_packet::{
    Ack, Auth, Carrier, ConnAck, Connect, Disconnect, FiltersBuf, Packet, PacketId, PacketType,
    Property, PropertyBuf, PropertyKind, ProtocolVersion, Publish, QoS, ReasonCode, RetainHandling,
    SubAck, Subscribe, SubscriptionOptions, TopicsBuf, UnsubAck, Unsubscribe, Will,
};

/// A packet of 5.0, or what of it 3.1.1 has a place for.
#[derive(Clone, Debug)]
pub(crate) enum Owned {
    Connect {
        clean_start: bool,
        keep_alive: u16,
        properties: PropertyBuf,
        client_id: String,
        will: Option<(QoS, bool, PropertyBuf, String, Vec<u8>)>,
        username: Option<String>,
        password: Option<Vec<u8>>,
    },
    ConnAck(bool, u8, PropertyBuf),
    Publish {
        dup: bool,
        qos: QoS,
        retain: bool,
        topic: String,
        packet_id: PacketId,
        properties: PropertyBuf,
        payload: Vec<u8>,
    },
    Ack(PacketType, PacketId, ReasonCode, PropertyBuf),
    Subscribe(PacketId, PropertyBuf, FiltersBuf),
    Unsubscribe(PacketId, PropertyBuf, TopicsBuf),
    SubAck(PacketId, PropertyBuf, Vec<u8>),
    UnsubAck(PacketId, PropertyBuf, Vec<u8>),
    Ping(bool),
    Disconnect(ReasonCode, PropertyBuf),
    Auth(ReasonCode, PropertyBuf),
}

impl Owned {
    /// The packet, for `version`: without what that version has no place for.
    pub(crate) fn packet(&self, version: ProtocolVersion) -> Packet<'_> {
        let v5 = version == ProtocolVersion::V5;
        let keep = |properties| {
            if v5 {
                PropertyBuf::as_properties(properties)
            } else {
                Default::default()
            }
        };
        let reason = |reason| if v5 { reason } else { ReasonCode::Success };
        match self {
            Self::Connect {
                clean_start,
                keep_alive,
                properties,
                client_id,
                will,
                username,
                password,
            } => Packet::Connect(Connect {
                version,
                clean_start: *clean_start,
                keep_alive: *keep_alive,
                properties: keep(properties),
                client_id,
                will: will
                    .as_ref()
                    .map(|(qos, retain, properties, topic, payload)| Will {
                        qos: *qos,
                        retain: *retain,
                        properties: keep(properties),
                        topic,
                        payload,
                    }),
                username: username.as_deref(),
                password: password.as_deref().filter(|_| v5 || username.is_some()),
            }),
            Self::ConnAck(present, code, properties) => {
                let code = if v5 { *code } else { *code % 6 };
                Packet::ConnAck(ConnAck {
                    session_present: *present && code == 0,
                    code,
                    properties: keep(properties),
                })
            }
            Self::Publish {
                dup,
                qos,
                retain,
                topic,
                packet_id,
                properties,
                payload,
            } => Packet::Publish(Publish {
                dup: *dup && *qos != QoS::AtMostOnce,
                qos: *qos,
                retain: *retain,
                topic: if topic.is_empty()
                    && !(v5 && properties.as_properties().topic_alias().is_some())
                {
                    "t"
                } else {
                    topic
                },
                packet_id: (*qos != QoS::AtMostOnce).then_some(*packet_id),
                properties: keep(properties),
                payload,
            }),
            Self::Ack(kind, packet_id, code, properties) => {
                let ack = Ack {
                    packet_id: *packet_id,
                    reason: reason(*code),
                    properties: keep(properties),
                };
                match kind {
                    PacketType::PubAck => Packet::PubAck(ack),
                    PacketType::PubRec => Packet::PubRec(ack),
                    PacketType::PubRel => Packet::PubRel(ack),
                    _ => Packet::PubComp(ack),
                }
            }
            Self::Subscribe(packet_id, properties, filters) => Packet::Subscribe(Subscribe {
                packet_id: *packet_id,
                properties: keep(properties),
                filters: filters.as_filters(),
            }),
            Self::Unsubscribe(packet_id, properties, filters) => Packet::Unsubscribe(Unsubscribe {
                packet_id: *packet_id,
                properties: keep(properties),
                filters: filters.as_topics(),
            }),
            Self::SubAck(packet_id, properties, codes) => Packet::SubAck(SubAck {
                packet_id: *packet_id,
                properties: keep(properties),
                codes: if v5 { codes } else { &[0, 1, 2, 0x80] },
            }),
            Self::UnsubAck(packet_id, properties, codes) => Packet::UnsubAck(UnsubAck {
                packet_id: *packet_id,
                properties: keep(properties),
                codes: if v5 { codes } else { &[] },
            }),
            Self::Ping(true) => Packet::PingReq,
            Self::Ping(false) => Packet::PingResp,
            Self::Disconnect(code, properties) => Packet::Disconnect(Disconnect {
                reason: reason(*code),
                properties: keep(properties),
            }),
            Self::Auth(code, properties) => Packet::Auth(Auth {
                reason: *code,
                properties: properties.as_properties(),
            }),
        }
    }
}

/// The bytes of `packet`.
pub(crate) fn encoded(packet: &Owned, version: ProtocolVersion) -> Vec<u8> {
    let mut out = Vec::new();
    packet
        .packet(version)
        .encode(version, &mut out)
        .expect("it can be written");
    out
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[^\0]{0,12}",
        1 => "[a-z]{0,300}",
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..20),
        1 => prop::collection::vec(any::<u8>(), 0..400),
    ]
}

fn topic_name() -> impl Strategy<Value = String> {
    "[^\0+#]{1,30}"
}

fn topic_filter() -> impl Strategy<Value = String> {
    let level = prop_oneof![2 => "[^\0+#/$]{0,6}", 1 => Just("+".to_owned())];
    let share = prop::option::weighted(0.2, "\\$share/[a-z]{1,4}/");
    (share, prop::collection::vec(level, 1..4), any::<bool>()).prop_map(|(share, levels, hash)| {
        let tail = match (hash, levels.join("/")) {
            (true, levels) => format!("{levels}/#"),
            (false, levels) if levels.is_empty() => "#".to_owned(),
            (false, levels) => levels,
        };
        share.unwrap_or_default() + &tail
    })
}

fn packet_id() -> impl Strategy<Value = PacketId> {
    any::<core::num::NonZeroU16>().prop_map(|id| PacketId::new(id.get()).expect("it is not 0"))
}

fn qos() -> impl Strategy<Value = QoS> {
    (0..=2_u8).prop_map(|qos| QoS::from_bits(qos).expect("below 3"))
}

fn reason(packet: PacketType) -> impl Strategy<Value = ReasonCode> {
    let allowed: Vec<_> = ReasonCode::ALL
        .iter()
        .copied()
        .filter(|reason| reason.is_allowed_in(packet))
        .collect();
    prop::sample::select(allowed)
}

fn reasons(packet: PacketType) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(reason(packet).prop_map(ReasonCode::as_u8), 1..5)
}

/// Values for any property, of which each takes what it is made of.
type Values = (u32, String, String, Vec<u8>);

/// The property of this kind with what of `values` it can have.
fn property(kind: PropertyKind, (number, name, text, bytes): &Values) -> Property<'_> {
    use PropertyKind as K;
    let bit = (*number & 1) as u8;
    let short = *number as u16;
    let positive = (*number as u16).max(1);
    match kind {
        K::PayloadFormatIndicator => Property::PayloadFormatIndicator(bit),
        K::MessageExpiryInterval => Property::MessageExpiryInterval(*number),
        K::ContentType => Property::ContentType(text),
        K::ResponseTopic => Property::ResponseTopic("response/topic"),
        K::CorrelationData => Property::CorrelationData(bytes),
        K::SubscriptionIdentifier => Property::SubscriptionIdentifier((*number >> 4).max(1)),
        K::SessionExpiryInterval => Property::SessionExpiryInterval(*number),
        K::AssignedClientIdentifier => Property::AssignedClientIdentifier(text),
        K::ServerKeepAlive => Property::ServerKeepAlive(short),
        K::AuthenticationMethod => Property::AuthenticationMethod(text),
        K::AuthenticationData => Property::AuthenticationData(bytes),
        K::RequestProblemInformation => Property::RequestProblemInformation(bit),
        K::WillDelayInterval => Property::WillDelayInterval(*number),
        K::RequestResponseInformation => Property::RequestResponseInformation(bit),
        K::ResponseInformation => Property::ResponseInformation(text),
        K::ServerReference => Property::ServerReference(text),
        K::ReasonString => Property::ReasonString(text),
        K::ReceiveMaximum => Property::ReceiveMaximum(positive),
        K::TopicAliasMaximum => Property::TopicAliasMaximum(short),
        K::TopicAlias => Property::TopicAlias(positive),
        K::MaximumQos => Property::MaximumQos(bit),
        K::RetainAvailable => Property::RetainAvailable(bit),
        K::UserProperty => Property::UserProperty(name, text),
        K::MaximumPacketSize => Property::MaximumPacketSize((*number).max(1)),
        K::WildcardSubscriptionAvailable => Property::WildcardSubscriptionAvailable(bit),
        K::SubscriptionIdentifierAvailable => Property::SubscriptionIdentifierAvailable(bit),
        K::SharedSubscriptionAvailable => Property::SharedSubscriptionAvailable(bit),
    }
}

/// Properties that `carrier` may carry, in any order; Authentication Data goes with a method.
fn properties(carrier: Carrier) -> impl Strategy<Value = PropertyBuf> {
    let mut allowed = Vec::new();
    for kind in PropertyKind::ALL {
        if kind.is_allowed_in(carrier) {
            let times = if kind.may_repeat_in(carrier) { 3 } else { 1 };
            allowed.extend(core::iter::repeat_n(kind, times));
        }
    }
    let most = allowed.len().min(8);
    let value = (any::<u32>(), text(), text(), bytes());
    let kinds = subsequence(allowed, 0..=most).prop_shuffle();
    (kinds, prop::collection::vec(value, most + 1)).prop_map(|(mut kinds, values)| {
        let has = |kinds: &[_], kind| kinds.contains(&kind);
        if has(&kinds, PropertyKind::AuthenticationData)
            && !has(&kinds, PropertyKind::AuthenticationMethod)
        {
            kinds.push(PropertyKind::AuthenticationMethod);
        }
        let mut properties = PropertyBuf::new();
        for (kind, values) in kinds.iter().zip(&values) {
            properties
                .push(property(*kind, values))
                .expect("it is short enough");
        }
        properties
    })
}

fn of(packet: PacketType) -> impl Strategy<Value = PropertyBuf> {
    properties(Carrier::Packet(packet))
}

fn options() -> impl Strategy<Value = SubscriptionOptions> {
    (qos(), any::<bool>(), any::<bool>(), 0..=2_u8).prop_map(
        |(qos, no_local, retain_as_published, handling)| SubscriptionOptions {
            qos,
            no_local,
            retain_as_published,
            retain_handling: RetainHandling::from_u8(handling).expect("below 3"),
        },
    )
}

fn connect() -> impl Strategy<Value = Owned> {
    let will = (
        qos(),
        any::<bool>(),
        properties(Carrier::Will),
        topic_name(),
        bytes(),
    );
    (
        any::<bool>(),
        any::<u16>(),
        of(PacketType::Connect),
        text(),
        prop::option::of(will),
        prop::option::of(text()),
        prop::option::of(bytes()),
    )
        .prop_map(
            |(clean_start, keep_alive, properties, client_id, will, username, password)| {
                Owned::Connect {
                    clean_start,
                    keep_alive,
                    properties,
                    client_id,
                    will,
                    username,
                    password,
                }
            },
        )
}

fn publish() -> impl Strategy<Value = Owned> {
    let topic = prop_oneof![5 => topic_name(), 1 => Just(String::new())];
    (
        any::<(bool, bool)>(),
        qos(),
        topic,
        packet_id(),
        of(PacketType::Publish),
        bytes(),
    )
        .prop_map(
            |((dup, retain), qos, topic, packet_id, properties, payload)| Owned::Publish {
                dup,
                qos,
                retain,
                topic,
                packet_id,
                properties,
                payload,
            },
        )
}

fn subscribe() -> impl Strategy<Value = Owned> {
    let filters = prop::collection::vec((topic_filter(), options()), 1..4);
    (packet_id(), of(PacketType::Subscribe), filters).prop_map(|(id, properties, filters)| {
        let mut list = FiltersBuf::new();
        for (filter, mut options) in filters {
            options.no_local &= !filter.starts_with("$share/");
            list.push(&filter, options).expect("it is valid");
        }
        Owned::Subscribe(id, properties, list)
    })
}

fn unsubscribe() -> impl Strategy<Value = Owned> {
    let filters = prop::collection::vec(topic_filter(), 1..4);
    (packet_id(), of(PacketType::Unsubscribe), filters).prop_map(|(id, properties, filters)| {
        let mut list = TopicsBuf::new();
        for filter in filters {
            list.push(&filter).expect("it is valid");
        }
        Owned::Unsubscribe(id, properties, list)
    })
}

fn auth() -> impl Strategy<Value = Owned> {
    (reason(PacketType::Auth), of(PacketType::Auth)).prop_map(|(reason, mut properties)| {
        if properties.as_properties().authentication_method().is_none() {
            let method = Property::AuthenticationMethod("method");
            properties.push(method).expect("it is short enough");
        }
        Owned::Auth(reason, properties)
    })
}

/// A packet of this type.
pub(crate) fn packet_of(packet: PacketType) -> BoxedStrategy<Owned> {
    match packet {
        PacketType::Connect => connect().boxed(),
        PacketType::ConnAck => (any::<bool>(), reason(packet), of(packet))
            .prop_map(|(present, reason, properties)| {
                Owned::ConnAck(present, reason.as_u8(), properties)
            })
            .boxed(),
        PacketType::Publish => publish().boxed(),
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
            (packet_id(), reason(packet), of(packet))
                .prop_map(move |(id, reason, properties)| {
                    Owned::Ack(packet, id, reason, properties)
                })
                .boxed()
        }
        PacketType::Subscribe => subscribe().boxed(),
        PacketType::SubAck => (packet_id(), of(packet), reasons(packet))
            .prop_map(|(id, properties, codes)| Owned::SubAck(id, properties, codes))
            .boxed(),
        PacketType::Unsubscribe => unsubscribe().boxed(),
        PacketType::UnsubAck => (packet_id(), of(packet), reasons(packet))
            .prop_map(|(id, properties, codes)| Owned::UnsubAck(id, properties, codes))
            .boxed(),
        PacketType::PingReq => Just(Owned::Ping(true)).boxed(),
        PacketType::PingResp => Just(Owned::Ping(false)).boxed(),
        PacketType::Disconnect => (reason(packet), of(packet))
            .prop_map(|(reason, properties)| Owned::Disconnect(reason, properties))
            .boxed(),
        PacketType::Auth => auth().boxed(),
    }
}

/// A packet of any type.
pub(crate) fn any_packet() -> impl Strategy<Value = Owned> {
    prop::sample::select(&PacketType::ALL[..]).prop_flat_map(packet_of)
}
