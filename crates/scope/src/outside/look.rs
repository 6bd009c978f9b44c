//! What is on a link, in the terms of the ladder: for who draws it on its way.

use vitrine_broker::ConnectionId;
use vitrine_link::PacketRow;
use vitrine_packet::{Packet, ProtocolVersion};

use crate::ladder::packet::tell_packet;
use crate::scope::Scope;

/// Bytes of a packet that are shown.
const HEAD: usize = 24;

/// Where a packet belongs that is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnItsWay {
    /// The packet, as a row tells it.
    pub packet: PacketRow,
    /// The publication that it belongs to, where that is known.
    pub publication: Option<u64>,
    /// The row that tells of its leaving, for a packet from the broker.
    pub row: Option<u64>,
}

impl Scope {
    /// A packet on a link that is watched. `number` is which it is on this connection in this direction, counted
    /// from 0.
    #[must_use]
    pub fn on_its_way(
        &self,
        connection: ConnectionId,
        to_broker: bool,
        number: u64,
        bytes: &[u8],
    ) -> OnItsWay {
        let link = self.links.get(connection);
        // A packet says by itself what it is, and its first one which version is spoken.
        let version = link.map_or(ProtocolVersion::V5, |link| link.version);
        let Ok(packet) = Packet::decode(bytes, version) else {
            return OnItsWay {
                packet: PacketRow {
                    to_broker,
                    packet_type: bytes.first().map_or(0, |first| first >> 4),
                    size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                    version: version as u8,
                    ..PacketRow::default()
                },
                ..OnItsWay::default()
            };
        };
        let version = if let Packet::Connect(connect) = &packet {
            connect.version
        } else {
            version
        };
        let mut row = tell_packet(&packet, version, self.limits.preview);
        row.to_broker = to_broker;
        row.packet_type = packet.packet_type() as u8;
        row.size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        row.version = version as u8;
        row.head = bytes[..bytes.len().min(HEAD)].to_vec();
        if to_broker {
            let line = link.and_then(|link| self.lines.of_client(&link.client));
            let publication = line.and_then(|line| self.holds.publication(line, &packet));
            return OnItsWay {
                packet: row,
                publication,
                row: None,
            };
        }
        let flight = link.and_then(|link| link.flight(number));
        OnItsWay {
            packet: row,
            publication: flight.and_then(|flight| flight.publication),
            row: flight.map(|flight| flight.row),
        }
    }

    /// The number by which this knows a publication that the present broker calls so: a broker that started in the
    /// place of another counts anew.
    #[must_use]
    pub fn publication(&self, broker: u64) -> u64 {
        self.epoch.known(broker)
    }

    /// The [`vitrine_link::Lifeline::id`] of a client, where it has a line.
    #[must_use]
    pub fn lifeline(&self, client: &str) -> Option<u32> {
        self.lines.of_client(client).map(|line| line.0)
    }
}
