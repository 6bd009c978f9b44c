//! Numbers and runs of bytes.

use core::str;

use super::Malformed;

/// Writes a number: seven bits a byte, lowest first.
#[inline]
pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes how many bytes there are, and the bytes.
#[inline]
pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Reads from the front of some bytes.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// That what begins `back` bytes before here is wrong.
    pub(crate) const fn malformed(&self, back: usize, expected: &'static str) -> Malformed {
        Malformed {
            at: self.at.saturating_sub(back),
            expected,
        }
    }

    #[inline]
    pub(crate) fn byte(&mut self, expected: &'static str) -> Result<u8, Malformed> {
        let Some(byte) = self.bytes.get(self.at) else {
            return Err(self.malformed(0, expected));
        };
        self.at += 1;
        Ok(*byte)
    }

    #[inline]
    pub(crate) fn number(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        let from = self.at;
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(expected)?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed { at: from, expected })
    }

    /// A number that fits a smaller type.
    #[inline]
    pub(crate) fn small<T: TryFrom<u64>>(
        &mut self,
        expected: &'static str,
    ) -> Result<T, Malformed> {
        let at = self.at;
        T::try_from(self.number(expected)?).map_err(|_| Malformed { at, expected })
    }

    /// A number of bytes, and the bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, expected: &'static str) -> Result<&'a [u8], Malformed> {
        let at = self.at;
        let length: usize = self.small(expected)?;
        let bytes = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.get(..length));
        let bytes = bytes.ok_or(Malformed { at, expected })?;
        self.at += length;
        Ok(bytes)
    }

    #[inline]
    pub(crate) fn text(&mut self, expected: &'static str) -> Result<&'a str, Malformed> {
        let at = self.at;
        str::from_utf8(self.bytes(expected)?).map_err(|_| Malformed { at, expected })
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_at_end() {
            Ok(())
        } else {
            Err(self.malformed(0, "the end"))
        }
    }
}
