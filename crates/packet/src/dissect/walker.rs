//! A cursor that writes down what it passes.

use alloc::vec::Vec;

use super::{Field, FieldValue};
use crate::{ProtocolVersion, varint};

/// The name of bytes in which no field can be made out.
const UNDECODED: &str = "Undecoded bytes";

/// A cursor over a packet's bytes, and the fields it has passed. Its steps give `None` when the
/// bytes do not go on as they should.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    pub(super) version: ProtocolVersion,
    bytes: &'a [u8],
    at: usize,
    /// Where the packet, or the list that is being walked, ends.
    end: usize,
    depth: u8,
    fields: Vec<Field<'a>>,
}

impl<'a> Walker<'a> {
    pub(super) const fn new(bytes: &'a [u8], version: ProtocolVersion) -> Self {
        Self {
            version,
            bytes,
            at: 0,
            end: bytes.len(),
            depth: 0,
            fields: Vec::new(),
        }
    }

    /// All fields, after covering the bytes that were not reached.
    pub(super) fn finish(mut self) -> Vec<Field<'a>> {
        self.end = self.bytes.len();
        self.undecoded();
        self.fields
    }

    /// Whether the end is reached.
    pub(super) const fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// The next byte, without passing it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Lets the packet end `len` bytes from here, if there are as many.
    pub(super) fn limit(&mut self, len: usize) {
        self.end = self.end.min(self.at.saturating_add(len));
    }

    /// Walks over `parts` in a group named `name`, which is written down even if they break off.
    pub(super) fn group(
        &mut self,
        name: &'static str,
        parts: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let index = self.fields.len();
        let start = self.at;
        self.push(name, start, start, None, FieldValue::Group);
        self.depth += 1;
        let done = parts(self);
        self.depth -= 1;
        if self.at == start {
            // Nothing of it is there.
            self.fields.truncate(index);
        } else {
            self.fields[index].end = self.at as u32;
        }
        done
    }

    /// Walks over `items` in the next `len` bytes; what of them breaks off is covered, and the walk
    /// goes on behind them. `None` when there are not as many bytes.
    pub(super) fn within(
        &mut self,
        len: usize,
        items: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let outer = self.end;
        let inner = self.at.checked_add(len);
        self.limit(len);
        let _: Option<()> = items(self);
        self.undecoded();
        self.end = outer;
        (inner == Some(self.at)).then_some(())
    }

    /// A byte divided into `parts`, each its name, highest and lowest bit, and value; a group named
    /// `name`.
    pub(super) fn divided_byte<const N: usize>(
        &mut self,
        name: &'static str,
        parts: impl FnOnce(u8) -> [(&'static str, u8, u8, FieldValue<'a>); N],
    ) -> Option<u8> {
        let byte = self.peek()?;
        self.group(name, |walker| {
            walker.bits(parts(byte));
            Some(())
        })?;
        Some(byte)
    }

    /// The parts of the byte at the cursor, which is passed.
    pub(super) fn bits<const N: usize>(
        &mut self,
        parts: [(&'static str, u8, u8, FieldValue<'a>); N],
    ) {
        for (name, high, low, value) in parts {
            self.push(name, self.at, self.at + 1, Some((high, low)), value);
        }
        self.at += 1;
    }

    /// A byte with the value that `value` makes of it.
    pub(super) fn byte(
        &mut self,
        name: &'static str,
        value: impl FnOnce(u8) -> FieldValue<'a>,
    ) -> Option<u8> {
        let byte = self.peek()?;
        self.leaf(name, 1, value(byte));
        Some(byte)
    }

    /// A Two Byte Integer.
    pub(super) fn two_bytes(&mut self, name: &'static str) -> Option<u16> {
        let number = u16::from_be_bytes(*self.rest().first_chunk()?);
        self.leaf(name, 2, FieldValue::Number(number.into()));
        Some(number)
    }

    /// A Four Byte Integer.
    pub(super) fn four_bytes(&mut self, name: &'static str) -> Option<u32> {
        let number = u32::from_be_bytes(*self.rest().first_chunk()?);
        self.leaf(name, 4, FieldValue::Number(number.into()));
        Some(number)
    }

    /// A Variable Byte Integer with the value that `value` makes of it.
    pub(super) fn variable(
        &mut self,
        name: &'static str,
        value: impl FnOnce(u32) -> FieldValue<'a>,
    ) -> Option<u32> {
        let var = varint::read(self.rest(), self.at).ok()??;
        self.leaf(name, var.len, value(var.value));
        Some(var.value)
    }

    /// Binary Data: its length and its bytes.
    pub(super) fn binary(&mut self, name: &'static str) -> Option<()> {
        let bytes = self.counted()?;
        self.leaf(name, bytes.len(), FieldValue::Binary(bytes));
        Some(())
    }

    /// A UTF-8 Encoded String: its length and its text, or bytes when it is no UTF-8.
    pub(super) fn text(&mut self, name: &'static str) -> Option<FieldValue<'a>> {
        let bytes = self.counted()?;
        let value = core::str::from_utf8(bytes).map_or(FieldValue::Binary(bytes), FieldValue::Text);
        self.leaf(name, bytes.len(), value);
        Some(value)
    }

    /// All bytes up to the end.
    pub(super) fn rest_as(&mut self, name: &'static str) {
        let rest = self.rest();
        self.leaf(name, rest.len(), FieldValue::Binary(rest));
    }

    /// Covers what is left up to the end.
    fn undecoded(&mut self) {
        if !self.is_empty() {
            self.rest_as(UNDECODED);
        }
    }

    /// A two byte length, and the bytes it speaks of, without passing them.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let len = self.two_bytes("Length")?;
        self.rest().get(..usize::from(len))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    fn leaf(&mut self, name: &'static str, len: usize, value: FieldValue<'a>) {
        self.push(name, self.at, self.at + len, None, value);
        self.at += len;
    }

    fn push(
        &mut self,
        name: &'static str,
        start: usize,
        end: usize,
        bits: Option<(u8, u8)>,
        value: FieldValue<'a>,
    ) {
        self.fields.push(Field {
            name,
            start: start as u32,
            end: end as u32,
            bits,
            value,
            depth: self.depth,
        });
    }
}
