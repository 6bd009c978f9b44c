//! Why the client does not do what the application wants.

use core::error::Error;
use core::fmt;

use vitrine_packet::topic::TopicError;

/// Why a message or a request was not taken. Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The Topic Name is not valid.
    TopicName(TopicError),
    /// The Topic Filter of this number, counted from 0, is not valid.
    TopicFilter(usize, TopicError),
    /// There is no Topic Filter.
    NoFilter,
    /// A Subscription Identifier is 1 to 268,435,455.
    SubscriptionIdentifier,
    /// A Topic Alias among the properties: they are the client's to choose.
    TopicAlias,
    /// The packet would be longer than the format allows.
    TooLarge,
    /// As many messages wait as may: [`crate::Options::max_queued_messages`].
    QueueFull,
    /// As many requests wait as may: [`crate::Options::max_requests`].
    TooManyRequests,
    /// SUBSCRIBE and UNSUBSCRIBE need a connection.
    NotConnected,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopicName(error) => write!(f, "the topic is not valid: {error}"),
            Self::TopicFilter(number, error) => {
                write!(f, "filter {} is not valid: {error}", number + 1)
            }
            Self::NoFilter => f.write_str("there is no filter: name one at least"),
            Self::SubscriptionIdentifier => {
                f.write_str("a Subscription Identifier is a number from 1 to 268,435,455")
            }
            Self::TopicAlias => {
                f.write_str("the client gives Topic Aliases itself: leave the property out")
            }
            Self::TooLarge => f.write_str("the packet would be longer than MQTT allows"),
            Self::QueueFull => f.write_str("too many messages wait: publish more slowly"),
            Self::TooManyRequests => f.write_str("too many requests wait for their answer"),
            Self::NotConnected => f.write_str("there is no connection: connect first"),
        }
    }
}

impl Error for Refused {}
