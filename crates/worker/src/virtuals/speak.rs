//! The lab's language, spoken to the broker in the tab: who joins, and what virtual clients do.

use std::rc::Rc;
use std::time::Duration;

use vitrine_broker::Time;
use vitrine_lab::{Action, ClientSetup, CutPoint, Direction, Problem};

use super::{MOST, Mailbox, Virtuals};
use crate::hub::{Cut, Hub, Wire};

/// Bytes of a line.
const LONGEST: usize = 16 * 1024;

/// What is said of lines about the world itself.
const REAL: &str = "the broker in the tab lives in real time, and is not started or stopped: only clients can do something here";

impl Virtuals {
    /// Does what a line says. Afterwards [`Self::settle`] is to be called.
    ///
    /// # Errors
    /// What is wrong with it and what would be right; then nothing is done.
    pub(crate) fn speak<W: Wire + From<Mailbox>>(
        &mut self,
        line: &str,
        hub: &mut Hub<W>,
        now: Time,
    ) -> Result<(), String> {
        if line.len() > LONGEST {
            return Err(format!("a line has {LONGEST} bytes at most"));
        }
        let why = |problem: Problem| problem.why;
        if line.split_whitespace().next() == Some("client") {
            return self.join(ClientSetup::parse(line).map_err(why)?, now);
        }
        let action = Action::parse(&self.setup, line).map_err(why)?;
        self.act(action, hub, now)
    }

    fn join(&mut self, client: ClientSetup, now: Time) -> Result<(), String> {
        let name = Rc::clone(&client.name);
        if client.options.authentication.is_some() {
            return Err(
                "enhanced authentication is for the worlds of the lab: use user= and password="
                    .into(),
            );
        }
        let number = match self.setup.client(&name) {
            Some(number) if self.is_active(number) => {
                return Err(format!("{name} has joined already: {name} disconnect"));
            }
            Some(number) => {
                self.replace(number, client.options.clone(), now);
                self.setup.clients[number] = client;
                number
            }
            None if self.len() >= MOST => {
                return Err(format!("there are {MOST} virtual clients already"));
            }
            None => {
                let number = self.add(client.options.clone(), now);
                self.setup.clients.push(client);
                number
            }
        };
        self.connect(number, now)
    }

    fn connect(&mut self, number: usize, now: Time) -> Result<(), String> {
        if self.is_active(number) {
            return Err("it has a connection, or is about to have one".into());
        }
        self.running(number)?.connect(now);
        Ok(())
    }

    fn running(&mut self, number: usize) -> Result<&mut vitrine_client::Client, String> {
        self.client(number)
            .ok_or_else(|| "its machine is down: start it first".into())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else there is, is of worlds"
    )]
    fn act<W: Wire + From<Mailbox>>(
        &mut self,
        action: Action,
        hub: &mut Hub<W>,
        now: Time,
    ) -> Result<(), String> {
        let refused = |why: vitrine_client::Refused| why.to_string();
        match action {
            Action::Connect(number) => return self.connect(number, now),
            Action::ConnectAs(number, options) => {
                if self.is_active(number) {
                    return Err("it has a connection, or is about to have one".into());
                }
                self.replace(number, *options, now);
                return self.connect(number, now);
            }
            Action::Disconnect(number, reason, expiry) => {
                if !self.is_active(number) {
                    return Err("it has no connection".into());
                }
                self.running(number)?.disconnect(reason, expiry, now);
            }
            Action::Publish(number, message) => {
                let client = self.running(number)?;
                client.publish(message, now).map_err(refused)?;
            }
            Action::Subscribe(number, filters, identifier) => {
                let client = self.running(number)?;
                let filters = filters
                    .iter()
                    .map(|(filter, options)| (&**filter, *options));
                let filters: Vec<_> = filters.collect();
                client
                    .subscribe(&filters, identifier, now)
                    .map_err(refused)?;
            }
            Action::Unsubscribe(number, filters) => {
                let client = self.running(number)?;
                let filters: Vec<_> = filters.iter().map(|filter| &**filter).collect();
                client.unsubscribe(&filters, now).map_err(refused)?;
            }
            Action::Ping(number) => {
                let client = self.running(number)?;
                if !client.is_connected() {
                    return Err("it is not connected".into());
                }
                client.ping(now);
            }
            Action::Send(number, bytes) => {
                let id = self.connected(number)?;
                hub.received(id, &bytes, now);
            }
            Action::Cut {
                node: number,
                client,
                broker,
            } => {
                let at_once = Some(Duration::ZERO);
                if (client, broker) != (at_once, at_once) {
                    return Err(
                        "here both ends learn at once that a connection is cut: write cut".into(),
                    );
                }
                let id = self.connected(number)?;
                hub.cut_now(id, now);
            }
            Action::CutAt(number, direction, packets, point) => {
                let id = self.connected(number)?;
                let cut = Cut {
                    packet_type: 0,
                    skip: packets,
                    after: match point {
                        CutPoint::Before => false,
                        CutPoint::After => true,
                        CutPoint::Within(_) => {
                            return Err("here a connection is cut before or after a packet".into());
                        }
                    },
                };
                hub.cut_at(id, direction == Direction::Up, cut);
            }
            Action::Hold(_, _, 1..) => {
                return Err(
                    "here all packets from now on are held: write hold up or hold down".into(),
                );
            }
            Action::Hold(number, direction, _) => {
                let id = self.connected(number)?;
                hub.hold(id, direction == Direction::Up);
            }
            Action::Release(number, direction) => {
                let id = self.connected(number)?;
                if !hub.release(id, direction == Direction::Up, now) {
                    return Err("nothing is held there".into());
                }
            }
            Action::CrashClient {
                node: number,
                memory,
            } => {
                self.running(number)?;
                self.crash(number, memory, hub, now);
            }
            Action::StartClient(number) => {
                if self.client(number).is_some() {
                    return Err("it runs".into());
                }
                self.start(number, now);
            }
            Action::Drop {
                node: number,
                politely,
            } => {
                self.connected(number)?;
                let client = Rc::clone(&self.running(number)?.options().client_id);
                hub.drop_client(&client, politely, now);
            }
            Action::Authenticate(_) => {
                return Err("enhanced authentication is for the worlds of the lab".into());
            }
            Action::Line(..) => {
                return Err("in the tab no time passes on a link: there is nothing to set".into());
            }
            _ => return Err(REAL.into()),
        }
        Ok(())
    }

    fn connected(&self, number: usize) -> Result<vitrine_broker::ConnectionId, String> {
        self.connection(number)
            .ok_or_else(|| "it has no connection".into())
    }
}
