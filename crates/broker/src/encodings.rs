//! A message written once for each way in which it is sent.

use alloc::vec::Vec;
use core::ops::Range;

use vitrine_packet::{ProtocolVersion, QoS};

/// With or without properties, three levels of QoS, with or without RETAIN.
const WAYS: usize = 12;

/// The packets of one publication, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encodings {
    bytes: Vec<u8>,
    /// Where each packet is; means nothing where its bit in `written` is not set.
    places: [(u32, u32); WAYS],
    written: u16,
}

impl Encodings {
    /// Forgets the packets, and keeps the memory for those of another publication.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.written = 0;
    }

    /// Where the packet for this version, QoS and RETAIN is. The first time `write` appends it.
    #[inline]
    pub(crate) fn place(
        &mut self,
        version: ProtocolVersion,
        qos: QoS,
        retain: bool,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Range<usize> {
        let way = usize::from(version.has_properties()) * 6
            + usize::from(qos.as_u8()) * 2
            + usize::from(retain);
        if self.written & 1 << way == 0 {
            let start = self.bytes.len();
            write(&mut self.bytes);
            self.places[way] = (start as u32, self.bytes.len() as u32);
            self.written |= 1 << way;
        }
        let (start, end) = self.places[way];
        start as usize..end as usize
    }

    /// The bytes at a place.
    #[inline]
    pub(crate) fn get(&self, place: Range<usize>) -> &[u8] {
        &self.bytes[place]
    }
}

/// Where in a PUBLISH with QoS 1 or 2 its Packet Identifier is.
pub(crate) fn packet_id_offset(packet: &[u8]) -> usize {
    let more = |byte: &&u8| **byte & 0x80 != 0;
    let topic_at = 2 + packet[1..].iter().take_while(more).count();
    let topic_len = u16::from_be_bytes([packet[topic_at], packet[topic_at + 1]]);
    topic_at + 2 + usize::from(topic_len)
}
