//! AUTH (5.0 section 3.15).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    DecodeErrorKind, EncodeError, PacketType, Properties, ProtocolVersion, ReasonCode, reasoned,
    write,
};

/// AUTH: a step of an enhanced authentication. 5.0 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auth<'a> {
    /// Success, Continue authentication or Re-authenticate.
    pub reason: ReasonCode,
    /// Properties, with an Authentication Method; only Success may come without any.
    pub properties: Properties<'a>,
}

impl<'a> Auth<'a> {
    pub(crate) fn read(from: &mut Reader<'a>) -> Result<Self, Fault> {
        let start = from.at();
        let (reason, properties) = reasoned::read(from, PacketType::Auth)?;
        from.finish()?;
        let bare = reason == ReasonCode::Success && properties.is_empty();
        if !bare && properties.authentication_method().is_none() {
            return Err(Fault::new(
                DecodeErrorKind::MissingAuthenticationMethod,
                start,
            ));
        }
        Ok(Self { reason, properties })
    }

    /// Appends the packet to `out`, as short as can be.
    ///
    /// # Errors
    /// When the packet is too long, or `version` is not 5.0; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !version.has_properties() {
            return Err(EncodeError::NotInVersion);
        }
        reasoned::encode(PacketType::Auth, self.reason, self.properties, out)
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long, or `version` is not 5.0.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        if !version.has_properties() {
            return Err(EncodeError::NotInVersion);
        }
        write::packet_len(reasoned::remaining(self.reason, self.properties)?)
    }
}
