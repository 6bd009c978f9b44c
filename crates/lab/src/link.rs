//! Links: ordered and reliable while they live, as TCP is. Nothing is ever lost inside a live connection; what is
//! lost is the connection, with everything in flight on it.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use core::time::Duration;

use vitrine_broker::ConnectionId;
use vitrine_session::Time;

/// A direction on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the client to the broker.
    Up,
    /// From the broker to the client.
    Down,
}

/// Where a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutPoint {
    /// Before the packet arrives.
    Before,
    /// After it arrived.
    After,
    /// When so many of its bytes arrived (at most all but one).
    Within(usize),
}

/// How a client's link is, from the next connection on or at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How long bytes travel to the broker.
    pub up: Duration,
    /// How long bytes travel to the client.
    pub down: Duration,
    /// Bytes that may be on their way in one direction; at least one packet always may. What does not fit waits
    /// where it comes from.
    pub capacity: usize,
    /// Packets arrive in pieces of so many bytes; 0: whole.
    pub fragment: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            up: Duration::from_millis(10),
            down: Duration::from_millis(10),
            capacity: 64 << 10,
            fragment: 0,
        }
    }
}

/// Something on its way.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) what: Freight,
    /// It leaves when this batch of changes is durable.
    pub(crate) after: u64,
    /// Of a packet: which it is on this connection in this direction, counted from 0.
    pub(crate) number: u64,
    /// Of a packet from the broker: the number of the observation that told of it.
    pub(crate) sent: Option<u64>,
    /// When it left.
    pub(crate) left: Option<Time>,
    /// When it arrives; `None` while it has not left.
    pub(crate) arrives: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Freight {
    /// Up: a connection is wished for. Down: it is there.
    Open,
    /// A whole packet.
    Packet(Rc<[u8]>),
    /// The transport ended.
    End,
}

/// One direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe {
    pub(crate) parcels: VecDeque<Parcel>,
    /// Bytes of them.
    pub(crate) bytes: usize,
    /// Packets that were put in so far.
    pub(crate) put: u64,
    /// Packets that arrived so far.
    pub(crate) arrived: u64,
    /// The packet of this number, counted from 0, and all after it are held.
    pub(crate) held_from: Option<u64>,
    /// When the latest parcel arrives: none overtakes another.
    pub(crate) latest: Time,
    /// Before, after or within the packet of this number the link is cut.
    pub(crate) cut: Option<(u64, CutPoint)>,
    /// Whether its beginning has said that bytes wait.
    pub(crate) wanted: bool,
}

impl Pipe {
    pub(crate) fn push(&mut self, what: Freight, after: u64) {
        let parcel = self.parcel(what, after, None);
        self.keep(parcel);
    }

    /// Puts in a packet. `sent` is the number of the observation that told of it.
    pub(crate) fn push_packet(&mut self, packet: Rc<[u8]>, after: u64, sent: Option<u64>) {
        let parcel = self.parcel(Freight::Packet(packet), after, sent);
        self.keep(parcel);
    }

    /// A parcel with its number, which is not put in.
    pub(crate) fn parcel(&mut self, what: Freight, after: u64, sent: Option<u64>) -> Parcel {
        let number = self.put;
        self.put += u64::from(matches!(what, Freight::Packet(_)));
        Parcel {
            what,
            after,
            number,
            sent,
            left: None,
            arrives: None,
        }
    }

    fn keep(&mut self, parcel: Parcel) {
        if let Freight::Packet(bytes) = &parcel.what {
            self.bytes += bytes.len();
        }
        self.parcels.push_back(parcel);
    }

    /// Lets those leave whose changes are durable.
    pub(crate) fn depart(&mut self, committed: u64, now: Time, latency: Duration) {
        for parcel in &mut self.parcels {
            if parcel.arrives.is_some() {
                continue;
            }
            if parcel.after > committed {
                break;
            }
            self.latest = self.latest.max(now + latency);
            parcel.left = Some(now);
            parcel.arrives = Some(self.latest);
        }
    }

    /// When the next one arrives, if nothing holds it.
    pub(crate) fn next(&self) -> Option<Time> {
        let first = self.parcels.front()?;
        let held = self.held_from.is_some_and(|from| self.arrived >= from);
        if held {
            return None;
        }
        first.arrives
    }

    pub(crate) fn pop(&mut self) -> Option<Parcel> {
        let parcel = self.parcels.pop_front()?;
        if let Freight::Packet(bytes) = &parcel.what {
            self.bytes -= bytes.len();
            self.arrived += 1;
        }
        Some(parcel)
    }

    /// Takes out all there is.
    pub(crate) fn clear(&mut self) -> VecDeque<Parcel> {
        self.bytes = 0;
        core::mem::take(&mut self.parcels)
    }
}

/// A transport connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) id: ConnectionId,
    /// Whose.
    pub(crate) node: usize,
    pub(crate) up: Pipe,
    pub(crate) down: Pipe,
    /// What is sent into it is lost.
    pub(crate) dead: bool,
    /// Whether the client's end is open.
    pub(crate) client_open: bool,
    /// Whether the broker was told of it and has not ended it.
    pub(crate) broker_open: bool,
    /// Whether the broker wants it closed when it has pulled the rest.
    pub(crate) closing: bool,
}

impl Link {
    pub(crate) fn new(id: ConnectionId, node: usize) -> Self {
        let (up, down) = Default::default();
        Self {
            id,
            node,
            up,
            down,
            dead: false,
            client_open: true,
            broker_open: false,
            closing: false,
        }
    }

    pub(crate) fn pipe(&mut self, direction: Direction) -> &mut Pipe {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    /// Whether nobody listens or speaks any more.
    pub(crate) fn is_over(&self) -> bool {
        !self.client_open
            && !self.broker_open
            && self.up.parcels.is_empty()
            && self.down.parcels.is_empty()
    }
}
