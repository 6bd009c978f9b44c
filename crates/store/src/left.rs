//! What is left of each batch in the journal: kept up to date with every commit, because most of what begins is over soon after. Only what
//! is left is read again when the journal is worked into the tables.

use std::collections::HashMap as SeededMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use vitrine_packet::PacketId;

use crate::format::{Malformed, Scanned, Scanner, Step};

/// Which change of which batch, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) batch: u32,
    pub(crate) change: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Left {
    batches: u32,
    /// What does not come to nothing, or is about something that the tables may have.
    lasting: Vec<Place>,
    indices: SeededMap<Box<[u8]>, usize>,
    clients: Vec<Client>,
}

/// What began and is not over, of a client.
#[derive(Debug)]
struct Client {
    deliveries: HashMap<u64, Begun, FixedState>,
    ids: HashMap<PacketId, Place, FixedState>,
}

/// A delivery.
#[derive(Clone, Copy, Debug)]
struct Begun {
    at: Place,
    /// Where it was told last how far it is. After PUBREC has come nothing else counts.
    then: Option<(Place, Step)>,
}

impl Left {
    /// Of some batches.
    ///
    /// # Errors
    /// Of a batch that is malformed, with its place.
    pub(crate) fn of<'a>(
        batches: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Self, (usize, Malformed)> {
        let mut left = Self::default();
        for (at, bytes) in batches.enumerate() {
            left.take_in(bytes).map_err(|malformed| (at, malformed))?;
        }
        Ok(left)
    }

    /// Takes in one more batch.
    pub(crate) fn take_in(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let batch = self.batches;
        self.batches += 1;
        let mut changes = Scanner::new(bytes)?;
        // Which client it is that a text stands for, by the text's place.
        let mut clients = Vec::new();
        let mut change = 0;
        while let Some(scanned) = changes.next()? {
            let at = Place { batch, change };
            change += 1;
            let lasts = match scanned {
                Scanned::Delivery(client, number, step) => {
                    let client = self.client(&changes, client, &mut clients);
                    client.delivery(number, step, at)
                }
                Scanned::Id(client, id, known) => {
                    let client = self.client(&changes, client, &mut clients);
                    client.id(id, known, at)
                }
                Scanned::Ended(client) => {
                    let client = self.client(&changes, client, &mut clients);
                    client.deliveries.clear();
                    client.ids.clear();
                    true
                }
                Scanned::Other => true,
            };
            if lasts {
                self.lasting.push(at);
            }
        }
        Ok(())
    }

    /// All that is left, in its order.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = self.lasting.clone();
        for client in &self.clients {
            places.extend(client.ids.values());
            for begun in client.deliveries.values() {
                places.push(begun.at);
                places.extend(begun.then.map(|(at, _)| at));
            }
        }
        places.sort_unstable();
        places
    }

    fn client(
        &mut self,
        batch: &Scanner<'_>,
        place: usize,
        clients: &mut Vec<Option<usize>>,
    ) -> &mut Client {
        if clients.len() <= place {
            clients.resize(place + 1, None);
        }
        let index = match clients[place] {
            Some(index) => index,
            None => *clients[place].insert(self.index(batch.text_at(place))),
        };
        &mut self.clients[index]
    }

    fn index(&mut self, client: &[u8]) -> usize {
        if let Some(index) = self.indices.get(client) {
            return *index;
        }
        let hasher = FixedState::with_seed(0);
        self.indices.insert(client.into(), self.clients.len());
        self.clients.push(Client {
            deliveries: HashMap::with_hasher(hasher.clone()),
            ids: HashMap::with_hasher(hasher),
        });
        self.clients.len() - 1
    }
}

impl Client {
    /// Takes in how far a delivery is. Says whether that lasts.
    fn delivery(&mut self, number: u64, step: Step, at: Place) -> bool {
        if step == Step::Began {
            let begun = Begun { at, then: None };
            self.deliveries.insert(number, begun);
            return false;
        }
        let Entry::Occupied(mut begun) = self.deliveries.entry(number) else {
            return true;
        };
        let then = &mut begun.get_mut().then;
        match step {
            Step::Over => drop(begun.remove()),
            Step::Moved if matches!(then, Some((_, Step::PubRecCame))) => {}
            Step::Began | Step::Moved | Step::PubRecCame => *then = Some((at, step)),
        }
        false
    }

    /// Takes in that a Packet Identifier is known or released. Says whether that lasts.
    fn id(&mut self, id: PacketId, known: bool, at: Place) -> bool {
        if known {
            self.ids.insert(id, at);
            return false;
        }
        self.ids.remove(&id).is_none()
    }
}

#[cfg(test)]
mod tests;
