//! The sessions of the broker, as its observations tell them.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::String;

use vitrine_broker::{ConnectionId, WillInfo};
use vitrine_link::{ClientRow, SubscriptionRow, WillSummary};
use vitrine_packet::topic;

use crate::holds::{Holds, Role};
use crate::lines::{LineId, Lines};
use crate::preview::tell_head;
use crate::time::milliseconds;

/// One session.
#[derive(Clone, Default)]
pub(crate) struct Session {
    /// The connection, while there is one.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) door: Rc<str>,
    pub(crate) version: u8,
    pub(crate) username: Option<Rc<str>>,
    /// Who it is for the rules; `None` for an anonymous client.
    pub(crate) user: Option<Rc<str>>,
    pub(crate) keep_alive: u16,
    pub(crate) clean: bool,
    pub(crate) expiry: u32,
    /// Since when connected or gone; microseconds since the Unix epoch.
    pub(crate) since: u64,
    pub(crate) subscriptions: BTreeMap<Rc<str>, Subscription>,
    pub(crate) queued: u32,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) published: u64,
    pub(crate) delivered: u64,
    pub(crate) will: Option<WillInfo>,
}

/// One subscription of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription {
    pub(crate) granted: u8,
    pub(crate) no_local: bool,
    pub(crate) matched: u64,
}

impl Session {
    /// The subscriptions that match a topic.
    pub(crate) fn matching<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Rc<str>, Subscription)> {
        (self.subscriptions.iter())
            .filter(move |(filter, _)| topic::matches(topic::strip_share(filter), name))
            .map(|(filter, subscription)| (filter, *subscription))
    }
}

/// All sessions, in the order in which their clients were first seen.
#[derive(Clone, Default)]
pub(crate) struct Sessions {
    sessions: BTreeMap<LineId, Session>,
    connected: u32,
    version: u64,
}

impl Sessions {
    /// Counts up whenever it may have changed who receives what.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// How many are connected.
    pub(crate) fn connected(&self) -> u32 {
        self.connected
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (LineId, &Session)> {
        self.sessions.iter().map(|(line, session)| (*line, session))
    }

    pub(crate) fn get(&self, line: LineId) -> Option<&Session> {
        self.sessions.get(&line)
    }

    /// For counting. What decides who receives what is changed by [`Self::change`].
    pub(crate) fn count(&mut self, line: LineId) -> Option<&mut Session> {
        self.sessions.get_mut(&line)
    }

    /// Changes a session, which is made when there is none.
    pub(crate) fn change(&mut self, line: LineId, change: impl FnOnce(&mut Session)) {
        self.version += 1;
        let session = self.sessions.entry(line).or_default();
        let before = u32::from(session.connection.is_some());
        change(session);
        self.connected = self.connected - before + u32::from(session.connection.is_some());
    }

    /// Something else changed that decides who receives what.
    pub(crate) fn judge_anew(&mut self) {
        self.version += 1;
    }

    /// The session is gone.
    pub(crate) fn remove(&mut self, line: LineId) {
        if let Some(session) = self.sessions.remove(&line) {
            self.version += 1;
            self.connected -= u32::from(session.connection.is_some());
        }
    }
}

/// A row of the client table.
pub(crate) fn tell(
    line: LineId,
    session: &Session,
    lines: &Lines,
    holds: &Holds,
    preview: usize,
) -> ClientRow {
    let lifeline = lines.get(line);
    let subscription = |(filter, subscription): (&Rc<str>, &Subscription)| SubscriptionRow {
        filter: filter.as_ref().into(),
        qos: subscription.granted,
        matched: subscription.matched,
    };
    ClientRow {
        client: lifeline.map_or_else(String::new, |line| line.name.as_str().into()),
        connected: session.connection.is_some(),
        door: session.door.as_ref().into(),
        version: session.version,
        username: session.username.as_deref().map(String::from),
        keep_alive: session.keep_alive,
        clean: session.clean,
        session_expiry: session.expiry,
        subscriptions: session.subscriptions.iter().map(subscription).collect(),
        in_flight_out: holds.count(line, Role::BrokerSends),
        in_flight_in: holds.count(line, Role::BrokerReceives),
        queued: session.queued,
        since: milliseconds(session.since),
        bytes_in: session.bytes_in,
        bytes_out: session.bytes_out,
        published: session.published,
        delivered: session.delivered,
        will: session.will.as_ref().map(|will| WillSummary {
            topic: will.topic.as_ref().into(),
            payload: tell_head(&will.payload, preview),
            qos: will.qos as u8,
            retain: will.retain,
            delay: will.delay,
        }),
        lifeline: lifeline.filter(|line| line.is_recorded()).map(|_| line.0),
        held: alloc::vec::Vec::new(),
    }
}
