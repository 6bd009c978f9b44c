//! What a topic carried: its last message, the ones before, and what it retains now.

use alloc::collections::VecDeque;
use alloc::string::String;
use vitrine_broker::ClientId;

use vitrine_link::{LastMessage, RetainedNow};

use crate::preview::Preview;
use crate::rate::TopicRate;
use crate::time::milliseconds;

/// A message as a topic remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) payload: Preview,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    /// `None` for the broker itself.
    pub(crate) publisher: Option<ClientId>,
    /// Microseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) publication: u64,
}

impl Message {
    pub(crate) fn tell(&self) -> LastMessage {
        LastMessage {
            payload: self.payload.tell(),
            qos: self.qos,
            retain: self.retain,
            publisher: self
                .publisher
                .as_deref()
                .map_or_else(String::new, String::from),
            at: milliseconds(self.at),
            publication: self.publication,
        }
    }
}

/// A Retained Message.
#[derive(Clone, Debug)]
pub(crate) struct Retained {
    pub(crate) payload: Preview,
    pub(crate) qos: u8,
    pub(crate) publication: u64,
}

/// The part of a node that only topics have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topic {
    /// Newest last.
    pub(crate) messages: VecDeque<Message>,
    pub(crate) retained: Option<Retained>,
    pub(crate) count: u64,
    pub(crate) rate: TopicRate,
}

impl Topic {
    pub(crate) fn last(&self) -> Option<&Message> {
        self.messages.back()
    }

    pub(crate) fn tell_retained(&self) -> Option<RetainedNow> {
        let retained = self.retained.as_ref()?;
        Some(RetainedNow {
            payload: retained.payload.tell(),
            qos: retained.qos,
            is_last: self
                .last()
                .is_some_and(|last| last.publication == retained.publication),
        })
    }
}
