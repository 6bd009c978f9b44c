//! DISCONNECT from a client (3.1.1 and 5.0, section 3.14).

use vitrine_packet::{Disconnect, ReasonCode};

use crate::broker::Broker;
use crate::close::{Ending, Manner};
use crate::{CloseReason, WillDrop};

impl Broker {
    pub(crate) fn disconnect(&mut self, at: usize, session: usize, disconnect: &Disconnect<'_>) {
        if let Some(expiry) = disconnect.properties.session_expiry_interval() {
            if expiry > 0 && !self.connections[at].outlived {
                // What CONNECT declared to end with the connection cannot be prolonged (section
                // 3.14.2.2.2).
                return self.violation(at, "MQTT-4.13.1-1");
            }
            self.set_expiry(session, expiry.min(self.config.max_session_expiry));
        }
        if disconnect.reason == ReasonCode::Success {
            self.drop_will(session, WillDrop::Disconnected);
        }
        let ending = Ending::new(CloseReason::ClientDisconnect, disconnect.reason);
        // It reads nothing more.
        self.end(at, ending, Manner::Cut);
    }
}
