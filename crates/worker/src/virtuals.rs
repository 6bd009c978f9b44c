//! Virtual clients of the lab's on the broker in the tab: they meet real ones there.
//!
//! A virtual client is the state machine of `crates/client`, driven with the worker's clock. Its connection is a
//! [`Mailbox`] on either side of which somebody takes what is there: no time passes on it. The window of the door holds
//! for it too: of what it sends only so much is under way that the broker has not taken.

mod mailbox;
mod speak;

#[cfg(test)]
mod tests;

use vitrine_broker::{ConnectionId, Time};
use vitrine_client::{Client, Input, Options, Output};
use vitrine_lab::Setup;

use crate::hub::{Hub, WINDOW, Wire};
use mailbox::Mail;
pub(crate) use mailbox::Mailbox;

/// How many there may be.
pub(crate) const MOST: usize = 50;

/// Bytes that are pulled from a client at a time.
const CHUNK: usize = 64 * 1024;

/// Turns that are taken at once at most. Nobody answers an answer, so it is never reached.
const MOST_TURNS: u32 = 10_000;

/// Mints a number for a connection.
pub(crate) type Mint<'a> = &'a mut dyn FnMut() -> ConnectionId;

/// All that joined.
#[derive(Default)]
pub(crate) struct Virtuals {
    all: Vec<Virtual>,
    /// Who they are, for the language: the same numbers.
    setup: Setup,
}

/// One of them.
struct Virtual {
    client: Client,
    options: Options,
    /// Whether its machine runs.
    up: bool,
    line: Option<Near>,
}

/// The client's end of its connection.
struct Near {
    id: ConnectionId,
    mail: Mailbox,
    /// Bytes that were sent and are not taken.
    under_way: usize,
    /// There are bytes to pull.
    wants: bool,
}

impl Virtuals {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds one that does nothing yet, and gives its number.
    pub(crate) fn add(&mut self, options: Options, now: Time) -> usize {
        self.all.push(Virtual::new(options, now));
        self.all.len() - 1
    }

    /// Puts another in the place of one that is not connected.
    pub(crate) fn replace(&mut self, number: usize, options: Options, now: Time) {
        self.all[number] = Virtual::new(options, now);
    }

    /// Whether it has a connection, or is about to.
    pub(crate) fn is_active(&self, number: usize) -> bool {
        self.all[number].client.is_active()
    }

    /// Its connection.
    pub(crate) fn connection(&self, number: usize) -> Option<ConnectionId> {
        self.all[number].line.as_ref().map(|line| line.id)
    }

    /// The state machine of one whose machine runs. Afterwards [`Self::settle`] is to be called.
    pub(crate) fn client(&mut self, number: usize) -> Option<&mut Client> {
        let one = &mut self.all[number];
        one.up.then_some(&mut one.client)
    }

    /// Its machine stops, with or without what it had in memory. The broker hears nothing of it but that the
    /// connection is gone.
    pub(crate) fn crash<W: Wire>(
        &mut self,
        number: usize,
        memory: bool,
        hub: &mut Hub<W>,
        now: Time,
    ) {
        let one = &mut self.all[number];
        one.up = false;
        if let Some(line) = one.line.take() {
            hub.gone(line.id, None, now);
        }
        if memory {
            one.client.handle(Input::Closed, now);
        } else {
            one.client = Client::new(one.options.clone(), now);
        }
        one.forget_outputs();
    }

    /// It starts again and connects.
    pub(crate) fn start(&mut self, number: usize, now: Time) {
        let one = &mut self.all[number];
        if !one.up {
            one.up = true;
            one.client.connect(now);
        }
    }

    /// When one of them wants to be woken.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let running = self.all.iter().filter(|one| one.up);
        running
            .filter_map(|one| Some(one.client.next_deadline()?.at))
            .min()
    }

    /// The time that one of them asked for may have come.
    pub(crate) fn wake(&mut self, now: Time) {
        for one in self.all.iter_mut().filter(|one| one.up) {
            if (one.client.next_deadline()).is_some_and(|deadline| deadline.at <= now) {
                one.client.handle(Input::Deadline, now);
            }
        }
    }

    /// Carries what the clients have to the broker, and what came for them to the clients. True when the broker has
    /// something to do for it.
    pub(crate) fn settle<W: Wire + From<Mailbox>>(
        &mut self,
        hub: &mut Hub<W>,
        mint: Mint<'_>,
        now: Time,
    ) -> bool {
        let mut did = false;
        for one in &mut self.all {
            let mut turns = 0;
            while one.turn(hub, mint, now) && turns < MOST_TURNS {
                did = true;
                turns += 1;
            }
        }
        did
    }
}

impl Virtual {
    fn new(options: Options, now: Time) -> Self {
        Self {
            client: Client::new(options.clone(), now),
            options,
            up: true,
            line: None,
        }
    }

    /// What it asks for of a host that is not there.
    fn forget_outputs(&mut self) {
        while self.client.poll_output().is_some() {}
        while self.client.poll_event().is_some() {}
    }

    /// Carries what there is, in both directions. False when there was nothing.
    fn turn<W: Wire + From<Mailbox>>(
        &mut self,
        hub: &mut Hub<W>,
        mint: Mint<'_>,
        now: Time,
    ) -> bool {
        let mut did = self.take_mail(hub, now);
        if !self.up {
            return false;
        }
        while let Some(output) = self.client.poll_output() {
            did = true;
            match output {
                Output::Open => self.open(hub, mint, now),
                Output::Transmit => {
                    if let Some(line) = &mut self.line {
                        line.wants = true;
                    }
                }
                Output::Close => self.close(hub, now),
                _ => {}
            }
        }
        // What the application would be told nobody waits for: it is on the page.
        while self.client.poll_event().is_some() {}
        self.send(hub, now) || did
    }

    fn open<W: Wire + From<Mailbox>>(&mut self, hub: &mut Hub<W>, mint: Mint<'_>, now: Time) {
        let id = mint();
        let mail = Mailbox::default();
        hub.open(id, "lab", W::from(mail.clone()), now);
        self.line = Some(Near {
            id,
            mail,
            under_way: 0,
            wants: false,
        });
        self.client.handle(Input::Opened, now);
    }

    /// The client ends its connection: what it still has goes first.
    fn close<W: Wire>(&mut self, hub: &mut Hub<W>, now: Time) {
        let Some(line) = self.line.take() else {
            return;
        };
        let mut bytes = Vec::new();
        while self.client.poll_transmit(&mut bytes, CHUNK, now) > 0 {}
        if !bytes.is_empty() {
            hub.received(line.id, &bytes, now);
        }
        hub.gone(line.id, None, now);
    }

    fn send<W: Wire>(&mut self, hub: &mut Hub<W>, now: Time) -> bool {
        let Some(line) = self
            .line
            .as_mut()
            .filter(|line| line.wants && line.under_way < WINDOW)
        else {
            return false;
        };
        let mut bytes = Vec::new();
        if self.client.poll_transmit(&mut bytes, CHUNK, now) == 0 {
            line.wants = false;
            return false;
        }
        line.under_way += bytes.len();
        hub.received(line.id, &bytes, now);
        true
    }

    fn take_mail<W: Wire>(&mut self, hub: &mut Hub<W>, now: Time) -> bool {
        let mut did = false;
        while let Some(line) = &mut self.line
            && let Some(mail) = line.mail.take()
        {
            did = true;
            match mail {
                Mail::Bytes(bytes) => {
                    hub.took(line.id, bytes.len());
                    self.client.handle(Input::Received(&bytes), now);
                }
                Mail::Taken(bytes) => line.under_way = line.under_way.saturating_sub(bytes),
                Mail::End => {
                    self.line = None;
                    self.client.handle(Input::Closed, now);
                }
            }
        }
        did
    }
}
