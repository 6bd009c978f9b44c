//! UNSUBSCRIBE (3.1.1 and 5.0, section 3.10).

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{Packet, ProtocolVersion, ReasonCode, UnsubAck, Unsubscribe};

use crate::broker::Broker;
use crate::changes::Change;
use crate::session::filter_cost;
use crate::{Event, ObservationMask};

impl Broker {
    /// What is under way or queued for a subscription that is removed is still delivered
    /// [MQTT-3.10.4-3].
    pub(crate) fn unsubscribe(&mut self, at: usize, session: usize, unsubscribe: &Unsubscribe<'_>) {
        let mut codes = Vec::new();
        for filter in unsubscribe.filters.iter() {
            let at = session;
            let session = &mut self.sessions[at];
            let Some((filter, subscription)) = session.subscriptions.remove_entry(filter) else {
                codes.push(ReasonCode::NoSubscriptionExisted.as_u8());
                continue;
            };
            codes.push(ReasonCode::Success.as_u8());
            session.filter_bytes -= filter_cost(&filter);
            self.router.remove(subscription);
            self.observer
                .note(ObservationMask::SESSIONS, || Event::Unsubscribed {
                    client: session.client.clone(),
                    filter: Rc::clone(&filter),
                });
            self.change_session(at, |_, client| Change::Unsubscribed { client, filter });
        }
        if self.connections[at].version != ProtocolVersion::V5 {
            codes.clear();
        }
        let none = codes.contains(&ReasonCode::NoSubscriptionExisted.as_u8());
        let text = if none {
            "there was no Subscription with the very same Topic Filter"
        } else {
            ""
        };
        let packet_id = unsubscribe.packet_id;
        let explanation = self.explanation(at, text);
        self.send_explained(at, None, &explanation, |properties| {
            Packet::UnsubAck(UnsubAck {
                packet_id,
                properties,
                codes: &codes,
            })
        });
    }
}
