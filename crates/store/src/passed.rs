//! Which deliveries began and ended within some batches: most of them, when all goes well.
//!
//! The numbers of a Session's deliveries rise, so that what is known of them is one byte each in a row.

use std::collections::HashMap;

use crate::format::{ChangeReader, Malformed, RawChange, RawStep};

/// So far apart are the numbers of two deliveries of a client at most. One that is farther from those before it is taken for
/// not over, which is only slower.
const APART: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Passed<'a> {
    indices: HashMap<&'a str, usize>,
    clients: Vec<Deliveries>,
}

/// The deliveries of a client.
#[derive(Debug, Default)]
struct Deliveries {
    /// Its Session ended: another may have begun with the same numbers.
    ended: bool,
    /// The number of the first.
    first: u64,
    states: Vec<State>,
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
pub(crate) struct Clients(Vec<Option<usize>>);

impl<'a> Passed<'a> {
    /// Looks through a batch.
    pub(crate) fn see(&mut self, bytes: &'a [u8]) -> Result<(), Malformed> {
        let mut batch = ChangeReader::new(bytes)?;
        let mut clients = Clients::default();
        while let Some(change) = batch.next_raw()? {
            match change {
                RawChange::Ended(client) => {
                    let client = self.client(&batch, client, &mut clients);
                    self.clients[client].ended = true;
                }
                RawChange::Other(_) => {}
                RawChange::Delivery(delivery) => {
                    let client = self.client(&batch, delivery.client, &mut clients);
                    self.clients[client].step(delivery.number, &delivery.step);
                }
            }
        }
        Ok(())
    }

    /// Whether a delivery of the client at this place of the batch is over.
    pub(crate) fn has(
        &mut self,
        batch: &ChangeReader<'a>,
        place: usize,
        number: u64,
        clients: &mut Clients,
    ) -> bool {
        let client = self.client(batch, place, clients);
        let deliveries = &self.clients[client];
        !deliveries.ended && deliveries.state(number) == State::Passed
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
            self.clients.push(Deliveries::default());
        }
        index
    }
}

impl Deliveries {
    fn step(&mut self, number: u64, step: &RawStep) {
        match step {
            RawStep::Began(..) => {
                if self.states.is_empty() {
                    self.first = number;
                }
                let Some(at) = self.at(number) else {
                    return;
                };
                if at > self.states.len() + APART {
                    return;
                }
                if self.states.len() <= at {
                    self.states.resize(at + 1, State::Unknown);
                }
                self.states[at] = State::Began;
            }
            RawStep::Over => {
                let at = self.at(number);
                let state = at.and_then(|at| self.states.get_mut(at));
                if let Some(state @ State::Began) = state {
                    *state = State::Passed;
                }
            }
            RawStep::Moved(_) | RawStep::PubRecCame { .. } => {}
        }
    }

    fn state(&self, number: u64) -> State {
        let at = self.at(number);
        let state = at.and_then(|at| self.states.get(at));
        state.copied().unwrap_or_default()
    }

    fn at(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}
