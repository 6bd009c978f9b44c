//! What each thing that happened outside changes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few packets change what a client knows of its session"
)]

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::{ClientId, ConnectionId};
use vitrine_link::Fate;
use vitrine_packet::{Packet, ProtocolVersion};

use crate::holds::{Ends, Passing};
use crate::kept::Kept;
use crate::ladder::{Kind, Recorded};
use crate::lines::LineId;
use crate::outside::{Flight, Outside};
use crate::scope::{Moment, Scope};
use crate::time::milliseconds;

impl Scope {
    /// Takes in what happened outside of the broker, at a time of the broker's clock (microseconds). To be told in
    /// the order of happening, among the observations. What is told of links that are not known changes nothing.
    pub fn outside(&mut self, happened: &Outside, at: u64) {
        self.count_up();
        let moment = Moment { at, input: 0 };
        match happened {
            Outside::Opening { connection, client } => {
                let line = self.lines.client(client);
                self.lines.watch(line);
                self.links.open(*connection, client.clone());
                // Who begins to tell in the midst of a connection tells of a client that is known.
                let session = self.sessions.get(line);
                let session = session.filter(|one| one.connection == Some(*connection));
                if let (Some(session), Some(link)) = (session, self.links.get_mut(*connection)) {
                    link.version = match session.version {
                        3 => ProtocolVersion::V3_1,
                        4 => ProtocolVersion::V3_1_1,
                        _ => ProtocolVersion::V5,
                    };
                    link.keeps = session.expiry > 0;
                }
            }
            Outside::Sent { connection, packet } => self.client_sent(*connection, packet, moment),
            Outside::Arrived { connection } => self.arrived(*connection),
            Outside::Lost { connection, packet } => self.lose_down(*connection, *packet),
            Outside::Ended { connection } => self.ended(*connection, moment),
            Outside::Cut { client, connection } => {
                self.tell(Some(client), moment, "cut", |_| {});
                if let Some(link) = self.links.get_mut(*connection) {
                    link.cut = true;
                    self.lose_down(*connection, 0);
                    self.lose_up(*connection, moment);
                }
            }
            Outside::Held { client, to_broker } => {
                let to_broker = Some(*to_broker);
                self.tell(Some(client), moment, "hold", |row| {
                    row.to_broker = to_broker
                });
            }
            Outside::Released { client, to_broker } => {
                let to_broker = Some(*to_broker);
                self.tell(Some(client), moment, "release", |row| {
                    row.to_broker = to_broker;
                });
            }
            Outside::ClientCrashed { client, memory } => {
                let row = self.tell(Some(client), moment, "client-crashed", |row| {
                    row.kept = *memory;
                });
                let line = self.lines.client(client);
                self.lines.watch(line);
                if !memory {
                    self.holds.end_side(line, false, row);
                }
            }
            Outside::ClientStarted { client } => {
                self.tell(Some(client), moment, "client-started", |_| {});
            }
            Outside::Reconnecting { client, wait } => {
                let time = milliseconds(*wait);
                self.tell(Some(client), moment, "reconnecting", |row| row.time = time);
            }
            Outside::GaveUp { client } => {
                self.tell(Some(client), moment, "gave-up", |_| {});
            }
            Outside::BrokerCrashed { kept, flush } => self.broker_crashed(kept, *flush, moment),
            Outside::BrokerStarted { kept, stored } => {
                let row = self.tell(None, moment, "broker-started", |row| row.kept = *stored);
                self.forget_unkept(kept, row);
                self.take_up(kept, at, Some(row));
                let publications = kept.publications();
                self.epoch.begin(publications);
            }
            Outside::Skipped { time } => {
                let time = milliseconds(*time);
                self.tell(None, moment, "skipped", |row| row.time = time);
            }
            Outside::ClockJumped { by } => {
                let time = milliseconds(by.unsigned_abs());
                let time = if *by < 0 { -time } else { time };
                self.tell(None, moment, "clock", |row| row.time = time);
            }
        }
    }

    /// Records a row of what happened and gives its number.
    fn tell(
        &mut self,
        client: Option<&ClientId>,
        moment: Moment,
        what: &'static str,
        with: impl FnOnce(&mut vitrine_link::Outside),
    ) -> u64 {
        let line = client.map(|client| self.lines.client(client));
        let mut row = vitrine_link::Outside {
            what: what.into(),
            ..vitrine_link::Outside::default()
        };
        with(&mut row);
        self.record(moment, line, None, Kind::Outside(Rc::new(row)))
    }

    /// The line on which a watched link stands.
    fn line_of_link(&mut self, connection: ConnectionId) -> Option<LineId> {
        let link = self.links.get(connection)?;
        let known = self.connections.get(connection).map(|known| known.line);
        let known = known.filter(|line| self.lines.get(*line).is_some());
        Some(match known {
            Some(line) => line,
            None => {
                let client = link.client.clone();
                self.lines.client(&client)
            }
        })
    }

    fn client_sent(&mut self, connection: ConnectionId, bytes: &Rc<[u8]>, moment: Moment) {
        let Some(line) = self.line_of_link(connection) else {
            return;
        };
        let newest = self.ladder.recording().newest();
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let Ok(packet) = Packet::decode(bytes, link.version) else {
            return;
        };
        link.client_sends(bytes);
        let mut begins_anew = false;
        match &packet {
            Packet::Connect(connect) => {
                link.version = connect.version;
                link.keeps = match connect.version {
                    ProtocolVersion::V5 => {
                        connect
                            .properties
                            .session_expiry_interval()
                            .unwrap_or_default()
                            > 0
                    }
                    ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => !connect.clean_start,
                };
                begins_anew = connect.clean_start;
            }
            Packet::Disconnect(disconnect) => {
                if let Some(expiry) = disconnect.properties.session_expiry_interval() {
                    link.keeps = expiry > 0;
                }
            }
            _ => {}
        }
        let lost = link.cut;
        if begins_anew {
            self.holds.end_side(line, false, newest);
        }
        let passing = Passing {
            line,
            row: newest,
            to_broker: true,
            publication: None,
            ends: Ends::CLIENT,
        };
        self.holds.follow(&packet, passing);
        if lost {
            self.lose_up(connection, moment);
        }
    }

    fn arrived(&mut self, connection: ConnectionId) {
        let Some(line) = self.line_of_link(connection) else {
            return;
        };
        let newest = self.ladder.recording().newest();
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let version = link.version;
        let Some(flight) = link.down.pop_front() else {
            return;
        };
        self.set_fate(&flight, Fate::Arrived);
        let Ok(packet) = Packet::decode(&flight.bytes, version) else {
            return;
        };
        if let Packet::ConnAck(connack) = &packet
            && connack.code == 0
            && !connack.session_present
            && version != ProtocolVersion::V3_1
        {
            // The broker has nothing, so nothing of it can go on here either [MQTT-3.2.2-5].
            self.holds.end_side(line, false, newest);
        }
        let passing = Passing {
            line,
            row: newest,
            to_broker: false,
            publication: flight.publication,
            ends: Ends::CLIENT,
        };
        self.holds.follow(&packet, passing);
    }

    fn ended(&mut self, connection: ConnectionId, moment: Moment) {
        let Some(line) = self.line_of_link(connection) else {
            return;
        };
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        link.client_gone = true;
        let (keeps, unread) = (link.keeps, link.cut || link.broker_gone);
        self.lose_down(connection, 0);
        if unread {
            self.lose_up(connection, moment);
        }
        if !keeps {
            let newest = self.ladder.recording().newest();
            self.holds.end_side(line, false, newest);
        }
    }

    /// The broker's end of a watched link is closed: what comes on it is not read any more.
    pub(crate) fn broker_ended(&mut self, connection: ConnectionId, moment: Moment) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        link.broker_gone = true;
        if link.client_gone || link.cut {
            self.lose_up(connection, moment);
        }
    }

    /// Packets from the broker are lost: the one of this number and all after it.
    fn lose_down(&mut self, connection: ConnectionId, from: u64) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        for flight in link.loses_from(from) {
            self.set_fate(&flight, Fate::Lost);
        }
    }

    /// Packets to the broker are lost: nothing else tells of them.
    fn lose_up(&mut self, connection: ConnectionId, moment: Moment) {
        let Some(line) = self.line_of_link(connection) else {
            return;
        };
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let version = link.version;
        for bytes in core::mem::take(&mut link.up) {
            let Ok(packet) = Packet::decode(&bytes, version) else {
                continue;
            };
            let publication = self.holds.publication(line, &packet);
            let recorded = self.recorded(&bytes, version, true, &packet);
            self.record(moment, Some(line), publication, Kind::Lost(recorded));
        }
    }

    fn set_fate(&mut self, flight: &Flight, fate: Fate) {
        if let Some(row) = self.ladder.recording_mut().get_mut(flight.row)
            && let Kind::Packet(Recorded { fate: known, .. }) = &mut row.kind
        {
            *known = fate;
        }
    }

    fn broker_crashed(&mut self, kept: &Kept, flush: bool, moment: Moment) {
        let row = self.tell(None, moment, "broker-crashed", |row| {
            row.kept = !kept.is_empty();
        });
        let watched: Vec<_> = self.links.of_broker().collect();
        for connection in watched {
            if let Some(link) = self.links.get_mut(connection) {
                link.broker_gone = true;
            }
            if !flush {
                self.lose_down(connection, 0);
            }
            self.lose_up(connection, moment);
        }
        for connection in self.connections.open_ones() {
            self.close(connection, moment);
        }
        self.withheld = None;
        self.forget_unkept(kept, row);
    }
}
