//! Messages and Wills, whole.

use std::rc::Rc;

use vitrine_broker::{ClientId, Message, PublicationId, Time, Will};
use vitrine_packet::{Carrier, PacketType, Properties, PropertyBuf, QoS};

use super::{Malformed, Reader, write_bytes, write_number};

/// Flags of a message or Will, beside its QoS in the lowest two bits.
const RETAIN: u8 = 4;
const HAS_EXPIRY: u8 = 8;
const HAS_PUBLISHER: u8 = 16;

/// Writes a message; its topic and publisher go through `text`, which may shorten them.
pub(crate) fn write_message(
    message: &Message,
    out: &mut Vec<u8>,
    mut text: impl FnMut(&str, &mut Vec<u8>),
) {
    write_number(message.publication.0, out);
    let mut flags = message.qos.as_u8();
    if message.expires.is_some() {
        flags |= HAS_EXPIRY;
    }
    if message.publisher.is_some() {
        flags |= HAS_PUBLISHER;
    }
    out.push(flags);
    if let Some(at) = message.expires {
        write_number(at.as_micros(), out);
    }
    if let Some(publisher) = &message.publisher {
        text(publisher, out);
    }
    text(&message.topic, out);
    write_bytes(message.properties.as_properties().as_bytes(), out);
    write_bytes(&message.payload, out);
}

/// A message as it is written: nothing is copied, and its properties are not looked at. `T` is what stands
/// for a text.
#[derive(Clone, Debug)]
pub(crate) struct RawMessage<'a, T> {
    pub(crate) publication: PublicationId,
    pub(crate) publisher: Option<T>,
    pub(crate) topic: T,
    qos: QoS,
    expires: Option<Time>,
    properties: Reader<'a>,
    payload: &'a [u8],
}

impl<'a, T> RawMessage<'a, T> {
    /// Reads a message; `text` reads what the writer's wrote.
    pub(crate) fn read(
        from: &mut Reader<'a>,
        mut text: impl FnMut(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Self, Malformed> {
        let publication = PublicationId(from.number("a publication's number")?);
        let flags = read_flags(from, HAS_EXPIRY | HAS_PUBLISHER)?;
        let qos = read_qos(flags, from)?;
        let expires = match flags & HAS_EXPIRY {
            0 => None,
            _ => Some(Time(from.number("a time")?)),
        };
        let publisher = match flags & HAS_PUBLISHER {
            0 => None,
            _ => Some(text(from)?),
        };
        let topic = text(from)?;
        let properties = from.clone();
        from.bytes("properties")?;
        Ok(Self {
            publication,
            publisher,
            topic,
            qos,
            expires,
            properties,
            payload: from.bytes("a payload")?,
        })
    }

    /// The message.
    pub(crate) fn message(
        &self,
        publisher: Option<ClientId>,
        topic: Rc<str>,
    ) -> Result<Message, Malformed> {
        let carrier = Carrier::Packet(PacketType::Publish);
        Ok(Message {
            publication: self.publication,
            publisher,
            qos: self.qos,
            expires: self.expires,
            topic,
            properties: read_properties(&mut self.properties.clone(), carrier)?,
            payload: self.payload.into(),
        })
    }
}

pub(super) fn write_will(will: &Will, out: &mut Vec<u8>) {
    let mut flags = will.qos.as_u8();
    if will.retain {
        flags |= RETAIN;
    }
    if will.expiry.is_some() {
        flags |= HAS_EXPIRY;
    }
    out.push(flags);
    write_number(will.delay.into(), out);
    if let Some(expiry) = will.expiry {
        write_number(expiry.into(), out);
    }
    write_bytes(will.topic.as_bytes(), out);
    write_bytes(will.properties.as_properties().as_bytes(), out);
    write_bytes(&will.payload, out);
}

pub(super) fn read_will(from: &mut Reader<'_>) -> Result<Will, Malformed> {
    let flags = read_flags(from, RETAIN | HAS_EXPIRY)?;
    let delay = from.small("a delay")?;
    let expiry = match flags & HAS_EXPIRY {
        0 => None,
        _ => Some(from.small("an interval")?),
    };
    Ok(Will {
        topic: from.text("a topic")?.into(),
        properties: read_properties(from, Carrier::Will)?,
        payload: from.bytes("a payload")?.into(),
        qos: read_qos(flags, from)?,
        retain: flags & RETAIN != 0,
        delay,
        expiry,
    })
}

/// Flags with a QoS in the lowest two bits, and no others than `allowed`.
fn read_flags(from: &mut Reader<'_>, allowed: u8) -> Result<u8, Malformed> {
    let flags = from.byte("a message's flags")?;
    if flags & !(allowed | 3) == 0 {
        Ok(flags)
    } else {
        Err(from.malformed(1, "a message's flags"))
    }
}

pub(super) fn read_qos(flags: u8, from: &Reader<'_>) -> Result<QoS, Malformed> {
    QoS::from_bits(flags & 3).ok_or_else(|| from.malformed(0, "after a QoS of 0 to 2"))
}

fn read_properties(from: &mut Reader<'_>, carrier: Carrier) -> Result<PropertyBuf, Malformed> {
    let before = from.clone();
    let bytes = from.bytes("properties")?;
    match Properties::from_bytes(bytes, carrier) {
        Ok(properties) => Ok(properties.into()),
        Err(_) => Err(before.malformed(0, "properties")),
    }
}
