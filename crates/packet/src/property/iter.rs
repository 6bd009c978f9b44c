//! Walking over properties that have been validated.

use super::raw::read_kind;
use super::{Property, PropertyKind, RawValue};
use crate::read::Reader;

/// The properties of [`Properties`](super::Properties), one after the other.
#[derive(Clone, Debug)]
pub struct PropertyIter<'a>(RawIter<'a>);

impl<'a> PropertyIter<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(RawIter::new(bytes))
    }
}

impl<'a> Iterator for PropertyIter<'a> {
    type Item = Property<'a>;

    #[inline]
    fn next(&mut self) -> Option<Property<'a>> {
        self.0.next().map(|(kind, value)| value.property(kind))
    }
}

/// [`PropertyIter`], but without borrowing text as `str`, which costs a check of it.
#[derive(Clone, Debug)]
pub(super) struct RawIter<'a>(Reader<'a>);

impl<'a> RawIter<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes, 0))
    }
}

impl<'a> Iterator for RawIter<'a> {
    type Item = (PropertyKind, RawValue<'a>);

    #[inline]
    fn next(&mut self) -> Option<(PropertyKind, RawValue<'a>)> {
        if self.0.is_empty() {
            return None;
        }
        // The bytes are valid: neither can fail.
        let kind = read_kind(&mut self.0).ok()?;
        let value = RawValue::read(kind.value_type(), &mut self.0).ok()?;
        Some((kind, value))
    }
}
