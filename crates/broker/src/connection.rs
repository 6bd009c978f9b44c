//! A transport connection.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::time::Duration;

use vitrine_packet::{Framer, ProtocolVersion};
use vitrine_session::{AliasBook, TopicAliases};

use crate::access::Pending;
use crate::handle::Enhanced;
use crate::outbox::Outbox;
use crate::timers::TimerKey;
use crate::{ConnectionId, Peer, Time};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) peer: Peer,
    pub(crate) phase: Phase,
    /// One above [`crate::Config::max_connections`]: it is there to be told so when its CONNECT comes.
    pub(crate) surplus: bool,
    /// The version that CONNECT named; 3.1.1 before.
    pub(crate) version: ProtocolVersion,
    /// Holds the beginning of a packet; `None` while none is incomplete.
    pub(crate) framer: Option<Box<Framer>>,
    /// The CONNECT, while its client is authenticated.
    pub(crate) pending: Option<Box<Pending>>,
    /// Where CONNECT named an Authentication Method.
    pub(crate) enhanced: Option<Box<Enhanced>>,
    pub(crate) outbox: Outbox,
    /// The largest packet that the client takes, in bytes.
    pub(crate) max_packet_size: usize,
    /// Whether the client wants Reason Strings in answers (Request Problem Information).
    pub(crate) problem_information: bool,
    /// Whether CONNECT named a Session Expiry Interval above 0.
    pub(crate) outlived: bool,
    /// The client's Topic Aliases.
    pub(crate) aliases: TopicAliases<Rc<str>>,
    /// The Topic Aliases that the client was told.
    pub(crate) alias_book: AliasBook<Rc<str>>,
    /// Bytes of the topics behind the client's Topic Aliases.
    pub(crate) alias_bytes: usize,
    /// Bytes of the topics behind those that the client was told.
    pub(crate) given_alias_bytes: usize,
    /// What is counted of it in [`Broker::partial_bytes`](crate::broker::Broker::partial_bytes).
    pub(crate) kept_bytes: usize,
    /// When the host was told last that there are bytes to pull.
    pub(crate) waits_since: Time,
    /// Until when the host was asked to read nothing from it.
    pub(crate) throttled_until: Time,
    /// QoS 2 messages that came on it and are not released.
    pub(crate) receiving: usize,
    /// The Keep Alive that counts, in seconds; 0 for none.
    pub(crate) keep_alive: u16,
    /// When a whole packet came last.
    pub(crate) last_received: Time,
    /// What is left of [`crate::Config::max_packets_per_second`].
    pub(crate) allowance: Allowance,
    /// The one timer of the connection that is set.
    pub(crate) timer: Option<(Time, TimerKey)>,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// CONNECT has not come.
    New,
    /// CONNECT came, and the host is asked whether its password is right.
    Waiting,
    /// CONNECT came, and its client is authenticating with AUTH packets.
    Authenticating,
    /// CONNECT was accepted: the index of the session.
    Connected(usize),
    /// Nothing that comes is handled any more; what waits may still be pulled.
    Closing,
}

/// How many packets may come: a bucket that fills with time and holds one second's worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// What is in it, in millionths of a packet.
    left: u64,
    /// For when that is true.
    at: Time,
}

impl Allowance {
    const PACKET: u64 = 1_000_000;

    /// A full one.
    pub(crate) fn new(rate: u32, at: Time) -> Self {
        let left = u64::from(rate) * Self::PACKET;
        Self { left, at }
    }

    /// Takes out a packet, where one is left; `rate` flows in each second.
    pub(crate) fn take(&mut self, rate: u32, now: Time) -> bool {
        // A microsecond brings `rate` millionths.
        let micros = now.as_micros() - self.at.as_micros();
        let full = u64::from(rate) * Self::PACKET;
        let more = micros.saturating_mul(rate.into());
        self.left = full.min(self.left.saturating_add(more));
        self.at = now;
        match self.left.checked_sub(Self::PACKET) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

impl Connection {
    pub(crate) fn session(&self) -> Option<usize> {
        match self.phase {
            Phase::Connected(session) => Some(session),
            Phase::New | Phase::Waiting | Phase::Authenticating | Phase::Closing => None,
        }
    }

    /// How long the client may be silent: one and a half Keep Alive times.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(u64::from(self.keep_alive) * 1_500)
    }
}
