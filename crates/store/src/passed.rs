//! What began and ended within some batches, deliveries and Packet Identifiers: most of them, when all goes
//! well.
//!
//! All batches are looked through first, in their order, and then asked about, once each, in the same order. What
//! has to be asked is noted in between, so that only batches of which something is left are read again.
//! The numbers of a Session's deliveries rise, so that what is known of them stands in rows.

use std::collections::HashMap as SeededMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vitrine_packet::PacketId;

use crate::format::{ChangeReader, Malformed, RawChange, RawId, RawStep};

/// States of deliveries with numbers in a row that are kept together.
const ROW: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Passed<'a> {
    indices: SeededMap<&'a str, usize>,
    clients: Vec<Client>,
}

/// What a change of a batch is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About {
    /// A delivery of a client, by the client's index.
    Delivery(usize, u64),
    /// A Packet Identifier of a client, and whether it is known from then on.
    Id(usize, PacketId, bool),
    /// Something that never comes to nothing.
    Other,
}

/// What is known of a client.
#[derive(Debug)]
struct Client {
    /// Its Session ended: another may have begun with the same numbers.
    ended: bool,
    /// By the deliveries' numbers, without their last digits.
    states: HashMap<u64, [State; ROW], FixedState>,
    ids: HashMap<PacketId, Id, FixedState>,
}

/// What is known of a Packet Identifier.
#[derive(Clone, Copy, Debug, Default)]
struct Id {
    /// How many times more it is known and then released.
    times: u32,
    /// It is known, as far as was looked or asked.
    known: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unknown,
    Began,
    Passed,
}

/// Which client it is that a text stands for, by its place in a batch.
#[derive(Debug, Default)]
struct Clients(Vec<Option<usize>>);

impl<'a> Passed<'a> {
    /// Looks through a batch. What its changes are about is added to `about`.
    pub(crate) fn see(&mut self, bytes: &'a [u8], about: &mut Vec<About>) -> Result<(), Malformed> {
        let mut batch = ChangeReader::new(bytes)?;
        let mut clients = Clients::default();
        while let Some(change) = batch.next_raw()? {
            about.push(match change {
                RawChange::Ended(client) => {
                    let client = self.client(&batch, client, &mut clients);
                    self.clients[client].ended = true;
                    About::Other
                }
                RawChange::Other(_) => About::Other,
                RawChange::Id(client, id, change) => {
                    let client = self.client(&batch, client, &mut clients);
                    let known = matches!(change, RawId::Received(_));
                    self.clients[client].see_id(id, known);
                    About::Id(client, id, known)
                }
                RawChange::Delivery(delivery) => {
                    let client = self.client(&batch, delivery.client, &mut clients);
                    self.clients[client].step(delivery.number, &delivery.step);
                    About::Delivery(client, delivery.number)
                }
            });
        }
        Ok(())
    }

    /// All batches were looked through: they are asked about now.
    pub(crate) fn all_seen(&mut self) {
        for client in &mut self.clients {
            client.ids.values_mut().for_each(|id| id.known = false);
        }
    }

    /// Whether a change comes to nothing with what comes after it or came before.
    pub(crate) fn has(&mut self, about: About) -> bool {
        match about {
            About::Other => false,
            About::Delivery(client, number) => {
                let client = &self.clients[client];
                !client.ended && client.state(number) == State::Passed
            }
            About::Id(client, id, known) => {
                let client = &mut self.clients[client];
                !client.ended && client.has_id(id, known)
            }
        }
    }

    fn client(&mut self, batch: &ChangeReader<'a>, place: usize, clients: &mut Clients) -> usize {
        if clients.0.len() <= place {
            clients.0.resize(place + 1, None);
        }
        match clients.0[place] {
            Some(client) => client,
            None => *clients.0[place].insert(self.index(batch.text_at(place))),
        }
    }

    fn index(&mut self, client: &'a str) -> usize {
        let next = self.clients.len();
        let index = *self.indices.entry(client).or_insert(next);
        if index == next {
            self.clients.push(Client {
                ended: false,
                states: HashMap::with_hasher(FixedState::with_seed(0)),
                ids: HashMap::with_hasher(FixedState::with_seed(0)),
            });
        }
        index
    }
}

impl Client {
    fn step(&mut self, number: u64, step: &RawStep) {
        match step {
            RawStep::Began(..) => {
                let row = self.states.entry(row(number));
                row.or_insert([State::Unknown; ROW])[place(number)] = State::Began;
            }
            RawStep::Over => {
                let row = self.states.get_mut(&row(number));
                if let Some(state @ State::Began) = row.map(|row| &mut row[place(number)]) {
                    *state = State::Passed;
                }
            }
            RawStep::Moved(_) | RawStep::PubRecCame { .. } => {}
        }
    }

    fn see_id(&mut self, id: PacketId, known: bool) {
        let id = self.ids.entry(id).or_default();
        if id.known && !known {
            id.times += 1;
        }
        id.known = known;
    }

    fn has_id(&mut self, id: PacketId, known: bool) -> bool {
        let Some(id) = self.ids.get_mut(&id) else {
            return false;
        };
        if known {
            id.known = id.times > 0;
            return id.known;
        }
        if !id.known {
            return false;
        }
        id.known = false;
        id.times -= 1;
        true
    }

    fn state(&self, number: u64) -> State {
        let row = self.states.get(&row(number));
        row.map_or(State::Unknown, |row| row[place(number)])
    }
}

/// In which row a delivery's state stands.
const fn row(number: u64) -> u64 {
    number / ROW as u64
}

/// Where in its row.
const fn place(number: u64) -> usize {
    (number % ROW as u64) as usize
}
