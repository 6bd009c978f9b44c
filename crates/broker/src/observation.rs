//! What the broker did, told to whoever watches.
//!
//! Everything the page shows is made of these. They carry their cause, so that a picture can be drawn
//! across publisher, broker and subscribers; and every PUBLISH of a publication carries the
//! publication's number, through all copies, acknowledgements and redeliveries.

use alloc::rc::Rc;
use core::ops::{BitOr, BitOrAssign};

use vitrine_packet::{DecodeError, ProtocolVersion, QoS, ReasonCode, SubscriptionOptions};

use crate::{ClientId, CloseReason, ConnectionId, DiscardReason, SessionEnd, Time, WillDrop};

/// An accepted publication: a client's, a Will, or the broker's own. Counts up from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicationId(pub u64);

/// Which observations are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObservationMask(u8);

impl ObservationMask {
    /// None: observing costs one test per place.
    pub const NONE: Self = Self(0);
    /// Connections and Control Packets with their bytes.
    pub const PACKETS: Self = Self(1);
    /// Clients, Sessions, Subscriptions, Wills.
    pub const SESSIONS: Self = Self(2);
    /// Publications, who they match, queues, Retained Messages.
    pub const ROUTING: Self = Self(4);
    /// Publications and Subscriptions that are refused, which the two kinds before tell of as well.
    pub const REFUSALS: Self = Self(8);
    /// All of them.
    pub const ALL: Self = Self(15);

    /// Whether it holds one of the kinds of `other`.
    #[inline]
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for ObservationMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for ObservationMask {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Something that the broker did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Counts up from 1 in the order of happening. A gap means that observations were lost because
    /// they were not polled in time ([`crate::Config::max_observations`]).
    pub number: u64,
    /// The number of the input that led to it: the first input has 1. For a packet that waited before
    /// it was pulled, the input that produced the packet.
    pub cause: u64,
    /// The time of happening.
    pub at: Time,
    /// What it was.
    pub event: Event,
}

/// What an observation tells.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    // PACKETS
    /// A transport connection was opened.
    Opened {
        /// Which.
        connection: ConnectionId,
        /// By which door.
        door: Rc<str>,
        /// Who it is, for people to read; may be empty.
        name: Rc<str>,
    },
    /// A whole, well-formed Control Packet came.
    Received {
        /// From where.
        connection: ConnectionId,
        /// The packet.
        bytes: Rc<[u8]>,
        /// How its bytes are to be read.
        version: ProtocolVersion,
        /// The publication it belongs to: of an accepted PUBLISH, of a PUBREL, and of a subscriber's
        /// PUBACK, PUBREC and PUBCOMP.
        publication: Option<PublicationId>,
    },
    /// A Control Packet was pulled by the host.
    Sent {
        /// To where.
        connection: ConnectionId,
        /// The packet.
        bytes: Rc<[u8]>,
        /// How its bytes are to be read.
        version: ProtocolVersion,
        /// The publication it belongs to, as for [`Event::Received`].
        publication: Option<PublicationId>,
    },
    /// Bytes came that are no valid Control Packet. The connection is closed.
    Malformed {
        /// From where.
        connection: ConnectionId,
        /// The bytes: the packet as far as it was there.
        bytes: Rc<[u8]>,
        /// How they were read; 3.1.1 while no CONNECT came.
        version: ProtocolVersion,
        /// What is wrong with them.
        error: DecodeError,
    },
    /// A connection ended: nothing that comes on it is handled any more. Told with SESSIONS as well.
    Closed {
        /// Which.
        connection: ConnectionId,
        /// The client, when its CONNECT was accepted.
        client: Option<ClientId>,
        /// Why.
        why: CloseReason,
        /// The Reason Code that was given by either side.
        reason: Option<ReasonCode>,
        /// The statement of the standard that was broken or that asks for the end.
        statement: Option<&'static str>,
        /// True when no DISCONNECT came from the client: what was in flight is lost with the connection.
        abrupt: bool,
    },

    // SESSIONS
    /// A CONNECT was accepted.
    Connected {
        /// Where.
        connection: ConnectionId,
        /// The Client Identifier.
        client: ClientId,
        /// The version it speaks.
        version: ProtocolVersion,
        /// Clean Start (Clean Session before 5.0).
        clean_start: bool,
        /// Whether a Session was there to go on with (Session Present).
        resumed: bool,
        /// The Keep Alive that counts, in seconds; 0 for none.
        keep_alive: u16,
        /// The Session Expiry Interval that counts, in seconds; `u32::MAX` for never.
        session_expiry: u32,
        /// The User Name.
        username: Option<Rc<str>>,
        /// The Will.
        will: Option<WillInfo>,
    },
    /// A CONNECT was refused.
    ConnectRefused {
        /// Where.
        connection: ConnectionId,
        /// The Client Identifier it asked for; may be empty.
        client: ClientId,
        /// The User Name it gave.
        username: Option<Rc<str>>,
        /// Why.
        reason: ReasonCode,
        /// What refused it, where it is no limit: `anonymous` (no User Name, and one is needed), `users`
        /// (unknown, or the wrong password), or the rule that its Will breaks.
        rule: Option<Rc<str>>,
    },
    /// A client's connection ended.
    Disconnected {
        /// Which client.
        client: ClientId,
        /// True when its Session waits for it, false when it ended.
        kept: bool,
    },
    /// A Session and all its state are gone.
    SessionEnded {
        /// Whose.
        client: ClientId,
        /// Why.
        why: SessionEnd,
    },
    /// A Subscription was made or replaced.
    Subscribed {
        /// Whose.
        client: ClientId,
        /// The Topic Filter (with `$share/name/` where it is shared).
        filter: Rc<str>,
        /// The options asked for.
        options: SubscriptionOptions,
        /// The granted QoS.
        granted: QoS,
        /// The Subscription Identifier.
        identifier: Option<u32>,
        /// Whether it took the place of one with the same filter.
        replaced: bool,
    },
    /// A Subscription was refused.
    SubscribeRefused {
        /// Whose.
        client: ClientId,
        /// The Topic Filter.
        filter: Rc<str>,
        /// Why.
        reason: ReasonCode,
        /// The rule that refused it, where one did.
        rule: Option<Rc<str>>,
    },
    /// A Subscription was removed on the client's wish.
    Unsubscribed {
        /// Whose.
        client: ClientId,
        /// The Topic Filter.
        filter: Rc<str>,
    },
    /// A Will was published.
    WillPublished {
        /// Whose.
        client: ClientId,
        /// The publication that it became.
        publication: PublicationId,
    },
    /// A Will was dropped unpublished.
    WillDropped {
        /// Whose.
        client: ClientId,
        /// Why.
        why: WillDrop,
        /// The rule that refused it, where one did.
        rule: Option<Rc<str>>,
    },

    // ROUTING
    /// A publication was accepted.
    Published {
        /// Its number.
        publication: PublicationId,
        /// Who published it; `None` for the broker itself.
        publisher: Option<ClientId>,
        /// The Topic Name.
        topic: Rc<str>,
        /// The payload.
        payload: Rc<[u8]>,
        /// The QoS it was published with.
        qos: QoS,
        /// Whether it was published with RETAIN 1.
        retain: bool,
        /// Whether it is a Will.
        will: bool,
    },
    /// A publication was refused. Told with SESSIONS as well.
    PublishRefused {
        /// Who wanted to publish it.
        client: ClientId,
        /// The Topic Name.
        topic: Rc<str>,
        /// Why.
        reason: ReasonCode,
        /// The rule that refused it, where one did.
        rule: Option<Rc<str>>,
    },
    /// A publication matches a Subscription. Said once for each session that gets it, before what
    /// becomes of it.
    Matched {
        /// The publication.
        publication: PublicationId,
        /// Whose Subscription.
        client: ClientId,
        /// The Topic Filter: where several of the session match, the one with the highest granted QoS.
        filter: Rc<str>,
        /// The QoS granted to it.
        granted: QoS,
        /// The QoS of the delivery.
        qos: QoS,
        /// Whether it is a Retained Message, sent because of subscribing.
        retained: bool,
        /// Whether it waits in the queue instead of being sent at once.
        queued: bool,
    },
    /// A publication matches a Subscription, but a rule keeps it from the client.
    Withheld {
        /// The publication.
        publication: PublicationId,
        /// Whose Subscription.
        client: ClientId,
        /// The Topic Filter, as for [`Event::Matched`]; `None` for a message that waited or was under way,
        /// which is discarded next.
        filter: Option<Rc<str>>,
        /// The rule's name; `default` where none fits.
        rule: Rc<str>,
        /// Whether it is a Retained Message, asked for by subscribing.
        retained: bool,
    },
    /// A publication was put into a session's queue.
    Queued {
        /// Whose.
        client: ClientId,
        /// The publication.
        publication: PublicationId,
        /// Messages in the queue afterwards.
        length: usize,
    },
    /// A publication left a session's queue to be sent.
    Dequeued {
        /// Whose.
        client: ClientId,
        /// The publication.
        publication: PublicationId,
        /// Messages in the queue afterwards.
        length: usize,
    },
    /// A publication will not be delivered to this client.
    Discarded {
        /// Which client.
        client: ClientId,
        /// The publication.
        publication: PublicationId,
        /// Why.
        why: DiscardReason,
    },
    /// A client's handshake of a QoS 1 or 2 delivery is complete.
    Acknowledged {
        /// Which client.
        client: ClientId,
        /// The publication.
        publication: PublicationId,
    },
    /// A message became its topic's Retained Message.
    Retained {
        /// The Topic Name.
        topic: Rc<str>,
        /// The publication.
        publication: PublicationId,
        /// The QoS it was published with.
        qos: QoS,
        /// The payload.
        payload: Rc<[u8]>,
    },
    /// A topic has no Retained Message any more.
    RetainedRemoved {
        /// The Topic Name.
        topic: Rc<str>,
        /// True when its time was over, false when it was cleared by an empty message.
        expired: bool,
    },
}

/// What is told of a Will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WillInfo {
    /// Its topic.
    pub topic: Rc<str>,
    /// Its payload.
    pub payload: Rc<[u8]>,
    /// Its QoS.
    pub qos: QoS,
    /// Its RETAIN flag.
    pub retain: bool,
    /// The Will Delay Interval in seconds.
    pub delay: u32,
}
