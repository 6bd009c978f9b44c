//! Giving a message to those who get it: at once, later, or not at all.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::Range;

use vitrine_packet::{PacketId, Properties, ProtocolVersion, Publish, QoS};

use crate::broker::Broker;
use crate::message::{Delivery, Message};
use crate::outbox::EntryKind;
use crate::router::{Route, SubscriptionIds, Target};
use crate::send::INLINE_PAYLOAD;
use crate::{ClientId, DiscardReason, Event, ObservationMask, PublicationId, Time};

/// A publication on its way to everyone who gets it.
#[derive(Debug)]
pub(crate) struct FanOut<'a> {
    pub(crate) publication: PublicationId,
    pub(crate) publisher: Option<ClientId>,
    pub(crate) topic: &'a Rc<str>,
    pub(crate) properties: Properties<'a>,
    pub(crate) payload: &'a [u8],
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    pub(crate) expires: Option<Time>,
    /// The message to be kept, once somebody keeps it.
    pub(crate) message: Option<Rc<Message>>,
    /// The packets written so far, one after the other.
    pub(crate) encoded: Vec<u8>,
    /// Where in `encoded` the packet for each version, QoS and RETAIN is.
    pub(crate) variants: [Range<u32>; VARIANTS],
}

const VARIANTS: usize = 12;

/// What becomes of a message for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is sent on this connection.
    Send(usize),
    Queue,
    Discard(DiscardReason),
}

impl Broker {
    /// Gives a publication to all targets of its route and to one of each group. `publisher` is the
    /// session that published it, if any. Says whether it matched any subscription.
    pub(crate) fn fan_out(
        &mut self,
        route: &Route,
        publisher: Option<usize>,
        fan_out: &mut FanOut<'_>,
    ) -> bool {
        let mut matched = false;
        for target in &route.targets {
            if target.no_local && Some(target.session) == publisher {
                if let Some(target) = self.router.without_no_local(route, target) {
                    self.deliver(&target, fan_out);
                    matched = true;
                }
                continue;
            }
            self.deliver(target, fan_out);
            matched = true;
        }
        for group in &route.groups {
            if let Some(target) = self.choose_member(*group, fan_out.qos) {
                self.deliver(&target, fan_out);
                matched = true;
            }
        }
        matched
    }

    fn deliver(&mut self, target: &Target, fan_out: &mut FanOut<'_>) {
        let qos = fan_out.qos.min(target.granted);
        let retain = fan_out.retain && target.retain_as_published;
        let fate = self.fate(target.session, qos);
        if self.observer.wants(ObservationMask::ROUTING) {
            let subscription = self.router.get(target.subscription);
            let client = &self.sessions[target.session].client;
            self.observer
                .note(ObservationMask::ROUTING, || Event::Matched {
                    publication: fan_out.publication,
                    client: client.clone(),
                    filter: Rc::clone(&subscription.filter),
                    granted: target.granted,
                    qos,
                    retained: false,
                    queued: fate == Fate::Queue,
                });
        }
        let at = match fate {
            Fate::Send(at) => at,
            Fate::Queue => {
                let delivery = fan_out.delivery(qos, retain, &target.ids);
                self.queue(target.session, delivery);
                return;
            }
            Fate::Discard(why) => {
                self.note_discarded(target.session, fan_out.publication, why);
                return;
            }
        };
        let same_for_all = target.ids == SubscriptionIds::None && fan_out.expires.is_none();
        if !same_for_all || fan_out.payload.len() > INLINE_PAYLOAD {
            let delivery = fan_out.delivery(qos, retain, &target.ids);
            self.send_first(target.session, at, delivery);
            return;
        }
        let connection = &mut self.connections[at];
        let packet = fan_out.packet(connection.version, qos, retain);
        if packet.len() > connection.max_packet_size {
            self.note_discarded(target.session, fan_out.publication, DiscardReason::TooLarge);
            return;
        }
        let mut id = None;
        if qos.is_acknowledged() {
            let delivery = fan_out.delivery(qos, retain, &target.ids);
            id = self.begin(target.session, at, delivery);
        }
        let connection = &mut self.connections[at];
        let publication = Some(fan_out.publication);
        let packet = &fan_out.encoded[packet.start as usize..packet.end as usize];
        connection.outbox.push(
            self.observer.cause,
            publication,
            EntryKind::Publish,
            id.is_some(),
            |out| {
                let start = out.len();
                out.extend_from_slice(packet);
                if let Some(id) = id {
                    let at = start + packet_id_offset(packet);
                    out[at..at + 2].copy_from_slice(&id.get().to_be_bytes());
                }
            },
        );
        self.announce(at);
    }

    /// What becomes of a message of this QoS for a session now.
    fn fate(&self, session: usize, qos: QoS) -> Fate {
        let session = &self.sessions[session];
        let acknowledged = qos.is_acknowledged();
        let Some(at) = session.connection else {
            return if acknowledged {
                Fate::Queue
            } else {
                Fate::Discard(DiscardReason::OfflineQoS0)
            };
        };
        let full = self.connections[at].outbox.size() > self.config.max_unsent_bytes;
        if acknowledged {
            // Behind those that wait already: the order is kept [MQTT-4.6.0-5].
            let may_go = session.queue.is_empty() && session.outgoing.has_room() && !full;
            return if may_go { Fate::Send(at) } else { Fate::Queue };
        }
        if session.queue.holds_qos0() {
            Fate::Queue
        } else if full {
            Fate::Discard(DiscardReason::SlowConsumer)
        } else {
            Fate::Send(at)
        }
    }

    /// The member of a group of shared subscriptions that gets a message: in turn, but those first who
    /// can have it now. None of them when they are offline and it is QoS 0.
    fn choose_member(&mut self, group: usize, qos: QoS) -> Option<Target> {
        let members = &self.router.group(group).members;
        let first = self.router.group(group).turn;
        let mut second_best = None;
        for turn in 0..members.len() {
            let member = (first + turn) % members.len();
            let target = self.router.member(members[member]);
            match self.fate(target.session, qos.min(target.granted)) {
                Fate::Send(_) => {
                    self.router.took_turn(group, member);
                    return Some(target);
                }
                Fate::Queue => {
                    let online = self.sessions[target.session].connection.is_some();
                    match &second_best {
                        Some((_, true, _)) => {}
                        Some((_, false, _)) if !online => {}
                        _ => second_best = Some((member, online, target)),
                    }
                }
                Fate::Discard(_) => {}
            }
        }
        let (member, _, target) = second_best?;
        self.router.took_turn(group, member);
        Some(target)
    }

    /// Gives a Retained Message to a session that just subscribed.
    pub(crate) fn deliver_retained(
        &mut self,
        session: usize,
        subscription: usize,
        message: &Rc<Message>,
    ) {
        let target = self.router.member(subscription);
        let qos = message.qos.min(target.granted);
        let mut fate = self.fate(session, qos);
        if fate == Fate::Discard(DiscardReason::SlowConsumer) {
            // There may be more of them than fit: they wait, instead of being lost at once.
            fate = Fate::Queue;
        }
        let client = &self.sessions[session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Matched {
                publication: message.publication,
                client: client.clone(),
                filter: Rc::clone(&self.router.get(subscription).filter),
                granted: target.granted,
                qos,
                retained: true,
                queued: fate == Fate::Queue,
            });
        let message = Rc::clone(message);
        let delivery = Delivery {
            message,
            qos,
            retain: true,
            ids: target.ids,
            number: 0,
        };
        match fate {
            Fate::Send(at) => self.send_first(session, at, delivery),
            Fate::Queue => self.queue(session, delivery),
            Fate::Discard(why) => {
                self.note_discarded(session, delivery.message.publication, why);
            }
        }
    }

    pub(crate) fn note_discarded(
        &mut self,
        session: usize,
        publication: PublicationId,
        why: DiscardReason,
    ) {
        let client = &self.sessions[session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Discarded {
                client: client.clone(),
                publication,
                why,
            });
    }
}

impl FanOut<'_> {
    fn delivery(&mut self, qos: QoS, retain: bool, ids: &SubscriptionIds) -> Delivery {
        Delivery {
            message: self.message(),
            qos,
            retain,
            ids: ids.clone(),
            number: 0,
        }
    }

    /// Where in `encoded` the packet for this version, QoS and RETAIN is; written at the first call.
    /// A Packet Identifier in it is for whoever copies it to fill in.
    fn packet(&mut self, version: ProtocolVersion, qos: QoS, retain: bool) -> Range<u32> {
        let index = usize::from(version == ProtocolVersion::V5) * 6
            + usize::from(qos.as_u8()) * 2
            + usize::from(retain);
        let range = &mut self.variants[index];
        if range.start == range.end {
            let start = self.encoded.len();
            let publish = Publish {
                dup: false,
                qos,
                retain,
                topic: self.topic,
                packet_id: qos.is_acknowledged().then_some(PacketId::MIN),
                properties: self.properties,
                payload: self.payload,
            };
            let written = publish.encode(version, &mut self.encoded);
            debug_assert!(written.is_ok(), "it came in a packet");
            *range = start as u32..self.encoded.len() as u32;
        }
        range.clone()
    }
}

/// Where in a PUBLISH with QoS 1 or 2 its Packet Identifier is.
fn packet_id_offset(packet: &[u8]) -> usize {
    let length_bytes = 1 + packet[1..]
        .iter()
        .take_while(|byte| **byte & 0x80 != 0)
        .count();
    let topic_at = 1 + length_bytes;
    let topic_len = u16::from_be_bytes([packet[topic_at], packet[topic_at + 1]]);
    topic_at + 2 + usize::from(topic_len)
}
