//! Messages, and what is remembered of them.

use alloc::rc::Rc;

use vitrine_packet::{PropertyBuf, QoS};
use vitrine_session::Time;

/// A message: to be published, or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The Topic Name.
    pub topic: Rc<str>,
    /// The payload.
    pub payload: Rc<[u8]>,
    /// To be published: with this QoS. Received: delivered with it.
    pub qos: QoS,
    /// To be published: it becomes the topic's Retained Message. Received: it was retained.
    pub retain: bool,
    /// Properties of the PUBLISH. To be published: without a Topic Alias, which is the client's to choose.
    /// Received: as they came. 5.0 only.
    pub properties: PropertyBuf,
}

impl Message {
    /// A message without properties that is not retained.
    #[must_use]
    pub fn new(topic: &str, payload: &[u8], qos: QoS) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            qos,
            retain: false,
            properties: PropertyBuf::new(),
        }
    }
}

/// The number that a client gave to a publication, a SUBSCRIBE or an UNSUBSCRIBE: events name it. Counted
/// from 1, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A message to be sent, or under way.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) ticket: Ticket,
    pub(crate) message: Rc<Message>,
    /// Whether it was on the wire of an earlier connection: a further attempt has DUP.
    pub(crate) sent_before: bool,
    /// The place of its PUBLISH among the packets of the present connection.
    pub(crate) place: Option<u64>,
    /// When it was put there last.
    pub(crate) sent: Time,
}

/// What is remembered of a QoS 2 message between PUBREC and PUBCOMP.
#[derive(Clone, Debug)]
pub(crate) struct Released {
    pub(crate) ticket: Ticket,
    /// The place of its PUBREL among the packets of the present connection.
    pub(crate) place: Option<u64>,
    /// When PUBREL was put the packets of a connection last.
    pub(crate) sent: Time,
}
