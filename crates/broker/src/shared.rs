//! Shared Subscriptions: who of a group gets a message, and who gets it instead (5.0 section 4.8.2).

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::QoS;

use crate::broker::Broker;
use crate::deliver::Fate;
use crate::message::{Delivery, Message, Sending};
use crate::router::Target;
use crate::session::Session;
use crate::{Event, ObservationMask};

/// What a PUBLISH may have besides topic, payload and the properties that it came with: fixed header, Packet Identifier, lengths, and
/// the properties that are added.
const AROUND: usize = 32;

/// Who of a group gets a message.
#[derive(Debug)]
pub(crate) enum Chosen {
    Member(Target),
    /// Those who may have it cannot have it now, and it does not wait.
    NoneNow,
    /// None of them may have it.
    Nobody,
}

impl Broker {
    /// The member of a group of shared subscriptions that gets a message of so many bytes: in turn, but those
    /// first who can have it now, and then those with whom it can wait; those last who may not take a packet
    /// as large. None of them when they are offline and it is QoS 0. The message itself is asked for only where its size
    /// is not enough to go by.
    pub(crate) fn choose_member(
        &mut self,
        group: usize,
        topic: &str,
        qos: QoS,
        size: usize,
        message: &mut dyn FnMut(&Self) -> Rc<Message>,
    ) -> Chosen {
        let members = self.router.group(group).members.len();
        let first = self.router.group(group).turn;
        let mut second_best: Option<((bool, bool, bool), usize, Target)> = None;
        let mut otherwise = Chosen::Nobody;
        for turn in 0..members {
            let member = (first + turn) % members;
            let target = self.router.group(group).members[member];
            let target = self.router.member(target);
            // Those who may not have it are passed over.
            if self.may_receive(target.session, topic).is_err() {
                continue;
            }
            let qos = qos.min(target.granted);
            let fate = self.fate(target.session, qos);
            let connection = self.sessions[target.session].connection;
            let fits = connection.is_none_or(|at| {
                let most = self.connections[at].max_packet_size;
                // With an alias it goes without its topic.
                let least = size - topic.len();
                size + AROUND <= most
                    || least <= most && self.fits_member(at, &target, qos, message(self))
            });
            match fate {
                Fate::Send(_) if fits => {
                    self.router.took_turn(group, member);
                    return Chosen::Member(target);
                }
                Fate::Send(_) | Fate::Queue => {
                    let has_room = !self.queue_is_full(target.session);
                    let rank = (fits, has_room, connection.is_some());
                    if second_best.as_ref().is_none_or(|(best, ..)| rank > *best) {
                        second_best = Some((rank, member, target));
                    }
                }
                Fate::Discard(_) => otherwise = Chosen::NoneNow,
            }
        }
        let Some((_, member, target)) = second_best else {
            return otherwise;
        };
        self.router.took_turn(group, member);
        Chosen::Member(target)
    }

    /// Whether a member's client takes a packet as large as a message becomes for it.
    fn fits_member(&mut self, at: usize, target: &Target, qos: QoS, message: Rc<Message>) -> bool {
        let delivery = Delivery {
            charge: 0,
            message,
            qos,
            retain: false,
            ids: target.ids.clone(),
            number: 0,
            group: None,
            kept: false,
        };
        self.fits(at, &delivery, Sending::first(qos))
    }

    /// A session ended: the messages that it got as a member of a group go to another member, but for those
    /// of QoS 2 whose delivery has begun [MQTT-4.8.2-5].
    pub(crate) fn hand_over(&mut self, ended: &Session) {
        let begun = ended.outgoing.flights();
        let begun = begun.map(|flight| &flight.message.delivery);
        let begun = begun.filter(|delivery| delivery.qos == QoS::AtLeastOnce);
        let all = begun.chain(ended.queue.iter());
        let shared: Vec<&Delivery> = all.filter(|delivery| delivery.group.is_some()).collect();
        for delivery in shared {
            self.hand_over_one(delivery);
        }
    }

    fn hand_over_one(&mut self, from: &Delivery) {
        let message = &from.message;
        let group = from.group.and_then(|group| self.router.find_group(group));
        let (Some(group), false) = (group, message.is_expired(self.now())) else {
            return;
        };
        let Chosen::Member(target) = self.choose_member(
            group,
            &message.topic,
            message.qos,
            message.size(),
            &mut |_| Rc::clone(message),
        ) else {
            return;
        };
        let session = target.session;
        let qos = message.qos.min(target.granted);
        let fate = self.fate(session, qos);
        let client = &self.sessions[session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Matched {
                publication: message.publication,
                client: client.clone(),
                filter: Rc::clone(&self.router.get(target.subscription).filter),
                granted: target.granted,
                qos,
                retained: false,
                queued: fate == Fate::Queue,
            });
        let delivery = Delivery {
            message: Rc::clone(message),
            qos,
            retain: from.retain && target.retain_as_published,
            ids: target.ids,
            number: 0,
            charge: message.charge(),
            group: from.group,
            kept: false,
        };
        match fate {
            Fate::Send(at) => self.send_first(session, at, delivery),
            Fate::Queue => {
                let _full = self.queue(session, delivery);
            }
            Fate::Discard(why) => self.note_discarded(session, message.publication, why),
        }
    }
}
