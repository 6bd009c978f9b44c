//! A row of the recording: small, and taken apart only when it comes on screen.

use alloc::boxed::Box;
use alloc::rc::Rc;

use vitrine_link::{Ending, Fate, Outside, PacketRow, Problem, Refusal};
use vitrine_packet::{Packet, PacketType, ProtocolVersion};

use crate::lines::LineId;

/// One thing that happened.
#[derive(Clone)]
pub(crate) struct Row {
    /// Microseconds since the Unix epoch.
    pub(crate) at: u64,
    /// The broker's input that led to it.
    pub(crate) input: u64,
    pub(crate) line: Option<LineId>,
    pub(crate) publication: Option<u64>,
    pub(crate) kind: Kind,
}

/// What it was.
#[derive(Clone)]
pub(crate) enum Kind {
    Packet(Recorded),
    Opened(Rc<str>),
    Closed(Box<Ending>),
    Malformed(Rc<[u8]>, ProtocolVersion, Box<Problem>),
    Queued(u32),
    Discarded(&'static str),
    Refused(Box<Refusal>),
    WillPublished,
    SessionEnded(&'static str),
    Dropped,
    /// A packet to the broker that never arrived.
    Lost(Recorded),
    Outside(Rc<Outside>),
    /// Not shown: kept free for the last packet that the broker may send on a connection it closes. The
    /// broker tells of the end first and of that packet when it is pulled, but in the ladder it belongs
    /// before the end.
    Reserved,
}

/// A Control Packet as it is recorded.
#[derive(Clone)]
pub(crate) struct Recorded {
    /// The whole packet, or as much of it as is kept.
    pub(crate) bytes: Rc<[u8]>,
    /// The whole packet's size.
    pub(crate) size: u32,
    pub(crate) to_broker: bool,
    pub(crate) packet_type: PacketType,
    /// The Packet Identifier; 0 for none.
    pub(crate) packet_id: u16,
    pub(crate) version: ProtocolVersion,
    /// What the row tells, where `bytes` are not enough to say it again.
    pub(crate) told: Option<Box<PacketRow>>,
    pub(crate) fate: Fate,
}

impl Recorded {
    /// The Topic Name of a PUBLISH that names one.
    pub(crate) fn topic(&self) -> Option<&str> {
        let topic = if let Some(told) = &self.told {
            told.topic.as_deref()
        } else if let Ok(Packet::Publish(publish)) = Packet::decode(&self.bytes, self.version) {
            Some(publish.topic)
        } else {
            None
        };
        topic.filter(|topic| !topic.is_empty())
    }
}

impl Row {
    /// The packet, when it is one that went over a connection.
    pub(crate) fn packet(&self) -> Option<&Recorded> {
        if let Kind::Packet(packet) = &self.kind {
            Some(packet)
        } else {
            None
        }
    }

    /// The packet, when it is one that never arrived at the broker.
    pub(crate) fn lost(&self) -> Option<&Recorded> {
        if let Kind::Lost(packet) = &self.kind {
            Some(packet)
        } else {
            None
        }
    }

    /// Bytes of packets that it keeps.
    pub(crate) fn weight(&self) -> usize {
        match &self.kind {
            Kind::Packet(packet) | Kind::Lost(packet) => packet.bytes.len(),
            Kind::Malformed(bytes, ..) => bytes.len(),
            Kind::Opened(_)
            | Kind::Closed(_)
            | Kind::Queued(_)
            | Kind::Discarded(_)
            | Kind::Refused(_)
            | Kind::WillPublished
            | Kind::SessionEnded(_)
            | Kind::Dropped
            | Kind::Outside(_)
            | Kind::Reserved => 0,
        }
    }
}
