//! A cursor over one packet's bytes.

use crate::error::Fault;
use crate::{DecodeErrorKind, PacketId, text, varint};

/// A cursor over the bytes of one packet; offsets count from the packet's first byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A cursor at byte `at` of `bytes`.
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The offset of the next byte.
    #[inline]
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Whether all bytes are read.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The bytes not read yet.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// How many bytes the packet has from byte `start` on.
    #[inline]
    pub(crate) const fn len_after(&self, start: usize) -> u32 {
        (self.bytes.len() - start) as u32
    }

    /// The packet up to the cursor.
    #[inline]
    pub(crate) fn read_so_far(&self) -> &'a [u8] {
        self.bytes.get(..self.at).unwrap_or(self.bytes)
    }

    /// All that is left.
    #[inline]
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        let rest = self.rest();
        self.at = self.bytes.len();
        rest
    }

    /// The next `len` bytes.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let taken = self.rest().get(..len).ok_or_else(|| self.truncated())?;
        self.at += len;
        Ok(taken)
    }

    /// The next byte.
    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        let &byte = self.rest().first().ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    /// A Two Byte Integer.
    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, Fault> {
        let &bytes = self.rest().first_chunk().ok_or_else(|| self.truncated())?;
        self.at += 2;
        Ok(u16::from_be_bytes(bytes))
    }

    /// A Four Byte Integer.
    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, Fault> {
        let &bytes = self.rest().first_chunk().ok_or_else(|| self.truncated())?;
        self.at += 4;
        Ok(u32::from_be_bytes(bytes))
    }

    /// A Variable Byte Integer of 5.0: as short as can be [MQTT-1.5.5-1].
    #[inline]
    pub(crate) fn var(&mut self) -> Result<u32, Fault> {
        let var = varint::read(self.rest(), self.at)?.ok_or_else(|| self.truncated())?;
        if var.is_overlong() {
            return Err(Fault::new(
                DecodeErrorKind::OverlongVariableByteInteger,
                self.at,
            ));
        }
        self.at += var.len;
        Ok(var.value)
    }

    /// Binary Data: a two byte length and as many bytes.
    #[inline]
    pub(crate) fn binary(&mut self) -> Result<&'a [u8], Fault> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A UTF-8 Encoded String.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        let bytes = self.binary()?;
        text::check(bytes).map_err(|(kind, at)| Fault::new(kind, self.at - bytes.len() + at))
    }

    /// A UTF-8 Encoded String that is to be checked for U+0000 by whoever asks for it. With the
    /// offset of its first byte.
    #[inline]
    pub(crate) fn text_unchecked_for_nul(&mut self) -> Result<(&'a str, usize), Fault> {
        let bytes = self.binary()?;
        let start = self.at - bytes.len();
        match text::utf8(bytes) {
            Ok(text) => Ok((text, start)),
            Err((kind, at)) => Err(Fault::new(kind, start + at)),
        }
    }

    /// A Packet Identifier, which is not 0.
    #[inline]
    pub(crate) fn packet_id(&mut self) -> Result<PacketId, Fault> {
        let at = self.at;
        PacketId::new(self.u16()?).ok_or_else(|| Fault::new(DecodeErrorKind::ZeroPacketId, at))
    }

    /// Fails unless all bytes are read.
    #[inline]
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Fault::new(DecodeErrorKind::TrailingBytes, self.at))
        }
    }

    /// The field at the cursor reaches past the end.
    #[cold]
    fn truncated(&self) -> Fault {
        Fault::new(DecodeErrorKind::Truncated, self.at)
    }
}
