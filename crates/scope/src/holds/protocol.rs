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
    pub(crate) ends: Ends,
}

/// Which ends of the link the packet has reached, or left, with this.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    broker: bool,
    client: bool,
}

impl Ends {
    /// Nobody knows of the link: what is sent has arrived.
    pub(crate) const BOTH: Self = Self {
        broker: true,
        client: true,
    };
    pub(crate) const BROKER: Self = Self {
        broker: true,
        client: false,
    };
    pub(crate) const CLIENT: Self = Self {
        broker: false,
        client: true,
    };

    fn concern(self, role: Role) -> bool {
        if role.at_broker() {
            self.broker
        } else {
            self.client
        }
    }
}

impl Holds {
    /// Follows a packet.
    pub(crate) fn follow(&mut self, packet: &Packet<'_>, passing: Passing) {
        match packet {
            Packet::Publish(publish) => self.follow_publish(publish, passing),
            Packet::PubAck(ack) => self.let_go(passing.sender(ack.packet_id), passing),
            Packet::PubRec(ack) => self.follow_pubrec(ack, passing),
            // Whoever gets PUBREL may forget the identifier.
            Packet::PubRel(ack) => self.let_go(passing.receiver_of_mine(ack.packet_id), passing),
            Packet::PubComp(ack) => self.let_go(passing.sender(ack.packet_id), passing),
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
            && passing.ends.broker
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
        if !passing.ends.concern(key.role) {
            // What a client stored when it sent it: now it is known as what the broker took it on.
            if let Some(held) = self.get_mut(key).filter(|held| held.publication.is_none()) {
                held.publication = passing.publication;
            }
            return;
        }
        let known = self.get(key);
        let same = known.is_some_and(|held| again || held.publication == passing.publication);
        if !same {
            self.start(key, kind, passing.publication, passing.row, until as u8);
        }
    }

    fn follow_pubrec(&mut self, ack: &Ack<'_>, passing: Passing) {
        let sender = passing.sender(ack.packet_id);
        if ack.reason.is_error() {
            self.let_go(sender, passing);
            self.let_go(passing.receiver(ack.packet_id), passing);
        } else if passing.ends.concern(sender.role)
            && let Some(message) = self.end_message(sender, passing.row)
        {
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

    fn let_go(&mut self, key: Key, passing: Passing) {
        if passing.ends.concern(key.role) {
            self.end(key, passing.row);
        }
    }

    /// The publication that a packet to the broker belongs to, as far as what is held for or by its client
    /// tells.
    pub(crate) fn publication(&self, line: LineId, packet: &Packet<'_>) -> Option<u64> {
        let (role, id) = match packet {
            Packet::Publish(publish) => (Role::ClientSends, publish.packet_id?),
            Packet::PubRel(ack) => (Role::ClientSends, ack.packet_id),
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) => {
                (Role::BrokerSends, ack.packet_id)
            }
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::SubAck(_)
            | Packet::Unsubscribe(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp
            | Packet::Disconnect(_)
            | Packet::Auth(_) => return None,
        };
        let number = id.get().into();
        self.get(Key { line, role, number })?.publication
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
