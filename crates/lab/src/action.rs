//! What can be done in the world.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::Access;
use vitrine_client::{Message, Options};
use vitrine_packet::{ReasonCode, SubscriptionOptions};

use crate::{CutPoint, Direction, Line};

/// Something to do, at once. Clients are named by their number. What makes no sense at the moment (to publish on a
/// machine that is down, to cut a link that is not there) does nothing, and [`crate::Happening::Idle`] says why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// A client connects.
    Connect(usize),
    /// A client connects, and from now on with these options, where it has no connection.
    ConnectAs(usize, Box<Options>),
    /// A client leaves with DISCONNECT.
    Disconnect(usize, ReasonCode, Option<u32>),
    /// A client publishes.
    Publish(usize, Message),
    /// A client subscribes.
    Subscribe(usize, Vec<(Rc<str>, SubscriptionOptions)>, Option<u32>),
    /// A client unsubscribes.
    Unsubscribe(usize, Vec<Rc<str>>),
    /// A client sends PINGREQ, whether it is time or not.
    Ping(usize),
    /// A client authenticates again, by SCRAM-SHA-256.
    Authenticate(usize),
    /// Bytes go up a client's link as they are, right or wrong; they count as one packet. The client knows nothing
    /// of it.
    Send(usize, Rc<[u8]>),
    /// A client's link breaks, with everything on it. Each end learns of it after its time; never, for `None`: then
    /// only silence tells.
    Cut {
        /// Whose.
        node: usize,
        /// When the client learns of it.
        client: Option<Duration>,
        /// When the broker learns of it.
        broker: Option<Duration>,
    },
    /// A client's link will break at the packet that comes so many packets after the next one in this direction.
    /// Both ends learn of it at once.
    CutAt(usize, Direction, u64, CutPoint),
    /// Packets of a client in this direction are held from the one that comes so many packets after the next.
    /// Bytes behind them pile up until nothing more fits: this is also how one side stops reading.
    Hold(usize, Direction, u64),
    /// What was held goes on.
    Release(usize, Direction),
    /// A client's line changes.
    Line(usize, Line),
    /// A client crashes. Without memory it starts as if it had never run.
    CrashClient {
        /// Which.
        node: usize,
        /// Whether what it knew survives.
        memory: bool,
    },
    /// A client that crashed starts and connects.
    StartClient(usize),
    /// The broker crashes: what is not durable is gone. With `flush` bytes that had left still arrive.
    CrashBroker {
        /// Whether they do.
        flush: bool,
    },
    /// A broker that crashed starts.
    StartBroker {
        /// With its store; otherwise from nothing.
        stored: bool,
    },
    /// The operator ends a client's connection, by its Client Identifier.
    Drop {
        /// Whose.
        node: usize,
        /// Whether a 5.0 client is told DISCONNECT; otherwise the connection ends as a broken network would end it.
        politely: bool,
    },
    /// The operator changes who may do what, at once. A broker that is down starts with it.
    SetAccess(Rc<Access>),
    /// Time passes, and all that happens in it happens. On a [`crate::Road`] that is many moments.
    Wait(Duration),
    /// Time passes, at most until what comes next.
    Pause(Duration),
    /// Time passes for everybody, and nobody notices: as when a laptop sleeps.
    Sleep(Duration),
    /// The broker's clock jumps by so many microseconds.
    Clock(i64),
}

/// An action and the time before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// So much time passes first.
    pub after: Duration,
    /// Then this is done.
    pub action: Action,
}
