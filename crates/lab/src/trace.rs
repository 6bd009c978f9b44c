//! What happened in the world, in its order: what a ladder is drawn from, and what a simulation checks.

use alloc::boxed::Box;
use alloc::rc::Rc;

use vitrine_broker::{ConnectionId, Observation};
use vitrine_client::Event;
use vitrine_packet::ReasonCode;
use vitrine_session::Time;

use crate::{Action, Direction};

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The world's time.
    pub at: Time,
    /// The broker's time, which its clock may have wrong.
    pub broker_at: Time,
    /// What.
    pub what: Happening,
}

/// What happened. Clients are named by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happening {
    /// A transport connection of a client reached the broker.
    Opened(ConnectionId, usize),
    /// A packet arrived at the broker, which handles it now.
    ToBroker(ConnectionId, Rc<[u8]>),
    /// The broker learns that a transport is gone.
    Gone(ConnectionId),
    /// The broker ends a connection.
    Ended(ConnectionId, ReasonCode),
    /// A packet left the broker. It may still wait for changes to be durable.
    FromBroker(ConnectionId, Rc<[u8]>),
    /// A packet arrived at a client, which handles it now.
    ToClient(ConnectionId, usize, Rc<[u8]>),
    /// A client tells its application something.
    Client(usize, Event),
    /// The link of a client was cut.
    Cut(ConnectionId, usize),
    /// The host took changes to make durable: the batch of this number.
    Taken(u64),
    /// They are durable.
    Committed(u64),
    /// A deadline of the broker has come.
    BrokerDeadline,
    /// The broker crashed.
    BrokerCrashed,
    /// The broker starts: from its store, or from nothing.
    BrokerStarted {
        /// Whether it has its store.
        stored: bool,
    },
    /// A client crashed.
    ClientCrashed {
        /// Which.
        node: usize,
        /// Whether what it knew survives.
        memory: bool,
    },
    /// A client starts again.
    ClientStarted(usize),
    /// Somebody acts: what follows up to the next step comes of it. The trace's time is that before it, which differs
    /// from that after it where time passes.
    Acted(Box<Action>),
    /// What was to be done could not be: it did nothing, and this is why.
    Idle(Rc<str>),
    /// A client wishes for a transport connection.
    Opening(ConnectionId, usize),
    /// A packet left a client. It is on its link, or lost where that was cut ([`Self::Lost`] follows then).
    FromClient(ConnectionId, usize, Rc<[u8]>),
    /// A packet will not arrive: see [`Lost`].
    Lost(Box<Lost>),
    /// What the broker told of what it did, where [`crate::World::observe_broker`] asks for it. What it did because of
    /// something stands behind that; a [`vitrine_broker::Event::Sent`] stands before the [`Self::FromBroker`] of its
    /// packet, and those of one connection are in the same order.
    Observed(Box<Observation>),
}

impl Happening {
    /// Bytes of the packet that it tells of, and some for the telling.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most tell of none")]
    pub(crate) fn size(&self) -> usize {
        let packet = match self {
            Self::ToBroker(_, packet)
            | Self::FromBroker(_, packet)
            | Self::ToClient(_, _, packet)
            | Self::FromClient(_, _, packet) => packet.len(),
            Self::Lost(lost) => lost.packet.len(),
            _ => 0,
        };
        packet + 64
    }
}

/// A packet that will not arrive: its link was cut, whoever should get it listens no more, or crashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// On which connection.
    pub connection: ConnectionId,
    /// Whose that is.
    pub node: usize,
    /// In which direction it went.
    pub direction: Direction,
    /// The packet.
    pub packet: Rc<[u8]>,
    /// Which it is on this connection in this direction, counted from 0.
    pub number: u64,
    /// Of a packet from the broker, where observed: the number of its [`vitrine_broker::Event::Sent`].
    pub sent: Option<u64>,
    /// When it left; `None` when it never did.
    pub left: Option<Time>,
    /// So many of its bytes arrived nevertheless.
    pub part: usize,
}
