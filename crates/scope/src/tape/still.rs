//! What of that which a tape has no room for any more is still true: who is connected, who has a Session, what is
//! subscribed and what is retained. It is told by the very entries that told it first.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;

use vitrine_broker::{ClientId, ConnectionId, Event};
use vitrine_packet::PacketType;

use crate::outside::Outside;
use crate::tape::{Entry, Told};

/// What an entry tells that stays true until it is told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Restored,
    Access,
    /// How a connection began: 0 wished for, 1 opened, 2 CONNECT, 3 CONNACK, 4 accepted.
    Connection(ConnectionId, u8),
    /// The last connection of a client that is away: accepted, ended.
    Away(ClientId, u8),
    Subscription(ClientId, Rc<str>),
    Retained(Rc<str>),
}

const WISHED: u8 = 0;
const OPENED: u8 = 1;
const CONNECT: u8 = 2;
const CONNACK: u8 = 3;
const ACCEPTED: u8 = 4;

/// The entries, in their order.
#[derive(Clone, Default)]
pub(crate) struct Still {
    entries: BTreeMap<u64, (About, Entry)>,
    places: BTreeMap<About, u64>,
    next: u64,
}

impl Still {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().map(|(_, entry)| entry)
    }

    /// Takes an entry that goes. Gives how many entries are told by nothing from now on: this one, or others in
    /// whose place it comes.
    pub(crate) fn take(&mut self, entry: Entry) -> u64 {
        let before = self.entries.len() as u64;
        self.follow(entry);
        (before + 1).saturating_sub(self.entries.len() as u64)
    }

    fn follow(&mut self, entry: Entry) {
        let told = entry.0.clone();
        match told {
            Told::Restored(..) => self.keep(About::Restored, entry),
            Told::Access(..) => self.keep(About::Access, entry),
            Told::Outside(outside, at) => self.follow_outside(&outside, at, entry),
            Told::Observed(observation) => self.follow_event(&observation.event, entry),
            Told::Malformed(_) => {}
            Told::Closed(closed) => self.end(closed.connection, closed.client.as_ref(), entry),
        }
    }

    fn follow_outside(&mut self, outside: &Outside, at: u64, entry: Entry) {
        match outside {
            Outside::Opening { connection, .. } => {
                self.keep(About::Connection(*connection, WISHED), entry);
            }
            // Nothing else is left, and another broker counts anew and goes on from that.
            Outside::BrokerCrashed { kept, .. } | Outside::BrokerStarted { kept, .. } => {
                let access = self.remove(&About::Access);
                *self = Self {
                    next: self.next,
                    ..Self::default()
                };
                if let Some(access) = access {
                    self.keep(About::Access, access);
                }
                self.keep(About::Restored, Entry(Told::Restored(Rc::clone(kept), at)));
            }
            _ => {}
        }
    }

    fn follow_event(&mut self, event: &Event, entry: Entry) {
        match event {
            Event::Opened { connection, .. } => {
                self.keep(About::Connection(*connection, OPENED), entry);
            }
            Event::Received {
                connection, bytes, ..
            } if is(PacketType::Connect, bytes) => {
                self.keep(About::Connection(*connection, CONNECT), entry);
            }
            Event::Sent {
                connection, bytes, ..
            } if is(PacketType::ConnAck, bytes) => {
                self.keep(About::Connection(*connection, CONNACK), entry);
            }
            Event::Connected {
                connection, client, ..
            } => {
                self.drop_all(
                    About::Away(client.clone(), 0),
                    About::Away(client.clone(), 1),
                );
                self.keep(About::Connection(*connection, ACCEPTED), entry);
            }
            Event::Closed {
                connection, client, ..
            } => self.end(*connection, client.as_ref(), entry),
            Event::SessionEnded { client, .. } => {
                self.drop_all(
                    About::Away(client.clone(), 0),
                    About::Away(client.clone(), 1),
                );
                let first = About::Subscription(client.clone(), "".into());
                let of_client = |about: &About| matches!(about, About::Subscription(whose, _) if whose == client);
                let all = self.places.range(first..).map(|(about, _)| about.clone());
                let all: alloc::vec::Vec<_> = all.take_while(of_client).collect();
                all.into_iter().for_each(|about| self.drop(&about));
            }
            Event::Subscribed { client, filter, .. } => {
                self.keep(
                    About::Subscription(client.clone(), Rc::clone(filter)),
                    entry,
                );
            }
            Event::Unsubscribed { client, filter } => {
                self.drop(&About::Subscription(client.clone(), Rc::clone(filter)));
            }
            Event::Retained { topic, .. } => self.keep(About::Retained(Rc::clone(topic)), entry),
            Event::RetainedRemoved { topic, .. } => self.drop(&About::Retained(Rc::clone(topic))),
            _ => {}
        }
    }

    /// A connection ended. That of a client that may have a Session still is remembered as its last.
    fn end(&mut self, connection: ConnectionId, client: Option<&ClientId>, entry: Entry) {
        let accepted = self.remove(&About::Connection(connection, ACCEPTED));
        self.drop_all(
            About::Connection(connection, WISHED),
            About::Connection(connection, ACCEPTED),
        );
        if let (Some(client), Some(accepted)) = (client, accepted) {
            self.keep(About::Away(client.clone(), 0), accepted);
            self.keep(About::Away(client.clone(), 1), entry);
        }
    }

    fn keep(&mut self, about: About, entry: Entry) {
        self.drop(&about);
        self.places.insert(about.clone(), self.next);
        self.entries.insert(self.next, (about, entry));
        self.next += 1;
    }

    fn remove(&mut self, about: &About) -> Option<Entry> {
        let place = self.places.remove(about)?;
        self.entries.remove(&place).map(|(_, entry)| entry)
    }

    fn drop(&mut self, about: &About) {
        self.remove(about);
    }

    fn drop_all(&mut self, first: About, last: About) {
        let all = self
            .places
            .range(first..=last)
            .map(|(about, _)| about.clone());
        let all: alloc::vec::Vec<_> = all.collect();
        all.into_iter().for_each(|about| self.drop(&about));
    }
}

fn is(packet_type: PacketType, bytes: &[u8]) -> bool {
    bytes
        .first()
        .is_some_and(|byte| byte >> 4 == packet_type as u8)
}
