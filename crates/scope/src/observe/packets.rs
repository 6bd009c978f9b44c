//! Connections and Control Packets.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{ClientId, CloseReason, ConnectionId, Event, PublicationId};
use vitrine_link::{Ending, Problem, Side};
use vitrine_packet::{Packet, ProtocolVersion};

use crate::connections::Connection;
use crate::holds::Passing;
use crate::ladder::packet::{packet_id, tell_packet};
use crate::ladder::{Kind, Recorded};
use crate::lines::LineId;
use crate::scope::{Moment, Scope};

/// Publications that are named as under way when a connection ends.
const UNDER_WAY: usize = 20;

/// A Control Packet that went over a connection.
struct Seen<'a> {
    connection: ConnectionId,
    bytes: &'a Rc<[u8]>,
    version: ProtocolVersion,
    publication: Option<PublicationId>,
    to_broker: bool,
}

impl Scope {
    pub(crate) fn observe_packets(&mut self, event: &Event, moment: Moment) {
        match event {
            Event::Opened {
                connection, door, ..
            } => {
                self.open(*connection, Rc::clone(door));
                self.record_on(*connection, moment, None, Kind::Opened(Rc::clone(door)));
            }
            Event::Received {
                connection,
                bytes,
                version,
                publication,
            } => {
                let (connection, version, publication) = (*connection, *version, *publication);
                let seen = Seen {
                    connection,
                    bytes,
                    version,
                    publication,
                    to_broker: true,
                };
                self.observe_packet(&seen, moment);
            }
            Event::Sent {
                connection,
                bytes,
                version,
                publication,
            } => {
                let (connection, version, publication) = (*connection, *version, *publication);
                let seen = Seen {
                    connection,
                    bytes,
                    version,
                    publication,
                    to_broker: false,
                };
                self.observe_packet(&seen, moment);
            }
            Event::Malformed {
                connection,
                bytes,
                version,
                error,
            } => {
                let problem = Problem {
                    code: error.code().into(),
                    offset: error.offset,
                    statement: error.statement.map(String::from),
                };
                let kind = Kind::Malformed(self.cut(bytes), *version, Box::new(problem));
                self.record_on(*connection, moment, None, kind);
            }
            Event::Closed {
                connection,
                why,
                reason,
                statement,
                abrupt,
                ..
            } => {
                let ending = Ending {
                    why: why.code().into(),
                    cut: *abrupt,
                    reason: reason.map(|reason| reason as u8),
                    statement: statement.map(String::from),
                    under_way: self.under_way(*connection),
                };
                if *why == CloseReason::Operator {
                    self.record_on(*connection, moment, None, Kind::Dropped);
                }
                self.record_on(*connection, moment, None, Kind::Closed(Box::new(ending)));
                self.close(*connection, moment);
            }
            _ => {}
        }
    }

    /// The line of a connection; a connection that was opened before anybody looked is opened now.
    pub(crate) fn line_of(&mut self, connection: ConnectionId) -> LineId {
        match self.connections.get(&connection) {
            Some(known) => known.line,
            None => self.open(connection, "".into()),
        }
    }

    fn open(&mut self, connection: ConnectionId, door: Rc<str>) -> LineId {
        let name = format!("#{}", connection.0);
        let line = self.lines.open(ClientId::from(name.as_str()));
        self.connections
            .insert(connection, Connection::new(line, door));
        line
    }

    fn close(&mut self, connection: ConnectionId, moment: Moment) {
        let Some(closed) = self.connections.remove(&connection) else {
            return;
        };
        let session = self.sessions.get(closed.line);
        if session.is_some_and(|session| session.connection == Some(connection)) {
            self.sessions.change(closed.line, |session| {
                session.connection = None;
                session.since = moment.at;
            });
        }
        self.lines.close(closed.line);
    }

    fn under_way(&self, connection: ConnectionId) -> Vec<u64> {
        let line = self.connections.get(&connection).map(|known| known.line);
        line.map(|line| self.holds.under_way(line, UNDER_WAY))
            .unwrap_or_default()
    }

    fn observe_packet(&mut self, seen: &Seen<'_>, moment: Moment) {
        let Ok(packet) = Packet::decode(seen.bytes, seen.version) else {
            return;
        };
        self.counts.packets += 1;
        let publication = seen.publication.map(|publication| publication.0);
        if !seen.to_broker
            && let Packet::Publish(publish) = &packet
            && let Some(publication) = publication
        {
            self.revive_story(publication, publish, moment);
        }
        let kind = Kind::Packet(self.recorded(seen, &packet));
        let (line, row) = self.record_on(seen.connection, moment, publication, kind);
        self.holds.follow(
            &packet,
            Passing {
                line,
                row,
                to_broker: seen.to_broker,
                publication,
            },
        );
        self.count_bytes(seen, line);
        match &packet {
            Packet::Publish(_) if seen.to_broker => self.lines.take_side(line, Side::Publisher),
            Packet::Publish(publish) => self.count_delivery(line, publication, publish, moment),
            Packet::Subscribe(_) => self.lines.take_side(line, Side::Subscriber),
            _ => {}
        }
    }

    fn recorded(&self, seen: &Seen<'_>, packet: &Packet<'_>) -> Recorded {
        let cut = seen.bytes.len() > self.limits.packet;
        let told = || Box::new(tell_packet(packet, seen.version, self.limits.preview));
        Recorded {
            bytes: self.cut(seen.bytes),
            size: u32::try_from(seen.bytes.len()).unwrap_or(u32::MAX),
            to_broker: seen.to_broker,
            packet_type: packet.packet_type(),
            packet_id: packet_id(packet).map_or(0, |id| id.get()),
            version: seen.version,
            told: cut.then(told),
        }
    }

    fn cut(&self, bytes: &Rc<[u8]>) -> Rc<[u8]> {
        match bytes.get(..self.limits.packet) {
            Some(head) if bytes.len() > self.limits.packet => Rc::from(head),
            _ => Rc::clone(bytes),
        }
    }

    fn count_bytes(&mut self, seen: &Seen<'_>, line: LineId) {
        let Some(connection) = self.connections.get_mut(&seen.connection) else {
            return;
        };
        let size = seen.bytes.len() as u64;
        let (bytes_in, bytes_out) = match self.sessions.count(line) {
            Some(session) if connection.accepted => (&mut session.bytes_in, &mut session.bytes_out),
            _ => (&mut connection.bytes_in, &mut connection.bytes_out),
        };
        *(if seen.to_broker { bytes_in } else { bytes_out }) += size;
    }
}
