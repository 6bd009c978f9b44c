//! What a broker found when it started: nobody observed how it came about.

use alloc::rc::Rc;

use vitrine_broker::{PersistentState, SavedDelivery};

use crate::preview::Preview;
use crate::scope::Scope;
use crate::sessions::Subscription;
use crate::tree::Retained;

impl Scope {
    /// Takes in what a broker goes on from, before its first observation. `now` is the broker's time in
    /// microseconds.
    pub fn restore(&mut self, state: &PersistentState, now: u64) {
        for (topic, message) in &state.retained {
            let retained = Retained {
                payload: Preview::of(&message.payload, self.limits.preview),
                qos: message.qos as u8,
                publication: message.publication.0,
            };
            self.tree.retain(topic, retained);
        }
        for (client, saved) in &state.sessions {
            let line = self.lines.client(client);
            self.lines.set_session(line, true);
            let waiting = saved.deliveries.values();
            let queued = waiting
                .filter(|delivery| matches!(delivery, SavedDelivery::Queued(_)))
                .count();
            self.sessions.change(line, |session| {
                session.expiry = saved.settings.expiry;
                session.since = saved.settings.left.map_or(now, |left| left.as_micros());
                session.user.clone_from(&saved.settings.user);
                session.username.clone_from(&saved.settings.user);
                session.queued = u32::try_from(queued).unwrap_or(u32::MAX);
                session.subscriptions = saved
                    .subscriptions
                    .iter()
                    .map(|(filter, saved)| {
                        let subscription = Subscription {
                            granted: saved.options.qos as u8,
                            no_local: saved.options.no_local,
                            matched: 0,
                        };
                        (Rc::clone(filter), subscription)
                    })
                    .collect();
            });
        }
    }
}
