//! Slow receivers and fast publishers.
//!
//! What waits for a receiver is bounded, and past the bound messages are discarded. Before that comes to
//! pass the host is asked to let the publisher wait a little ([`Output::Throttle`]), as long as the
//! receiver still reads: one that has stopped slows nobody down.

use core::time::Duration;

use crate::broker::Broker;
use crate::limits::over_share;
use crate::publication::Publisher;
use crate::{Output, Time};

/// A receiver from whom nothing came and that took nothing for so long has stopped.
const STOPPED: Duration = Duration::from_secs(1);

impl Broker {
    /// Whether so much waits for a connection that nothing more is to be added to it.
    #[inline]
    pub(crate) fn is_clogged(&self, at: usize) -> bool {
        let outbox = &self.connections[at].outbox;
        let most = self.config.max_unsent_bytes_total;
        outbox.size() > self.config.max_unsent_bytes
            || over_share(
                self.unsent_bytes,
                outbox.held(),
                most,
                self.connections.len(),
            )
    }

    /// The queue of a session got longer: asks for a pause of the publisher when it is half full.
    #[cold]
    pub(crate) fn press_for_queue(&mut self, session: usize, publisher: &Publisher) {
        let held = &self.sessions[session];
        let half_full = held.queue.len() > self.config.max_queued_messages / 2
            || held.held_bytes() > self.config.max_queued_bytes / 2;
        if half_full {
            self.press_for_session(session, publisher);
        }
    }

    /// A session cannot take what is published: asks for a pause of the publisher.
    #[cold]
    pub(crate) fn press_for_session(&mut self, session: usize, publisher: &Publisher) {
        if let Some(at) = self.sessions[session].connection {
            self.press(at, publisher);
        }
    }

    /// Much waits for a receiver: asks for a pause of the publisher, unless there is one already or the
    /// receiver has stopped.
    #[cold]
    pub(crate) fn press(&mut self, receiver: usize, publisher: &Publisher) {
        let Publisher::Session(session) = publisher else {
            return;
        };
        let Some(at) = self.sessions[*session].connection else {
            return;
        };
        let now = self.now();
        let receiver = &self.connections[receiver];
        let moved: Time = receiver.waits_since.max(receiver.last_received);
        let connection = &mut self.connections[at];
        let pause = self.config.publisher_pause;
        if pause.is_zero() || now.since(moved) > STOPPED || connection.throttled_until > now {
            return;
        }
        let until = now + pause;
        connection.throttled_until = until;
        self.outputs.push_back(Output::Throttle {
            connection: connection.id,
            until,
        });
    }
}
