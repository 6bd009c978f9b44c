//! The broker's limits and choices.

use alloc::borrow::Cow;
use alloc::rc::Rc;
use core::time::Duration;

use vitrine_packet::QoS;

use crate::{Access, ObservationMask, Secret};

/// What a broker allows and how it behaves. Every limit has a default; the reason code in brackets is
/// what a 5.0 client is told when the limit is reached. [`crate::Limit`] lists the limits, and
/// [`crate::Broker::limits`] says how often each was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Seeds the hash functions, so that nobody outside can make names collide. Two brokers with
    /// different seeds behave the same. Default 0: hosts that face strangers should draw one.
    pub seed: u64,
    /// What nonces and the Client Identifiers that the broker makes up are made of, so that nobody outside
    /// can guess them. A host that faces strangers draws one at each start; without it there is no enhanced
    /// authentication, and Client Identifiers are only counted. Default none.
    pub secret: Secret,
    /// Who may connect, and publish, subscribe to and receive what. The default lets everybody in and
    /// allows everything. May be replaced later ([`crate::Command::SetAccess`]).
    pub access: Rc<Access>,
    /// Transport connections at a time. The CONNECT of one more is refused (0x97); of many more at a time most are closed
    /// before they say anything. Default 10,000.
    pub max_connections: usize,
    /// Sessions that outlive their connection, connected or not. A CONNECT that would begin one more is
    /// refused (0x97); Sessions that end with their connection are let in, as connections are limited.
    /// Default 20,000.
    pub max_sessions: usize,
    /// Size in bytes of a Control Packet from a client, fixed header included (0x95). Told to 5.0
    /// clients as Maximum Packet Size. Default 1 MiB.
    pub max_packet_size: u32,
    /// Control Packets a second on one connection, CONNECT and acknowledgements included; one second's
    /// worth may come at once. Past it the connection is closed (0x96). Default 0: no limit, as what is
    /// too much depends on who is let in.
    pub max_packets_per_second: u32,
    /// How long a connection may take until its CONNECT is complete and accepted. One above `max_connections`, whose
    /// CONNECT is refused, has no longer than `linger`, unless that is 0. Default 10 s.
    pub connect_timeout: Duration,
    /// Bytes that a client sends after its CONNECT while its password is checked. CONNECT is refused
    /// (0x97). Default 64 KiB.
    pub max_early_bytes: usize,
    /// How long a connection that the broker closed may take to pull its last bytes. Default 5 s.
    pub linger: Duration,
    /// The longest Keep Alive in seconds. A 5.0 client that asks for more, or for none, is told this as
    /// Server Keep Alive; earlier versions cannot be told and keep what they asked for.
    /// Default 65,535: all are honoured, also none.
    pub max_keep_alive: u16,
    /// The longest Session Expiry Interval in seconds; `u32::MAX` for no limit. A 5.0 client is told;
    /// for earlier versions it is how long a Session with Clean Session 0 waits. Default no limit.
    pub max_session_expiry: u32,
    /// Length in bytes of a Client Identifier (0x85). Default 1,024; at least 23.
    pub max_client_id: usize,
    /// Whether a client may leave its Client Identifier empty and be given one. Default true.
    pub allow_empty_client_id: bool,
    /// QoS 1 and 2 PUBLISH packets under way to one client at a time; a client's Receive Maximum may
    /// lower it. The rest waits in the queue. Default 1,024; 1 to 65,535.
    pub max_in_flight: u16,
    /// QoS 2 publications of a client that are not yet released. Told to 5.0 clients as Receive Maximum
    /// (0x93); earlier versions are limited by the Packet Identifiers only. Default 1,024; at least 1.
    pub receive_maximum: u16,
    /// Messages waiting in one Session's queue; further ones are discarded. Default 100,000.
    pub max_queued_messages: usize,
    /// Bytes of topic, properties and payload waiting in one Session's queue or under way to its client,
    /// with 64 added for each message; further messages are discarded. Default 32 MiB.
    pub max_queued_bytes: usize,
    /// Bytes waiting in all Sessions' queues or under way, counted in the same way, but that a message
    /// of more than 1 KiB counts in full for the first Session that holds it, half for the second, and so on. Half of it is
    /// for whoever comes first; when that is taken, each Session may still have an equal part of the
    /// other half, so that a few that are full do not leave the others without. What goes past that is
    /// discarded. Default 256 MiB.
    pub max_queued_bytes_total: usize,
    /// Bytes that one connection has not pulled. While there are more, QoS 0 messages to it are
    /// discarded and QoS 1 and 2 messages wait in the queue. Default 4 MiB.
    pub max_unsent_bytes: usize,
    /// Bytes that all connections together have not pulled. Shared like
    /// [`Self::max_queued_bytes_total`]: a connection with more than its part is treated like one past
    /// [`Self::max_unsent_bytes`]. A large message that waits for several
    /// counts in full for the first of them, half for the second, and so on. Default 512 MiB.
    pub max_unsent_bytes_total: usize,
    /// How long [`crate::Output::Throttle`] asks the host to read nothing from a publisher that is faster
    /// than those who receive. Zero: it is never asked for. Default 10 ms.
    pub publisher_pause: Duration,
    /// Bytes of acknowledgements and other answers that one connection has not pulled. Nothing of that
    /// may be left out, so a client that asks and asks but does not read is closed (0x97). Default 1 MiB.
    pub max_unsent_control_bytes: usize,
    /// Bytes of packets that came in part, of all connections, and of CONNECT packets whose clients are
    /// being authenticated. Shared like [`Self::max_unsent_bytes_total`]; a connection past it is closed
    /// (0x97). Default 64 MiB.
    pub max_partial_bytes_total: usize,
    /// QoS 2 messages of all clients that are not released: their Packet Identifiers are remembered. Shared
    /// like [`Self::max_unsent_bytes_total`] among the Sessions; a connection past it is closed (0x97).
    /// Default 1,000,000.
    pub max_unreleased_total: usize,
    /// Bytes of topic, properties and payload of all Wills, with 64 added for each. CONNECT is refused
    /// (0x97). Default 64 MiB.
    pub max_will_bytes_total: usize,
    /// Retained Messages. A PUBLISH that would add one is refused (0x97). Default 100,000.
    pub max_retained_messages: usize,
    /// Bytes of topic, properties and payload of all Retained Messages (0x97). Default 64 MiB.
    pub max_retained_bytes: usize,
    /// Levels of the topics of all Retained Messages that differ from all others up to there: what the
    /// tree of Retained Messages has to hold (0x97). Default 500,000.
    pub max_retained_levels: usize,
    /// Subscriptions of one Session. The filter is refused (0x97). Default 250,000.
    pub max_subscriptions: usize,
    /// Subscriptions of all Sessions (0x97). Default 1,000,000.
    pub max_subscriptions_total: usize,
    /// Shared Subscriptions of one Session (0x97). Unlike its other subscriptions each brings a copy of
    /// its own of every message that they match. Default 256.
    pub max_shared_subscriptions: usize,
    /// Shared Subscriptions of one Session to the same filter, by different share names (0x97).
    /// Default 16.
    pub max_shared_per_filter: usize,
    /// Bytes of one Session's Topic Filters, each level counted as 128 besides (0x97). Default 128 MiB.
    pub max_subscription_bytes: usize,
    /// Levels of all Topic Filters that differ from all others up to there: what the tree of
    /// Subscriptions has to hold (0x97). Default 2,000,000.
    pub max_subscription_levels_total: usize,
    /// Filters in one SUBSCRIBE. The further ones are refused (0x97). Each may ask for all Retained
    /// Messages, so that a packet is more work the more it has. Default 256.
    pub max_filters_per_subscribe: usize,
    /// Levels of a Topic Name (0x90) or Topic Filter (0x8F). Default 128; 1,024 at most.
    pub max_topic_levels: usize,
    /// Topic Aliases a client may set up on a connection, and as many are given to topics that are sent
    /// to it, if its Topic Alias Maximum lets them. Told to 5.0 clients as Topic Alias Maximum; 0 for
    /// none. Default 64.
    pub topic_alias_maximum: u16,
    /// The highest QoS of a PUBLISH from a client, or of its Will (0x9B). Told to 5.0 clients as Maximum
    /// QoS; it is also the highest that is granted. Default 2.
    pub maximum_qos: QoS,
    /// Whether clients may publish messages that are retained, at once or by their Will (0x9A). Default
    /// true.
    pub retain_available: bool,
    /// Whether Topic Filters may have wildcards (0xA2; before 5.0 the filter is refused). Default true.
    pub wildcard_subscription_available: bool,
    /// Whether Subscriptions may have identifiers (0xA1). Default true.
    pub subscription_identifiers_available: bool,
    /// Whether there are Shared Subscriptions (0x9E; before 5.0 the filter is refused). Default true.
    pub shared_subscription_available: bool,
    /// Bytes of the topics behind a client's Topic Aliases on one connection (0x97), and as many of those
    /// that are given to topics sent to it: further topics are sent as they are. Default 64 KiB.
    pub max_alias_bytes: usize,
    /// Topics remembered with who receives them, so that a publication to one of them need not search.
    /// Each costs some 300 bytes; 0 remembers none. Default 131,072.
    pub route_cache: usize,
    /// What is observed from the start: also what a broker does while it is restored, such as publishing the Wills
    /// of clients that are gone. [`crate::Broker::observe`] changes it. Default nothing.
    pub observe: ObservationMask,
    /// Observations waiting to be polled; further ones are lost, which their numbers show.
    /// Default 1,000,000.
    pub max_observations: usize,
    /// Whether a payload (or Will Payload) whose Payload Format Indicator says that it is UTF-8 must be
    /// (0x99). Default true.
    pub check_payload_format: bool,
    /// What a client is told that asks for Response Information: the beginning of topics on which it may
    /// be answered. `%u` in it stands for the User Name and `%c` for the Client Identifier, as in a
    /// [`Rule`](crate::Rule); where one stands for nothing the client is told nothing. Default none: nobody is told anything.
    pub response_information: Option<Cow<'static, str>>,
    /// How often the values under `$SYS` are brought up to date while somebody is subscribed to them; zero
    /// for no `$SYS`. Default 10 s.
    pub sys_interval: Duration,
    /// What `$SYS/broker/version` says. Default `vitrine version` and that of this crate.
    pub version: Cow<'static, str>,
    /// Whether changes are collected for [`crate::Broker::take_changes`]. Default false.
    pub durable: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 0,
            secret: Secret::default(),
            access: Rc::default(),
            max_connections: 10_000,
            max_sessions: 20_000,
            max_packet_size: 1 << 20,
            max_packets_per_second: 0,
            connect_timeout: Duration::from_secs(10),
            max_early_bytes: 64 << 10,
            linger: Duration::from_secs(5),
            max_keep_alive: u16::MAX,
            max_session_expiry: u32::MAX,
            max_client_id: 1_024,
            allow_empty_client_id: true,
            max_in_flight: 1_024,
            receive_maximum: 1_024,
            max_queued_messages: 100_000,
            max_queued_bytes: 32 << 20,
            max_queued_bytes_total: 256 << 20,
            max_unsent_bytes: 4 << 20,
            max_unsent_bytes_total: 512 << 20,
            publisher_pause: Duration::from_millis(10),
            max_unsent_control_bytes: 1 << 20,
            max_partial_bytes_total: 64 << 20,
            max_unreleased_total: 1_000_000,
            max_will_bytes_total: 64 << 20,
            max_retained_messages: 100_000,
            max_retained_bytes: 64 << 20,
            max_retained_levels: 500_000,
            max_subscriptions: 250_000,
            max_subscriptions_total: 1_000_000,
            max_shared_subscriptions: 256,
            max_shared_per_filter: 16,
            max_subscription_bytes: 128 << 20,
            max_subscription_levels_total: 2_000_000,
            max_filters_per_subscribe: 256,
            max_topic_levels: 128,
            topic_alias_maximum: 64,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            wildcard_subscription_available: true,
            subscription_identifiers_available: true,
            shared_subscription_available: true,
            max_alias_bytes: 64 << 10,
            route_cache: 1 << 17,
            observe: ObservationMask::NONE,
            max_observations: 1_000_000,
            check_payload_format: true,
            response_information: None,
            sys_interval: Duration::from_secs(10),
            version: Cow::Borrowed(concat!("vitrine version ", env!("CARGO_PKG_VERSION"))),
            durable: false,
        }
    }
}
