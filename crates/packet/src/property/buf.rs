//! Properties to be written.

use alloc::vec::Vec;
use core::fmt;

use super::{Properties, Property};
use crate::{EncodeError, MAX_REMAINING_LENGTH, write};

/// Properties that are put together to be written.
///
/// It takes what it is given: that a packet may carry a property, and how often, is up to whoever
/// pushes it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PropertyBuf {
    bytes: Vec<u8>,
}

impl PropertyBuf {
    /// No properties yet.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds `property` after the others.
    ///
    /// # Errors
    /// Text or Binary Data of more than 65,535 bytes, or a Subscription Identifier above
    /// 268,435,455; then nothing is added.
    pub fn push(&mut self, property: Property<'_>) -> Result<(), EncodeError> {
        use Property as P;
        let identifier = property.kind().identifier();
        match property {
            P::PayloadFormatIndicator(number)
            | P::RequestProblemInformation(number)
            | P::RequestResponseInformation(number)
            | P::MaximumQos(number)
            | P::RetainAvailable(number)
            | P::WildcardSubscriptionAvailable(number)
            | P::SubscriptionIdentifierAvailable(number)
            | P::SharedSubscriptionAvailable(number) => {
                self.bytes.extend_from_slice(&[identifier, number]);
            }
            P::ServerKeepAlive(number)
            | P::ReceiveMaximum(number)
            | P::TopicAliasMaximum(number)
            | P::TopicAlias(number) => {
                let [high, low] = number.to_be_bytes();
                self.bytes.extend_from_slice(&[identifier, high, low]);
            }
            P::MessageExpiryInterval(number)
            | P::SessionExpiryInterval(number)
            | P::WillDelayInterval(number)
            | P::MaximumPacketSize(number) => {
                let [a, b, c, d] = number.to_be_bytes();
                self.bytes.extend_from_slice(&[identifier, a, b, c, d]);
            }
            P::SubscriptionIdentifier(number) => {
                if number > MAX_REMAINING_LENGTH {
                    return Err(EncodeError::NumberTooLarge);
                }
                self.bytes.push(identifier);
                write::var(number, &mut self.bytes);
            }
            P::ContentType(text)
            | P::ResponseTopic(text)
            | P::AssignedClientIdentifier(text)
            | P::AuthenticationMethod(text)
            | P::ResponseInformation(text)
            | P::ServerReference(text)
            | P::ReasonString(text) => self.push_field(identifier, text.as_bytes())?,
            P::CorrelationData(bytes) | P::AuthenticationData(bytes) => {
                self.push_field(identifier, bytes)?;
            }
            P::UserProperty(name, value) => {
                let value = value.as_bytes();
                write::field_len(value)?;
                self.push_field(identifier, name.as_bytes())?;
                write::field(value, &mut self.bytes);
            }
        }
        Ok(())
    }

    /// What it holds, to be put into a packet.
    #[inline]
    pub fn as_properties(&self) -> Properties<'_> {
        Properties::trusted(&self.bytes)
    }

    /// Takes all properties out, and keeps the memory for others.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    fn push_field(&mut self, identifier: u8, field: &[u8]) -> Result<(), EncodeError> {
        self.bytes.reserve(1 + write::field_len(field)?);
        self.bytes.push(identifier);
        write::field(field, &mut self.bytes);
        Ok(())
    }
}

impl From<Properties<'_>> for PropertyBuf {
    fn from(properties: Properties<'_>) -> Self {
        Self {
            bytes: properties.as_bytes().into(),
        }
    }
}

impl fmt::Debug for PropertyBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_properties().fmt(f)
    }
}
