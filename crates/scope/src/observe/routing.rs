//! Publications: who they match, what becomes of each delivery, what is retained.

use alloc::rc::Rc;

use vitrine_broker::{ClientId, Event, PublicationId};
use vitrine_link::Outcome;
use vitrine_packet::{Publish, QoS};

use crate::ladder::Kind;
use crate::lines::LineId;
use crate::preview::Preview;
use crate::scope::{Moment, Scope};
use crate::stories::{Delivery, Published};
use crate::tree::{Message, Retained};

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
                self.observe_published(*publication, published);
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
                let line = self.lines.client(client);
                if let Some(session) = self.sessions.count(line)
                    && let Some(subscription) = session.subscriptions.get_mut(filter)
                {
                    subscription.matched += 1;
                }
                self.stories.begin(publication.0).deliver(Delivery {
                    line,
                    client: client.clone(),
                    filter: Rc::clone(filter),
                    granted: *granted as u8,
                    qos: *qos as u8,
                    retained: *retained,
                    outcome: Outcome::Queued,
                    why: None,
                });
            }
            Event::Queued {
                client,
                publication,
                length,
            } => {
                let line = self.lines.client(client);
                let length = self.set_queued(line, *length);
                let row = self.record(
                    moment,
                    Some(line),
                    Some(publication.0),
                    Kind::Queued(length),
                );
                self.holds.queue(line, publication.0, row);
                if let Some(delivery) = self.stories.delivery(publication.0, line) {
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
                self.observe_discarded(client, *publication, why.code(), moment);
            }
            Event::Acknowledged {
                client,
                publication,
            } => {
                if let Some(line) = self.lines.of_client(client)
                    && let Some(delivery) = self.stories.delivery(publication.0, line)
                {
                    delivery.outcome = Outcome::Acknowledged;
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
                    publication: publication.0,
                };
                self.tree.retain(topic, retained);
            }
            Event::RetainedRemoved { topic, .. } => self.tree.release(topic),
            _ => {}
        }
    }

    fn observe_published(&mut self, publication: PublicationId, published: Published) {
        let message = Message {
            payload: published.payload.clone(),
            qos: published.qos,
            retain: published.retain,
            publisher: published.publisher.clone(),
            at: published.at,
            publication: publication.0,
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
        self.stories.begin(publication.0).published = Some(published);
    }

    fn observe_discarded(
        &mut self,
        client: &ClientId,
        publication: PublicationId,
        why: &'static str,
        moment: Moment,
    ) {
        let line = self.lines.client(client);
        let publication = publication.0;
        let row = self.record(moment, Some(line), Some(publication), Kind::Discarded(why));
        if self.holds.unqueue(line, publication, row)
            && let Some(session) = self.sessions.count(line)
        {
            session.queued = session.queued.saturating_sub(1);
        }
        if let Some(delivery) = self.stories.delivery(publication, line) {
            delivery.outcome = Outcome::Discarded;
            delivery.why = Some(why);
        }
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
            self.counts.delivered(moment.at);
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
