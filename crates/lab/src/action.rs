//! What can be done in the world.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_client::Message;
use vitrine_packet::{ReasonCode, SubscriptionOptions};

use crate::{CutPoint, Direction, Line};

/// Something to do, at once. Clients are named by their number. What makes no sense at the moment (to publish on a
/// machine that is down, to cut a link that is not there) does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// A client connects.
    Connect(usize),
    /// A client leaves with DISCONNECT.
    Disconnect(usize, ReasonCode, Option<u32>),
    /// A client publishes.
    Publish(usize, Message),
    /// A client subscribes.
    Subscribe(usize, Vec<(Rc<str>, SubscriptionOptions)>, Option<u32>),
    /// A client unsubscribes.
    Unsubscribe(usize, Vec<Rc<str>>),
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
