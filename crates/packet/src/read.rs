//! A cursor over one packet's bytes.

use crate::error::Fault;
use crate::{DecodeErrorKind, PacketId, text, varint};

/// A cursor over the bytes of one packet; offsets count from the packet's first byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// The offset of the end of `rest`.
    end: usize,
}

impl<'a> Reader<'a> {
    /// A cursor over `bytes`, of which the first is at offset `at`.
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            rest: bytes,
            end: at + bytes.len(),
        }
    }

    /// The offset of the next byte.
    #[inline]
    pub(crate) const fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Whether all bytes are read.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[inline]
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// All that is left.
    #[inline]
    pub(crate) const fn take_rest(&mut self) -> &'a [u8] {
        let (rest, end) = self.rest.split_at(self.rest.len());
        self.rest = end;
        rest
    }

    /// The next `len` bytes.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        let (&byte, rest) = self.rest.split_first().ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(byte)
    }

    /// A Two Byte Integer.
    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, Fault> {
        let (&bytes, rest) = self
            .rest
            .split_first_chunk()
            .ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(u16::from_be_bytes(bytes))
    }

    /// A Four Byte Integer.
    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, Fault> {
        let (&bytes, rest) = self
            .rest
            .split_first_chunk()
            .ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(u32::from_be_bytes(bytes))
    }

    /// A Variable Byte Integer of 5.0: as short as can be [MQTT-1.5.5-1].
    #[inline]
    pub(crate) fn var(&mut self) -> Result<u32, Fault> {
        let var = varint::read(self.rest, self.at())?.ok_or_else(|| self.truncated())?;
        if var.is_overlong() {
            return Err(Fault::new(
                DecodeErrorKind::OverlongVariableByteInteger,
                self.at(),
            ));
        }
        self.rest = &self.rest[var.len..];
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
        text::check(bytes).map_err(|(kind, at)| Fault::new(kind, self.at() - bytes.len() + at))
    }

    /// A UTF-8 Encoded String that is to be checked for U+0000 by whoever asks for it. With the
    /// offset of its first byte.
    #[inline]
    pub(crate) fn text_unchecked_for_nul(&mut self) -> Result<(&'a str, usize), Fault> {
        let bytes = self.binary()?;
        let start = self.at() - bytes.len();
        match text::utf8(bytes) {
            Ok(text) => Ok((text, start)),
            Err((kind, at)) => Err(Fault::new(kind, start + at)),
        }
    }

    /// A Packet Identifier, which is not 0.
    #[inline]
    pub(crate) fn packet_id(&mut self) -> Result<PacketId, Fault> {
        let at = self.at();
        match PacketId::new(self.u16()?) {
            Some(id) => Ok(id),
            None => Err(Fault::new(DecodeErrorKind::ZeroPacketId, at)),
        }
    }

    /// Fails unless all bytes are read.
    #[inline]
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Fault::new(DecodeErrorKind::TrailingBytes, self.at()))
        }
    }

    /// The field at the cursor reaches past the end.
    #[cold]
    fn truncated(&self) -> Fault {
        Fault::new(DecodeErrorKind::Truncated, self.at())
    }
}
