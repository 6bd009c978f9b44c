//! A Control Packet in one line of text.

use std::fmt::{self, Write};

use vitrine_packet::{
    Ack, Connect, Packet, PacketType, Properties, Property, ProtocolVersion, Publish, ReasonCode,
};

/// Longer payloads are cut.
const MOST_PAYLOAD: usize = 40;

/// The packet's type, flags, identifier, and what else tells it from others.
pub(crate) fn of(bytes: &[u8], version: ProtocolVersion) -> String {
    let kind = bytes
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4));
    let mut line = kind.map_or("?", PacketType::name).to_owned();
    match Packet::decode(bytes, version) {
        Ok(packet) => put(&mut line, &packet),
        Err(error) => {
            let _ = write!(line, " malformed: {error}");
        }
    }
    line
}

/// A payload, as text where it is one.
pub(crate) fn payload(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if text.chars().count() <= MOST_PAYLOAD => format!("{text:?}"),
        _ => format!("({} bytes)", bytes.len()),
    }
}

fn put(line: &mut String, packet: &Packet<'_>) {
    match packet {
        Packet::Connect(connect) => put_connect(line, connect),
        Packet::ConnAck(connack) => {
            let present = u8::from(connack.session_present);
            add(
                line,
                format_args!("session-present={present} code=0x{:02x}", connack.code),
            );
            properties(line, connack.properties);
        }
        Packet::Publish(publish) => put_publish(line, publish),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            put_ack(line, ack);
        }
        Packet::Subscribe(subscribe) => {
            add(line, format_args!("id={}", subscribe.packet_id));
            for (filter, options) in subscribe.filters.iter() {
                add(line, format_args!("{filter} qos={}", options.qos.as_u8()));
            }
            properties(line, subscribe.properties);
        }
        Packet::SubAck(suback) => {
            add(line, format_args!("id={}", suback.packet_id));
            codes(line, suback.codes);
            properties(line, suback.properties);
        }
        Packet::Unsubscribe(unsubscribe) => {
            add(line, format_args!("id={}", unsubscribe.packet_id));
            for filter in unsubscribe.filters.iter() {
                add(line, format_args!("{filter}"));
            }
        }
        Packet::UnsubAck(unsuback) => {
            add(line, format_args!("id={}", unsuback.packet_id));
            codes(line, unsuback.codes);
        }
        Packet::PingReq | Packet::PingResp => {}
        Packet::Disconnect(disconnect) => {
            reason(line, disconnect.reason);
            properties(line, disconnect.properties);
        }
        Packet::Auth(auth) => {
            reason(line, auth.reason);
            properties(line, auth.properties);
        }
    }
}

fn add(line: &mut String, what: fmt::Arguments<'_>) {
    // Writing into a text never fails.
    let _ = write!(line, " {what}");
}

fn put_connect(line: &mut String, connect: &Connect<'_>) {
    let clean = u8::from(connect.clean_start);
    let (version, keep_alive) = (connect.version.name(), connect.keep_alive);
    add(
        line,
        format_args!(
            "{:?} {version} clean={clean} keep-alive={keep_alive}",
            connect.client_id
        ),
    );
    if let Some(will) = &connect.will {
        let (qos, retain) = (will.qos.as_u8(), u8::from(will.retain));
        let payload = payload(will.payload);
        add(
            line,
            format_args!("will={} {payload} qos={qos} retain={retain}", will.topic),
        );
    }
    if let Some(name) = connect.username {
        add(line, format_args!("user={name:?}"));
    }
    if let Some(password) = connect.password {
        add(line, format_args!("password={}", payload(password)));
    }
    properties(line, connect.properties);
}

fn put_publish(line: &mut String, publish: &Publish<'_>) {
    add(line, format_args!("qos={}", publish.qos.as_u8()));
    if let Some(id) = publish.packet_id {
        add(line, format_args!("id={id}"));
    }
    for (flag, name) in [(publish.dup, "DUP"), (publish.retain, "RETAIN")] {
        if flag {
            add(line, format_args!("{name}"));
        }
    }
    add(
        line,
        format_args!("{:?} {}", publish.topic, payload(publish.payload)),
    );
    properties(line, publish.properties);
}

fn put_ack(line: &mut String, ack: &Ack<'_>) {
    add(line, format_args!("id={}", ack.packet_id));
    if ack.reason != ReasonCode::Success {
        reason(line, ack.reason);
    }
    properties(line, ack.properties);
}

fn reason(line: &mut String, reason: ReasonCode) {
    add(
        line,
        format_args!("0x{:02x} {}", reason.as_u8(), reason.name()),
    );
}

fn codes(line: &mut String, codes: &[u8]) {
    for code in codes {
        add(line, format_args!("0x{code:02x}"));
    }
}

fn properties(line: &mut String, properties: Properties<'_>) {
    for property in properties.iter() {
        if let Property::AuthenticationData(data) = property {
            add(
                line,
                format_args!("AuthenticationData({} bytes)", data.len()),
            );
        } else {
            add(line, format_args!("{property:?}"));
        }
    }
}
