//! Which row led to which: the packet whose handling made the broker do it.
//!
//! An observation names the broker's input that led to it. One input may hold many packets, so among
//! those the one is looked for that fits: the request to an answer, the incoming PUBLISH to an
//! outgoing one.

use vitrine_packet::PacketType;

use crate::chunks::Chunks;
use crate::ladder::recording::Recording;
use crate::ladder::row::{Kind, Row};

/// Packets of one input that are looked at for one row; more in one input are rare.
const CANDIDATES: usize = 4_096;

/// The rows of incoming packets, by the input that they came with.
#[derive(Clone, Default)]
pub(crate) struct Causes {
    /// Input and row, both rising.
    incoming: Chunks<(u64, u64)>,
}

impl Causes {
    /// A packet came with `input` and was recorded as `row`.
    pub(crate) fn came(&mut self, input: u64, row: u64) {
        self.incoming.push_back((input, row));
    }

    /// Forgets what came before row `first`.
    pub(crate) fn forget_before(&mut self, first: u64) {
        while self.incoming.front().is_some_and(|(_, row)| *row < first) {
            self.incoming.pop_front();
        }
    }

    /// The row that led to the row with this number.
    pub(crate) fn of(&self, number: u64, row: &Row, recording: &Recording) -> Option<u64> {
        let fits = match &row.kind {
            Kind::Opened(_) | Kind::Malformed(..) | Kind::Lost(_) | Kind::Outside(_) => {
                return None;
            }
            Kind::Packet(packet) if packet.to_broker => return None,
            Kind::Packet(packet) => request_to(packet.packet_type),
            Kind::Closed(_)
            | Kind::Queued(_)
            | Kind::Discarded(_)
            | Kind::Refused(_)
            | Kind::WillPublished
            | Kind::SessionEnded(_)
            | Kind::Dropped
            | Kind::Reserved => &[],
        };
        let start = self
            .incoming
            .partition_point(|(input, _)| *input < row.input);
        let mut best = None;
        for (input, candidate) in self.incoming.iter_from(start).take(CANDIDATES) {
            if *input != row.input || *candidate >= number {
                break;
            }
            let Some(cause) = recording.get(*candidate) else {
                continue;
            };
            let fit = fit(row, cause, fits);
            if best.is_none_or(|(known, _)| fit >= known) {
                best = Some((fit, *candidate));
            }
        }
        best.map(|(_, number)| number)
    }
}

/// The packets that each packet of the broker may be the answer to; the best is tried by
/// [`fit`] against publication, line and identifier.
fn request_to(answer: PacketType) -> &'static [PacketType] {
    match answer {
        PacketType::ConnAck => &[PacketType::Connect, PacketType::Auth],
        PacketType::PubAck => &[PacketType::Publish],
        // A PUBLISH follows from another one, from subscribing (retained), from coming back, or from
        // an acknowledgement that made room.
        PacketType::Publish => &[
            PacketType::Publish,
            PacketType::Subscribe,
            PacketType::Connect,
            PacketType::PubAck,
            PacketType::PubRec,
            PacketType::PubComp,
        ],
        PacketType::PubRec => &[PacketType::Publish],
        // After coming back, what was not completed is sent again.
        PacketType::PubRel => &[PacketType::PubRec, PacketType::Connect],
        PacketType::PubComp => &[PacketType::PubRel],
        PacketType::SubAck => &[PacketType::Subscribe],
        PacketType::UnsubAck => &[PacketType::Unsubscribe],
        PacketType::PingResp => &[PacketType::PingReq],
        PacketType::Auth => &[PacketType::Auth, PacketType::Connect],
        PacketType::Disconnect
        | PacketType::Connect
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq => &[],
    }
}

/// How well `cause` fits `row`; more is better, and among equals the later one.
fn fit(row: &Row, cause: &Row, fits: &[PacketType]) -> u32 {
    // A connection or session ends by the last thing that came.
    if matches!(row.kind, Kind::Closed(_) | Kind::SessionEnded(_)) {
        return 0;
    }
    let Some(request) = cause.packet() else {
        return 0;
    };
    let answer = row.packet();
    let same_line = row.line == cause.line;
    let same_publication = row.publication.is_some() && row.publication == cause.publication;
    let is_answer = answer.is_some_and(|a| a.packet_type != PacketType::Publish);
    let same_id = is_answer
        && answer.is_some_and(|a| a.packet_id == request.packet_id && a.packet_id != 0)
        && same_line;
    let kind = fits.contains(&request.packet_type);
    let incoming_publish = request.packet_type == PacketType::Publish;
    // A PUBLISH of another publication never led to this one.
    let foreign = incoming_publish && !same_publication && !same_id;
    u32::from(kind && (same_id || same_publication)) * 8
        + u32::from(same_publication) * 4
        + u32::from(kind && same_line && !foreign) * 2
        + u32::from(!foreign)
}
