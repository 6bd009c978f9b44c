//! The limits by name: what a client is told where one is reached, and how often that was.
//!
//! Every limit of [`Config`] stands in the table below, under the name of its field. A test goes through
//! the fields and the table, and takes each limit to its edge and one past it.

use core::time::Duration;

use vitrine_packet::ReasonCode;

use crate::Config;
use crate::access::RuleIndex;
use crate::broker::Broker;

/// A number of a [`Config`] as one of the table.
trait Amount {
    fn amount(self) -> u64;
}

impl Amount for usize {
    fn amount(self) -> u64 {
        self as u64
    }
}

impl Amount for u16 {
    fn amount(self) -> u64 {
        self.into()
    }
}

impl Amount for u32 {
    fn amount(self) -> u64 {
        self.into()
    }
}

impl Amount for Duration {
    fn amount(self) -> u64 {
        u64::try_from(self.as_millis()).unwrap_or(u64::MAX)
    }
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $key:ident, $reason:expr, $text:literal;)*) => {
        /// A limit of a [`Config`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Limit {
            $($(#[$doc])* $name,)*
        }

        impl Limit {
            /// All of them, in the order of [`Config`].
            pub const ALL: [Self; Self::COUNT] = [$(Self::$name,)*];

            const COUNT: usize = [$($text,)*].len();

            /// Its name: that of its field in [`Config`], and in `$SYS/broker/limits/<key>/refused`.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($key),)*
                }
            }

            /// What a 5.0 client is told that goes past it; `None` where nobody is told, because messages
            /// wait or are discarded, or because no answer may be sent.
            #[must_use]
            pub const fn reason(self) -> Option<ReasonCode> {
                match self {
                    $(Self::$name => $reason,)*
                }
            }

            /// What happened, for people to read. In English: it goes into Reason Strings.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What it is set to. Times are in milliseconds.
            #[must_use]
            pub fn most(self, config: &Config) -> u64 {
                match self {
                    $(Self::$name => config.$key.amount(),)*
                }
            }
        }
    };
}

const QUOTA: Option<ReasonCode> = Some(ReasonCode::QuotaExceeded);

limits! {
    /// See [`Config::max_connections`].
    Connections = max_connections, QUOTA, "too many connections";
    /// See [`Config::max_sessions`].
    Sessions = max_sessions, QUOTA, "too many Sessions are kept";
    /// See [`Config::max_packet_size`].
    PacketSize = max_packet_size, Some(ReasonCode::PacketTooLarge), "the packet is too large";
    /// See [`Config::max_packets_per_second`].
    PacketRate = max_packets_per_second, Some(ReasonCode::MessageRateTooHigh),
        "too many packets in a short time";
    /// See [`Config::connect_timeout`].
    ConnectTimeout = connect_timeout, None, "no CONNECT came in time";
    /// See [`Config::max_early_bytes`].
    EarlyBytes = max_early_bytes, QUOTA, "too much was sent before the answer to CONNECT";
    /// See [`Config::linger`].
    Linger = linger, None, "the last bytes were not taken in time";
    /// See [`Config::max_client_id`].
    ClientId = max_client_id, Some(ReasonCode::ClientIdentifierNotValid),
        "the Client Identifier is too long";
    /// See [`Config::max_in_flight`].
    InFlight = max_in_flight, None, "too many messages wait for an acknowledgement: the rest waits";
    /// See [`Config::receive_maximum`].
    ReceiveMaximum = receive_maximum, Some(ReasonCode::ReceiveMaximumExceeded),
        "too many QoS 2 messages are not released";
    /// See [`Config::max_queued_messages`].
    QueuedMessages = max_queued_messages, None, "the Session's queue has no room";
    /// See [`Config::max_queued_bytes`].
    QueuedBytes = max_queued_bytes, None, "the Session's queue has no room";
    /// See [`Config::max_queued_bytes_total`].
    QueuedBytesTotal = max_queued_bytes_total, None, "all queues together have no room";
    /// See [`Config::max_unsent_bytes`].
    UnsentBytes = max_unsent_bytes, None, "the client does not read what waits for it";
    /// See [`Config::max_unsent_bytes_total`].
    UnsentBytesTotal = max_unsent_bytes_total, None,
        "all clients together do not read what waits for them";
    /// See [`Config::max_unsent_control_bytes`].
    UnsentControlBytes = max_unsent_control_bytes, QUOTA, "too many answers were not read";
    /// See [`Config::max_partial_bytes_total`].
    PartialBytesTotal = max_partial_bytes_total, QUOTA,
        "too many bytes of incomplete packets wait for the rest";
    /// See [`Config::max_unreleased_total`].
    UnreleasedTotal = max_unreleased_total, QUOTA, "too many QoS 2 messages are not released";
    /// See [`Config::max_will_bytes_total`].
    WillBytesTotal = max_will_bytes_total, QUOTA, "the Wills are too large together";
    /// See [`Config::max_retained_messages`].
    RetainedMessages = max_retained_messages, QUOTA, "there are too many Retained Messages";
    /// See [`Config::max_retained_bytes`].
    RetainedBytes = max_retained_bytes, QUOTA, "the Retained Messages are too large together";
    /// See [`Config::max_retained_levels`].
    RetainedLevels = max_retained_levels, QUOTA, "the topics of Retained Messages have too many levels";
    /// See [`Config::max_subscriptions`].
    Subscriptions = max_subscriptions, QUOTA, "the Session has too many Subscriptions";
    /// See [`Config::max_subscriptions_total`].
    SubscriptionsTotal = max_subscriptions_total, QUOTA, "there are too many Subscriptions";
    /// See [`Config::max_shared_subscriptions`].
    SharedSubscriptions = max_shared_subscriptions, QUOTA,
        "the Session has too many Shared Subscriptions";
    /// See [`Config::max_shared_per_filter`].
    SharedPerFilter = max_shared_per_filter, QUOTA,
        "the Session has too many Shared Subscriptions to this filter";
    /// See [`Config::max_subscription_bytes`].
    SubscriptionBytes = max_subscription_bytes, QUOTA,
        "the Session's Topic Filters are too long together";
    /// See [`Config::max_subscription_levels_total`].
    SubscriptionLevelsTotal = max_subscription_levels_total, QUOTA,
        "all Topic Filters together have too many levels";
    /// See [`Config::max_filters_per_subscribe`].
    FiltersPerSubscribe = max_filters_per_subscribe, QUOTA, "the packet has too many Topic Filters";
    /// See [`Config::max_topic_levels`]. 0x8F where it is a filter.
    TopicLevels = max_topic_levels, Some(ReasonCode::TopicNameInvalid), "the topic has too many levels";
    /// See [`Config::topic_alias_maximum`].
    TopicAliasMaximum = topic_alias_maximum, Some(ReasonCode::TopicAliasInvalid),
        "the Topic Alias is above the Topic Alias Maximum";
    /// See [`Config::max_alias_bytes`].
    AliasBytes = max_alias_bytes, QUOTA, "the topics behind the Topic Aliases are too long together";
    /// See [`Config::max_observations`].
    Observations = max_observations, None, "observations were not polled in time";
}

/// A limit, and how it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// Which.
    pub limit: Limit,
    /// What it is set to. Times are in milliseconds.
    pub most: u64,
    /// How much of it is in use, where it is one for the whole broker.
    pub used: Option<u64>,
    /// How often something went past it since the start: was refused, discarded, closed or (for
    /// [`Limit::InFlight`]) made to wait.
    pub refused: u64,
}

/// Why something is refused: the Reason Code, and words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: ReasonCode,
    pub(crate) text: &'static str,
    /// The rule that refuses it, where one does.
    pub(crate) rule: Option<RuleIndex>,
}

impl Refused {
    pub(crate) const fn new(reason: ReasonCode, text: &'static str) -> Self {
        let rule = None;
        Self { reason, text, rule }
    }
}

/// Whether one of several who share something has too much of it: `own` of the `total` that they hold
/// together, of which `most` is allowed. Half of that is for whoever comes first. When it is taken, each may
/// still have an equal part of the other half: so nobody is left without because of others, and together
/// they never hold more.
#[inline]
pub(crate) fn over_share(total: usize, own: usize, most: usize, sharers: usize) -> bool {
    let half = most / 2;
    // More than a part, without a division: this is asked for every message.
    total > half && own.saturating_mul(sharers.max(1)) > half
}

impl Limit {
    /// What is said of something that goes past it.
    pub(crate) fn refused(self) -> Refused {
        Refused::new(self.reason().unwrap_or_default(), self.text())
    }
}

/// How often each limit was reached.
#[derive(Clone, Debug)]
pub(crate) struct Refusals([u64; Limit::COUNT]);

impl Default for Refusals {
    fn default() -> Self {
        Self([0; Limit::COUNT])
    }
}

impl Refusals {
    /// A limit was reached.
    #[cold]
    pub(crate) fn count(&mut self, limit: Limit) {
        self.0[limit as usize] += 1;
    }

    /// A limit was reached, and so something is refused.
    #[cold]
    pub(crate) fn refuse(&mut self, limit: Limit) -> Refused {
        self.count(limit);
        limit.refused()
    }

    pub(crate) fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }
}

impl Broker {
    /// How a limit is doing.
    #[must_use]
    pub fn limit(&self, limit: Limit) -> LimitState {
        LimitState {
            limit,
            most: limit.most(&self.config),
            used: self.used(limit).map(|used| used as u64),
            refused: if limit == Limit::Observations {
                self.observer.lost()
            } else {
                self.refusals.get(limit)
            },
        }
    }

    /// How often a limit was reached since the start, all limits together.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refusals.0.iter().sum::<u64>() + self.observer.lost()
    }

    /// How each limit is doing, in the order of [`Limit::ALL`].
    pub fn limits(&self) -> impl Iterator<Item = LimitState> {
        Limit::ALL.into_iter().map(|limit| self.limit(limit))
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are for one client each"
    )]
    fn used(&self, limit: Limit) -> Option<usize> {
        Some(match limit {
            Limit::Connections => self.connections.len() - self.surplus,
            Limit::Sessions => self.kept_sessions,
            Limit::QueuedBytesTotal => self.queued_bytes,
            Limit::UnsentBytesTotal => self.unsent_bytes,
            Limit::PartialBytesTotal => self.partial_bytes,
            Limit::UnreleasedTotal => self.unreleased,
            Limit::WillBytesTotal => self.will_bytes,
            Limit::RetainedMessages => self.retained.len(),
            Limit::RetainedBytes => self.retained.bytes(),
            Limit::RetainedLevels => self.retained.levels(),
            Limit::SubscriptionsTotal => self.router.len(),
            Limit::SubscriptionLevelsTotal => self.router.levels(),
            Limit::Observations => self.observer.waiting(),
            _ => return None,
        })
    }
}
