//! A property as it stands in the bytes: its kind, and its value's bytes by type.

use super::{Property, PropertyKind, PropertyType};
use crate::DecodeErrorKind;
use crate::error::Fault;
use crate::read::Reader;

/// A value of one of the seven types, its text not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawValue<'a> {
    /// Byte, Two Byte, Four Byte or Variable Byte Integer.
    Number(u32),
    /// UTF-8 Encoded String or Binary Data.
    Bytes(&'a [u8]),
    /// UTF-8 String Pair.
    Pair(&'a [u8], &'a [u8]),
}

impl<'a> RawValue<'a> {
    /// Reads the value of a property of type `value_type`.
    #[inline]
    pub(crate) fn read(value_type: PropertyType, from: &mut Reader<'a>) -> Result<Self, Fault> {
        Ok(match value_type {
            PropertyType::Byte => Self::Number(from.u8()?.into()),
            PropertyType::TwoByte => Self::Number(from.u16()?.into()),
            PropertyType::FourByte => Self::Number(from.u32()?),
            PropertyType::Variable => Self::Number(from.var()?),
            PropertyType::Text | PropertyType::Binary => Self::Bytes(from.binary()?),
            PropertyType::Pair => Self::Pair(from.binary()?, from.binary()?),
        })
    }

    /// The number; 0 when it is none.
    #[inline]
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) | Self::Pair(..) => 0,
        }
    }

    /// The bytes; none when it is a number or a pair.
    #[inline]
    pub(crate) const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(_) | Self::Pair(..) => &[],
        }
    }

    /// The property of this kind and value, whose text has been checked before.
    #[inline]
    pub(crate) fn property(self, kind: PropertyKind) -> Property<'a> {
        let number = self.number();
        let text = || checked(self.bytes());
        match kind {
            PropertyKind::PayloadFormatIndicator => Property::PayloadFormatIndicator(number as u8),
            PropertyKind::MessageExpiryInterval => Property::MessageExpiryInterval(number),
            PropertyKind::ContentType => Property::ContentType(text()),
            PropertyKind::ResponseTopic => Property::ResponseTopic(text()),
            PropertyKind::CorrelationData => Property::CorrelationData(self.bytes()),
            PropertyKind::SubscriptionIdentifier => Property::SubscriptionIdentifier(number),
            PropertyKind::SessionExpiryInterval => Property::SessionExpiryInterval(number),
            PropertyKind::AssignedClientIdentifier => Property::AssignedClientIdentifier(text()),
            PropertyKind::ServerKeepAlive => Property::ServerKeepAlive(number as u16),
            PropertyKind::AuthenticationMethod => Property::AuthenticationMethod(text()),
            PropertyKind::AuthenticationData => Property::AuthenticationData(self.bytes()),
            PropertyKind::RequestProblemInformation => {
                Property::RequestProblemInformation(number as u8)
            }
            PropertyKind::WillDelayInterval => Property::WillDelayInterval(number),
            PropertyKind::RequestResponseInformation => {
                Property::RequestResponseInformation(number as u8)
            }
            PropertyKind::ResponseInformation => Property::ResponseInformation(text()),
            PropertyKind::ServerReference => Property::ServerReference(text()),
            PropertyKind::ReasonString => Property::ReasonString(text()),
            PropertyKind::ReceiveMaximum => Property::ReceiveMaximum(number as u16),
            PropertyKind::TopicAliasMaximum => Property::TopicAliasMaximum(number as u16),
            PropertyKind::TopicAlias => Property::TopicAlias(number as u16),
            PropertyKind::MaximumQos => Property::MaximumQos(number as u8),
            PropertyKind::RetainAvailable => Property::RetainAvailable(number as u8),
            PropertyKind::UserProperty => match self {
                Self::Pair(name, value) => Property::UserProperty(checked(name), checked(value)),
                Self::Number(_) | Self::Bytes(_) => Property::UserProperty("", ""),
            },
            PropertyKind::MaximumPacketSize => Property::MaximumPacketSize(number),
            PropertyKind::WildcardSubscriptionAvailable => {
                Property::WildcardSubscriptionAvailable(number as u8)
            }
            PropertyKind::SubscriptionIdentifierAvailable => {
                Property::SubscriptionIdentifierAvailable(number as u8)
            }
            PropertyKind::SharedSubscriptionAvailable => {
                Property::SharedSubscriptionAvailable(number as u8)
            }
        }
    }
}

/// Text that was checked when the packet was decoded. Without `unsafe` the check has to be repeated
/// to borrow it as `str`; it does not fail.
#[inline]
pub(crate) fn checked(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// Reads a property identifier: a Variable Byte Integer, although all of them fit one byte.
#[inline]
pub(crate) fn read_kind(from: &mut Reader<'_>) -> Result<PropertyKind, Fault> {
    let at = from.at();
    PropertyKind::from_identifier(from.var()?)
        .ok_or_else(|| Fault::new(DecodeErrorKind::UnknownProperty, at))
}
