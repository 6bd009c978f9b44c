//! Packets of one connection on their way out.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::Ticket;

/// Bytes that were pulled are kept until they are so many: moving the rest forward has a price.
const SLACK: usize = 16 << 10;

/// Whole packets that wait to be pulled, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// So many of `bytes` are pulled.
    head: usize,
    packets: VecDeque<Entry>,
    /// Packets that were ever put in, and that were pulled.
    written: u64,
    pulled: u64,
    /// Bytes that are not of a PUBLISH.
    control: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    size: usize,
    what: What,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// PUBLISH at QoS 0: its publication ends when it is pulled.
    Qos0(Ticket),
    /// PUBLISH at QoS 1 or 2.
    Publish,
    /// Anything else.
    Control,
}

impl Outbox {
    /// Puts in what `write` appends: one packet.
    pub(crate) fn push(&mut self, what: What, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let size = self.bytes.len() - before;
        if what == What::Control {
            self.control += size;
        }
        self.packets.push_back(Entry { size, what });
        self.written += 1;
    }

    /// The place that the next packet gets.
    pub(crate) fn next_place(&self) -> u64 {
        self.written
    }

    /// Bytes that wait.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() - self.head
    }

    /// Bytes that wait and are not of a PUBLISH.
    pub(crate) fn control_size(&self) -> usize {
        self.control
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Whether the packet at this place was pulled.
    pub(crate) fn is_pulled(&self, place: u64) -> bool {
        place < self.pulled
    }

    /// Moves the next packet to `out`, unless it has more than `limit` bytes.
    pub(crate) fn pull(&mut self, limit: usize, out: &mut Vec<u8>) -> Option<What> {
        let Entry { size, what } = *self.packets.front().filter(|entry| entry.size <= limit)?;
        self.packets.pop_front();
        let end = self.head + size;
        out.extend_from_slice(&self.bytes[self.head..end]);
        self.head = end;
        self.pulled += 1;
        if what == What::Control {
            self.control -= size;
        }
        if self.head == self.bytes.len() {
            self.bytes.clear();
            self.head = 0;
        } else if self.head >= SLACK {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        Some(what)
    }
}
