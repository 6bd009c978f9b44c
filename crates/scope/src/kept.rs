//! What a broker keeps through a crash, as far as it is shown.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use vitrine_broker::{PersistentState, SavedDelivery};

use crate::tape::fields::{HIGHEST, check_filter, check_topic};

/// What a broker keeps: of [`PersistentState`] what a page shows. Numbers of publications are the broker's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The Sessions.
    pub sessions: Vec<KeptSession>,
    /// The Retained Messages.
    pub retained: Vec<KeptMessage>,
}

/// A Session that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptSession {
    /// Whose.
    pub client: String,
    /// The Session Expiry Interval in seconds; `u32::MAX` for never.
    pub expiry: u32,
    /// Since when it has no connection, in microseconds; `None` while it has one.
    pub left: Option<u64>,
    /// The user of its latest connection.
    pub user: Option<String>,
    /// The Will, until it is published or dropped.
    pub will: Option<KeptWill>,
    /// The Subscriptions.
    pub subscriptions: Vec<KeptSubscription>,
    /// Publications that wait.
    pub queued: Vec<u64>,
    /// PUBLISH packets without PUBACK or PUBREC: Packet Identifier, publication, QoS.
    pub sent: Vec<(u16, u64, u8)>,
    /// PUBREL packets without PUBCOMP: Packet Identifier, publication.
    pub released: Vec<(u16, u64)>,
    /// QoS 2 messages that came and are not released: Packet Identifier, publication.
    pub received: Vec<(u16, Option<u64>)>,
}

/// A Will that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptWill {
    /// Its topic.
    pub topic: String,
    /// Its payload, two hexadecimal digits for each byte. Files of before do not have it.
    #[serde(default)]
    pub payload: String,
    /// Its QoS.
    pub qos: u8,
    /// Its RETAIN flag.
    pub retain: bool,
    /// The Will Delay Interval in seconds.
    pub delay: u32,
}

/// A Subscription that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptSubscription {
    /// The Topic Filter.
    pub filter: String,
    /// The granted QoS.
    pub qos: u8,
    /// No Local.
    pub no_local: bool,
}

/// A Retained Message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptMessage {
    /// Its topic.
    pub topic: String,
    /// The publication.
    pub publication: u64,
    /// The QoS it was published with.
    pub qos: u8,
    /// The payload.
    #[serde(with = "crate::hex")]
    pub payload: Vec<u8>,
}

impl Kept {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.retained.is_empty()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let retained = self.retained.iter();
        let retained = retained.map(|it| it.topic.len() + it.payload.len() + 64);
        let sessions = self.sessions.iter().map(|session| {
            let filters = session.subscriptions.iter().map(|it| it.filter.len() + 64);
            let messages = session.queued.len() + session.sent.len() + session.released.len();
            filters.sum::<usize>() + 32 * (messages + session.received.len()) + 256
        });
        retained.chain(sessions).sum()
    }

    /// Whether what was read from a file is what a broker may keep; if not, what is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        for message in &self.retained {
            check_topic(&message.topic)?;
        }
        for session in &self.sessions {
            for subscription in &session.subscriptions {
                check_filter(&subscription.filter)?;
            }
            if let Some(will) = &session.will {
                check_topic(&will.topic)?;
            }
        }
        let of_subscriptions = (self.sessions.iter())
            .flat_map(|session| session.subscriptions.iter().map(|it| it.qos));
        let of_wills =
            (self.sessions.iter()).filter_map(|session| Some(session.will.as_ref()?.qos));
        let of_messages = self.retained.iter().map(|message| message.qos);
        let mut all = of_subscriptions.chain(of_wills).chain(of_messages);
        if let Some(qos) = all.find(|qos| *qos > 2) {
            return Err(format!("{qos} is no QoS"));
        }
        match self.publications().find(|number| *number > HIGHEST) {
            Some(number) => Err(format!("{number} is no number of a publication")),
            None => Ok(()),
        }
    }

    /// The publications that are kept.
    pub(crate) fn publications(&self) -> impl Iterator<Item = u64> {
        let of_session = |session: &'_ KeptSession| {
            let queued = session.queued.iter().copied();
            let sent = session.sent.iter().map(|(_, publication, _)| *publication);
            let released = session.released.iter().map(|(_, publication)| *publication);
            let received = session.received.iter().filter_map(|(_, it)| *it);
            (queued.chain(sent).chain(released).chain(received)).collect::<Vec<_>>()
        };
        let retained = self.retained.iter().map(|message| message.publication);
        self.sessions.iter().flat_map(of_session).chain(retained)
    }
}

impl From<&PersistentState> for Kept {
    fn from(state: &PersistentState) -> Self {
        let sessions = state.sessions.iter().map(|(client, saved)| {
            let mut session = KeptSession {
                client: client.as_str().into(),
                expiry: saved.settings.expiry,
                left: saved.settings.left.map(|left| left.as_micros()),
                user: saved.settings.user.as_deref().map(String::from),
                will: saved.settings.will.as_ref().map(|will| KeptWill {
                    topic: will.topic.as_ref().into(),
                    payload: crate::hex::write(&will.payload),
                    qos: will.qos as u8,
                    retain: will.retain,
                    delay: will.delay,
                }),
                ..KeptSession::default()
            };
            for (filter, saved) in &saved.subscriptions {
                session.subscriptions.push(KeptSubscription {
                    filter: filter.as_ref().into(),
                    qos: saved.options.qos as u8,
                    no_local: saved.options.no_local,
                });
            }
            for delivery in saved.deliveries.values() {
                match delivery {
                    SavedDelivery::Queued(it) => session.queued.push(it.message.publication.0),
                    SavedDelivery::Sent(id, it) => {
                        let (publication, qos) = (it.message.publication.0, it.qos as u8);
                        session.sent.push((id.get(), publication, qos));
                    }
                    SavedDelivery::Released {
                        packet_id,
                        publication,
                        ..
                    } => session.released.push((packet_id.get(), publication.0)),
                }
            }
            let received = saved.received.iter();
            session.received = received
                .map(|(id, publication)| (id.get(), publication.map(|it| it.0)))
                .collect();
            session
        });
        let retained = state.retained.values().map(|message| KeptMessage {
            topic: message.topic.as_ref().into(),
            publication: message.publication.0,
            qos: message.qos as u8,
            payload: message.payload.to_vec(),
        });
        Self {
            sessions: sessions.collect(),
            retained: retained.collect(),
        }
    }
}
