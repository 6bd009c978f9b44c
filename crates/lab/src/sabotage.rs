//! Faults that no broker may have, made on purpose: a check that lets one of them pass checks nothing.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_broker::{Access, Actions, Change, PersistentState, Rule, SavedDelivery};
use vitrine_packet::{Ack, Packet, PacketId, ProtocolVersion, Publish, QoS, ReasonCode, SubAck};

/// A deliberate fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sabotage {
    /// One of five PUBLISH packets at QoS 1 or 2 to clients is lost on a connection that lives.
    LosePublish,
    /// One of five PUBLISH packets at QoS 2 to clients is sent twice, with two identifiers.
    DoublePublish,
    /// PUBREL is sent twice.
    DoubleRelease,
    /// One of five PUBRELs is never sent.
    LoseRelease,
    /// One of five PUBLISH packets comes after the next one.
    Overtake,
    /// PUBLISH of QoS 1 is sent as QoS 0.
    Degrade,
    /// One of five PUBLISH packets has the topic of another.
    Mislabel,
    /// PUBACKs are lost.
    LoseAck,
    /// A broker that starts with its store has lost the messages that waited.
    ForgetQueued,
    /// It has lost the Retained Messages.
    ForgetRetained,
    /// It has lost the Packet Identifiers of QoS 2 messages that came.
    ForgetReceived,
    /// It has lost the subscriptions.
    ForgetSubscriptions,
    /// It has lost what of the messages that wait came to a group of shared subscriptions.
    ForgetGroup,
    /// Bytes leave before the changes that they promise are durable.
    ReleaseEarly,
    /// So does a QoS 2 PUBLISH alone: a crash forgets it, and its client gets the message again.
    SendExactlyOnceEarly,
    /// So does a PUBREC alone: a crash forgets a message that its publisher does not send again.
    ReceiveEarly,
    /// A PUBREC is kept with what comes next, as if nothing rested on it: a crash forgets it, and its PUBLISH is sent again.
    KeepReceiptLate,
    /// It is never kept that a delivery is over: whatever was acknowledged is sent again after a crash.
    ForgetDelivered,
    /// Nobody asks the rules whether a client may publish.
    ForgetPublishRules,
    /// Nobody asks them whether it may subscribe.
    ForgetSubscribeRules,
    /// Nobody asks them whether it may receive.
    ForgetReceiveRules,
    /// The last rule that fits decides.
    LastRuleDecides,
    /// A rule that nobody wrote keeps a topic from everybody.
    DenyMore,
    /// Rules that change hold for nobody until the broker starts again.
    KeepOldRules,
    /// SUBACK and PUBACK say of what a rule refuses that it was refused, and not why.
    HideReason,
    /// Any password is taken for a user's.
    TrustPassword,
    /// Any proof is taken for one of a user's password.
    TrustProof,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::LosePublish,
        Self::DoublePublish,
        Self::DoubleRelease,
        Self::LoseRelease,
        Self::Overtake,
        Self::Degrade,
        Self::Mislabel,
        Self::LoseAck,
        Self::ForgetQueued,
        Self::ForgetRetained,
        Self::ForgetReceived,
        Self::ForgetSubscriptions,
        Self::ForgetGroup,
        Self::ReleaseEarly,
        Self::SendExactlyOnceEarly,
        Self::ReceiveEarly,
        Self::KeepReceiptLate,
        Self::ForgetDelivered,
        Self::ForgetPublishRules,
        Self::ForgetSubscribeRules,
        Self::ForgetReceiveRules,
        Self::LastRuleDecides,
        Self::DenyMore,
        Self::KeepOldRules,
        Self::HideReason,
        Self::TrustPassword,
        Self::TrustProof,
    ];
}

/// Who does it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saboteur {
    plan: Option<Sabotage>,
    /// Occasions so far.
    seen: u64,
    /// A packet that is overtaken.
    kept: Option<Rc<[u8]>>,
}

impl Saboteur {
    pub(crate) fn plan(&mut self, sabotage: Sabotage) {
        self.plan = Some(sabotage);
    }

    pub(crate) fn releases_early(&self) -> bool {
        self.plan == Some(Sabotage::ReleaseEarly)
    }

    /// Whether a packet leaves before the changes that it promises are durable.
    pub(crate) fn hurries(&self, packet: &[u8]) -> bool {
        // Type and QoS are in the first byte.
        match self.plan {
            Some(Sabotage::ReleaseEarly) => true,
            Some(Sabotage::SendExactlyOnceEarly) => packet[0] & 0xF6 == 0x34,
            Some(Sabotage::ReceiveEarly) => packet[0] == 0x50,
            _ => false,
        }
    }

    pub(crate) fn trusts_passwords(&self) -> bool {
        self.plan == Some(Sabotage::TrustPassword)
    }

    pub(crate) fn trusts_proofs(&self) -> bool {
        self.plan == Some(Sabotage::TrustProof)
    }

    /// Whether a change is kept with those that come next, after the bytes that rest on it have left.
    pub(crate) fn puts_off(&self, change: &Change) -> bool {
        let is_receipt = matches!(
            change,
            Change::Delivery {
                delivery: SavedDelivery::Released { .. },
                ..
            }
        );
        is_receipt && self.plan == Some(Sabotage::KeepReceiptLate)
    }

    /// Takes out what is never kept.
    pub(crate) fn forget(&self, changes: &mut Vec<Change>) {
        if self.plan == Some(Sabotage::ForgetDelivered) {
            changes.retain(|change| !matches!(change, Change::Delivered { .. }));
        }
    }

    /// What the broker is given for who may do what.
    pub(crate) fn access(&self, access: &Rc<Access>) -> Rc<Access> {
        let (allow, actions, filter) = match self.plan {
            Some(Sabotage::ForgetPublishRules) => (true, Actions::PUBLISH, "#"),
            Some(Sabotage::ForgetSubscribeRules) => (true, Actions::SUBSCRIBE, "#"),
            Some(Sabotage::ForgetReceiveRules) => (true, Actions::RECEIVE, "#"),
            Some(Sabotage::DenyMore) => (false, Actions::RECEIVE, "a/b"),
            Some(Sabotage::LastRuleDecides) => {
                let mut turned = (**access).clone();
                turned.rules.reverse();
                return turned.into();
            }
            _ => return Rc::clone(access),
        };
        let rule = Rule {
            name: "sabotage".into(),
            allow,
            user: None,
            client: None,
            actions,
            filter: filter.into(),
        };
        let mut spoilt = (**access).clone();
        spoilt.rules.insert(0, rule);
        spoilt.into()
    }

    /// What a broker that runs is told when that changes; `None` where it is told nothing.
    pub(crate) fn new_access(&self, access: &Rc<Access>) -> Option<Rc<Access>> {
        let is_told = self.plan != Some(Sabotage::KeepOldRules);
        is_told.then(|| self.access(access))
    }

    /// What becomes of a packet to a client.
    pub(crate) fn carry(&mut self, packet: Rc<[u8]>, version: ProtocolVersion) -> Vec<Rc<[u8]>> {
        let Some(plan) = self.plan else {
            return vec![packet];
        };
        match (plan, Packet::decode(&packet, version)) {
            (Sabotage::LosePublish, Ok(Packet::Publish(publish)))
                if publish.qos.is_acknowledged() && self.one_in_five() =>
            {
                vec![]
            }
            (Sabotage::DoublePublish, Ok(Packet::Publish(publish)))
                if publish.qos == QoS::ExactlyOnce && self.one_in_five() =>
            {
                let packet_id = PacketId::new(60_000 + (self.seen % 5_000) as u16);
                let double = Publish {
                    packet_id,
                    ..publish
                };
                let double = encode(&Packet::Publish(double), version);
                vec![packet, double]
            }
            (Sabotage::DoubleRelease, Ok(Packet::PubRel(_))) => vec![Rc::clone(&packet), packet],
            (Sabotage::LoseRelease, Ok(Packet::PubRel(_))) if self.one_in_five() => vec![],
            (Sabotage::Overtake, Ok(Packet::Publish(_))) => {
                if let Some(kept) = self.kept.take() {
                    vec![packet, kept]
                } else if self.one_in_five() {
                    self.kept = Some(packet);
                    vec![]
                } else {
                    vec![packet]
                }
            }
            (Sabotage::Degrade, Ok(Packet::Publish(publish)))
                if publish.qos == QoS::AtLeastOnce =>
            {
                let (qos, packet_id, dup) = (QoS::AtMostOnce, None, false);
                let degraded = Publish {
                    qos,
                    packet_id,
                    dup,
                    ..publish
                };
                vec![encode(&Packet::Publish(degraded), version)]
            }
            (Sabotage::Mislabel, Ok(Packet::Publish(publish)))
                if !publish.topic.is_empty() && self.one_in_five() =>
            {
                let topic = "elsewhere";
                vec![encode(
                    &Packet::Publish(Publish { topic, ..publish }),
                    version,
                )]
            }
            (Sabotage::LoseAck, Ok(Packet::PubAck(_))) => vec![],
            (Sabotage::HideReason, Ok(Packet::PubAck(ack)))
                if ack.reason == ReasonCode::NotAuthorized =>
            {
                let reason = ReasonCode::UnspecifiedError;
                vec![encode(&Packet::PubAck(Ack { reason, ..ack }), version)]
            }
            (Sabotage::HideReason, Ok(Packet::SubAck(ack))) => {
                let hidden = |code: &u8| if *code == 0x87 { 0x80 } else { *code };
                let codes: Vec<u8> = ack.codes.iter().map(hidden).collect();
                let codes = &codes[..];
                vec![encode(&Packet::SubAck(SubAck { codes, ..ack }), version)]
            }
            _ => vec![packet],
        }
    }

    /// What becomes of the store before the broker starts from it.
    pub(crate) fn spoil(&self, store: &mut PersistentState) {
        for session in store.sessions.values_mut() {
            match self.plan {
                Some(Sabotage::ForgetQueued) => {
                    let waits = |saved: &SavedDelivery| matches!(saved, SavedDelivery::Queued(_));
                    session.deliveries.retain(|_, saved| !waits(saved));
                }
                Some(Sabotage::ForgetReceived) => session.received.clear(),
                Some(Sabotage::ForgetSubscriptions) => session.subscriptions.clear(),
                Some(Sabotage::ForgetGroup) => {
                    for saved in session.deliveries.values_mut() {
                        if let SavedDelivery::Queued(it) | SavedDelivery::Sent(_, it) = saved {
                            it.group = None;
                        }
                    }
                }
                _ => {}
            }
        }
        if self.plan == Some(Sabotage::ForgetRetained) {
            store.retained.clear();
        }
    }

    fn one_in_five(&mut self) -> bool {
        self.seen += 1;
        self.seen.is_multiple_of(5)
    }
}

fn encode(packet: &Packet<'_>, version: ProtocolVersion) -> Rc<[u8]> {
    let mut bytes = Vec::new();
    let written = packet.encode(version, &mut bytes);
    debug_assert!(written.is_ok(), "it came in a packet");
    bytes.into()
}
