//! Which packet makes whom store what, and which lets it go: section 4.3 of the standard.

use vitrine_link::HoldKind;
use vitrine_packet::{Ack, Packet, PacketId, PacketType, Publish, QoS};

use crate::holds::{Holds, Key, Role};
use crate::lines::LineId;

/// A packet on its way, as the holds need to know it.
#[derive(Clone, Copy)]
pub(crate) struct Passing {
    pub(crate) line: LineId,
    pub(crate) row: u64,
    pub(crate) to_broker: bool,
    pub(crate) publication: Option<u64>,
}

impl Holds {
    /// Follows a packet.
    pub(crate) fn follow(&mut self, packet: &Packet<'_>, passing: Passing) {
        match packet {
            Packet::Publish(publish) => self.follow_publish(publish, passing),
            Packet::PubAck(ack) => self.let_go(passing.sender(ack.packet_id), passing.row),
            Packet::PubRec(ack) => self.follow_pubrec(ack, passing),
            // Whoever gets PUBREL may forget the identifier.
            Packet::PubRel(ack) => {
                self.let_go(passing.receiver_of_mine(ack.packet_id), passing.row)
            }
            Packet::PubComp(ack) => self.let_go(passing.sender(ack.packet_id), passing.row),
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::SubAck(_)
            | Packet::Unsubscribe(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp
            | Packet::Disconnect(_)
            | Packet::Auth(_) => {}
        }
    }

    fn follow_publish(&mut self, publish: &Publish<'_>, passing: Passing) {
        if let Some(publication) = passing.publication
            && !passing.to_broker
        {
            self.unqueue(passing.line, publication, passing.row);
        }
        let Some(id) = publish.packet_id else { return };
        let (sender, receiver) = if passing.to_broker {
            (Role::ClientSends, Role::BrokerReceives)
        } else {
            (Role::BrokerSends, Role::ClientReceives)
        };
        let (sender, receiver) = (passing.key(sender, id), passing.key(receiver, id));
        let answer = match publish.qos {
            QoS::AtMostOnce => return,
            QoS::AtLeastOnce => PacketType::PubAck,
            QoS::ExactlyOnce => PacketType::PubRec,
        };
        self.take(sender, publish.dup, HoldKind::Message, passing, answer);
        if publish.qos == QoS::ExactlyOnce {
            self.take(
                receiver,
                publish.dup,
                HoldKind::PacketId,
                passing,
                PacketType::PubRel,
            );
        }
    }

    /// A redelivery stores nothing new: what it repeats is held already.
    fn take(&mut self, key: Key, again: bool, kind: HoldKind, passing: Passing, until: PacketType) {
        let known = self.get(key);
        let same = known.is_some_and(|held| again || held.publication == passing.publication);
        if !same {
            self.start(key, kind, passing.publication, passing.row, until as u8);
        }
    }

    fn follow_pubrec(&mut self, ack: &Ack<'_>, passing: Passing) {
        let sender = passing.sender(ack.packet_id);
        if ack.reason.is_error() {
            self.let_go(sender, passing.row);
            self.let_go(passing.receiver(ack.packet_id), passing.row);
        } else if let Some(message) = self.end_message(sender, passing.row) {
            let waits_for = PacketType::PubComp as u8;
            self.start(sender, HoldKind::PacketId, message, passing.row, waits_for);
        }
    }

    /// Ends the hold on a message and gives its publication; a hold on an identifier stays as it is.
    fn end_message(&mut self, key: Key, row: u64) -> Option<Option<u64>> {
        self.get(key)
            .filter(|held| held.kind == HoldKind::Message)?;
        self.end(key, row).map(|held| held.publication)
    }

    fn let_go(&mut self, key: Key, row: u64) {
        self.end(key, row);
    }
}

impl Passing {
    fn key(self, role: Role, id: PacketId) -> Key {
        Key {
            line: self.line,
            role,
            number: id.get().into(),
        }
    }

    /// Of an acknowledgement: who sent the PUBLISH that it answers.
    fn sender(self, id: PacketId) -> Key {
        self.key(
            if self.to_broker {
                Role::BrokerSends
            } else {
                Role::ClientSends
            },
            id,
        )
    }

    /// Of an acknowledgement: who received that PUBLISH, which is who sends the acknowledgement.
    fn receiver(self, id: PacketId) -> Key {
        self.key(
            if self.to_broker {
                Role::ClientReceives
            } else {
                Role::BrokerReceives
            },
            id,
        )
    }

    /// Of a PUBREL: who received the PUBLISH, which is who gets the PUBREL.
    fn receiver_of_mine(self, id: PacketId) -> Key {
        self.key(
            if self.to_broker {
                Role::BrokerReceives
            } else {
                Role::ClientReceives
            },
            id,
        )
    }
}
