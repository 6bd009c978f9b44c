//! Publications: who they match, what becomes of each delivery, what is retained.

use alloc::boxed::Box;
use alloc::rc::Rc;

use vitrine_broker::{ClientId, Event};
use vitrine_link::{Outcome, Refusal};
use vitrine_packet::{Publish, QoS, ReasonCode};

use crate::ladder::Kind;
use crate::lines::LineId;
use crate::preview::Preview;
use crate::scope::{Moment, Scope, Withheld};
use crate::stories::{Delivery, Published};
use crate::tree::{Message, Retained};

/// What is told of a delivery that a rule withholds.
const NOT_AUTHORIZED: &str = vitrine_broker::DiscardReason::NotAuthorized.code();

/// That a rule refused something.
pub(crate) fn refused(what: &str, topic: &str, reason: ReasonCode, rule: &str) -> Kind {
    Kind::Refused(Box::new(Refusal {
        what: what.into(),
        topic: topic.into(),
        reason: Some(reason as u8),
        rule: rule.into(),
        username: None,
    }))
}

impl Scope {
    pub(crate) fn observe_routing(&mut self, event: &Event, moment: Moment) {
        match event {
            Event::Published {
                publication,
                publisher,
                topic,
                payload,
                qos,
                retain,
                will,
            } => {
                let published = Published {
                    topic: Rc::clone(topic),
                    payload: Preview::of(payload, self.limits.preview),
                    publisher: publisher.clone(),
                    qos: *qos as u8,
                    retain: *retain,
                    will: *will,
                    at: moment.at,
                };
                let publication = self.epoch.publication(*publication);
                self.observe_published(publication, published);
            }
            Event::Matched {
                publication,
                client,
                filter,
                granted,
                qos,
                retained,
                ..
            } => {
                let publication = self.epoch.publication(*publication);
                let line = self.lines.client(client);
                if let Some(session) = self.sessions.count(line)
                    && let Some(subscription) = session.subscriptions.get_mut(filter)
                {
                    subscription.matched += 1;
                }
                self.stories.begin(publication).deliver(Delivery {
                    line,
                    client: client.clone(),
                    filter: Rc::clone(filter),
                    granted: *granted as u8,
                    qos: *qos as u8,
                    retained: *retained,
                    outcome: Outcome::Queued,
                    why: None,
                    sent: false,
                    rule: None,
                });
            }
            Event::PublishRefused {
                client,
                topic,
                reason,
                rule: Some(rule),
            } => {
                let line = self.lines.client(client);
                let kind = refused("publish", topic, *reason, rule);
                self.record(moment, Some(line), None, kind);
            }
            Event::Withheld {
                publication,
                client,
                filter,
                rule,
                retained,
            } => {
                let publication = self.epoch.publication(*publication);
                let line = self.lines.client(client);
                let withheld = Withheld {
                    line,
                    publication,
                    rule: Rc::clone(rule),
                };
                match filter {
                    Some(filter) => {
                        let granted = self
                            .sessions
                            .get(line)
                            .and_then(|session| session.subscriptions.get(filter))
                            .map_or(0, |subscription| subscription.granted);
                        let story = self.stories.begin(publication);
                        let published = story.published.as_ref();
                        let qos = published.map_or(granted, |it| it.qos.min(granted));
                        story.deliver(Delivery {
                            line,
                            client: client.clone(),
                            filter: Rc::clone(filter),
                            granted,
                            qos,
                            retained: *retained,
                            outcome: Outcome::Discarded,
                            why: Some(NOT_AUTHORIZED),
                            sent: false,
                            rule: Some(Rc::clone(rule)),
                        });
                        self.record_withheld(&withheld, moment);
                    }
                    // It is discarded next.
                    None => self.withheld = Some(withheld),
                }
            }
            Event::Queued {
                client,
                publication,
                length,
            } => {
                let publication = self.epoch.publication(*publication);
                let line = self.lines.client(client);
                let length = self.set_queued(line, *length);
                let row = self.record(moment, Some(line), Some(publication), Kind::Queued(length));
                self.holds.queue(line, publication, row);
                if let Some(delivery) = self.stories.delivery(publication, line) {
                    delivery.outcome = Outcome::Queued;
                }
            }
            Event::Dequeued { client, length, .. } => {
                let line = self.lines.client(client);
                self.set_queued(line, *length);
            }
            Event::Discarded {
                client,
                publication,
                why,
            } => {
                let publication = self.epoch.publication(*publication);
                self.observe_discarded(client, publication, why.code(), moment);
            }
            Event::Acknowledged {
                client,
                publication,
            } => {
                let publication = self.epoch.publication(*publication);
                if let Some(line) = self.lines.of_client(client) {
                    self.stories.acknowledge(publication, line);
                }
            }
            Event::Retained {
                topic,
                publication,
                qos,
                payload,
            } => {
                let payload = Preview::of(payload, self.limits.preview);
                let retained = Retained {
                    payload,
                    qos: *qos as u8,
                    publication: self.epoch.publication(*publication),
                };
                self.tree.retain(topic, retained);
            }
            Event::RetainedRemoved { topic, .. } => self.tree.release(topic),
            _ => {}
        }
    }

    fn observe_published(&mut self, publication: u64, published: Published) {
        let message = Message {
            payload: published.payload.clone(),
            qos: published.qos,
            retain: published.retain,
            publisher: published.publisher.clone(),
            at: published.at,
            publication,
        };
        self.tree.publish(&published.topic, message);
        self.counts.moves(published.at);
        if let Some(client) = &published.publisher {
            self.counts.published(published.at);
            if !published.will
                && let Some(line) = self.lines.of_client(client)
                && let Some(session) = self.sessions.count(line)
            {
                session.published += 1;
            }
        }
        self.stories.begin(publication).published = Some(published);
    }

    fn observe_discarded(
        &mut self,
        client: &ClientId,
        publication: u64,
        why: &'static str,
        moment: Moment,
    ) {
        let line = self.lines.client(client);
        let withheld = self
            .withheld
            .take()
            .filter(|withheld| withheld.line == line && withheld.publication == publication);
        let row = match &withheld {
            Some(withheld) => self.record_withheld(withheld, moment),
            None => self.record(moment, Some(line), Some(publication), Kind::Discarded(why)),
        };
        if self.holds.unqueue(line, publication, row)
            && let Some(session) = self.sessions.count(line)
        {
            session.queued = session.queued.saturating_sub(1);
        }
        if let Some(delivery) = self.stories.delivery(publication, line) {
            delivery.sent = delivery.outcome == Outcome::InFlight;
            delivery.outcome = Outcome::Discarded;
            delivery.why = Some(why);
            delivery.rule = withheld.map(|withheld| withheld.rule);
        }
    }

    /// A rule keeps a message from a client.
    fn record_withheld(&mut self, withheld: &Withheld, moment: Moment) -> u64 {
        let topic = self.stories.topic(withheld.publication).cloned();
        let topic = topic.unwrap_or_default();
        let kind = refused(
            "delivery",
            &topic,
            ReasonCode::NotAuthorized,
            &withheld.rule,
        );
        let Withheld {
            line, publication, ..
        } = *withheld;
        self.record(moment, Some(line), Some(publication), kind)
    }

    fn set_queued(&mut self, line: LineId, length: usize) -> u32 {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        if let Some(session) = self.sessions.count(line) {
            session.queued = length;
        }
        length
    }

    /// A PUBLISH was sent to a client.
    pub(crate) fn count_delivery(
        &mut self,
        line: LineId,
        publication: Option<u64>,
        publish: &Publish<'_>,
        moment: Moment,
    ) {
        if !publish.dup {
            // What the broker tells of itself is no traffic of its clients.
            let topic = publication.and_then(|publication| self.stories.topic(publication));
            if !topic.is_some_and(|topic| topic.starts_with('$')) {
                self.counts.delivered(moment.at);
            }
            if let Some(session) = self.sessions.count(line) {
                session.delivered += 1;
            }
        }
        if let Some(publication) = publication
            && let Some(delivery) = self.stories.delivery(publication, line)
        {
            delivery.outcome = match publish.qos {
                QoS::AtMostOnce => Outcome::Sent,
                QoS::AtLeastOnce | QoS::ExactlyOnce => Outcome::InFlight,
            };
        }
    }

    /// A publication that was forgotten goes on: a Retained Message is sent to someone new, or a queue
    /// is emptied at last. Its story begins anew with what is still known.
    pub(crate) fn revive_story(&mut self, publication: u64, publish: &Publish<'_>, moment: Moment) {
        if self
            .stories
            .get(publication)
            .is_some_and(|story| story.published.is_some())
        {
            return;
        }
        let payload: Rc<[u8]> = publish.payload.into();
        let remembered = (self.tree.find(publish.topic))
            .and_then(|id| self.tree.node(id).topic.as_ref())
            .and_then(|topic| topic.messages.iter().find(|m| m.publication == publication));
        let published = Published {
            topic: publish.topic.into(),
            payload: Preview::of(&payload, self.limits.preview),
            publisher: remembered.and_then(|message| message.publisher.clone()),
            qos: remembered.map_or(publish.qos as u8, |message| message.qos),
            retain: remembered.map_or(publish.retain, |message| message.retain),
            will: false,
            at: remembered.map_or(moment.at, |message| message.at),
        };
        self.stories.begin(publication).published = Some(published);
    }
}
