//! The broker's limits as flags and keys: the names of the fields of [`Config`].

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;
use vitrine_broker::Config;
use vitrine_packet::QoS;

/// How a field of [`Config`] is written.
trait Written: Copy {
    /// The field's type.
    type Field;
    /// What stands for the value in the help.
    const NAME: &'static str;

    fn into_field(self) -> Self::Field;
    fn of(field: Self::Field) -> Self;
}

macro_rules! as_it_is {
    ($($kind:ty: $name:literal),*) => {
        $(impl Written for $kind {
            type Field = Self;
            const NAME: &'static str = $name;

            fn into_field(self) -> Self {
                self
            }

            fn of(field: Self) -> Self {
                field
            }
        })*
    };
}

as_it_is! { u16: "N", u32: "N", usize: "N", bool: "true|false" }

macro_rules! lengths_of_time {
    ($($(#[doc = $doc:literal])+ $unit:ident: $from:path, $to:path;)*) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
        #[serde(transparent)]
        pub(crate) struct $unit(pub(crate) u64);

        impl FromStr for $unit {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $unit {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Written for $unit {
            type Field = Duration;
            const NAME: &'static str = "N";

            fn into_field(self) -> Duration {
                $from(self.0)
            }

            fn of(field: Duration) -> Self {
                Self(u64::try_from($to(&field)).unwrap_or(u64::MAX))
            }
        })*
    };
}

lengths_of_time! {
    /// Seconds, written as a number.
    Seconds: Duration::from_secs, Duration::as_secs;
    /// Milliseconds, written as a number.
    Milliseconds: Duration::from_millis, Duration::as_millis;
}

/// A QoS, written as its number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u8")]
pub(crate) struct MaximumQos(QoS);

impl TryFrom<u8> for MaximumQos {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, &'static str> {
        match number {
            0 => Ok(Self(QoS::AtMostOnce)),
            1 => Ok(Self(QoS::AtLeastOnce)),
            2 => Ok(Self(QoS::ExactlyOnce)),
            _ => Err("a QoS is 0, 1 or 2"),
        }
    }
}

impl FromStr for MaximumQos {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        text.parse()
            .map_err(|_| "a QoS is 0, 1 or 2")
            .and_then(|number: u8| Self::try_from(number))
    }
}

impl fmt::Display for MaximumQos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_u8().fmt(f)
    }
}

impl Written for MaximumQos {
    type Field = QoS;
    const NAME: &'static str = "N";

    fn into_field(self) -> QoS {
        self.0
    }

    fn of(field: QoS) -> Self {
        Self(field)
    }
}

macro_rules! limits {
    ($(#[doc = $doc:literal] $name:ident: $kind:ty;)*) => {
        /// Flags and keys; see the module. Those that are not given keep the broker's default.
        #[derive(Args, Clone, Debug, Default, Deserialize)]
        #[command(next_help_heading = "Limits (in the file below [limits])")]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Limits {
            $(
                #[doc = $doc]
                #[arg(
                    long,
                    help = help($doc, <$kind>::of(Config::default().$name)),
                    value_name = <$kind as Written>::NAME,
                    hide_short_help = true,
                    hide_possible_values = true,
                    allow_negative_numbers = true
                )]
                pub(crate) $name: Option<$kind>,
            )*
        }

        impl Limits {
            /// These, and the others where these say nothing.
            pub(super) fn over(self, other: Self) -> Self {
                Self { $($name: self.$name.or(other.$name),)* }
            }

            /// Puts them into the broker's configuration.
            pub(crate) fn apply(&self, config: &mut Config) {
                $(if let Some(value) = self.$name {
                    config.$name = value.into_field();
                })*
            }
        }
    };
}

/// What a limit is, and what it is if nobody says.
fn help(what: &str, default: impl fmt::Display) -> String {
    format!("{} [default: {default}]", what.trim())
}

limits! {
    /// Transport connections at a time
    max_connections: usize;
    /// Sessions that outlive their connection, connected or not
    max_sessions: usize;
    /// Size of a packet from a client, in bytes
    max_packet_size: u32;
    /// Packets a second on one connection; 0 for no limit
    max_packets_per_second: u32;
    /// Seconds a connection may take until its CONNECT is complete
    connect_timeout: Seconds;
    /// Bytes that a client may send while its password is checked
    max_early_bytes: usize;
    /// Seconds a connection that was closed may take for its last bytes
    linger: Seconds;
    /// The longest Keep Alive, in seconds
    max_keep_alive: u16;
    /// The longest Session Expiry Interval, in seconds; 4294967295 for no limit
    max_session_expiry: u32;
    /// Length of a client identifier, in bytes
    max_client_id: usize;
    /// Whether a client may leave its identifier empty and be given one
    allow_empty_client_id: bool;
    /// QoS 1 and 2 messages under way to one client
    max_in_flight: u16;
    /// QoS 2 messages of one client that are not released yet
    receive_maximum: u16;
    /// Messages in the queue of one session
    max_queued_messages: usize;
    /// Bytes in the queue of one session and under way to its client
    max_queued_bytes: usize;
    /// The same for all sessions together
    max_queued_bytes_total: usize;
    /// Bytes a client may leave unread before QoS 0 messages to it are dropped
    max_unsent_bytes: usize;
    /// The same for all clients together
    max_unsent_bytes_total: usize;
    /// Milliseconds for which nothing is read from a client that publishes faster than others receive; 0 for never
    publisher_pause: Milliseconds;
    /// Bytes of answers a client may leave unread before its connection is closed
    max_unsent_control_bytes: usize;
    /// Bytes of incomplete packets of all clients together
    max_partial_bytes_total: usize;
    /// QoS 2 messages of all clients that are not released yet
    max_unreleased_total: usize;
    /// Bytes of all wills
    max_will_bytes_total: usize;
    /// Retained messages
    max_retained_messages: usize;
    /// Bytes of all retained messages
    max_retained_bytes: usize;
    /// Topic levels of all retained messages
    max_retained_levels: usize;
    /// Subscriptions of one session
    max_subscriptions: usize;
    /// Subscriptions of all sessions
    max_subscriptions_total: usize;
    /// Shared subscriptions of one session
    max_shared_subscriptions: usize;
    /// Shared subscriptions of one session to the same filter
    max_shared_per_filter: usize;
    /// Bytes of one session's topic filters, counting 128 more for each level
    max_subscription_bytes: usize;
    /// Levels of all topic filters
    max_subscription_levels_total: usize;
    /// Filters in one SUBSCRIBE
    max_filters_per_subscribe: usize;
    /// Levels of a topic or filter
    max_topic_levels: usize;
    /// Topic aliases in each direction of a connection
    topic_alias_maximum: u16;
    /// Bytes of the topics behind one client's topic aliases
    max_alias_bytes: usize;
    /// The highest QoS that clients may use: 0, 1 or 2
    maximum_qos: MaximumQos;
    /// Whether messages may be retained
    retain_available: bool;
    /// Whether filters may have wildcards
    wildcard_subscription_available: bool;
    /// Whether subscriptions may have identifiers
    subscription_identifiers_available: bool;
    /// Whether there are shared subscriptions
    shared_subscription_available: bool;
    /// Whether a payload that claims to be text has to be UTF-8
    check_payload_format: bool;
    /// Events that may wait to be written to the log
    max_observations: usize;
    /// Topics whose receivers are remembered
    route_cache: usize;
}

#[cfg(test)]
mod tests {
    use clap::Args as _;
    use vitrine_broker::{Broker, ConnectionId, Input, Limit, Peer, Time};

    use super::*;

    /// Whoever wants no limit may write the largest number that there is.
    #[test]
    fn every_limit_may_be_as_large_as_can_be_written() {
        const CONNECT: &[u8] = b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01c";
        const SUBSCRIBE: &[u8] = b"\x82\x06\0\x01\0\x01t\x01";
        const PUBLISH: &[u8] = b"\x33\x05\0\x01t\0\x02";
        let flags = Limits::augment_args(clap::Command::new("limits"));
        for flag in flags.get_arguments() {
            let key = flag.get_id();
            let most = [i64::MAX, u32::MAX.into(), u16::MAX.into()];
            let mut limits = most
                .iter()
                .filter_map(|most| toml::from_str::<Limits>(&format!("{key} = {most}")).ok());
            let Some(limits) = limits.next() else {
                assert!(!Limit::ALL.iter().any(|limit| *key == limit.key()), "{key}");
                continue;
            };
            let mut config = Config::default();
            limits.apply(&mut config);
            let now = Time::from_secs(1_780_000_000);
            let mut broker = Broker::new(config, now);
            let connection = ConnectionId(1);
            let peer = Peer::default();
            broker.handle(Input::Opened { connection, peer }, now);
            for bytes in [CONNECT, SUBSCRIBE, PUBLISH] {
                broker.handle(Input::Received { connection, bytes }, now);
            }
            let mut sent = Vec::new();
            broker.poll_transmit(connection, &mut sent, usize::MAX, now);
            assert!(
                sent.starts_with(b"\x20\x02\0\0\x90\x03\0\x01\x01"),
                "{key}: {sent:?}"
            );
            assert!(
                sent.windows(5).any(|five| five == b"\0\x01t\0\x01"),
                "{key}: {sent:?}"
            );
        }
    }

    #[test]
    fn every_limit_of_the_broker_has_its_flag_and_key() {
        let flags = Limits::augment_args(clap::Command::new("limits"));
        for limit in Limit::ALL {
            let key = limit.key();
            let flag = flags.get_arguments().find(|flag| flag.get_id() == key);
            let flag = flag.unwrap_or_else(|| panic!("no flag for {key}"));
            assert_eq!(flag.get_long(), Some(&*key.replace('_', "-")));
            let set = |number: u64| {
                let limits: Limits = toml::from_str(&format!("{key} = {number}")).unwrap();
                let mut config = Config::default();
                limits.apply(&mut config);
                limit.most(&config)
            };
            // Whatever its unit is.
            let unit = set(1);
            assert!(unit == 1 || unit == 1_000, "{key}: {unit}");
            assert_eq!(set(7), 7 * unit, "{key}");
        }
    }
}
