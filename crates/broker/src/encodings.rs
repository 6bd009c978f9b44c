//! A message written once for each way in which it is sent.

use alloc::vec::Vec;

use vitrine_packet::{ProtocolVersion, QoS};

/// With or without properties, three levels of QoS, with or without RETAIN.
const WAYS: usize = 12;

/// Where a packet is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    start: u32,
    end: u32,
    /// Where in the packet its Packet Identifier is, if it has one.
    packet_id_at: u32,
}

/// The packets of one publication, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encodings {
    bytes: Vec<u8>,
    /// Where each packet is; means nothing where its bit in `written` is not set.
    places: [Place; WAYS],
    written: u16,
}

impl Encodings {
    /// Forgets the packets, and keeps the memory for those of another publication.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.written = 0;
    }

    /// Where the packet for this version, QoS and RETAIN is. The first time `write` appends it, and gives the offset of its Packet
    /// Identifier, as [`Publish::encode_template`](vitrine_packet::Publish::encode_template) does.
    #[inline]
    pub(crate) fn place(
        &mut self,
        version: ProtocolVersion,
        qos: QoS,
        retain: bool,
        write: impl FnOnce(&mut Vec<u8>) -> Option<usize>,
    ) -> Place {
        let way = usize::from(version.has_properties()) * 6
            + usize::from(qos.as_u8()) * 2
            + usize::from(retain);
        if self.written & 1 << way == 0 {
            let start = self.bytes.len();
            let packet_id = write(&mut self.bytes);
            self.places[way] = Place {
                start: start as u32,
                end: self.bytes.len() as u32,
                packet_id_at: packet_id.map_or(0, |at| at - start) as u32,
            };
            self.written |= 1 << way;
        }
        self.places[way]
    }

    /// The bytes at a place.
    #[inline]
    pub(crate) fn get(&self, place: Place) -> &[u8] {
        &self.bytes[place.start as usize..place.end as usize]
    }
}

impl Place {
    /// The packet's size in bytes.
    #[inline]
    pub(crate) const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Where in the packet its Packet Identifier is, if it has one.
    #[inline]
    pub(crate) const fn packet_id_at(self) -> usize {
        self.packet_id_at as usize
    }
}
