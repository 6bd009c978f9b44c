//! Holding what the broker counts against what it has: for tests and simulations.

use alloc::format;
use alloc::string::String;

use crate::broker::Broker;

impl Broker {
    /// Checks that counters, indexes and lists of the broker agree with each other. Takes time in proportion to
    /// all that there is.
    ///
    /// # Errors
    /// What does not agree: a fault of the broker, whatever its peers did.
    pub fn verify(&self) -> Result<(), String> {
        let (mut held, mut kept) = (0, 0);
        let mut subscriptions = 0;
        for (at, session) in &self.sessions {
            let name = &session.client;
            if self.clients.get(name) != Some(&at) {
                return Err(format!("session {name} is not found by its name"));
            }
            let flights = session.outgoing.flights();
            let in_flight: usize = flights
                .map(|flight| flight.message.delivery.message.cost())
                .sum();
            if in_flight != session.in_flight_bytes {
                let counted = session.in_flight_bytes;
                return Err(format!(
                    "{name}: {in_flight} bytes in flight, {counted} counted"
                ));
            }
            let queued: usize = session
                .queue
                .iter()
                .map(|delivery| delivery.message.cost())
                .sum();
            if queued != session.queue.bytes() {
                let counted = session.queue.bytes();
                return Err(format!("{name}: {queued} bytes queued, {counted} counted"));
            }
            let charges = session
                .queue
                .iter()
                .map(|delivery| delivery.charge as usize);
            let flights = session.outgoing.flights();
            let flights = flights.map(|flight| flight.message.delivery.charge as usize);
            held += charges.chain(flights).sum::<usize>();
            kept += usize::from(session.expiry > 0);
            subscriptions += session.subscriptions.len();
            for (filter, subscription) in &session.subscriptions {
                let routed = self.router.get(*subscription);
                if routed.session != at || routed.filter != *filter {
                    return Err(format!("{name}: {filter} is routed as {routed:?}"));
                }
            }
            if let Some(connection) = session.connection {
                let found = self
                    .connections
                    .get(connection)
                    .and_then(|found| found.session());
                if found != Some(at) {
                    return Err(format!("{name}: its connection is that of {found:?}"));
                }
            }
            if session.left.is_some() == session.connection.is_some() {
                return Err(format!("{name}: connected since it left"));
            }
        }
        if self.clients.len() != self.sessions.len() {
            return Err(format!(
                "{} names for {} sessions",
                self.clients.len(),
                self.sessions.len()
            ));
        }
        if held != self.queued_bytes {
            return Err(format!("{held} bytes held, {} counted", self.queued_bytes));
        }
        if kept != self.kept_sessions {
            let counted = self.kept_sessions;
            return Err(format!(
                "{kept} sessions outlive their connection, {counted} counted"
            ));
        }
        if subscriptions != self.router.len() {
            return Err(format!(
                "{subscriptions} subscriptions, {} routed",
                self.router.len()
            ));
        }
        let surplus = self.connections.iter();
        let surplus = surplus.filter(|(_, connection)| connection.surplus).count();
        if surplus != self.surplus {
            let counted = self.surplus;
            return Err(format!(
                "{surplus} connections above the limit, {counted} counted"
            ));
        }
        for (at, connection) in &self.connections {
            if self.connection_ids.get(&connection.id) != Some(&at) {
                return Err(format!("{:?} is not found by its number", connection.id));
            }
            let back = connection
                .session()
                .map(|session| self.sessions[session].connection);
            if back.is_some_and(|back| back != Some(at)) {
                return Err(format!(
                    "{:?} is not the connection of its session",
                    connection.id
                ));
            }
        }
        Ok(())
    }
}
