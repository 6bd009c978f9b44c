//! Writing changes, one after the other.

use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use vitrine_broker::{Change, ClientId, ClockReading, Message, SavedDelivery, SavedMessage};

use super::rows::write_identifiers;
use super::tags::{
    CLOCK, DELIVERED, HAS_GROUP, HAS_IDENTIFIERS, MOVED, PUBREC_CAME, QUEUED, RECEIVED, RELEASED,
    RETAIN, RETAINED, RETAINED_REMOVED, SENT, SESSION, SESSION_ENDED, SUBSCRIBED, UNSUBSCRIBED,
    WAITS,
};
use super::{
    VERSION, write_bytes, write_message, write_number, write_settings, write_subscription,
};

/// What was written before, by its address: all changes of a batch are alive while it is written.
#[derive(Debug)]
struct Places {
    /// Addresses that were asked for lately, with their places: one for each of the hashes.
    lately: Box<[(usize, u64); LATELY]>,
    all: HashMap<usize, u64, FixedState>,
    count: u64,
}

/// Most batches have fewer texts.
const LATELY: usize = 256;

/// Writes changes. What is shared among them in memory is written once.
#[derive(Debug)]
pub(crate) struct ChangeWriter {
    out: Vec<u8>,
    texts: Places,
    messages: Messages,
}

/// The messages that were written before, by their addresses.
#[derive(Debug)]
struct Messages {
    latest: (usize, u64),
    all: HashMap<usize, u64, FixedState>,
    count: u64,
}

impl ChangeWriter {
    /// Writes into the memory of `out`.
    pub(crate) fn new(mut out: Vec<u8>) -> Self {
        out.clear();
        out.push(VERSION);
        Self {
            out,
            texts: Places {
                lately: Box::new([(0, 0); LATELY]),
                all: HashMap::with_hasher(FixedState::with_seed(0)),
                count: 0,
            },
            messages: Messages {
                latest: (0, 0),
                all: HashMap::with_hasher(FixedState::with_seed(0)),
                count: 0,
            },
        }
    }

    /// Writes all of them. They are borrowed together, as addresses tell them apart.
    pub(crate) fn write<'a>(mut self, changes: impl IntoIterator<Item = &'a Change>) -> Vec<u8> {
        for change in changes {
            self.change(change);
        }
        self.out
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Session { client, settings } => {
                self.head(SESSION, client);
                write_settings(settings, &mut self.out);
            }
            Change::SessionEnded { client } => self.head(SESSION_ENDED, client),
            Change::Subscribed {
                client,
                filter,
                subscription,
            } => {
                self.head(SUBSCRIBED, client);
                text(&mut self.texts, filter, &mut self.out);
                write_subscription(*subscription, &mut self.out);
            }
            Change::Unsubscribed { client, filter } => {
                self.head(UNSUBSCRIBED, client);
                text(&mut self.texts, filter, &mut self.out);
            }
            Change::Delivery {
                client,
                number,
                delivery,
            } => self.delivery(client, *number, delivery),
            Change::Moved {
                client,
                number,
                packet_id,
            } => {
                let tag = if packet_id.is_some() { MOVED } else { WAITS };
                self.head(tag, client);
                self.number(*number);
                if let Some(id) = packet_id {
                    self.number(id.get().into());
                }
            }
            Change::Delivered { client, number } => {
                self.head(DELIVERED, client);
                self.number(*number);
            }
            Change::Received {
                client,
                packet_id,
                publication,
            } => {
                self.head(RECEIVED, client);
                self.number(packet_id.get().into());
                // Publications are counted from 1.
                self.number(publication.map_or(0, |publication| publication.0));
            }
            Change::Released { client, packet_id } => {
                self.head(RELEASED, client);
                self.number(packet_id.get().into());
            }
            Change::Retained(message) => {
                self.out.push(RETAINED);
                self.message(message);
            }
            Change::RetainedRemoved { topic } => {
                self.out.push(RETAINED_REMOVED);
                text(&mut self.texts, topic, &mut self.out);
            }
            Change::Clock(ClockReading { time, machine }) => {
                self.out.push(CLOCK);
                self.number(time.as_micros());
                self.number(machine.as_micros());
            }
        }
    }

    fn delivery(&mut self, client: &ClientId, number: u64, delivery: &SavedDelivery) {
        match delivery {
            SavedDelivery::Queued(message) => {
                self.head(QUEUED, client);
                self.number(number);
                self.saved(message);
            }
            SavedDelivery::Sent(id, message) => {
                self.head(SENT, client);
                self.number(number);
                self.number(id.get().into());
                self.saved(message);
            }
            SavedDelivery::Released {
                packet_id,
                publication,
                order,
            } => {
                self.head(PUBREC_CAME, client);
                self.number(number);
                self.number(packet_id.get().into());
                self.number(publication.0);
                self.number(*order);
            }
        }
    }

    fn saved(&mut self, saved: &SavedMessage) {
        let mut flags = saved.qos.as_u8();
        if saved.retain {
            flags |= RETAIN;
        }
        if !saved.identifiers.is_empty() {
            flags |= HAS_IDENTIFIERS;
        }
        if saved.group.is_some() {
            flags |= HAS_GROUP;
        }
        self.out.push(flags);
        if !saved.identifiers.is_empty() {
            write_identifiers(&saved.identifiers, &mut self.out);
        }
        if let Some(group) = &saved.group {
            text(&mut self.texts, group, &mut self.out);
        }
        self.message(&saved.message);
    }

    fn message(&mut self, message: &Rc<Message>) {
        // The broker holds one as long as it is under way. Only of those that more hold may there be another
        // here that is not next to this one.
        let shared = Rc::strong_count(message) > 2;
        let place = self.messages.place(Rc::as_ptr(message).addr(), shared);
        write_number(place.unwrap_or(0), &mut self.out);
        if place.is_some() {
            return;
        }
        let texts = &mut self.texts;
        write_message(message, &mut self.out, |part, out| text(texts, part, out));
    }

    fn head(&mut self, tag: u8, client: &ClientId) {
        self.out.push(tag);
        text(&mut self.texts, client, &mut self.out);
    }

    fn number(&mut self, number: u64) {
        write_number(number, &mut self.out);
    }
}

fn text(texts: &mut Places, text: &str, out: &mut Vec<u8>) {
    let place = texts.place(text.as_ptr().addr());
    write_number(place.unwrap_or(0), out);
    if place.is_none() {
        write_bytes(text.as_bytes(), out);
    }
}

impl Places {
    /// The place of what is at this address, counted from 1; `None` when it is yet to be written.
    fn place(&mut self, address: usize) -> Option<u64> {
        let hash = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let lately = &mut self.lately[hash as usize];
        if lately.0 == address {
            return Some(lately.1);
        }
        let place = match self.all.entry(address) {
            Entry::Occupied(place) => Some(*place.get()),
            Entry::Vacant(free) => {
                self.count += 1;
                free.insert(self.count);
                None
            }
        };
        *lately = (address, place.unwrap_or(self.count));
        place
    }
}

impl Messages {
    /// As [`Places::place`]. Only of what is `shared` more is remembered than the latest.
    fn place(&mut self, address: usize, shared: bool) -> Option<u64> {
        if self.latest.0 == address {
            return Some(self.latest.1);
        }
        let known = if shared { self.all.get(&address) } else { None };
        let place = known.copied();
        if place.is_none() {
            self.count += 1;
            if shared {
                self.all.insert(address, self.count);
            }
        }
        self.latest = (address, place.unwrap_or(self.count));
        place
    }
}
