//! Control Packets.

use alloc::boxed::Box;
use alloc::rc::Rc;

use vitrine_broker::{ConnectionId, Event};
use vitrine_link::{Fate, Side};
use vitrine_packet::{Packet, ProtocolVersion};

use crate::holds::{Ends, Passing};
use crate::ladder::packet::{packet_id, tell_packet};
use crate::ladder::{Kind, Recorded};
use crate::lines::LineId;
use crate::scope::{Moment, Scope};

/// A Control Packet that went over a connection.
struct Seen<'a> {
    connection: ConnectionId,
    bytes: &'a Rc<[u8]>,
    version: ProtocolVersion,
    publication: Option<u64>,
    to_broker: bool,
}

impl Scope {
    pub(crate) fn observe_packets(&mut self, event: &Event, moment: Moment) {
        let (connection, bytes, version, publication, to_broker) = match event {
            Event::Received {
                connection,
                bytes,
                version,
                publication,
            } => (*connection, bytes, *version, publication, true),
            Event::Sent {
                connection,
                bytes,
                version,
                publication,
            } => (*connection, bytes, *version, publication, false),
            _ => return,
        };
        let publication = publication.map(|publication| self.epoch.publication(publication));
        let seen = Seen {
            connection,
            bytes,
            version,
            publication,
            to_broker,
        };
        let Ok(packet) = Packet::decode(bytes, version) else {
            return;
        };
        self.counts.packets += 1;
        if seen.to_broker
            && let Some(link) = self.links.get_mut(connection)
        {
            link.broker_got(bytes);
        }
        if !self.say_last(&seen, &packet) {
            self.observe_packet(&seen, &packet, moment);
        }
    }

    fn observe_packet(&mut self, seen: &Seen<'_>, packet: &Packet<'_>, moment: Moment) {
        let &Seen {
            connection,
            publication,
            to_broker,
            ..
        } = seen;
        if !to_broker
            && let Packet::Publish(publish) = packet
            && let Some(publication) = publication
        {
            self.revive_story(publication, publish, moment);
        }
        let kind = Kind::Packet(self.seen(seen, packet));
        let (line, row) = self.record_on(connection, moment, publication, kind);
        let watched = self.links.get(connection).is_some();
        self.holds.follow(
            packet,
            Passing {
                line,
                row,
                to_broker,
                publication,
                ends: if watched { Ends::BROKER } else { Ends::BOTH },
            },
        );
        self.fly(seen, row);
        self.count_bytes(seen, line);
        match packet {
            Packet::Publish(_) if to_broker => self.lines.take_side(line, Side::Publisher),
            Packet::Publish(publish) => self.count_delivery(line, publication, publish, moment),
            Packet::Subscribe(_) => self.lines.take_side(line, Side::Subscriber),
            _ => {}
        }
    }

    /// Records the broker's last word on a connection in the row that was kept free for it.
    fn say_last(&mut self, seen: &Seen<'_>, packet: &Packet<'_>) -> bool {
        let last = matches!(packet, Packet::ConnAck(_) | Packet::Disconnect(_)) && !seen.to_broker;
        let known = self.connections.get_mut(seen.connection).filter(|_| last);
        let Some(row) = known.and_then(|known| known.last_word.take()) else {
            return false;
        };
        let kind = Kind::Packet(self.seen(seen, packet));
        let filled = self.ladder.fill(row, kind);
        if filled {
            self.fly(seen, row);
        }
        filled
    }

    /// A packet as it is recorded; one from the broker with what becomes of it, as far as that is known.
    fn seen(&self, seen: &Seen<'_>, packet: &Packet<'_>) -> Recorded {
        let recorded = self.recorded(seen.bytes, seen.version, seen.to_broker, packet);
        let link = self.links.get(seen.connection).filter(|_| !seen.to_broker);
        let fate = match link {
            None => Fate::Unknown,
            Some(link) if link.loses_down() => Fate::Lost,
            Some(_) => Fate::Flying,
        };
        Recorded { fate, ..recorded }
    }

    /// A packet from the broker is on its way, where somebody will tell of its arrival.
    fn fly(&mut self, seen: &Seen<'_>, row: u64) {
        if !seen.to_broker
            && let Some(link) = self.links.get_mut(seen.connection)
        {
            link.sends(row, seen.bytes, seen.publication);
        }
    }

    pub(crate) fn recorded(
        &self,
        bytes: &Rc<[u8]>,
        version: ProtocolVersion,
        to_broker: bool,
        packet: &Packet<'_>,
    ) -> Recorded {
        let cut = bytes.len() > self.limits.packet;
        let told = || Box::new(tell_packet(packet, version, self.limits.preview));
        Recorded {
            bytes: self.cut(bytes),
            size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            to_broker,
            packet_type: packet.packet_type(),
            packet_id: packet_id(packet).map_or(0, |id| id.get()),
            version,
            told: cut.then(told),
            fate: Fate::Unknown,
        }
    }

    /// As much of a packet as is kept.
    pub(crate) fn cut(&self, bytes: &Rc<[u8]>) -> Rc<[u8]> {
        match bytes.get(..self.limits.packet) {
            Some(head) if bytes.len() > self.limits.packet => Rc::from(head),
            _ => Rc::clone(bytes),
        }
    }

    fn count_bytes(&mut self, seen: &Seen<'_>, line: LineId) {
        let Some(connection) = self.connections.get_mut(seen.connection) else {
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
