//! What happens outside of the broker, where somebody knows: on the links, in the clients, to the machines.
//!
//! The broker says what it did. What became of a packet after it was sent, and what a client stored before the
//! broker heard of it, it cannot say. Who made the world can: a lab, or a host that holds bytes back. Where nobody
//! tells anything of a link, both of its ends count as one place and packets as arriving when they are sent.

mod links;
mod look;
mod observe;

use alloc::rc::Rc;

use vitrine_broker::{ClientId, ConnectionId};

use crate::kept::Kept;
pub(crate) use links::{Flight, Links};
pub use look::OnItsWay;

/// Something that happened outside of the broker. Times and durations are in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outside {
    /// A client asks for a transport connection. From here on what happens on its link is told, at both ends, until
    /// [`Self::Ended`] and the broker's own end of it; packets from the broker count as on their way until then.
    Opening {
        /// The connection, as the broker will know it.
        connection: ConnectionId,
        /// The client whose link it is.
        client: ClientId,
    },
    /// The client sent a packet: it is on its way to the broker.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// The whole packet.
        packet: Rc<[u8]>,
    },
    /// The next packet from the broker arrived at the client: of those on this connection that have not arrived, the
    /// one that was sent first.
    Arrived {
        /// On which connection.
        connection: ConnectionId,
    },
    /// A packet from the broker will not arrive, and nothing that was sent after it. Need not be told with
    /// [`Self::Cut`] and [`Self::Ended`], which lose all that is on its way.
    Lost {
        /// On which connection.
        connection: ConnectionId,
        /// Which one: the first that the broker sent since [`Self::Opening`] has 0.
        packet: u64,
    },
    /// The client knows that the connection is over, because it was told or because it closed it: what arrives
    /// from now on nobody reads. A Session that ends with its connection ends here for the client.
    Ended {
        /// Which.
        connection: ConnectionId,
    },
    /// A client's link broke: what was on its way is lost, and so is what is sent into it from now on.
    Cut {
        /// Whose.
        client: ClientId,
        /// Its connection.
        connection: ConnectionId,
    },
    /// What goes in this direction is held from now on.
    Held {
        /// Whose link.
        client: ClientId,
        /// True from client to broker.
        to_broker: bool,
    },
    /// It goes on.
    Released {
        /// Whose link.
        client: ClientId,
        /// True from client to broker.
        to_broker: bool,
    },
    /// A client's machine crashed.
    ClientCrashed {
        /// Whose.
        client: ClientId,
        /// Whether what it had stored survives.
        memory: bool,
    },
    /// It starts again.
    ClientStarted {
        /// Whose.
        client: ClientId,
    },
    /// A client without a connection will try again.
    Reconnecting {
        /// Which.
        client: ClientId,
        /// After this time.
        wait: u64,
    },
    /// A client without a connection will not try again by itself.
    GaveUp {
        /// Which.
        client: ClientId,
    },
    /// The broker crashed: its connections and all that it had not made durable are gone.
    BrokerCrashed {
        /// What is durable.
        kept: Rc<Kept>,
        /// Whether packets that had left its machine still arrive.
        flush: bool,
    },
    /// A broker starts in its place. Its observations come next, and are numbered anew.
    BrokerStarted {
        /// What it goes on from; nothing where it starts empty.
        kept: Rc<Kept>,
        /// Whether it was given its store.
        stored: bool,
    },
    /// Time passed for everybody, and nobody noticed.
    Skipped {
        /// How much.
        time: u64,
    },
    /// The broker's clock jumped.
    ClockJumped {
        /// How far; negative is back.
        by: i64,
    },
}
