//! The links that somebody watches: what is on its way on them.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;

use vitrine_broker::{ClientId, ConnectionId};
use vitrine_packet::ProtocolVersion;

/// Links that are known at a time. The oldest that is over is forgotten first.
const LINKS: usize = 1_024;
/// Packets on their way in one direction that are known. Of more it is not told what becomes of them.
const FLYING: usize = 65_536;

/// A link that is watched.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) client: ClientId,
    /// What its client speaks.
    pub(crate) version: ProtocolVersion,
    /// Whether the client's Session outlives the connection.
    pub(crate) keeps: bool,
    /// Packets that the client sent and the broker has not got.
    pub(crate) up: VecDeque<Rc<[u8]>>,
    /// Packets that the broker sent and the client has not got.
    pub(crate) down: VecDeque<Flight>,
    /// Packets that the broker sent so far.
    sent: u64,
    pub(crate) cut: bool,
    /// Whether the client's end is closed, and whether the broker's is.
    pub(crate) client_gone: bool,
    pub(crate) broker_gone: bool,
}

/// A packet from the broker on its way.
#[derive(Clone)]
pub(crate) struct Flight {
    /// Its number among those of its connection.
    number: u64,
    /// The row that tells of its leaving.
    pub(crate) row: u64,
    pub(crate) bytes: Rc<[u8]>,
    pub(crate) publication: Option<u64>,
}

impl Link {
    /// Whether what is sent now will not be read.
    pub(crate) fn loses_down(&self) -> bool {
        self.cut || self.client_gone
    }

    /// The packet of this number, while it is on its way.
    pub(crate) fn flight(&self, number: u64) -> Option<&Flight> {
        let first = self.down.front()?.number;
        self.down
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The broker sent a packet.
    pub(crate) fn sends(&mut self, row: u64, bytes: &Rc<[u8]>, publication: Option<u64>) {
        let number = self.sent;
        self.sent += 1;
        if !self.loses_down() && self.down.len() < FLYING {
            self.down.push_back(Flight {
                number,
                row,
                bytes: Rc::clone(bytes),
                publication,
            });
        }
    }

    /// Takes out what will not arrive when the packet of this number will not.
    pub(crate) fn loses_from(&mut self, number: u64) -> VecDeque<Flight> {
        let place = self.down.partition_point(|flight| flight.number < number);
        self.down.split_off(place)
    }

    /// The client sent a packet.
    pub(crate) fn client_sends(&mut self, packet: &Rc<[u8]>) {
        if self.up.len() < FLYING {
            self.up.push_back(Rc::clone(packet));
        }
    }

    /// A packet came to the broker. Links keep the order, so what was before it is not to come any more.
    pub(crate) fn broker_got(&mut self, packet: &[u8]) {
        if let Some(place) = self.up.iter().position(|sent| **sent == *packet) {
            self.up.drain(..=place);
        }
    }

    fn is_over(&self) -> bool {
        self.client_gone && (self.broker_gone || self.cut)
    }
}

/// All links that are watched.
#[derive(Clone, Default)]
pub(crate) struct Links {
    links: BTreeMap<ConnectionId, Link>,
}

impl Links {
    pub(crate) fn open(&mut self, connection: ConnectionId, client: ClientId) {
        if self.links.len() >= LINKS {
            let over = self.links.iter().find(|(_, link)| link.is_over());
            let over = over.or_else(|| self.links.first_key_value());
            if let Some(id) = over.map(|(id, _)| *id) {
                self.links.remove(&id);
            }
        }
        let link = Link {
            client,
            version: ProtocolVersion::V5,
            keeps: true,
            up: VecDeque::new(),
            down: VecDeque::new(),
            sent: 0,
            cut: false,
            client_gone: false,
            broker_gone: false,
        };
        self.links.insert(connection, link);
    }

    pub(crate) fn get(&self, connection: ConnectionId) -> Option<&Link> {
        self.links.get(&connection)
    }

    pub(crate) fn get_mut(&mut self, connection: ConnectionId) -> Option<&mut Link> {
        self.links.get_mut(&connection)
    }

    /// Those whose broker's end is open.
    pub(crate) fn of_broker(&self) -> impl Iterator<Item = ConnectionId> {
        let open = self.links.iter().filter(|(_, link)| !link.broker_gone);
        open.map(|(id, _)| *id)
    }
}
