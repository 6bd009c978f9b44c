//! Clients, Sessions, Subscriptions, Wills.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{ClientId, ConnectionId, Event};
use vitrine_link::Refusal;
use vitrine_packet::ReasonCode;

use crate::ladder::Kind;
use crate::lines::LineId;
use crate::observe::routing::refused;
use crate::scope::{Moment, Scope};
use crate::sessions::Subscription;

impl Scope {
    pub(crate) fn observe_sessions(&mut self, event: &Event, moment: Moment) {
        match event {
            Event::Connected {
                connection,
                client,
                version,
                clean_start,
                keep_alive,
                session_expiry,
                username,
                will,
                ..
            } => {
                let line = self.identify(*connection, client);
                // As the broker sees it: where there is nobody to be, a name means nothing.
                let access = self.judge.access();
                let counts = !access.anonymous || !access.users.is_empty();
                let user = username.clone().filter(|_| counts);
                let known = self.connections.get_mut(*connection);
                let (door, bytes_in, bytes_out) = known.map_or_else(
                    || (Rc::from(""), 0, 0),
                    |known| (Rc::clone(&known.door), known.bytes_in, known.bytes_out),
                );
                self.sessions.change(line, |session| {
                    session.connection = Some(*connection);
                    session.door = door;
                    session.version = *version as u8;
                    session.username.clone_from(username);
                    session.user = user;
                    session.keep_alive = *keep_alive;
                    session.clean = *clean_start;
                    session.expiry = *session_expiry;
                    session.since = moment.at;
                    session.bytes_in += bytes_in;
                    session.bytes_out += bytes_out;
                    session.will.clone_from(will);
                });
                self.lines.set_session(line, true);
            }
            Event::ConnectRefused {
                connection,
                client,
                username,
                reason,
                rule,
            } => {
                self.name_refused(*connection, client);
                let Some(rule) = rule else {
                    return;
                };
                let refusal = Refusal {
                    what: "connect".into(),
                    topic: String::new(),
                    reason: Some(*reason as u8),
                    rule: rule.as_ref().into(),
                    username: username.as_deref().map(String::from),
                };
                let kind = Kind::Refused(Box::new(refusal));
                self.record_on(*connection, moment, None, kind);
            }
            Event::SubscribeRefused {
                client,
                filter,
                reason,
                rule: Some(rule),
            } => {
                let line = self.lines.client(client);
                let kind = refused("subscribe", filter, *reason, rule);
                self.record(moment, Some(line), None, kind);
            }
            Event::SessionEnded { client, why } => {
                let line = self.lines.client(client);
                let row = self.record(moment, Some(line), None, Kind::SessionEnded(why.code()));
                self.end_session(line, row);
            }
            Event::Subscribed {
                client,
                filter,
                options,
                granted,
                ..
            } => {
                let line = self.session_line(client);
                self.sessions.change(line, |session| {
                    let matched = session
                        .subscriptions
                        .get(filter)
                        .map_or(0, |old| old.matched);
                    let subscription = Subscription {
                        granted: *granted as u8,
                        no_local: options.no_local,
                        matched,
                    };
                    session
                        .subscriptions
                        .insert(Rc::clone(filter), subscription);
                });
            }
            Event::Unsubscribed { client, filter } => {
                let line = self.session_line(client);
                self.sessions.change(line, |session| {
                    session.subscriptions.remove(filter);
                });
            }
            Event::WillPublished {
                client,
                publication,
            } => {
                let line = self.lines.client(client);
                let publication = self.epoch.publication(*publication);
                self.record(moment, Some(line), Some(publication), Kind::WillPublished);
                self.drop_will(line);
            }
            Event::WillDropped { client, rule, .. } => {
                if let Some(line) = self.lines.of_client(client) {
                    let will = self.sessions.get(line).and_then(|it| it.will.as_ref());
                    let topic = will.map(|will| Rc::clone(&will.topic)).unwrap_or_default();
                    self.drop_will(line);
                    if let Some(rule) = rule {
                        let kind = refused("will", &topic, ReasonCode::NotAuthorized, rule);
                        self.record(moment, Some(line), None, kind);
                    }
                }
            }
            _ => {}
        }
    }

    /// The line of a client that has a session.
    fn session_line(&mut self, client: &ClientId) -> LineId {
        let line = self.lines.client(client);
        self.lines.set_session(line, true);
        line
    }

    /// The CONNECT on a connection was accepted: what was recorded of it belongs to its client.
    fn identify(&mut self, connection: ConnectionId, client: &ClientId) -> LineId {
        let from = self.line_of(connection);
        let Some(known) = self.connections.get_mut(connection) else {
            return from;
        };
        known.accepted = true;
        let rows = core::mem::take(&mut known.rows);
        let recording = self.ladder.recording();
        let rows: Vec<u64> = rows
            .into_iter()
            .filter(|row| recording.get(*row).is_some())
            .collect();
        let line = self.lines.identify(from, client, rows.len() as u32);
        known.line = line;
        let gone = self.lines.get(from).is_none();
        self.let_go(from, gone);
        for row in rows {
            if let Some(row) = self.ladder.recording_mut().get_mut(row) {
                row.line = Some(line);
            }
        }
        line
    }

    pub(crate) fn end_session(&mut self, line: LineId, row: u64) {
        if self.lines.is_watched(line) {
            self.holds.end_side(line, true, row);
        } else {
            self.holds.end_all(line, row);
        }
        self.sessions.remove(line);
        let gone = self.lines.set_session(line, false);
        self.let_go(line, gone);
    }

    fn drop_will(&mut self, line: LineId) {
        if self.sessions.get(line).is_some() {
            self.sessions.change(line, |session| session.will = None);
        }
    }
}
