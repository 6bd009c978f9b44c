//! What a client connects with, and how it behaves.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_packet::{ProtocolVersion, QoS};

/// What a client connects with, and its limits. What 5.0 alone knows is left out of a CONNECT of 3.x.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The version to speak. Default 5.0.
    pub version: ProtocolVersion,
    /// The Client Identifier. Empty (the default) lets the server choose one; a 5.0 server tells it, and the
    /// client keeps to it from then on.
    pub client_id: Rc<str>,
    /// Clean Start, in 3.x Clean Session: begin without the Session that the server may have. Default true.
    ///
    /// In 5.0 it counts for [`crate::Client::connect`]; when the client comes back by itself after a lost
    /// connection it asks for its Session, if it has a Session Expiry Interval. In 3.x Clean Session also
    /// means that the Session ends with the connection, so it stays.
    pub clean_start: bool,
    /// Session Expiry Interval in seconds: how long the Session outlives the connection; `u32::MAX` for ever.
    /// Default 0. 5.0 only; in 3.x a Session that is not clean lives for ever.
    pub session_expiry: u32,
    /// Go on with a Session that the server has and the client does not, as a program does that was started
    /// anew: messages that the server keeps come, whatever was under way is answered as best can be. 5.0 wants
    /// the connection closed [MQTT-3.2.2-4], which is the default; 3.x clients always go on.
    pub adopt_session: bool,
    /// Keep Alive in seconds; 0 for none. Default 60. A 5.0 server may choose another.
    pub keep_alive: u16,
    /// The Will.
    pub will: Option<Will>,
    /// The user name.
    pub username: Option<Rc<str>>,
    /// The password; in 3.x only with a user name [MQTT-3.1.2-22].
    pub password: Option<Rc<[u8]>>,
    /// Enhanced authentication: the method, and the data that CONNECT carries. 5.0 only.
    pub authentication: Option<(Rc<str>, Rc<[u8]>)>,
    /// User Properties of the CONNECT, in their order. 5.0 only.
    pub user_properties: Vec<(Rc<str>, Rc<str>)>,
    /// Request Problem Information: whether Reason Strings and User Properties are wanted everywhere.
    /// Default true.
    pub request_problem_information: bool,
    /// Request Response Information. Default false.
    pub request_response_information: bool,
    /// Receive Maximum: how many QoS 1 and 2 messages the server may have under way to the client, at least 1.
    /// A server that has more is told 0x93. Default 65,535.
    pub receive_maximum: u16,
    /// Topic Alias Maximum: how many aliases the server may give. Default 0.
    pub topic_alias_maximum: u16,
    /// Maximum Packet Size in bytes that the client takes, at least 1; in every version a larger one ends the
    /// connection (0x95). Only a 5.0 server is told. Default 268,435,460, which all packets keep to.
    pub max_packet_size: u32,
    /// How many QoS 1 and 2 messages the client has under way at most, at least 1; a 5.0 server's Receive
    /// Maximum may make it fewer. Default and most: 60,000, so that SUBSCRIBE finds an identifier.
    pub max_in_flight: u16,
    /// How many aliases the client gives at most, if the server takes them. Default 16.
    pub max_aliases: u16,
    /// How many messages may wait, for a connection or for their turn. More are refused. Default 10,000.
    pub max_queued_messages: usize,
    /// How many bytes of packets may wait to be pulled before messages wait instead. Default 64 KiB.
    pub max_unsent_bytes: usize,
    /// How many bytes of answers and requests may wait to be pulled. More end the connection. Default 1 MiB.
    pub max_unsent_control_bytes: usize,
    /// How many SUBSCRIBE and UNSUBSCRIBE packets may wait for their answer. More are refused. Default 1,000.
    pub max_requests: usize,
    /// How long a connection may take from [`crate::Client::connect`] to its CONNACK. Default 10 s.
    pub connect_timeout: Duration,
    /// How long the answer to a PINGREQ may take. Default 10 s.
    pub ping_timeout: Duration,
    /// Coming back by itself after the connection was lost or refused for a reason that may pass.
    /// Default: not.
    pub reconnect: Option<BackOff>,
    /// In 3.x: send PUBLISH and PUBREL again, on a connection that lives, when they were not answered for so
    /// long. 5.0 forbids it [MQTT-4.4.0-1], and so the client does not do it there. Default: not.
    pub resend_after: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: ProtocolVersion::V5,
            client_id: "".into(),
            clean_start: true,
            session_expiry: 0,
            adopt_session: false,
            keep_alive: 60,
            will: None,
            username: None,
            password: None,
            authentication: None,
            user_properties: Vec::new(),
            request_problem_information: true,
            request_response_information: false,
            receive_maximum: u16::MAX,
            topic_alias_maximum: 0,
            max_packet_size: vitrine_packet::MAX_REMAINING_LENGTH + 5,
            max_in_flight: MAX_IN_FLIGHT,
            max_aliases: 16,
            max_queued_messages: 10_000,
            max_unsent_bytes: 64 << 10,
            max_unsent_control_bytes: 1 << 20,
            max_requests: 1_000,
            connect_timeout: Duration::from_secs(10),
            ping_timeout: Duration::from_secs(10),
            reconnect: None,
            resend_after: None,
        }
    }
}

/// Packet Identifiers are shared with requests: some are left for them.
pub(crate) const MAX_IN_FLIGHT: u16 = 60_000;
/// As many requests at most, whatever the options say.
pub(crate) const MAX_REQUESTS: usize = 5_000;

impl Options {
    /// Whether the Session outlives the connection.
    #[must_use]
    pub fn is_persistent(&self) -> bool {
        match self.version {
            ProtocolVersion::V5 => self.session_expiry > 0,
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => !self.clean_start,
        }
    }
}

/// A message that the server publishes when the client is gone without a DISCONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Will {
    /// The Topic Name.
    pub topic: Rc<str>,
    /// The payload.
    pub payload: Rc<[u8]>,
    /// The QoS.
    pub qos: QoS,
    /// Whether it becomes the topic's Retained Message.
    pub retain: bool,
    /// Will properties, such as Will Delay Interval. 5.0 only.
    pub properties: vitrine_packet::PropertyBuf,
}

/// How long to wait before the next attempt: doubled with each that fails, with a random part, so that a
/// thousand clients do not come back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// The first wait. Default 1 s.
    pub first: Duration,
    /// The longest wait. Default 60 s.
    pub most: Duration,
    /// What the random part is drawn from: the same seed, the same waits. Default 0.
    pub seed: u64,
}

impl Default for BackOff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_secs(60),
            seed: 0,
        }
    }
}

impl BackOff {
    /// The wait after so many attempts failed (from 1): between half and the whole of the doubled first wait.
    #[must_use]
    pub fn wait(&self, failed: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failed.saturating_sub(1));
        let whole = doubled.and_then(|times| self.first.checked_mul(times));
        let whole = whole.unwrap_or(self.most).min(self.most);
        let micros = u64::try_from(whole.as_micros()).unwrap_or(u64::MAX);
        let half = micros / 2;
        let random = mix(self.seed ^ mix(u64::from(failed)));
        Duration::from_micros(micros - half + random % (half + 1))
    }
}

/// SplitMix64's step: every bit of the number decides on every bit of the answer.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
