//! What the broker holds, against what the model does: at any time, and when all is at rest.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::Broker;

use super::Player;
use crate::simulate::state::State;

impl Player<'_> {
    /// Holds the broker against the model.
    pub(super) fn compare(&self) -> Result<(), String> {
        let Some(broker) = self.world.broker() else {
            return Ok(());
        };
        broker.verify()?;
        let State {
            sessions, retained, ..
        } = &self.model.state;
        let counts = broker.counts();
        if counts.sessions != sessions.len() {
            let clients: Vec<_> = broker.clients().collect();
            return Err(format!(
                "sessions {clients:?} instead of {:?}",
                sessions.keys()
            ));
        }
        for (client, session) in sessions {
            let Some(info) = broker.session(client) else {
                return Err(format!("{client} has no session"));
            };
            let filters: BTreeSet<&str> = info.subscriptions.iter().map(|(f, _)| &**f).collect();
            let expected: BTreeSet<&str> =
                session.subscriptions.iter().map(|s| &*s.filter).collect();
            if filters != expected {
                return Err(format!("{client} has {filters:?} instead of {expected:?}"));
            }
            let same = info.connection.is_some() == session.connected
                && info.user == session.user
                && info.expiry == session.expiry
                && info.in_flight_in == session.received.len()
                && info.will.is_some() == session.will.is_some();
            if !same {
                return Err(format!("{info:?} instead of {session:?}"));
            }
        }
        for (topic, kept) in retained {
            match broker.retained(topic) {
                Some(info) if info.payload == kept.payload && info.qos == kept.qos => {}
                None if kept.expires.is_some() => {}
                info => {
                    return Err(format!(
                        "retained for {topic}: {info:?} instead of {kept:?}"
                    ));
                }
            }
        }
        if counts.retained > retained.len() {
            return Err(format!(
                "{} retained instead of {:?}",
                counts.retained,
                retained.keys()
            ));
        }
        self.limits(broker)
    }

    fn limits(&self, broker: &Broker) -> Result<(), String> {
        let (config, counts) = (&self.scenario.config, broker.counts());
        let within = self.model.kept() <= config.max_sessions
            && counts.retained <= config.max_retained_messages
            && counts.subscriptions <= config.max_subscriptions_total;
        if !within {
            return Err(format!("limits are not kept: {counts:?}"));
        }
        for client in broker.clients() {
            let Some(info) = broker.session(client) else {
                continue;
            };
            // What was sent and never pulled goes back into the queue.
            let most = config.max_queued_messages + usize::from(config.max_in_flight);
            if info.queued > most || info.subscriptions.len() > config.max_subscriptions {
                return Err(format!("limits are not kept: {info:?}"));
            }
        }
        for connection in broker.connections() {
            // One packet more, and a message let in for each answer that came in between.
            if connection.unsent > config.max_unsent_bytes + config.max_unsent_control_bytes + 5_000
            {
                return Err(format!("limits are not kept: {connection:?}"));
            }
        }
        Ok(())
    }

    /// What is promised has come, and nothing is left over.
    pub(super) fn at_rest(&self) -> Result<(), String> {
        let sessions = &self.model.state.sessions;
        let lives = |client: &str, generation: u64| {
            let session = sessions.get(client);
            session.is_some_and(|s| s.generation == generation && s.connected)
        };
        let waits = |client: &str, generation: u64| {
            let session = sessions.get(client);
            session.is_some_and(|s| s.generation == generation && !s.connected)
        };
        if let Some(missing) = self.model.promises.missing(lives, waits) {
            return Err(missing);
        }
        for wire in self.wires.values().filter(|wire| !wire.ended) {
            if let Some(owed) = wire.owed() {
                return Err(owed);
            }
        }
        for node in 0..self.world.clients() {
            let client = self.world.client(node);
            let busy = client.in_flight().count()
                + client.releasing().count()
                + client.requesting().count();
            if client.is_connected() && busy + client.queued() > 0 {
                return Err(format!("client {node} still waits: {client:?}"));
            }
        }
        let Some(broker) = self.world.broker() else {
            return Err("the broker is down".into());
        };
        for (name, session) in sessions {
            let Some(info) = broker.session(name).filter(|_| session.connected) else {
                continue;
            };
            let left = info.in_flight_out + info.queued;
            let unreleased = if self.is_muddled(name) {
                0
            } else {
                info.in_flight_in
            };
            if left + unreleased > 0 {
                return Err(format!("something is left over: {info:?}"));
            }
        }
        Ok(())
    }
}
