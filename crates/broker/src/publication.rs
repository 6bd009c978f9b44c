//! Accepting publications: a client's, a Will's and the broker's own.

use alloc::rc::Rc;

use slab::Slab;
use vitrine_packet::{Properties, PropertyBuf, QoS, ReasonCode, topic};

use crate::broker::Broker;
use crate::changes::Change;
use crate::deliver::FanOut;
use crate::limits::{Limit, Refused};
use crate::message::forwardable;
use crate::session::Session;
use crate::timers::TimerKey;
use crate::{ClientId, Event, ObservationMask, PublicationId, WillDrop};

/// What is to be published. Its topic is a valid Topic Name.
#[derive(Clone, Debug)]
pub(crate) struct Publication<'a> {
    pub(crate) publisher: Publisher,
    pub(crate) topic: &'a str,
    /// The properties as they came.
    pub(crate) properties: Properties<'a>,
    pub(crate) payload: &'a [u8],
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    /// Message Expiry Interval in seconds.
    pub(crate) expiry: Option<u32>,
}

/// Who publishes.
#[derive(Clone, Debug)]
pub(crate) enum Publisher {
    /// The broker itself.
    Own,
    /// A connected client: the index of its session.
    Session(usize),
    /// A client that is gone, by its Will.
    Will {
        client: ClientId,
        user: Option<Rc<str>>,
    },
}

/// What became of a publication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    pub(crate) publication: PublicationId,
    /// Whether it matched any subscription.
    pub(crate) matched: bool,
}

impl Broker {
    /// Whether a publication may be accepted.
    pub(crate) fn check(&mut self, publication: &Publication<'_>) -> Result<(), Refused> {
        let Publication { topic, payload, .. } = publication;
        // Topics that begin with `$` are the broker's [MQTT-4.7.2-1 and the section around it].
        if topic.starts_with('$') && !matches!(publication.publisher, Publisher::Own) {
            let text = "topics that begin with $ are the broker's";
            return Err(Refused::new(ReasonCode::NotAuthorized, text));
        }
        if !self.levels_allowed(topic) {
            return Err(self.refusals.refuse(Limit::TopicLevels));
        }
        self.may_publish(&publication.publisher, topic)?;
        if !publication.properties.is_empty() && self.belies_its_format(publication) {
            let text = "the payload is not the UTF-8 that its Payload Format Indicator says";
            return Err(Refused::new(ReasonCode::PayloadFormatInvalid, text));
        }
        if !publication.retain || payload.is_empty() {
            return Ok(());
        }
        let size = topic.len() + publication.properties.as_bytes().len() + payload.len();
        let before = self.retained.get(topic).map(|message| message.size());
        let bytes = self.retained.bytes() + size - before.unwrap_or(0);
        let limit = if before.is_none() && self.retained.len() >= self.config.max_retained_messages
        {
            Limit::RetainedMessages
        } else if before.is_none() && self.retained.levels() > self.config.max_retained_levels {
            Limit::RetainedLevels
        } else if bytes > self.config.max_retained_bytes {
            Limit::RetainedBytes
        } else {
            return Ok(());
        };
        Err(self.refusals.refuse(limit))
    }

    /// Whether the payload is said to be UTF-8, is not, and that is checked (5.0 section 3.3.2.3.2).
    fn belies_its_format(&self, publication: &Publication<'_>) -> bool {
        self.config.check_payload_format
            && publication.properties.payload_format_indicator() == Some(1)
            && core::str::from_utf8(publication.payload).is_err()
    }

    /// Whether a topic or filter has no more levels than allowed.
    pub(crate) fn levels_allowed(&self, topic: &str) -> bool {
        let most = self.config.max_topic_levels;
        topic.len() < most || topic.bytes().filter(|byte| *byte == b'/').count() < most
    }

    /// Takes responsibility for a publication that was checked: keeps it where it is to be kept, and
    /// gives it to everyone who is to get it.
    pub(crate) fn accept(&mut self, publication: &Publication<'_>) -> Accepted {
        self.publications += 1;
        let id = PublicationId(self.publications);
        self.note_published(id, publication);
        let mut forwarded = PropertyBuf::new();
        let properties = forwardable(publication.properties, &mut forwarded);
        let (access, sessions) = (&self.access, &self.sessions);
        let route = self.router.route(publication.topic, |session| {
            if access.is_open() {
                return None;
            }
            access
                .judge_receiving(&sessions[session], publication.topic)
                .err()
        });
        self.note_allowed(&publication.publisher, publication.topic);
        let mut fan_out = FanOut {
            id,
            publication,
            properties,
            expires: publication
                .expiry
                .map(|seconds| self.now().plus_secs(seconds)),
            message: None,
        };
        if publication.retain && self.config.retain_available {
            self.keep(&mut fan_out);
        }
        let matched = self.fan_out(&route, &mut fan_out);
        Accepted {
            publication: id,
            matched,
        }
    }

    #[inline]
    pub(crate) fn note_published(&mut self, id: PublicationId, publication: &Publication<'_>) {
        self.observer
            .note(ObservationMask::ROUTING, || Event::Published {
                publication: id,
                publisher: publication.publisher.client(&self.sessions),
                topic: publication.topic.into(),
                payload: publication.payload.into(),
                qos: publication.qos,
                retain: publication.retain,
                will: matches!(publication.publisher, Publisher::Will { .. }),
            });
    }

    /// Makes a message its topic's Retained Message, or removes the one there is when it is empty
    /// [MQTT-3.3.1-5], [MQTT-3.3.1-6], [MQTT-3.3.1-7].
    fn keep(&mut self, fan_out: &mut FanOut<'_>) {
        if fan_out.publication.payload.is_empty() {
            self.remove_retained(fan_out.publication.topic, false);
            return;
        }
        let message = self.message(fan_out);
        self.observer
            .note(ObservationMask::ROUTING, || Event::Retained {
                topic: Rc::clone(&message.topic),
                publication: message.publication,
                qos: message.qos,
                payload: Rc::clone(&message.payload),
            });
        let expires = message.expires;
        self.change(|_| Change::Retained(Rc::clone(&message)));
        let (node, before) = self.retained.set(message);
        let key = TimerKey::RetainedExpiry(node);
        if let Some(due) = before.and_then(|before| before.expires) {
            self.timers.clear(due, key);
        }
        if let Some(due) = expires {
            self.timers.set(due, key);
        }
    }

    fn remove_retained(&mut self, topic: &str, expired: bool) {
        let Some((node, message)) = self.retained.remove(topic) else {
            return;
        };
        if let Some(due) = message.expires {
            self.timers.clear(due, TimerKey::RetainedExpiry(node));
        }
        self.change(|_| Change::RetainedRemoved {
            topic: Rc::clone(&message.topic),
        });
        self.observer
            .note(ObservationMask::ROUTING, || Event::RetainedRemoved {
                topic: Rc::clone(&message.topic),
                expired,
            });
    }

    /// A Retained Message's time is over.
    pub(crate) fn expire_retained(&mut self, node: usize) {
        if let Some(message) = self.retained.at(node) {
            let topic = Rc::clone(&message.topic);
            self.remove_retained(&topic, true);
        }
    }

    /// Publishes as the broker itself.
    pub(crate) fn publish_own(&mut self, topic: &str, payload: &[u8], qos: QoS, retain: bool) {
        if topic::validate_name(topic).is_err() {
            return;
        }
        let publication = Publication {
            publisher: Publisher::Own,
            topic,
            properties: Properties::EMPTY,
            payload,
            qos,
            retain,
            expiry: None,
        };
        if self.check(&publication).is_ok() {
            self.accept(&publication);
        }
    }

    /// Publishes a Will, if nothing has come to stand against it since CONNECT.
    pub(crate) fn publish_will(&mut self, publication: Publication<'_>) {
        let Publisher::Will { client, .. } = publication.publisher.clone() else {
            return;
        };
        if let Err(refused) = self.check(&publication) {
            let why = if refused.reason == ReasonCode::NotAuthorized {
                WillDrop::NotAuthorized
            } else {
                WillDrop::Limit
            };
            self.observer
                .note(ObservationMask::SESSIONS, || Event::WillDropped {
                    client,
                    why,
                    rule: self.access.name_of(refused),
                });
            return;
        }
        // Said first: what is routed from here on comes from it.
        let publication_id = PublicationId(self.publications + 1);
        self.observer
            .note(ObservationMask::SESSIONS, || Event::WillPublished {
                client,
                publication: publication_id,
            });
        self.accept(&publication);
    }
}

impl Publisher {
    /// The Client Identifier; `None` for the broker itself.
    pub(crate) fn client(&self, sessions: &Slab<Session>) -> Option<ClientId> {
        match self {
            Self::Own => None,
            Self::Session(at) => Some(sessions[*at].client.clone()),
            Self::Will { client, .. } => Some(client.clone()),
        }
    }
}
