//! What happens at a time: Keep Alive, time-outs, coming back.

use vitrine_packet::{Packet, ProtocolVersion};
use vitrine_session::Time;

use crate::client::Client;
use crate::connection::Phase;
use crate::{Deadline, DeadlineReason, Loss};

impl Client {
    /// When to call [`Self::handle`] with [`crate::Input::Deadline`], if ever. May change with every call to
    /// the client.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Deadline> {
        self.set_deadlines()
            .into_iter()
            .flatten()
            .min_by_key(|deadline| deadline.at)
    }

    /// Those that are set.
    fn set_deadlines(&self) -> [Option<Deadline>; 3] {
        let deadline = |reason| move |at| Deadline { at, reason };
        let Some(connection) = &self.connection else {
            let retry = self.retry_at.map(deadline(DeadlineReason::Reconnect));
            return [retry, None, None];
        };
        if connection.phase != Phase::Connected {
            let at = connection.since + self.options.connect_timeout;
            let timeout = deadline(DeadlineReason::ConnectTimeout)(at);
            return [Some(timeout), None, None];
        }
        let answer = connection
            .pinged
            .map(|since| since + self.options.ping_timeout);
        let answer = answer.map(deadline(DeadlineReason::PingTimeout));
        let ping = self.ping_due().map(deadline(DeadlineReason::KeepAlive));
        let resend = self.resend_due().map(deadline(DeadlineReason::Resend));
        [answer, ping, resend]
    }

    /// All that is to happen at a time, in no particular but always the same order; [`Self::next_deadline`] is the
    /// first of them.
    pub fn all_deadlines(&self) -> impl Iterator<Item = Deadline> {
        self.set_deadlines().into_iter().flatten()
    }

    /// Sends PINGREQ, whether it is time or not. Does nothing while not connected.
    pub fn ping(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.send_ping();
    }

    fn send_ping(&mut self) {
        let now = self.now;
        if !self.is_connected() {
            return;
        }
        if let Some(connection) = &mut self.connection {
            // The answer that was asked for first is waited for.
            connection.pinged.get_or_insert(now);
        }
        self.send(&Packet::PingReq);
    }

    pub(crate) fn deadlines(&mut self) {
        // One may lead to another that is due.
        while let Some(due) = self.next_deadline().filter(|next| next.at <= self.now) {
            match due.reason {
                DeadlineReason::Reconnect => {
                    let clean = match self.options.version {
                        ProtocolVersion::V5 => {
                            !self.options.is_persistent() && self.options.clean_start
                        }
                        ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => self.options.clean_start,
                    };
                    self.open(clean);
                }
                DeadlineReason::ConnectTimeout => self.end(Loss::ConnectTimeout, false),
                DeadlineReason::PingTimeout => self.end(Loss::PingTimeout, false),
                DeadlineReason::KeepAlive => self.send_ping(),
                DeadlineReason::Resend => {
                    let Some(after) = self.options.resend_after else {
                        return;
                    };
                    let late = after.as_micros().min(u128::from(u64::MAX)) as u64;
                    self.resend_late(Time(self.now.0.saturating_sub(late)));
                }
            }
        }
    }

    /// When the client must have sent something [MQTT-3.1.2-20]. A PINGREQ that waits for its answer is
    /// something that was sent.
    fn ping_due(&self) -> Option<Time> {
        let connection = self
            .connected()
            .filter(|connection| connection.pinged.is_none())?;
        let seconds = connection
            .server
            .keep_alive
            .unwrap_or(self.options.keep_alive);
        (seconds > 0).then(|| connection.last_sent.plus_secs(u32::from(seconds)))
    }

    /// When the oldest message without an answer is to be sent again.
    fn resend_due(&self) -> Option<Time> {
        let after = self.options.resend_after.filter(|_| !self.v5())?;
        let connection = self.connected()?;
        let sent =
            |place: Option<u64>| place.is_some_and(|place| connection.outbox.is_pulled(place));
        let flights = self.outgoing.flights().map(|flight| &flight.message);
        let flights = flights
            .filter(|stored| sent(stored.place))
            .map(|stored| stored.sent);
        let releases = self.outgoing.releases().map(|(_, released)| released);
        let releases = releases.filter(|released| sent(released.place));
        let releases = releases.map(|released| released.sent);
        flights.chain(releases).min().map(|sent| sent + after)
    }
}
