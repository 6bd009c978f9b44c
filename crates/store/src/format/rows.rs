//! The values of the tables: what is known under a key.

use std::rc::Rc;

use vitrine_broker::{PublicationId, SavedSubscription, SessionSettings, Time};
use vitrine_packet::{PacketId, QoS, RetainHandling, SubscriptionOptions};

use super::message::{read_qos, read_will, write_will};
use super::{Malformed, Reader, write_bytes, write_number};

const HAS_LEFT: u8 = 1;
const HAS_WILL: u8 = 2;
const HAS_USER: u8 = 4;

pub(crate) fn write_settings(settings: &SessionSettings, out: &mut Vec<u8>) {
    let mut flags = 0;
    if settings.left.is_some() {
        flags |= HAS_LEFT;
    }
    if settings.will.is_some() {
        flags |= HAS_WILL;
    }
    if settings.user.is_some() {
        flags |= HAS_USER;
    }
    out.push(flags);
    write_number(settings.expiry.into(), out);
    if let Some(left) = settings.left {
        write_number(left.as_micros(), out);
    }
    if let Some(will) = &settings.will {
        write_will(will, out);
    }
    if let Some(user) = &settings.user {
        write_bytes(user.as_bytes(), out);
    }
}

pub(crate) fn read_settings(from: &mut Reader<'_>) -> Result<SessionSettings, Malformed> {
    let flags = from.byte("a session's flags")?;
    if flags > HAS_LEFT | HAS_WILL | HAS_USER {
        return Err(from.malformed(1, "a session's flags"));
    }
    let expiry = from.small("a session's expiry")?;
    let left = match flags & HAS_LEFT {
        0 => None,
        _ => Some(Time(from.number("a time")?)),
    };
    let will = match flags & HAS_WILL {
        0 => None,
        _ => Some(Rc::new(read_will(from)?)),
    };
    let user = match flags & HAS_USER {
        0 => None,
        _ => Some(from.text("a session's user")?.into()),
    };
    Ok(SessionSettings {
        expiry,
        left,
        will,
        user,
    })
}

pub(crate) fn write_subscription(subscription: SavedSubscription, out: &mut Vec<u8>) {
    out.push(subscription.options.as_u8());
    write_number(subscription.identifier.unwrap_or(0).into(), out);
}

pub(crate) fn read_subscription(from: &mut Reader<'_>) -> Result<SavedSubscription, Malformed> {
    let byte = from.byte("subscription options")?;
    let options = read_options(byte).filter(|options| options.as_u8() == byte);
    let options = options.ok_or_else(|| from.malformed(1, "subscription options"))?;
    let identifier = match from.small("a subscription identifier")? {
        0 => None,
        identifier => Some(identifier),
    };
    Ok(SavedSubscription {
        options,
        identifier,
    })
}

/// The options that [`SubscriptionOptions::as_u8`] gives this byte for, if it does.
fn read_options(byte: u8) -> Option<SubscriptionOptions> {
    Some(SubscriptionOptions {
        qos: QoS::from_bits(byte & 3)?,
        no_local: byte & 4 != 0,
        retain_as_published: byte & 8 != 0,
        retain_handling: RetainHandling::from_u8(byte >> 4)?,
    })
}

/// A delivery with its message named by its publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryRow {
    /// It waits, or is sent with a Packet Identifier.
    Message {
        packet_id: Option<PacketId>,
        publication: PublicationId,
        qos: QoS,
        retain: bool,
        identifiers: Vec<u32>,
        group: Option<Rc<str>>,
    },
    /// PUBREC came.
    Released {
        packet_id: PacketId,
        publication: PublicationId,
        order: u64,
    },
}

const IS_SENT: u8 = 4;
const RETAIN: u8 = 8;
const IS_RELEASED: u8 = 16;
const HAS_GROUP: u8 = 32;

impl DeliveryRow {
    /// The publication whose message must be kept for it.
    pub(crate) const fn needs(&self) -> Option<PublicationId> {
        match self {
            Self::Message { publication, .. } => Some(*publication),
            Self::Released { .. } => None,
        }
    }
}

pub(crate) fn write_delivery(delivery: &DeliveryRow, out: &mut Vec<u8>) {
    match delivery {
        DeliveryRow::Message {
            packet_id,
            publication,
            qos,
            retain,
            identifiers,
            group,
        } => {
            let mut flags = qos.as_u8();
            if packet_id.is_some() {
                flags |= IS_SENT;
            }
            if *retain {
                flags |= RETAIN;
            }
            if group.is_some() {
                flags |= HAS_GROUP;
            }
            out.push(flags);
            if let Some(id) = packet_id {
                write_number(id.get().into(), out);
            }
            write_number(publication.0, out);
            write_identifiers(identifiers, out);
            if let Some(group) = group {
                write_bytes(group.as_bytes(), out);
            }
        }
        DeliveryRow::Released {
            packet_id,
            publication,
            order,
        } => {
            out.push(IS_RELEASED);
            write_number(packet_id.get().into(), out);
            write_number(publication.0, out);
            write_number(*order, out);
        }
    }
}

pub(crate) fn read_delivery(from: &mut Reader<'_>) -> Result<DeliveryRow, Malformed> {
    let flags = from.byte("a delivery's flags")?;
    if flags == IS_RELEASED {
        return Ok(DeliveryRow::Released {
            packet_id: read_packet_id(from)?,
            publication: PublicationId(from.number("a publication's number")?),
            order: from.number("an order")?,
        });
    }
    if flags & !(3 | IS_SENT | RETAIN | HAS_GROUP) != 0 {
        return Err(from.malformed(1, "a delivery's flags"));
    }
    let qos = read_qos(flags, from)?;
    let packet_id = match flags & IS_SENT {
        0 => None,
        _ => Some(read_packet_id(from)?),
    };
    Ok(DeliveryRow::Message {
        packet_id,
        publication: PublicationId(from.number("a publication's number")?),
        qos,
        retain: flags & RETAIN != 0,
        identifiers: read_identifiers(from)?,
        group: match flags & HAS_GROUP {
            0 => None,
            _ => Some(from.text("a group's topic filter")?.into()),
        },
    })
}

pub(super) fn read_packet_id(from: &mut Reader<'_>) -> Result<PacketId, Malformed> {
    let before = from.clone();
    let id = PacketId::new(from.small("a packet identifier")?);
    id.ok_or_else(|| before.malformed(0, "a packet identifier"))
}

pub(super) fn write_identifiers(identifiers: &[u32], out: &mut Vec<u8>) {
    write_number(identifiers.len() as u64, out);
    for identifier in identifiers {
        write_number((*identifier).into(), out);
    }
}

pub(super) fn read_identifiers(from: &mut Reader<'_>) -> Result<Vec<u32>, Malformed> {
    // Memory as they are read, not as their number claims.
    let count = from.number("how many identifiers")?;
    let mut identifiers = Vec::new();
    for _ in 0..count {
        identifiers.push(from.small("a subscription identifier")?);
    }
    Ok(identifiers)
}
