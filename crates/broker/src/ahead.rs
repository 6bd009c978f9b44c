//! Looking ahead in what came, where many topics are in use.
//!
//! Routing to one of a hundred thousand topics costs little but waiting for memory. A client that publishes
//! fast sends many packets in one piece: their topics can be seen before the packets are handled, and what
//! is remembered of them be fetched together. Nothing is decided here: packets are handled one after the
//! other as ever, and bytes that are no packets end the look.

use vitrine_packet::{Framer, PacketType};

use crate::broker::Broker;

/// So many packets are looked at together.
const AHEAD: usize = 32;

impl Broker {
    /// Looks at the packets that `bytes` begin with, and gives how many there were, at least 1.
    pub(crate) fn look_ahead(&self, mut bytes: &[u8]) -> usize {
        let mut topics: [&[u8]; AHEAD] = [&[]; AHEAD];
        let (mut packets, mut found) = (0, 0);
        while packets < AHEAD
            && let Some((first, body, rest)) = Framer::peek(bytes)
        {
            packets += 1;
            bytes = rest;
            if PacketType::from_bits(first >> 4) == Some(PacketType::Publish)
                && let Some((length, body)) = body.split_first_chunk()
                && let Some(topic) = body.get(..usize::from(u16::from_be_bytes(*length)))
                && !topic.is_empty()
            {
                topics[found] = topic;
                found += 1;
            }
        }
        // One alone is fetched as well when it is handled.
        if found > 1 {
            self.router.look_ahead(&topics[..found]);
        }
        packets.max(1)
    }
}
