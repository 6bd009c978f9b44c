//! Cutting a stream of bytes into packets.

use alloc::vec::Vec;

use crate::error::Fault;
use crate::{DecodeError, DecodeErrorKind, PacketType, ProtocolVersion, header, varint};

/// A buffer of more than this many bytes is given back once its packet has been handed out.
const KEEP: usize = 4096;

const PINGREQ: u8 = PacketType::PingReq.as_u8() << 4;
const PINGRESP: u8 = PacketType::PingResp.as_u8() << 4;

/// Cuts a stream of bytes, which may arrive in any pieces, into whole packets.
///
/// A packet that lies whole in one piece is not copied. Of one that does not, what has arrived is
/// kept, and never more memory is asked for than the packet has bytes (or eight, if it has fewer). Type, flags and size are
/// checked as soon as they are there, before anything is kept.
#[derive(Clone, Debug)]
pub struct Framer {
    max_packet_size: u32,
    version: Option<ProtocolVersion>,
    buffer: Vec<u8>,
    state: State,
}

/// What [`Framer::buffer`] holds.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing.
    Empty,
    /// The beginning of a packet.
    Partial,
    /// The packet that was handed out last.
    HandedOut,
    /// The fixed header that was refused.
    Failed(DecodeError),
}

impl Default for Framer {
    fn default() -> Self {
        Self::new(u32::MAX)
    }
}

impl Framer {
    /// A framer for packets of at most `max_packet_size` bytes, fixed header included.
    pub const fn new(max_packet_size: u32) -> Self {
        Self {
            max_packet_size,
            version: None,
            buffer: Vec::new(),
            state: State::Empty,
        }
    }

    /// Changes the largest size, in bytes, of packets that are yet to come.
    pub const fn set_max_packet_size(&mut self, max_packet_size: u32) {
        self.max_packet_size = max_packet_size;
    }

    /// Says which version's rules hold for the fixed headers that are yet to come: the version of
    /// the CONNECT. Until then what any version allows is let through.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = Some(version);
    }

    /// How many bytes of an incomplete packet are kept.
    pub fn buffered(&self) -> usize {
        self.partial().len()
    }

    /// How many bytes of memory are held for it.
    pub const fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// The bytes of the incomplete packet. After an error: those of the fixed header that was
    /// refused, as far as they were looked at.
    pub fn partial(&self) -> &[u8] {
        match self.state {
            State::Partial | State::Failed(_) => &self.buffer,
            State::Empty | State::HandedOut => &[],
        }
    }

    /// The next whole packet of what was kept and `input`, with its fixed header. Takes off the
    /// beginning of `input` what it used. `None` when all of it is used up.
    ///
    /// # Errors
    /// When a packet has a bad type, bad flags, a bad Remaining Length or too many bytes. The stream
    /// cannot be understood any further: the same error is returned from then on.
    #[inline]
    pub fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.state {
            State::Empty => self.start(input),
            State::Partial => self.resume(input),
            State::HandedOut => {
                self.discard();
                self.start(input)
            }
            State::Failed(error) => Err(error),
        }
    }

    /// The packet that `bytes` begin with, looked at and not checked: its first byte, what follows its fixed header,
    /// and the bytes after it. `None` when it is not whole, or its length is none.
    #[inline]
    pub fn peek(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
        let (first, rest) = bytes.split_first()?;
        let length = varint::read(rest, 1).ok()??;
        let (_, rest) = rest.split_at(length.len);
        let (body, after) = rest.split_at_checked(length.value as usize)?;
        Some((*first, body, after))
    }

    /// Begins with a packet.
    #[inline]
    fn start<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<&'i [u8]>, DecodeError> {
        let bytes = *input;
        match self.measure(bytes) {
            Ok(Some(len)) if len <= bytes.len() => {
                let (packet, rest) = bytes.split_at(len);
                *input = rest;
                Ok(Some(packet))
            }
            Ok(len) => {
                *input = &[];
                self.keep(bytes, len);
                Ok(None)
            }
            Err(fault) => Err(self.fail(fault, bytes)),
        }
    }

    /// The size of the packet that `bytes` begin with; `None` when that cannot be told yet.
    #[inline]
    fn measure(&self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let Some(&first) = bytes.first() else {
            return Ok(None);
        };
        header::check_first(first, self.version)?;
        let Some(length) = header::remaining_length(bytes, self.version)? else {
            return Ok(None);
        };
        if length.value > 0 && matches!(first, PINGREQ | PINGRESP) {
            return Err(Fault::new(DecodeErrorKind::TrailingBytes, 1 + length.len));
        }
        let len = 1 + length.len + length.value as usize;
        if len > self.max_packet_size as usize {
            return Err(Fault::new(DecodeErrorKind::PacketTooLarge, 1));
        }
        Ok(Some(len))
    }

    /// Goes on with a packet whose beginning is kept.
    #[cold]
    fn resume(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, DecodeError> {
        // A fixed header is at most five bytes: until it is whole, byte by byte.
        loop {
            match self.measure(&self.buffer) {
                Err(fault) => {
                    let kept = core::mem::take(&mut self.buffer);
                    return Err(self.fail(fault, &kept));
                }
                Ok(None) => {
                    let Some((&byte, rest)) = input.split_first() else {
                        return Ok(None);
                    };
                    self.buffer.push(byte);
                    *input = rest;
                }
                Ok(Some(len)) => {
                    let missing = len - self.buffer.len();
                    let (part, rest) = input.split_at(missing.min(input.len()));
                    *input = rest;
                    self.keep(part, Some(len));
                    if self.buffer.len() < len {
                        return Ok(None);
                    }
                    self.state = State::HandedOut;
                    return Ok(Some(&self.buffer));
                }
            }
        }
    }

    /// Keeps `part` of a packet of `len` bytes. Memory grows with what has arrived, not with what
    /// the packet claims, and never past the packet's size.
    #[cold]
    fn keep(&mut self, part: &[u8], len: Option<usize>) {
        let needed = self.buffer.len() + part.len();
        if let Some(len) = len
            && needed > self.buffer.capacity()
        {
            let grown = needed.max(2 * self.buffer.capacity()).min(len);
            self.buffer.reserve_exact(grown - self.buffer.len());
        }
        self.buffer.extend_from_slice(part);
        if !self.buffer.is_empty() {
            self.state = State::Partial;
        }
    }

    /// Forgets the packet that was handed out.
    fn discard(&mut self) {
        self.state = State::Empty;
        if self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        } else {
            self.buffer.clear();
        }
    }

    #[cold]
    fn fail(&mut self, fault: Fault, bytes: &[u8]) -> DecodeError {
        let packet = bytes
            .first()
            .and_then(|first| PacketType::from_bits(first >> 4));
        let version = self.version.unwrap_or(ProtocolVersion::V5);
        let error = DecodeError::new(fault, packet, version);
        let header = &bytes[..bytes.len().min(5)];
        self.buffer = header.into();
        self.state = State::Failed(error);
        error
    }
}
