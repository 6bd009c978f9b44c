//! Giving a message to those who get it: at once, later, or not at all.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use vitrine_packet::{Properties, ProtocolVersion, Publish, QoS};

use crate::access::RuleIndex;
use crate::broker::Broker;
use crate::limits::{Limit, over_share};
use crate::message::{Delivery, Message};
use crate::outbox::EntryKind;
use crate::publication::{Publication, Publisher};
use crate::router::{Found, SubscriptionIds, Target};
use crate::send::INLINE_PAYLOAD;
use crate::shared::Chosen;
use crate::trie::GroupRef;
use crate::{DiscardReason, Event, ObservationMask, PublicationId, Time};

/// A publication on its way to everyone who gets it.
#[derive(Debug)]
pub(crate) struct FanOut<'a> {
    pub(crate) id: PublicationId,
    pub(crate) publication: &'a Publication<'a>,
    /// The properties that are passed on.
    pub(crate) properties: Properties<'a>,
    pub(crate) expires: Option<Time>,
    /// The message to be kept, once somebody keeps it.
    pub(crate) message: Option<Rc<Message>>,
}

/// What becomes of a message for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is sent on this connection.
    Send(usize),
    Queue,
    Discard(DiscardReason),
}

impl Broker {
    /// Gives a publication to all targets of its route and to one of each group. Says whether it matched
    /// any subscription.
    pub(crate) fn fan_out(&mut self, route: &Found, fan_out: &mut FanOut<'_>) -> bool {
        let publisher = match &fan_out.publication.publisher {
            Publisher::Own => None,
            Publisher::Session(session) => Some(*session),
            // No Local speaks of the client, also when it is its Will that is published.
            Publisher::Will { client, .. } => self.clients.get(client).copied(),
        };
        self.scratch.encodings.clear();
        let mut matched = false;
        for target in route.targets() {
            if let Some(rule) = target.refused {
                self.note_withheld(target, fan_out.id, rule, false);
                continue;
            }
            if target.no_local && Some(target.session) == publisher {
                if let Some(target) = self.router.without_no_local(route, target) {
                    self.deliver(&target, None, fan_out);
                    matched = true;
                }
                continue;
            }
            self.deliver(target, None, fan_out);
            matched = true;
        }
        for group in route.groups() {
            let Publication {
                topic,
                payload,
                qos,
                ..
            } = fan_out.publication;
            let size = topic.len() + fan_out.properties.as_bytes().len() + payload.len();
            let message = &mut |broker: &Self| broker.message(fan_out);
            match self.choose_member(*group, topic, *qos, size, message) {
                Chosen::Member(target) => {
                    let group = self.router.group_ref(*group);
                    self.deliver(&target, group, fan_out);
                }
                Chosen::NoneNow => {}
                Chosen::Nobody => continue,
            }
            matched = true;
        }
        matched
    }

    /// Gives a publication to one session, as a member of a `group` where it is one.
    fn deliver(&mut self, target: &Target, group: Option<GroupRef>, fan_out: &mut FanOut<'_>) {
        let publication = fan_out.publication;
        let qos = publication.qos.min(target.granted);
        let retain = publication.retain && target.retain_as_published;
        let fate = self.fate(target.session, qos);
        if self.observer.wants(ObservationMask::ROUTING) {
            let subscription = self.router.get(target.subscription);
            let client = &self.sessions[target.session].client;
            self.observer
                .note(ObservationMask::ROUTING, || Event::Matched {
                    publication: fan_out.id,
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
                self.count_waiting(target.session, qos);
                let delivery = self.delivery(fan_out, group, qos, retain, &target.ids);
                let _full = self.queue(target.session, delivery);
                self.press_for_queue(target.session, &publication.publisher);
                return;
            }
            Fate::Discard(why) => {
                if why == DiscardReason::SlowConsumer {
                    self.count_unsent(target.session);
                    self.press_for_session(target.session, &publication.publisher);
                }
                self.note_discarded(target.session, fan_out.id, why);
                return;
            }
        };
        let same_for_all = target.ids == SubscriptionIds::None
            && fan_out.expires.is_none()
            && !self.connections[at].alias_book.is_open();
        if !same_for_all || publication.payload.len() > INLINE_PAYLOAD {
            let delivery = self.delivery(fan_out, group, qos, retain, &target.ids);
            self.send_first(target.session, at, delivery);
            if self.connections[at].outbox.size() > self.config.max_unsent_bytes / 2 {
                self.press(at, &publication.publisher);
            }
            return;
        }
        let connection = &mut self.connections[at];
        let version = connection.version;
        let place = self.scratch.encodings.place(version, qos, retain, |out| {
            fan_out.write(version, qos, retain, out)
        });
        if place.len() > connection.max_packet_size {
            self.note_discarded(target.session, fan_out.id, DiscardReason::TooLarge);
            return;
        }
        let mut id = None;
        if qos.is_acknowledged() {
            let delivery = self.delivery(fan_out, group, qos, retain, &target.ids);
            id = self.begin(target.session, at, delivery, false);
        }
        let rests_on = self.publish_rests_on(qos, true);
        let connection = &mut self.connections[at];
        let publication = Some(fan_out.id);
        let packet = self.scratch.encodings.get(place);
        connection.outbox.push(
            self.observer.cause,
            publication,
            EntryKind::Publish,
            id.is_some(),
            rests_on,
            |out| {
                let start = out.len();
                out.extend_from_slice(packet);
                if let Some(id) = id {
                    let at = start + place.packet_id_at();
                    out[at..at + 2].copy_from_slice(&id.get().to_be_bytes());
                }
            },
        );
        self.unsent_bytes += packet.len();
        if connection.outbox.size() > self.config.max_unsent_bytes / 2 {
            self.press(at, &fan_out.publication.publisher);
        }
        self.announce(at);
    }

    /// What becomes of a message of this QoS for a session now.
    pub(crate) fn fate(&self, session: usize, qos: QoS) -> Fate {
        let session = &self.sessions[session];
        let acknowledged = qos.is_acknowledged();
        let Some(at) = session.connection else {
            return if acknowledged {
                Fate::Queue
            } else {
                Fate::Discard(DiscardReason::OfflineQoS0)
            };
        };
        let full = self.is_clogged(at);
        if acknowledged {
            // Behind those that wait already: the order is kept [MQTT-4.6.0-5].
            let has_room = session.outgoing.has_room()
                && session.held_bytes() < self.config.max_queued_bytes
                && !over_share(
                    self.queued_bytes,
                    session.held_bytes(),
                    self.config.max_queued_bytes_total,
                    self.sessions.len(),
                );
            let may_go = session.queue.is_empty() && has_room && !full;
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

    /// A message is discarded because the client does not read.
    fn count_unsent(&mut self, session: usize) {
        let Some(at) = self.sessions[session].connection else {
            return;
        };
        let own = self.connections[at].outbox.size() > self.config.max_unsent_bytes;
        self.refusals.count(if own {
            Limit::UnsentBytes
        } else {
            Limit::UnsentBytesTotal
        });
    }

    /// A message has to wait: counts it where that is because of those that wait for an acknowledgement.
    fn count_waiting(&mut self, session: usize, qos: QoS) {
        let session = &self.sessions[session];
        let window = qos.is_acknowledged() && !session.outgoing.has_room();
        if session.connection.is_some() && window {
            self.refusals.count(Limit::InFlight);
        }
    }

    /// Gives a Retained Message to a session that just subscribed. Breaks off when its queue is full.
    pub(crate) fn deliver_retained(
        &mut self,
        session: usize,
        subscription: usize,
        message: &Rc<Message>,
    ) -> ControlFlow<()> {
        let target = self.router.member(subscription);
        if let Err(rule) = self.may_receive(session, &message.topic) {
            self.note_withheld(&target, message.publication, rule, true);
            return ControlFlow::Continue(());
        }
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
            charge: message.charge(),
            group: None,
            kept: false,
            message,
            qos,
            retain: true,
            ids: target.ids,
            number: 0,
        };
        match fate {
            Fate::Send(at) => self.send_first(session, at, delivery),
            Fate::Queue => return self.queue(session, delivery),
            Fate::Discard(why) => {
                self.note_discarded(session, delivery.message.publication, why);
            }
        }
        ControlFlow::Continue(())
    }

    fn delivery(
        &self,
        fan_out: &mut FanOut<'_>,
        group: Option<GroupRef>,
        qos: QoS,
        retain: bool,
        ids: &SubscriptionIds,
    ) -> Delivery {
        let (message, ids) = (self.message(fan_out), ids.clone());
        Delivery {
            charge: message.charge(),
            group,
            kept: false,
            message,
            qos,
            retain,
            ids,
            number: 0,
        }
    }

    /// The message of a publication as one that outlives its packet; the same for all who keep it.
    pub(crate) fn message(&self, fan_out: &mut FanOut<'_>) -> Rc<Message> {
        if let Some(message) = &fan_out.message {
            return Rc::clone(message);
        }
        let publication = fan_out.publication;
        let message = Rc::new(Message {
            publication: fan_out.id,
            publisher: publication.publisher.client(&self.sessions),
            qos: publication.qos,
            expires: fan_out.expires,
            topic: self.router.shared_topic(publication.topic),
            properties: fan_out.properties.into(),
            payload: publication.payload.into(),
        });
        fan_out.message = Some(Rc::clone(&message));
        message
    }

    /// A rule keeps a message from a client.
    fn note_withheld(
        &mut self,
        target: &Target,
        publication: PublicationId,
        rule: RuleIndex,
        retained: bool,
    ) {
        let client = &self.sessions[target.session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Withheld {
                publication,
                client: client.clone(),
                filter: Some(Rc::clone(&self.router.get(target.subscription).filter)),
                rule: self.access.name(rule),
                retained,
            });
    }

    /// A rule keeps a message from a client for which it waited.
    pub(crate) fn discard_not_authorized(
        &mut self,
        session: usize,
        delivery: &Delivery,
        rule: RuleIndex,
    ) {
        self.change_delivered(session, delivery);
        self.note_not_authorized(session, delivery, rule);
    }

    /// A rule keeps a message from a client for which it waited or was under way.
    pub(crate) fn note_not_authorized(
        &mut self,
        session: usize,
        delivery: &Delivery,
        rule: RuleIndex,
    ) {
        let publication = delivery.message.publication;
        let client = &self.sessions[session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Withheld {
                publication,
                client: client.clone(),
                filter: None,
                rule: self.access.name(rule),
                retained: false,
            });
        self.note_discarded(session, publication, DiscardReason::NotAuthorized);
    }

    pub(crate) fn note_discarded(
        &mut self,
        session: usize,
        publication: PublicationId,
        why: DiscardReason,
    ) {
        if matches!(why, DiscardReason::QueueFull | DiscardReason::SlowConsumer) {
            self.statistics.publish_dropped += 1;
        }
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
    /// Writes the packet for this version, QoS and RETAIN, and gives the offset in `out` of the Packet Identifier, which
    /// whoever copies it fills in.
    fn write(
        &self,
        version: ProtocolVersion,
        qos: QoS,
        retain: bool,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let publish = Publish {
            dup: false,
            qos,
            retain,
            topic: self.publication.topic,
            packet_id: None,
            properties: self.properties,
            payload: self.publication.payload,
        };
        let written = publish.encode_template(version, out);
        debug_assert!(written.is_ok(), "it came in a packet");
        written.ok().flatten()
    }
}
