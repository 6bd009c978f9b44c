//! What a broker that crashed holds on with, because it kept it.

use alloc::vec::Vec;

use vitrine_link::HoldKind;
use vitrine_packet::{PacketType, QoS};

use crate::epoch::Epoch;
use crate::holds::{Holds, Key, Role};
use crate::kept::KeptSession;
use crate::lines::LineId;

/// Something that the broker kept.
pub(crate) struct KeptHold {
    role: Role,
    number: u64,
    kind: HoldKind,
    publication: Option<u64>,
    waits_for: u8,
}

/// All that it kept for one Session.
pub(crate) fn of_session(session: &KeptSession, epoch: &Epoch) -> Vec<KeptHold> {
    let sent = session.sent.iter().map(|(id, publication, qos)| {
        let answer = if *qos == QoS::AtLeastOnce as u8 {
            PacketType::PubAck
        } else {
            PacketType::PubRec
        };
        KeptHold {
            role: Role::BrokerSends,
            number: u64::from(*id),
            kind: HoldKind::Message,
            publication: Some(epoch.known(*publication)),
            waits_for: answer as u8,
        }
    });
    let released = session.released.iter().map(|(id, publication)| KeptHold {
        role: Role::BrokerSends,
        number: u64::from(*id),
        kind: HoldKind::PacketId,
        publication: Some(epoch.known(*publication)),
        waits_for: PacketType::PubComp as u8,
    });
    let received = session.received.iter().map(|(id, publication)| KeptHold {
        role: Role::BrokerReceives,
        number: u64::from(*id),
        kind: HoldKind::PacketId,
        publication: publication.map(|publication| epoch.known(publication)),
        waits_for: PacketType::PubRel as u8,
    });
    let queued = session.queued.iter().map(|publication| {
        let publication = epoch.known(*publication);
        KeptHold {
            role: Role::BrokerQueues,
            number: publication,
            kind: HoldKind::Queued,
            publication: Some(publication),
            waits_for: 0,
        }
    });
    sent.chain(released).chain(received).chain(queued).collect()
}

impl Holds {
    /// At `row` the broker lost what it held for a line, but for this.
    pub(crate) fn forget_unkept(&mut self, line: LineId, kept: &[KeptHold], row: u64) {
        for key in self.keys_of(line) {
            let same = |kept: &KeptHold| kept.key(line) == key && self.has(line, kept);
            if key.role.at_broker() && !kept.iter().any(same) {
                self.end(key, row);
            }
        }
    }

    /// From `row` on the broker holds this for a line.
    pub(crate) fn take_up(&mut self, line: LineId, kept: &[KeptHold], row: u64) {
        for kept in kept {
            if !self.has(line, kept) {
                let KeptHold {
                    kind,
                    publication,
                    waits_for,
                    ..
                } = *kept;
                self.start(kept.key(line), kind, publication, row, waits_for);
            }
        }
    }

    fn has(&self, line: LineId, kept: &KeptHold) -> bool {
        let known = self.get(kept.key(line));
        known.is_some_and(|held| held.kind == kept.kind && held.publication == kept.publication)
    }
}

impl KeptHold {
    fn key(&self, line: LineId) -> Key {
        Key {
            line,
            role: self.role,
            number: self.number,
        }
    }
}
