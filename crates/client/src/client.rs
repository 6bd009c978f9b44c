//! The client's state, and the way in and out of it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use vitrine_packet::{PacketId, ProtocolVersion, ReasonCode};
use vitrine_session::{Incoming, Outgoing, Time};

use crate::connection::{Connection, Phase};
use crate::message::{Released, Stored};
use crate::options::MAX_IN_FLIGHT;
use crate::outbox::What;
use crate::request::Request;
use crate::{Event, Options, Output, Server, Ticket};

/// Something that happened in the world. Handling one never fails: a server's fault is an outcome.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The transport that was asked for is open.
    Opened,
    /// Bytes came, cut anywhere.
    Received(&'a [u8]),
    /// The transport ended, or could not be opened.
    Closed,
    /// The time of [`Client::next_deadline`] has come. Harmless when it has not.
    Deadline,
}

/// An MQTT client as a state machine. See the crate.
///
/// A clone is a snapshot: both go on independently.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) options: Options,
    /// The latest time that it was told.
    pub(crate) now: Time,
    pub(crate) connection: Option<Connection>,
    /// The last bytes of a connection that the client ended.
    pub(crate) farewell: Vec<u8>,
    /// Messages to the server that are under way.
    pub(crate) outgoing: Outgoing<Stored, Released>,
    /// QoS 2 messages from the server that are not released. Whether it came on this connection.
    pub(crate) incoming: Incoming<bool>,
    /// Messages that wait for a connection or for their turn.
    pub(crate) queue: VecDeque<Stored>,
    /// What waits for SUBACK or UNSUBACK.
    pub(crate) requests: BTreeMap<PacketId, Request>,
    /// Whether a server may have a Session of ours: CONNECT was accepted before, without a Clean Start since.
    pub(crate) has_session: bool,
    /// Whether AUTH asked for more, and was not answered.
    pub(crate) challenged: bool,
    /// Attempts that failed since the last success.
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<Time>,
    pub(crate) tickets: u64,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) events: VecDeque<Event>,
}

impl Client {
    /// A client that was never connected. The first thing to do is [`Self::connect`].
    #[must_use]
    pub fn new(mut options: Options, now: Time) -> Self {
        options.max_in_flight = options.max_in_flight.clamp(1, MAX_IN_FLIGHT);
        Self {
            outgoing: Outgoing::new(options.max_in_flight),
            options,
            now,
            connection: None,
            farewell: Vec::new(),
            incoming: Incoming::default(),
            queue: VecDeque::new(),
            requests: BTreeMap::new(),
            has_session: false,
            challenged: false,
            failures: 0,
            retry_at: None,
            tickets: 0,
            outputs: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes in something that happened. Afterwards drain [`Self::poll_output`] and [`Self::poll_event`].
    pub fn handle(&mut self, input: Input<'_>, now: Time) {
        self.advance(now);
        match input {
            Input::Opened => self.opened(),
            Input::Received(bytes) => self.received(bytes),
            Input::Closed => self.transport_closed(),
            Input::Deadline => self.deadlines(),
        }
    }

    /// What the host is asked to do next; `None` when nothing more.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The oldest thing that the application was not told yet.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Appends whole packets of together at most `limit` bytes to `out`, or one packet if the first is larger.
    /// Gives the number of bytes.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>, limit: usize, now: Time) -> usize {
        self.advance(now);
        let before = out.len();
        if self.connection.is_none() {
            out.append(&mut self.farewell);
            return out.len() - before;
        }
        while let Some(connection) = &mut self.connection {
            let pulled = out.len() - before;
            let room = if pulled == 0 {
                usize::MAX
            } else {
                limit.saturating_sub(pulled)
            };
            let Some(what) = connection.outbox.pull(room, out) else {
                if !connection.outbox.is_empty() {
                    break;
                }
                // Room in the outbox lets in what waits in the queue.
                self.pump();
                match &self.connection {
                    Some(connection) if !connection.outbox.is_empty() && pulled < limit => continue,
                    _ => break,
                }
            };
            if let What::Qos0(ticket) = what {
                let reason = ReasonCode::Success;
                self.events.push_back(Event::Published { ticket, reason });
            }
        }
        let now = self.now;
        if let Some(connection) = &mut self.connection {
            if out.len() > before {
                connection.last_sent = now;
            }
            connection.announced = false;
        }
        self.announce();
        out.len() - before
    }

    /// What it was made with; the Client Identifier is the one that a 5.0 server assigned, if it did.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What it connects with from the next attempt on. The Session, if there is one, goes on: give another
    /// Client Identifier only to a client that has none.
    pub fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    /// Whether CONNECT was accepted and the connection lives.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected().is_some()
    }

    /// Whether there is a connection, or one is being made or waited for.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.connection.is_some() || self.retry_at.is_some()
    }

    /// What the server said of itself, while there is a connection.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.connected().map(|connection| &connection.server)
    }

    /// Messages that wait for a connection or for their turn.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Messages that were sent and wait for PUBACK or PUBREC, in the order of sending, with their Packet
    /// Identifiers.
    pub fn in_flight(&self) -> impl Iterator<Item = (PacketId, &crate::Message)> {
        let flights = self.outgoing.flights();
        flights.map(|flight| (flight.id(), &*flight.message.message))
    }

    /// Packet Identifiers of QoS 2 messages that the server has and that wait for PUBCOMP.
    pub fn releasing(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.outgoing.releases().map(|(id, _)| id)
    }

    /// Packet Identifiers of QoS 2 messages that came and are not released.
    pub fn receiving(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.incoming.iter().map(|(id, _)| id)
    }

    /// Packet Identifiers of SUBSCRIBE and UNSUBSCRIBE that wait for their answer.
    pub fn requesting(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.requests.keys().copied()
    }

    /// Bytes that wait to be pulled.
    #[must_use]
    pub fn unsent(&self) -> usize {
        let connection = self.connection.as_ref();
        connection.map_or(self.farewell.len(), |connection| connection.outbox.size())
    }

    pub(crate) fn connected(&self) -> Option<&Connection> {
        let connection = self.connection.as_ref();
        connection.filter(|connection| connection.phase == Phase::Connected)
    }

    pub(crate) fn v5(&self) -> bool {
        self.options.version == ProtocolVersion::V5
    }

    pub(crate) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    fn advance(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    /// Tells the host that there are bytes to pull, unless it knows.
    pub(crate) fn announce(&mut self) {
        if let Some(connection) = &mut self.connection
            && !connection.announced
            && !connection.outbox.is_empty()
        {
            connection.announced = true;
            self.outputs.push_back(Output::Transmit);
        }
    }
}
