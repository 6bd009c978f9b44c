//! CONNECT (section 3.1).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, DecodeErrorKind, EncodeError, PacketType, Properties, ProtocolVersion, QoS, header,
    property, topic, varint, write,
};

/// CONNECT: a client asks for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connect<'a> {
    /// The version that the client speaks from here on.
    pub version: ProtocolVersion,
    /// Clean Start; Clean Session in 3.x.
    pub clean_start: bool,
    /// Keep Alive in seconds; 0 for none.
    pub keep_alive: u16,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// The Client Identifier; may be empty.
    pub client_id: &'a str,
    /// What is published if the connection ends without a DISCONNECT.
    pub will: Option<Will<'a>>,
    /// The user name.
    pub username: Option<&'a str>,
    /// The password; before 5.0 only with a user name.
    pub password: Option<&'a [u8]>,
}

/// The Will inside a CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// The QoS it is published with.
    pub qos: QoS,
    /// Whether it is published as a Retained Message.
    pub retain: bool,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// The Topic Name it is published to.
    pub topic: &'a str,
    /// Its payload.
    pub payload: &'a [u8],
}

pub(crate) mod flag {
    //! The Connect Flags.
    pub(crate) const RESERVED: u8 = 0x01;
    pub(crate) const CLEAN_START: u8 = 0x02;
    pub(crate) const WILL: u8 = 0x04;
    pub(crate) const WILL_QOS: u8 = 0x18;
    pub(crate) const WILL_RETAIN: u8 = 0x20;
    pub(crate) const PASSWORD: u8 = 0x40;
    pub(crate) const USER_NAME: u8 = 0x80;
}

impl<'a> Connect<'a> {
    pub(crate) fn read(from: &mut Reader<'a>) -> Result<Self, Fault> {
        let header_len = from.at();
        let shortest = 1 + varint::len(from.rest().len() as u32);
        let version = read_version(from)?;
        if version.has_properties() && header_len != shortest {
            // Only now it is known which rules hold for the Remaining Length.
            return Err(Fault::new(DecodeErrorKind::OverlongVariableByteInteger, 1));
        }
        let flags_at = from.at();
        let flags = from.u8()?;
        check_flags(flags, flags_at, version)?;
        let keep_alive = from.u16()?;
        let properties = property::read_in(version, from, Carrier::Packet(PacketType::Connect))?;
        let client_id = from.text()?;
        let will = if flags & flag::WILL == 0 {
            None
        } else {
            Some(Will::read(from, flags, version)?)
        };
        // 3.1 lets a client announce a user name and a password and leave them out.
        let absent = |from: &Reader<'_>| version == ProtocolVersion::V3_1 && from.is_empty();
        let username = if flags & flag::USER_NAME == 0 || absent(from) {
            None
        } else {
            Some(from.text()?)
        };
        let password = if flags & flag::PASSWORD == 0 || absent(from) {
            None
        } else {
            Some(from.binary()?)
        };
        from.finish()?;
        Ok(Self {
            version,
            clean_start: flags & flag::CLEAN_START != 0,
            keep_alive,
            properties,
            client_id,
            will,
            username,
            password,
        })
    }

    /// The version that a CONNECT states, even if it is otherwise malformed.
    pub(crate) fn stated_version(bytes: &[u8]) -> Option<ProtocolVersion> {
        let length = header::remaining_length(bytes, None).ok()??;
        read_version(&mut Reader::new(bytes.get(1 + length.len..)?, 0)).ok()
    }

    /// Appends the packet to `out`.
    ///
    /// # Errors
    /// When a field or the packet is too long; then `out` is as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = self.remaining()?;
        write::header(PacketType::Connect.as_u8() << 4, remaining, out)?;
        write::field(self.version.protocol_name().as_bytes(), out);
        out.push(self.version.level());
        out.push(self.flags());
        out.extend_from_slice(&self.keep_alive.to_be_bytes());
        let v5 = self.version.has_properties();
        if v5 {
            write::counted(self.properties.as_bytes(), out);
        }
        write::field(self.client_id.as_bytes(), out);
        if let Some(will) = &self.will {
            if v5 {
                write::counted(will.properties.as_bytes(), out);
            }
            write::field(will.topic.as_bytes(), out);
            write::field(will.payload, out);
        }
        if let Some(username) = self.username {
            write::field(username.as_bytes(), out);
        }
        if let Some(password) = self.password {
            write::field(password, out);
        }
        Ok(())
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When a field or the packet is too long.
    pub fn encoded_len(&self) -> Result<usize, EncodeError> {
        write::packet_len(self.remaining()?)
    }

    fn remaining(&self) -> Result<usize, EncodeError> {
        let v5 = self.version.has_properties();
        let mut len = write::field_len(self.version.protocol_name().as_bytes())? + 4;
        if v5 {
            len += write::counted_len(self.properties.as_bytes())?;
        }
        len += write::field_len(self.client_id.as_bytes())?;
        if let Some(will) = &self.will {
            if v5 {
                len += write::counted_len(will.properties.as_bytes())?;
            }
            len += write::field_len(will.topic.as_bytes())?;
            len += write::field_len(will.payload)?;
        }
        if let Some(username) = self.username {
            len += write::field_len(username.as_bytes())?;
        }
        if let Some(password) = self.password {
            len += write::field_len(password)?;
        }
        Ok(len)
    }

    fn flags(&self) -> u8 {
        let mut flags = 0;
        if self.clean_start {
            flags |= flag::CLEAN_START;
        }
        if let Some(will) = &self.will {
            flags |= flag::WILL | will.qos.as_u8() << 3;
            if will.retain {
                flags |= flag::WILL_RETAIN;
            }
        }
        if self.password.is_some() {
            flags |= flag::PASSWORD;
        }
        if self.username.is_some() {
            flags |= flag::USER_NAME;
        }
        flags
    }
}

impl<'a> Will<'a> {
    fn read(from: &mut Reader<'a>, flags: u8, version: ProtocolVersion) -> Result<Self, Fault> {
        let properties = property::read_in(version, from, Carrier::Will)?;
        let (topic, at) = from.text_unchecked_for_nul()?;
        topic::check_name(topic.as_bytes())
            .map_err(|(kind, offset)| Fault::new(DecodeErrorKind::TopicName(kind), at + offset))?;
        Ok(Self {
            // The flags have been checked.
            qos: QoS::from_bits((flags & flag::WILL_QOS) >> 3).unwrap_or_default(),
            retain: flags & flag::WILL_RETAIN != 0,
            properties,
            topic,
            payload: from.binary()?,
        })
    }
}

/// Protocol name and level.
fn read_version(from: &mut Reader<'_>) -> Result<ProtocolVersion, Fault> {
    let name_at = from.at();
    let name = from.binary()?;
    if name != b"MQTT" && name != b"MQIsdp" {
        return Err(Fault::new(DecodeErrorKind::ProtocolName, name_at));
    }
    let level_at = from.at();
    ProtocolVersion::from_level(from.u8()?)
        .filter(|version| version.protocol_name().as_bytes() == name)
        .ok_or_else(|| Fault::new(DecodeErrorKind::ProtocolVersion, level_at))
}

/// The rules for the Connect Flags.
fn check_flags(flags: u8, at: usize, version: ProtocolVersion) -> Result<(), Fault> {
    let has = |mask| flags & mask != 0;
    let kind = if has(flag::RESERVED) {
        DecodeErrorKind::ReservedConnectFlag
    } else if flags & flag::WILL_QOS == flag::WILL_QOS {
        DecodeErrorKind::WillQos
    } else if !has(flag::WILL) && has(flag::WILL_QOS) {
        DecodeErrorKind::WillQosWithoutWill
    } else if !has(flag::WILL) && has(flag::WILL_RETAIN) {
        DecodeErrorKind::WillRetainWithoutWill
    } else if !version.has_properties() && has(flag::PASSWORD) && !has(flag::USER_NAME) {
        DecodeErrorKind::PasswordWithoutUserName
    } else {
        return Ok(());
    };
    Err(Fault::new(kind, at))
}
