//! Looking ahead in what came, where many topics are in use.
//!
//! Routing to one of a hundred thousand topics costs little but waiting for memory. A client that publishes
//! fast sends many packets in one piece: their topics can be seen before the packets are handled, and what
//! is remembered of them be fetched together. Nothing is decided here: packets are handled one after the
//! other as ever, and bytes that are no packets end the look.

use crate::broker::Broker;

/// So many packets are looked at together.
const AHEAD: usize = 32;

/// The first byte of a PUBLISH, but for its flags.
const PUBLISH: u8 = 0x30;

impl Broker {
    /// Looks at the packets that `bytes` begin with, and gives how many there were, at least 1.
    pub(crate) fn look_ahead(&self, mut bytes: &[u8]) -> usize {
        let mut topics: [&[u8]; AHEAD] = [&[]; AHEAD];
        let (mut packets, mut found) = (0, 0);
        while packets < AHEAD
            && let Some((first, body, rest)) = split(bytes)
        {
            packets += 1;
            bytes = rest;
            if first & 0xf0 == PUBLISH
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

/// The first byte of the first packet, what follows its length, and what comes after it.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    let (mut length, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if *byte < 0x80 {
            break;
        }
        if shift > 21 {
            return None;
        }
    }
    let (body, after) = rest.split_at_checked(length)?;
    Some((*first, body, after))
}
