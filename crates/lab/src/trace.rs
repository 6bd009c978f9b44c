//! What happened in the world, in its order: what a ladder is drawn from, and what a simulation checks.

use alloc::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::Event;
use vitrine_packet::ReasonCode;
use vitrine_session::Time;

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
}
