//! CONNACK (section 3.2).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, ConnectReturnCode, DecodeErrorKind, EncodeError, PacketType, Properties,
    ProtocolVersion, ReasonCode, property, write,
};

/// CONNACK: the server's answer to CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnAck<'a> {
    /// Whether the server goes on with a Session that it had. 3.1 has no such flag.
    pub session_present: bool,
    /// As on the wire: a [`ReasonCode`] in 5.0, a [`ConnectReturnCode`] before.
    pub code: u8,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
}

impl<'a> ConnAck<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let at = from.at();
        let flags = from.u8()?;
        if flags > 1 {
            return Err(Fault::new(DecodeErrorKind::ReservedConnAckFlags, at));
        }
        let session_present = flags == 1;
        let code = from.u8()?;
        let known = if version.has_properties() {
            ReasonCode::from_u8(code)
                .is_some_and(|reason| reason.is_allowed_in(PacketType::ConnAck))
        } else {
            ConnectReturnCode::from_u8(code).is_some()
        };
        if !known {
            return Err(Fault::new(DecodeErrorKind::ReasonCode, at + 1));
        }
        if session_present && code != 0 {
            return Err(Fault::new(DecodeErrorKind::SessionPresentOnRefusal, at));
        }
        let properties = property::read_in(version, from, Carrier::Packet(PacketType::ConnAck))?;
        from.finish()?;
        Ok(Self {
            session_present,
            code,
            properties,
        })
    }

    /// Appends the packet to `out`, before 5.0 without properties.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        write::header(
            PacketType::ConnAck.as_u8() << 4,
            self.remaining(version)?,
            out,
        )?;
        out.push(self.session_present.into());
        out.push(self.code);
        if version.has_properties() {
            write::counted(self.properties.as_bytes(), out);
        }
        Ok(())
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        write::packet_len(self.remaining(version)?)
    }

    fn remaining(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        Ok(2 + if version.has_properties() {
            write::counted_len(self.properties.as_bytes())?
        } else {
            0
        })
    }
}
