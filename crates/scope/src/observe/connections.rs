//! Connections: how they begin and end.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{ClientId, CloseReason, ConnectionId, Event};
use vitrine_link::{Ending, Problem};
use vitrine_packet::{DecodeError, ProtocolVersion, ReasonCode};

use crate::ladder::Kind;
use crate::lines::LineId;
use crate::scope::{Moment, Scope};

/// Publications that are named as under way when a connection ends.
const UNDER_WAY: usize = 20;

/// Characters of the name that a refused connection's line has: anybody may ask to come in, by a name as long as they like.
const NAME_LETTERS: usize = 64;

/// How a connection ended: [`Event::Closed`], of which a recording has the statement as a text.
pub(crate) struct End<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) client: Option<&'a ClientId>,
    pub(crate) why: CloseReason,
    pub(crate) reason: Option<ReasonCode>,
    pub(crate) statement: Option<&'a str>,
    pub(crate) abrupt: bool,
}

/// A fault as it is told.
pub(crate) fn problem(error: &DecodeError) -> Problem {
    Problem {
        code: error.code().into(),
        offset: error.offset,
        statement: error.statement.map(String::from),
    }
}

impl Scope {
    pub(crate) fn observe_connections(&mut self, event: &Event, moment: Moment) {
        match event {
            Event::Opened {
                connection, door, ..
            } => {
                self.open(*connection, Rc::clone(door));
                self.record_on(*connection, moment, None, Kind::Opened(Rc::clone(door)));
            }
            Event::Malformed {
                connection,
                bytes,
                version,
                error,
            } => {
                self.malformed(*connection, bytes, *version, problem(error), moment);
            }
            Event::Closed {
                connection,
                client,
                why,
                reason,
                statement,
                abrupt,
            } => {
                let end = End {
                    connection: *connection,
                    client: client.as_ref(),
                    why: *why,
                    reason: *reason,
                    statement: *statement,
                    abrupt: *abrupt,
                };
                self.closed(&end, moment);
            }
            _ => {}
        }
    }

    /// Bytes came that are no packet.
    pub(crate) fn malformed(
        &mut self,
        connection: ConnectionId,
        bytes: &Rc<[u8]>,
        version: ProtocolVersion,
        problem: Problem,
        moment: Moment,
    ) {
        let kind = Kind::Malformed(self.cut(bytes), version, Box::new(problem));
        self.record_on(connection, moment, None, kind);
    }

    /// A connection ended.
    pub(crate) fn closed(&mut self, end: &End<'_>, moment: Moment) {
        let connection = end.connection;
        let ending = Ending {
            why: end.why.code().into(),
            cut: end.abrupt,
            reason: end.reason.map(|reason| reason as u8),
            statement: end.statement.map(String::from),
            under_way: self.under_way(connection),
        };
        if end.why == CloseReason::Operator {
            self.record_on(connection, moment, None, Kind::Dropped);
        }
        if self.may_speak_last(end.client, end.why) {
            let (_, row) = self.record_on(connection, moment, None, Kind::Reserved);
            if let Some(known) = self.connections.get_mut(connection) {
                known.last_word = Some(row);
            }
        }
        self.record_on(connection, moment, None, Kind::Closed(Box::new(ending)));
        self.close(connection, moment);
        self.broker_ended(connection, moment);
    }

    /// The line of a connection; a connection that was opened before anybody looked is opened now.
    pub(crate) fn line_of(&mut self, connection: ConnectionId) -> LineId {
        match self.connections.get(connection) {
            Some(known) if self.lines.get(known.line).is_some() => known.line,
            _ => self.open(connection, "".into()),
        }
    }

    fn open(&mut self, connection: ConnectionId, door: Rc<str>) -> LineId {
        let line = match self.links.get(connection) {
            Some(link) => {
                let client = link.client.clone();
                let line = self.lines.client(&client);
                self.lines.connect(line);
                line
            }
            None => {
                let name = format!("#{}", connection.0);
                self.lines.open(ClientId::from(name.as_str()))
            }
        };
        self.connections.open(connection, line, door);
        line
    }

    /// Who asked to come in on a connection and may not: its line says so, in at most [`NAME_LETTERS`]. It is nobody's line,
    /// whoever else is called so, and so the number of the connection stays with it.
    pub(crate) fn name_refused(&mut self, connection: ConnectionId, client: &ClientId) {
        let line = self.line_of(connection);
        if !client.is_empty() && self.lines.of_client(client) != Some(line) {
            let mut letters = client.as_str().chars();
            let mut name: String = letters.by_ref().take(NAME_LETTERS).collect();
            if letters.next().is_some() {
                name.push('…');
            }
            let name = format!("{name} #{}", connection.0);
            self.lines.rename(line, ClientId::from(name.as_str()));
        }
    }

    pub(crate) fn close(&mut self, connection: ConnectionId, moment: Moment) {
        let Some(line) = self.connections.end(connection) else {
            return;
        };
        let session = self.sessions.get(line);
        if session.is_some_and(|session| session.connection == Some(connection)) {
            self.sessions.change(line, |session| {
                session.connection = None;
                session.since = moment.at;
            });
        }
        let gone = self.lines.close(line);
        self.let_go(line, gone);
    }

    fn under_way(&self, connection: ConnectionId) -> Vec<u64> {
        let line = self.connections.get(connection).map(|known| known.line);
        line.map(|line| self.holds.under_way(line, UNDER_WAY))
            .unwrap_or_default()
    }

    /// Whether the broker may still tell the client why it ends the connection: with CONNACK when it
    /// refuses it, with DISCONNECT from 5.0 on. It tells of the end first and of that packet when it is
    /// pulled, but in the ladder the packet belongs before the end: a row is kept free for it.
    fn may_speak_last(&self, client: Option<&ClientId>, why: CloseReason) -> bool {
        let Some(client) = client else {
            return why == CloseReason::Refused;
        };
        let line = self.lines.of_client(client);
        let session = line.and_then(|line| self.sessions.get(line));
        session.is_some_and(|session| session.version == ProtocolVersion::V5 as u8)
            && !matches!(why, CloseReason::ClientDisconnect | CloseReason::Cut)
    }
}
