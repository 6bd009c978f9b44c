//! Checking properties as they are received: which they are, that they are allowed where they stand
//! and stand there once, and that their values are valid.

use super::raw::read_kind;
use super::{Carrier, Properties, PropertyKind, PropertyType, RawValue};
use crate::error::Fault;
use crate::read::Reader;
use crate::{DecodeErrorKind, ProtocolVersion, text, topic};

/// [`read`] where `version` has properties; before 5.0 there are none, and nothing is read.
#[inline]
pub(crate) fn read_in<'a>(
    version: ProtocolVersion,
    from: &mut Reader<'a>,
    carrier: Carrier,
) -> Result<Properties<'a>, Fault> {
    if version.has_properties() {
        read(from, carrier)
    } else {
        Ok(Properties::EMPTY)
    }
}

/// Reads the Property Length and the properties after it.
#[inline]
pub(crate) fn read<'a>(from: &mut Reader<'a>, carrier: Carrier) -> Result<Properties<'a>, Fault> {
    // Most packets have none.
    if from.rest().first() == Some(&0) {
        from.u8()?;
        return Ok(Properties::EMPTY);
    }
    read_some(from, carrier)
}

#[inline(never)]
fn read_some<'a>(from: &mut Reader<'a>, carrier: Carrier) -> Result<Properties<'a>, Fault> {
    let len = from.var()?;
    let start = from.at();
    let bytes = from.take(len as usize)?;
    check(&mut Reader::new(bytes, start), carrier)?;
    Ok(Properties::trusted(bytes))
}

/// Checks all properties that `from` has left.
pub(super) fn check(from: &mut Reader<'_>, carrier: Carrier) -> Result<(), Fault> {
    let start = from.at();
    let mut seen = 0_u64;
    while !from.is_empty() {
        let at = from.at();
        let kind = read_kind(from)?;
        if !kind.is_allowed_in(carrier) {
            return Err(Fault::new(DecodeErrorKind::PropertyNotAllowed, at));
        }
        let bit = 1 << kind.identifier();
        if seen & bit != 0 && !kind.may_repeat_in(carrier) {
            return Err(Fault::new(DecodeErrorKind::DuplicateProperty, at));
        }
        seen |= bit;
        let value_at = from.at();
        let value = RawValue::read(kind.value_type(), from)?;
        check_value(kind, value, value_at)?;
    }
    let has = |kind: PropertyKind| seen & 1 << kind.identifier() != 0;
    if has(PropertyKind::AuthenticationData) && !has(PropertyKind::AuthenticationMethod) {
        return Err(Fault::new(
            DecodeErrorKind::AuthenticationDataWithoutMethod,
            start,
        ));
    }
    Ok(())
}

/// Checks a value, whose first byte is at `at`.
#[inline]
fn check_value(kind: PropertyKind, value: RawValue<'_>, at: usize) -> Result<(), Fault> {
    match value {
        RawValue::Pair(name, value) => {
            check_text(name, at + 2)?;
            check_text(value, at + 4 + name.len())
        }
        RawValue::Bytes(bytes) => {
            if kind.value_type() == PropertyType::Text {
                check_text(bytes, at + 2)?;
            }
            if kind == PropertyKind::ResponseTopic {
                topic::check_name(bytes).map_err(|(kind, offset)| {
                    Fault::new(DecodeErrorKind::ResponseTopic(kind), at + 2 + offset)
                })?;
            }
            Ok(())
        }
        RawValue::Number(number) => check_number(kind, number, at),
    }
}

#[inline]
fn check_text(bytes: &[u8], at: usize) -> Result<(), Fault> {
    match text::check(bytes) {
        Ok(_) => Ok(()),
        Err((kind, offset)) => Err(Fault::new(kind, at + offset)),
    }
}

#[inline]
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest takes any number")]
fn check_number(kind: PropertyKind, number: u32, at: usize) -> Result<(), Fault> {
    let valid = match kind {
        PropertyKind::TopicAlias if number == 0 => {
            return Err(Fault::new(DecodeErrorKind::ZeroTopicAlias, at));
        }
        PropertyKind::ReceiveMaximum
        | PropertyKind::MaximumPacketSize
        | PropertyKind::SubscriptionIdentifier => number != 0,
        _ => kind.value_type() != PropertyType::Byte || number <= 1,
    };
    if valid {
        Ok(())
    } else {
        Err(Fault::new(DecodeErrorKind::PropertyValue, at))
    }
}
