//! The lists of Topic Filters in SUBSCRIBE and UNSUBSCRIBE.

use alloc::vec::Vec;
use core::fmt;

use crate::error::Fault;
use crate::property::checked;
use crate::read::Reader;
use crate::topic::{self, TopicError};
use crate::{DecodeErrorKind, ProtocolVersion, SubscriptionOptions, write};

/// The Topic Filters of a SUBSCRIBE with their options: a validated run of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Filters<'a> {
    bytes: &'a [u8],
}

impl<'a> Filters<'a> {
    /// Reads the payload of a SUBSCRIBE.
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let bytes = from.rest();
        read_list(from, |from| {
            let filter = read_filter(from, version)?;
            let at = from.at();
            let options = SubscriptionOptions::read(from.u8()?, version)
                .map_err(|kind| Fault::new(kind, at))?;
            if options.no_local && topic::parse_share(filter).is_some() {
                return Err(Fault::new(DecodeErrorKind::NoLocalOnShared, at));
            }
            Ok(())
        })?;
        Ok(Self { bytes })
    }

    /// The filters and their options, in their order; at least one.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, SubscriptionOptions)> + use<'a> {
        let mut from = Reader::new(self.bytes, 0);
        // The bytes are valid: nothing fails before they end.
        core::iter::from_fn(move || {
            let filter = checked(from.binary().ok()?);
            Some((
                filter,
                SubscriptionOptions::from_valid_byte(from.u8().ok()?),
            ))
        })
    }

    /// The bytes, as SUBSCRIBE has them.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl fmt::Debug for Filters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The Topic Filters of an UNSUBSCRIBE: a validated run of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topics<'a> {
    bytes: &'a [u8],
}

impl<'a> Topics<'a> {
    /// Reads the payload of an UNSUBSCRIBE.
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let bytes = from.rest();
        read_list(from, |from| read_filter(from, version).map(|_| ()))?;
        Ok(Self { bytes })
    }

    /// The filters, in their order; at least one.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut from = Reader::new(self.bytes, 0);
        // The bytes are valid: nothing fails before they end.
        core::iter::from_fn(move || from.binary().ok().map(checked))
    }

    /// The bytes, as UNSUBSCRIBE has them.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl fmt::Debug for Topics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Topic Filters with options, put together to be written in a SUBSCRIBE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FiltersBuf {
    bytes: Vec<u8>,
}

impl FiltersBuf {
    /// No filters yet.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds a filter.
    ///
    /// # Errors
    /// When it is not a valid filter in 5.0; then nothing is added.
    pub fn push(&mut self, filter: &str, options: SubscriptionOptions) -> Result<(), TopicError> {
        topic::validate_filter(filter)?;
        write::field(filter.as_bytes(), &mut self.bytes);
        self.bytes.push(options.as_u8());
        Ok(())
    }

    /// What it holds, to be put into a SUBSCRIBE.
    pub fn as_filters(&self) -> Filters<'_> {
        Filters { bytes: &self.bytes }
    }
}

/// Topic Filters put together to be written in an UNSUBSCRIBE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicsBuf {
    bytes: Vec<u8>,
}

impl TopicsBuf {
    /// No filters yet.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds a filter.
    ///
    /// # Errors
    /// When it is not a valid filter in 5.0; then nothing is added.
    pub fn push(&mut self, filter: &str) -> Result<(), TopicError> {
        topic::validate_filter(filter)?;
        write::field(filter.as_bytes(), &mut self.bytes);
        Ok(())
    }

    /// What it holds, to be put into an UNSUBSCRIBE.
    pub fn as_topics(&self) -> Topics<'_> {
        Topics { bytes: &self.bytes }
    }
}

/// Reads items until the packet ends; there is at least one.
fn read_list<'a>(
    from: &mut Reader<'a>,
    mut item: impl FnMut(&mut Reader<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if from.is_empty() {
        return Err(Fault::new(DecodeErrorKind::EmptyPayload, from.at()));
    }
    while !from.is_empty() {
        item(from)?;
    }
    Ok(())
}

/// Reads one Topic Filter.
fn read_filter<'a>(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<&'a str, Fault> {
    let (filter, at) = from.text_unchecked_for_nul()?;
    match topic::check_filter(filter.as_bytes(), version) {
        Ok(()) => Ok(filter),
        Err((kind, offset)) => Err(Fault::new(DecodeErrorKind::TopicFilter(kind), at + offset)),
    }
}
