//! The lifelines: one per client, kept through reconnects, and one per connection until its CONNECT
//! is accepted.

use alloc::collections::BTreeMap;

use vitrine_broker::ClientId;
use vitrine_link::{Lifeline, Side};

/// A lifeline's number. Counts up; never used for another client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineId(pub(crate) u32);

/// One line.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) name: ClientId,
    /// Decided by the first PUBLISH or SUBSCRIBE.
    side: Option<Side>,
    /// Open connections. Two for a moment when one takes over from another.
    connections: u32,
    /// Rows in the recording.
    rows: u32,
    /// Whether the broker has a session of that name.
    session: bool,
    /// Whether somebody tells what happens at the client's end.
    watched: bool,
}

impl Line {
    /// As the page is told it; `will` says whether its session has a will armed.
    pub(crate) fn tell(&self, id: LineId, will: bool) -> Lifeline {
        Lifeline {
            id: id.0,
            name: self.name.as_str().into(),
            side: self.side.unwrap_or_default(),
            connected: self.connections > 0,
            will,
            held: alloc::vec::Vec::new(),
        }
    }

    /// Whether it has a row in the recording.
    pub(crate) fn is_recorded(&self) -> bool {
        self.rows > 0
    }
}

/// All lines. A line that is connected to nothing, has no session and no row left is forgotten.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    lines: BTreeMap<LineId, Line>,
    clients: BTreeMap<ClientId, LineId>,
    next: u32,
    epoch: u64,
}

impl Lines {
    /// Counts up whenever rows that are recorded may have come to belong to another name.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// In the order of first appearance.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (LineId, &Line)> {
        self.lines.iter().map(|(id, line)| (*id, line))
    }

    pub(crate) fn get(&self, id: LineId) -> Option<&Line> {
        self.lines.get(&id)
    }

    /// The line of a client.
    pub(crate) fn of_client(&self, client: &str) -> Option<LineId> {
        self.clients.get(client).copied()
    }

    /// A line of its own for a connection whose client is not known yet.
    pub(crate) fn open(&mut self, name: ClientId) -> LineId {
        let id = self.add(name);
        self.change(id, |line| line.connections += 1);
        id
    }

    /// The line of a client, made when there is none.
    pub(crate) fn client(&mut self, client: &ClientId) -> LineId {
        if let Some(id) = self.clients.get(client) {
            return *id;
        }
        let id = self.add(client.clone());
        self.clients.insert(client.clone(), id);
        id
    }

    /// The connection on line `from` turned out to be that of `client`: gives the client's line, to
    /// which the connection and `rows` of its rows have moved. For a new client that is `from`.
    pub(crate) fn identify(&mut self, from: LineId, client: &ClientId, rows: u32) -> LineId {
        self.epoch += 1;
        let to = match self.clients.get(client) {
            Some(to) => *to,
            None => {
                self.clients.insert(client.clone(), from);
                self.change(from, |line| line.name = client.clone());
                from
            }
        };
        if to != from {
            self.change(to, |line| {
                line.connections += 1;
                line.rows += rows;
            });
            self.change(from, |line| {
                line.connections = line.connections.saturating_sub(1);
                line.rows = line.rows.saturating_sub(rows);
            });
            self.forget_unused(from);
        }
        to
    }

    /// What the line of a connection that is no client's is called from now on.
    pub(crate) fn rename(&mut self, id: LineId, name: ClientId) {
        self.epoch += 1;
        self.change(id, |line| line.name = name);
    }

    /// A connection of a client that is known already.
    pub(crate) fn connect(&mut self, id: LineId) {
        self.change(id, |line| line.connections += 1);
    }

    /// From now on somebody tells what happens at the client's end.
    pub(crate) fn watch(&mut self, id: LineId) {
        self.change(id, |line| line.watched = true);
    }

    /// Whether somebody tells what happens at the client's end.
    pub(crate) fn is_watched(&self, id: LineId) -> bool {
        self.get(id).is_some_and(|line| line.watched)
    }

    /// A connection of the line ended. Tells whether the line was forgotten with it.
    pub(crate) fn close(&mut self, id: LineId) -> bool {
        self.change(id, |line| {
            line.connections = line.connections.saturating_sub(1)
        });
        self.forget_unused(id)
    }

    /// Says whether the broker has a session for the line's client. Tells whether the line was
    /// forgotten with it.
    pub(crate) fn set_session(&mut self, id: LineId, session: bool) -> bool {
        self.change(id, |line| line.session = session);
        self.forget_unused(id)
    }

    /// The client published or subscribed; the first of these decides where it stands.
    pub(crate) fn take_side(&mut self, id: LineId, side: Side) {
        self.change(id, |line| {
            line.side.get_or_insert(side);
        });
    }

    /// A row of the line was recorded.
    pub(crate) fn count_in(&mut self, id: LineId) {
        self.change(id, |line| line.rows += 1);
    }

    /// A row of the line was forgotten. Tells whether the line was forgotten with it.
    pub(crate) fn count_out(&mut self, id: LineId) -> bool {
        let Some(line) = self.lines.get_mut(&id) else {
            return false;
        };
        line.rows = line.rows.saturating_sub(1);
        line.rows == 0 && self.forget_unused(id)
    }

    fn add(&mut self, name: ClientId) -> LineId {
        let id = LineId(self.next);
        self.next += 1;
        self.epoch += 1;
        let line = Line {
            name,
            side: None,
            connections: 0,
            rows: 0,
            session: false,
            watched: false,
        };
        self.lines.insert(id, line);
        id
    }

    fn change(&mut self, id: LineId, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.lines.get_mut(&id) {
            change(line);
        }
    }

    fn forget_unused(&mut self, id: LineId) -> bool {
        let unused = |line: &Line| line.rows == 0 && line.connections == 0 && !line.session;
        if !self.lines.get(&id).is_some_and(unused) {
            return false;
        }
        if let Some(line) = self.lines.remove(&id)
            && self.clients.get(&line.name) == Some(&id)
        {
            self.clients.remove(&line.name);
        }
        true
    }
}
