//! Faults that no broker may have, made on purpose: a check that lets one of them pass checks nothing.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_broker::{PersistentState, SavedDelivery};
use vitrine_packet::{Packet, PacketId, ProtocolVersion, Publish, QoS};

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
    /// Bytes leave before the changes that they promise are durable.
    ReleaseEarly,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 13] = [
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
        Self::ReleaseEarly,
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
                let double = encode(
                    &Publish {
                        packet_id,
                        ..publish
                    },
                    version,
                );
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
                vec![encode(
                    &Publish {
                        qos,
                        packet_id,
                        dup,
                        ..publish
                    },
                    version,
                )]
            }
            (Sabotage::Mislabel, Ok(Packet::Publish(publish)))
                if !publish.topic.is_empty() && self.one_in_five() =>
            {
                vec![encode(
                    &Publish {
                        topic: "elsewhere",
                        ..publish
                    },
                    version,
                )]
            }
            (Sabotage::LoseAck, Ok(Packet::PubAck(_))) => vec![],
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

fn encode(publish: &Publish<'_>, version: ProtocolVersion) -> Rc<[u8]> {
    let mut bytes = Vec::new();
    let written = publish.encode(version, &mut bytes);
    debug_assert!(written.is_ok(), "it came in a packet");
    bytes.into()
}
