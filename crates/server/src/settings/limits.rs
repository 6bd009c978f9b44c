//! The broker's limits as flags and keys: the names of the fields of [`Config`].

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;
use vitrine_broker::Config;
use vitrine_packet::QoS;

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

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty => $set:expr;)*) => {
        /// Flags and keys; see the module. Those that are not given keep the broker's default.
        #[derive(Args, Clone, Debug, Default, Deserialize)]
        #[command(next_help_heading = "Limits (in the file below [limits])")]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Limits {
            $($(#[doc = $doc])+ #[arg(long, value_name = "N", hide_short_help = true)] pub(crate) $name: Option<$kind>,)*
        }

        impl Limits {
            /// These, and the others where these say nothing.
            pub(super) fn over(self, other: Self) -> Self {
                Self { $($name: self.$name.or(other.$name),)* }
            }

            /// Puts them into the broker's configuration.
            pub(crate) fn apply(&self, config: &mut Config) {
                $(if let Some(value) = self.$name {
                    let set: fn(&mut Config, $kind) = $set;
                    set(config, value);
                })*
            }
        }
    };
}

limits! {
    /// Transport connections at a time
    max_connections: usize => |config, value| config.max_connections = value;
    /// Sessions that outlive their connection, connected or not
    max_sessions: usize => |config, value| config.max_sessions = value;
    /// Size of a packet from a client, in bytes
    max_packet_size: u32 => |config, value| config.max_packet_size = value;
    /// Packets a second on one connection; 0 for no limit
    max_packets_per_second: u32 => |config, value| config.max_packets_per_second = value;
    /// Seconds a connection may take until its CONNECT is complete
    connect_timeout: u64 => |config, value| config.connect_timeout = Duration::from_secs(value);
    /// Bytes that a client may send while its password is checked
    max_early_bytes: usize => |config, value| config.max_early_bytes = value;
    /// Seconds a connection that was closed may take for its last bytes
    linger: u64 => |config, value| config.linger = Duration::from_secs(value);
    /// The longest Keep Alive, in seconds
    max_keep_alive: u16 => |config, value| config.max_keep_alive = value;
    /// The longest Session Expiry Interval, in seconds; 4294967295 for no limit
    max_session_expiry: u32 => |config, value| config.max_session_expiry = value;
    /// Length of a client identifier, in bytes
    max_client_id: usize => |config, value| config.max_client_id = value;
    /// Whether a client may leave its identifier empty and be given one
    allow_empty_client_id: bool => |config, value| config.allow_empty_client_id = value;
    /// QoS 1 and 2 messages under way to one client
    max_in_flight: u16 => |config, value| config.max_in_flight = value;
    /// QoS 2 messages of one client that are not released
    receive_maximum: u16 => |config, value| config.receive_maximum = value;
    /// Messages in the queue of one session
    max_queued_messages: usize => |config, value| config.max_queued_messages = value;
    /// Bytes in the queue of one session and under way to its client
    max_queued_bytes: usize => |config, value| config.max_queued_bytes = value;
    /// The same for all sessions together
    max_queued_bytes_total: usize => |config, value| config.max_queued_bytes_total = value;
    /// Bytes that a client has not read, from which on QoS 0 messages to it are dropped
    max_unsent_bytes: usize => |config, value| config.max_unsent_bytes = value;
    /// The same for all clients together
    max_unsent_bytes_total: usize => |config, value| config.max_unsent_bytes_total = value;
    /// Milliseconds that nothing is read from a client that publishes faster than others receive; 0 for never
    publisher_pause: u64 => |config, value| config.publisher_pause = Duration::from_millis(value);
    /// Bytes of answers that a client has not read, from which on it is closed
    max_unsent_control_bytes: usize => |config, value| config.max_unsent_control_bytes = value;
    /// Bytes of packets that came in part, of all clients together
    max_partial_bytes_total: usize => |config, value| config.max_partial_bytes_total = value;
    /// QoS 2 messages of all clients that are not released
    max_unreleased_total: usize => |config, value| config.max_unreleased_total = value;
    /// Bytes of all wills
    max_will_bytes_total: usize => |config, value| config.max_will_bytes_total = value;
    /// Retained messages
    max_retained_messages: usize => |config, value| config.max_retained_messages = value;
    /// Bytes of all retained messages
    max_retained_bytes: usize => |config, value| config.max_retained_bytes = value;
    /// Topic levels of all retained messages
    max_retained_levels: usize => |config, value| config.max_retained_levels = value;
    /// Subscriptions of one session
    max_subscriptions: usize => |config, value| config.max_subscriptions = value;
    /// Subscriptions of all sessions
    max_subscriptions_total: usize => |config, value| config.max_subscriptions_total = value;
    /// Shared subscriptions of one session
    max_shared_subscriptions: usize => |config, value| config.max_shared_subscriptions = value;
    /// Shared subscriptions of one session to the same filter
    max_shared_per_filter: usize => |config, value| config.max_shared_per_filter = value;
    /// Bytes of one session's topic filters, with 128 for each level
    max_subscription_bytes: usize => |config, value| config.max_subscription_bytes = value;
    /// Levels of all topic filters
    max_subscription_levels_total: usize => |config, value| config.max_subscription_levels_total = value;
    /// Filters in one SUBSCRIBE
    max_filters_per_subscribe: usize => |config, value| config.max_filters_per_subscribe = value;
    /// Levels of a topic or filter
    max_topic_levels: usize => |config, value| config.max_topic_levels = value;
    /// Topic aliases in each direction of a connection
    topic_alias_maximum: u16 => |config, value| config.topic_alias_maximum = value;
    /// Bytes of the topics behind one client's topic aliases
    max_alias_bytes: usize => |config, value| config.max_alias_bytes = value;
    /// The highest QoS that clients may use: 0, 1 or 2
    maximum_qos: MaximumQos => |config, value| config.maximum_qos = value.0;
    /// Whether messages may be retained
    retain_available: bool => |config, value| config.retain_available = value;
    /// Whether filters may have wildcards
    wildcard_subscription_available: bool => |config, value| config.wildcard_subscription_available = value;
    /// Whether subscriptions may have identifiers
    subscription_identifiers_available: bool => |config, value| config.subscription_identifiers_available = value;
    /// Whether there are shared subscriptions
    shared_subscription_available: bool => |config, value| config.shared_subscription_available = value;
    /// Whether payloads that are said to be text are checked to be UTF-8
    check_payload_format: bool => |config, value| config.check_payload_format = value;
    /// Events that wait to be written to the log
    max_observations: usize => |config, value| config.max_observations = value;
    /// Topics remembered with who gets them
    route_cache: usize => |config, value| config.route_cache = value;
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
