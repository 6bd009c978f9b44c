//! How connections and sessions end.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::{
    Disconnect, Packet, Properties, Property, PropertyBuf, ProtocolVersion, ReasonCode,
};

use crate::access::Allowed;
use crate::broker::Broker;
use crate::changes::Change;
use crate::connection::Phase;
use crate::limits::{Limit, Refused};
use crate::message::push;
use crate::session::Session;
use crate::timers::TimerKey;
use crate::{
    CloseReason, DiscardReason, Event, ObservationMask, Output, SessionEnd, Time, WillDrop,
};

/// Why a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) why: CloseReason,
    pub(crate) reason: Option<ReasonCode>,
    pub(crate) statement: Option<&'static str>,
    /// Words for people; may be empty.
    pub(crate) text: &'static str,
}

impl Ending {
    pub(crate) const fn new(why: CloseReason, reason: ReasonCode) -> Self {
        Self {
            why,
            reason: Some(reason),
            statement: None,
            text: "",
        }
    }

    /// One of which the client hears nothing.
    pub(crate) const fn untold(why: CloseReason) -> Self {
        Self {
            why,
            reason: None,
            statement: None,
            text: "",
        }
    }

    /// Because a limit was reached.
    pub(crate) const fn limit(refused: Refused) -> Self {
        Self {
            text: refused.text,
            ..Self::new(CloseReason::Limit, refused.reason)
        }
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A 5.0 client is told with DISCONNECT; the answers that wait may still be pulled. Messages may
    /// not: a transport that is half gone would never say that they did not arrive.
    Tell,
    /// The answers that wait may still be pulled.
    Quiet,
    /// What waits is thrown away.
    Cut,
    /// The transport is gone, and so is what waits.
    Gone,
}

impl Broker {
    /// Ends a connection: nothing more that comes on it is handled.
    pub(crate) fn end(&mut self, at: usize, ending: Ending, manner: Manner) {
        let connection = &mut self.connections[at];
        let session = connection.session();
        let phase = core::mem::replace(&mut connection.phase, Phase::Closing);
        if phase == Phase::Closing {
            return;
        }
        if let Some((due, key)) = connection.timer.take() {
            self.timers.clear(due, key);
        }
        connection.pending = None;
        let id = connection.id;
        let told = ObservationMask::PACKETS | ObservationMask::SESSIONS;
        self.observer.note(told, || Event::Closed {
            connection: id,
            client: session.map(|session| self.sessions[session].client.clone()),
            why: ending.why,
            reason: ending.reason,
            statement: ending.statement,
            abrupt: ending.why != CloseReason::ClientDisconnect,
        });
        if manner == Manner::Tell && session.is_some() {
            self.send_disconnect(at, &ending);
        }
        if let Some(session) = session {
            self.take_back_unsent(at, session);
            self.leave(session);
        }
        let connection = &mut self.connections[at];
        connection.framer = None;
        self.partial_bytes -= core::mem::take(&mut connection.kept_bytes);
        self.unsent_bytes -= connection.outbox.held();
        match manner {
            Manner::Tell | Manner::Quiet => connection.outbox.keep_answers(),
            Manner::Cut | Manner::Gone => connection.outbox.clear(),
        }
        self.unsent_bytes += connection.outbox.held();
        if manner == Manner::Gone {
            return;
        }
        let reason = ending.reason.unwrap_or_default();
        self.outputs.push_back(Output::Close {
            connection: id,
            reason,
        });
        let due = self.now() + self.config.linger;
        let key = TimerKey::Linger(at);
        self.timers.set(due, key);
        self.connections[at].timer = Some((due, key));
    }

    /// The host stops: ends all connections.
    pub(crate) fn end_all(&mut self) {
        for at in 0..self.connections.capacity() {
            if self.connections.contains(at) {
                let ending = Ending::new(CloseReason::Shutdown, ReasonCode::ServerShuttingDown);
                self.end(at, ending, Manner::Tell);
            }
        }
    }

    /// Forgets a connection that ended.
    pub(crate) fn forget(&mut self, at: usize) {
        let connection = self.connections.remove(at);
        self.surplus -= usize::from(connection.surplus);
        self.unsent_bytes -= connection.outbox.held();
        if let Some((due, key)) = connection.timer {
            self.timers.clear(due, key);
        }
        self.connection_ids.remove(&connection.id);
    }

    /// Tells a 5.0 client that its connection ends, in a code and in words: which rule it broke, where it
    /// broke one.
    fn send_disconnect(&mut self, at: usize, ending: &Ending) {
        if self.connections[at].version != ProtocolVersion::V5 {
            return;
        }
        let reason = ending.reason.unwrap_or_default();
        let words = match (ending.text, ending.statement) {
            ("", None) => String::new(),
            ("", Some(statement)) => format!("see {statement}"),
            (text, None) => text.into(),
            (text, Some(statement)) => format!("{text} (see {statement})"),
        };
        let mut properties = PropertyBuf::new();
        if !words.is_empty() {
            push(&mut properties, Property::ReasonString(&words));
        }
        // The Reason String goes first where they are too large [MQTT-3.14.2-3].
        for properties in [properties.as_properties(), Properties::EMPTY] {
            let disconnect = Disconnect { reason, properties };
            let size = disconnect.encoded_len(ProtocolVersion::V5);
            if size.is_ok_and(|size| size <= self.connections[at].max_packet_size) {
                self.push_control(at, None, &Packet::Disconnect(disconnect));
                return;
            }
        }
    }

    /// Messages that the host never pulled are as if they had not been sent: they wait again, first in
    /// the queue, and may expire.
    fn take_back_unsent(&mut self, at: usize, session: usize) {
        if self.observer.wants(ObservationMask::ROUTING) {
            let outbox = &self.connections[at].outbox;
            for publication in outbox.unacknowledged().collect::<Vec<_>>() {
                self.note_discarded(session, publication, DiscardReason::OfflineQoS0);
            }
        }
        loop {
            let outbox = &self.connections[at].outbox;
            let outgoing = &mut self.sessions[session].outgoing;
            let Some(flight) = outgoing.take_back_if(|flight| outbox.still_holds(flight.number))
            else {
                break;
            };
            self.changes.no_longer_owed(flight.message.told);
            let delivery = flight.message.delivery;
            self.change_moved(session, &delivery, None);
            let publication = delivery.message.publication;
            self.landed(session, &delivery);
            self.queued_bytes += delivery.charge as usize;
            let Session { queue, client, .. } = &mut self.sessions[session];
            queue.push_front(delivery);
            self.observer
                .note(ObservationMask::ROUTING, || Event::Queued {
                    client: client.clone(),
                    publication,
                    length: queue.len(),
                });
        }
        self.schedule_sweep(session);
    }

    /// A session's connection ended.
    fn leave(&mut self, at: usize) {
        let session = &mut self.sessions[at];
        session.connection = None;
        session.allowed = Allowed::default();
        self.statistics.connected -= 1;
        session.left = Some(self.observer.now);
        session.outgoing.connection_lost();
        for flight in session.outgoing.flights_mut() {
            flight.message.number = None;
            self.changes.no_longer_owed(flight.message.told);
        }
        let kept = session.expiry > 0;
        self.observer
            .note(ObservationMask::SESSIONS, || Event::Disconnected {
                client: session.client.clone(),
                kept,
            });
        if kept {
            self.change_settings(at);
        }
        self.await_client(at, self.now());
    }

    /// Sets the timers of a session that is without a connection since `left`, or ends it.
    pub(crate) fn await_client(&mut self, at: usize, left: Time) {
        let session = &mut self.sessions[at];
        let expiry = session.expiry;
        if expiry == 0 {
            self.end_session(at, SessionEnd::Disconnected);
            return;
        }
        if expiry != u32::MAX {
            let due = left.plus_secs(expiry);
            session.expires = Some(due);
            self.timers.set(due, TimerKey::SessionExpiry(at));
        }
        match session.will.as_ref().map(|will| will.delay.min(expiry)) {
            None => {}
            Some(0) => self.fire_will(at),
            Some(delay) => {
                let due = left.plus_secs(delay);
                session.will_due = Some(due);
                self.timers.set(due, TimerKey::WillDelay(at));
            }
        }
    }

    /// Clears the timers that run while a session is without a connection.
    pub(crate) fn clear_absence_timers(&mut self, at: usize) {
        let session = &mut self.sessions[at];
        if let Some(due) = session.expires.take() {
            self.timers.clear(due, TimerKey::SessionExpiry(at));
        }
        if let Some(due) = session.will_due.take() {
            self.timers.clear(due, TimerKey::WillDelay(at));
        }
    }

    /// Ends a session without a connection. A Will that waits is published.
    pub(crate) fn end_session(&mut self, at: usize, why: SessionEnd) {
        self.clear_absence_timers(at);
        let session = self.sessions.remove(at);
        if let Some(due) = session.queue.sweep {
            self.timers.clear(due, TimerKey::QueueExpiry(at));
        }
        self.clients.remove(&session.client);
        self.change(|_| Change::SessionEnded {
            client: session.client.clone(),
        });
        for subscription in session.subscriptions.values() {
            self.router.remove(*subscription);
        }
        let under_way = session
            .outgoing
            .flights()
            .map(|flight| &flight.message.delivery);
        let held = under_way.chain(session.queue.iter());
        self.queued_bytes -= held.map(|held| held.charge as usize).sum::<usize>();
        self.kept_sessions -= usize::from(session.expiry > 0);
        self.unreleased -= session.incoming.len();
        self.will_bytes -= session.will.as_ref().map_or(0, |will| will.cost());
        if self.observer.wants(ObservationMask::ROUTING) {
            let under_way = session
                .outgoing
                .flights()
                .map(|flight| &flight.message.delivery);
            for delivery in under_way.chain(session.queue.iter()) {
                self.observer
                    .note(ObservationMask::ROUTING, || Event::Discarded {
                        client: session.client.clone(),
                        publication: delivery.message.publication,
                        why: DiscardReason::SessionEnded,
                    });
            }
        }
        self.observer
            .note(ObservationMask::SESSIONS, || Event::SessionEnded {
                client: session.client.clone(),
                why,
            });
        self.hand_over(&session);
        if let Some(will) = session.will {
            self.publish_will(will.publication(session.client, session.user));
        }
    }

    /// Publishes the Will of a session that lives on.
    pub(crate) fn fire_will(&mut self, at: usize) {
        let session = &mut self.sessions[at];
        if let Some(due) = session.will_due.take() {
            self.timers.clear(due, TimerKey::WillDelay(at));
        }
        if let Some(will) = session.will.take() {
            self.will_bytes -= will.cost();
            let (client, user) = (session.client.clone(), session.user.clone());
            self.change_settings(at);
            self.publish_will(will.publication(client, user));
        }
    }

    /// Drops a session's Will, if it has one, unpublished.
    pub(crate) fn drop_will(&mut self, at: usize, why: WillDrop) {
        let session = &mut self.sessions[at];
        if let Some(will) = session.will.take() {
            self.will_bytes -= will.cost();
            self.observer
                .note(ObservationMask::SESSIONS, || Event::WillDropped {
                    client: session.client.clone(),
                    why,
                    rule: None,
                });
        }
    }

    /// Handles every deadline that has come.
    pub(crate) fn deadlines(&mut self) {
        let now = self.now();
        while let Some(key) = self.timers.pop_due(now) {
            match key {
                TimerKey::ConnectTimeout(at) => {
                    self.connections[at].timer = None;
                    if !self.connections[at].surplus {
                        self.refusals.count(Limit::ConnectTimeout);
                    }
                    let ending = Ending::untold(CloseReason::ConnectTimeout);
                    self.end(at, ending, Manner::Quiet);
                }
                TimerKey::KeepAlive(at) => self.check_keep_alive(at),
                TimerKey::WillDelay(at) => self.fire_will(at),
                TimerKey::SessionExpiry(at) => {
                    self.sessions[at].expires = None;
                    self.statistics.expired += 1;
                    self.end_session(at, SessionEnd::Expired);
                }
                TimerKey::QueueExpiry(at) => {
                    self.sessions[at].queue.sweep = None;
                    self.sweep_queue(at);
                }
                TimerKey::RetainedExpiry(node) => self.expire_retained(node),
                TimerKey::Linger(at) => {
                    self.refusals.count(Limit::Linger);
                    self.connections[at].timer = None;
                    self.forget(at);
                }
                TimerKey::Sys => self.sys_due(),
            }
        }
    }

    /// The timer of a connection's Keep Alive ran out: sets it anew if something came since it was set,
    /// else ends the connection [MQTT-3.1.2-22]. Also where the new time is over: a host may be late, and
    /// what was due before is done before.
    fn check_keep_alive(&mut self, at: usize) {
        let connection = &mut self.connections[at];
        let was_due = connection.timer.take().map(|(due, _)| due);
        let due = connection.last_received + connection.patience();
        if was_due.is_some_and(|was_due| due > was_due) {
            let key = TimerKey::KeepAlive(at);
            connection.timer = Some((due, key));
            self.timers.set(due, key);
            return;
        }
        let statement = match connection.version {
            ProtocolVersion::V5 => "MQTT-3.1.2-22",
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => "MQTT-3.1.2-24",
        };
        let ending = Ending {
            why: CloseReason::KeepAlive,
            reason: Some(ReasonCode::KeepAliveTimeout),
            statement: Some(statement),
            text: "nothing was heard for one and a half Keep Alive times",
        };
        self.end(at, ending, Manner::Tell);
    }
}
