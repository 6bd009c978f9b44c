//! What a page does to clients from in between, and with virtual ones.

use vitrine_broker::{ConnectionId, Time};
use vitrine_link::{Event, LabProblem, Meddle};

use super::Worker;
use crate::hub::Cut;

impl Worker {
    /// Does it, or tells the page why not.
    pub(super) fn meddle(&mut self, page: u64, meddle: Meddle) {
        let now = self.clock.now();
        // What happened before stands before it.
        self.settle(now);
        if let Err((name, why)) = self.try_to_meddle(meddle, now) {
            let problem = LabProblem {
                what: "act".into(),
                name,
                line: 0,
                why,
            };
            self.views.announce(Some(page), &Event::LabProblem(problem));
        }
        self.settle(now);
        // What was held goes on in its own message.
        self.flush.queue();
    }

    fn try_to_meddle(&mut self, meddle: Meddle, now: Time) -> Result<(), (String, String)> {
        match meddle {
            Meddle::Hold { client, to_broker } => {
                let id = self.connection_of(&client)?;
                self.hub.hold(id, to_broker);
            }
            Meddle::Release { client, to_broker } => {
                let id = self.connection_of(&client)?;
                if !self.hub.release(id, to_broker, now) {
                    return Err((client, "nothing is held there".into()));
                }
            }
            Meddle::CutAt {
                client,
                to_broker,
                packet_type,
                after,
            } => {
                let id = self.connection_of(&client)?;
                if packet_type > 15 {
                    let why = format!(
                        "there is no Control Packet type {packet_type}: 1 to 15, or 0 for any"
                    );
                    return Err((client, why));
                }
                let cut = Cut {
                    packet_type,
                    skip: 0,
                    after,
                };
                self.hub.cut_at(id, to_broker, cut);
            }
            Meddle::Virtual(line) => {
                let done = self.virtuals.speak(&line, &mut self.hub, now);
                return done.map_err(|why| (line, why));
            }
        }
        Ok(())
    }

    fn connection_of(&self, client: &str) -> Result<ConnectionId, (String, String)> {
        let found = self.hub.connection_of(client);
        found.ok_or_else(|| {
            let why = "no client of this name is connected to the broker in the tab";
            (client.to_owned(), why.to_owned())
        })
    }
}
