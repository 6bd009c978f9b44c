//! A packet's properties, borrowed from its bytes.

use core::fmt;

use super::iter::RawIter;
use super::{Carrier, Property, PropertyIter, validate};
use crate::read::Reader;
use crate::{DecodeError, PacketType, ProtocolVersion};

/// A packet's properties: a validated run of bytes. Empty before 5.0.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Properties<'a> {
    bytes: &'a [u8],
}

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Properties<'static> = Properties { bytes: &[] };

    /// Takes `bytes`, properties one after the other without the Property Length before them, as
    /// [`Self::as_bytes`] gives them.
    ///
    /// # Errors
    /// When they are not valid in `carrier`.
    pub fn from_bytes(bytes: &'a [u8], carrier: Carrier) -> Result<Self, DecodeError> {
        let packet = match carrier {
            Carrier::Packet(packet) => packet,
            Carrier::Will => PacketType::Connect,
        };
        validate::check(&mut Reader::new(bytes, 0), carrier)
            .map_err(|fault| DecodeError::new(fault, Some(packet), ProtocolVersion::V5))?;
        Ok(Self { bytes })
    }

    /// Takes bytes that are known to be valid.
    #[inline]
    pub(super) const fn trusted(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The properties in the order in which they stand in the packet.
    #[inline]
    pub fn iter(&self) -> PropertyIter<'a> {
        PropertyIter::new(self.bytes)
    }

    /// The properties with their values' bytes as they stand.
    #[inline]
    pub(super) fn raw(&self) -> RawIter<'a> {
        RawIter::new(self.bytes)
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes, without the Property Length before them.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> IntoIterator for Properties<'a> {
    type Item = Property<'a>;
    type IntoIter = PropertyIter<'a>;

    fn into_iter(self) -> PropertyIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Properties<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
