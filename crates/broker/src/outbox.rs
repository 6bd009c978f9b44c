//! What a connection has to send and the host has not pulled yet.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use vitrine_packet::PacketId;

use crate::PublicationId;
use crate::changes::ChangeNumber;
use crate::message::Delivery;

/// Memory above this is given back when nothing waits any more.
const KEPT_CAPACITY: usize = 16 << 10;

/// A connection that was sent no more packets than this may be one that waits for messages which seldom
/// come, as most do where there are many: it keeps no memory for them.
const FEW: u64 = 8;

/// A packet that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The input that led to it.
    pub(crate) cause: u64,
    /// The publication it belongs to.
    pub(crate) publication: Option<PublicationId>,
    /// Its size in bytes; an estimate where it is not written yet.
    pub(crate) size: u32,
    pub(crate) kind: EntryKind,
    /// Whether it is a PUBLISH with QoS 1 or 2.
    pub(crate) acknowledged: bool,
}

/// What kind of packet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// Written, and not to be left out.
    Control,
    /// A PUBLISH, written.
    Publish,
    /// A PUBLISH that is written when it is pulled: a large one, which is not worth copying twice, or
    /// one that expires, whose last property depends on the time.
    Deferred,
}

/// A PUBLISH that is written when it is pulled.
#[derive(Clone, Debug)]
pub(crate) struct Deferred {
    pub(crate) delivery: Delivery,
    pub(crate) id: Option<PacketId>,
    pub(crate) dup: bool,
}

impl Deferred {
    /// How much of its size others count.
    fn shared(&self) -> usize {
        let size = self.delivery.message.size() + 16;
        size.saturating_sub(self.delivery.charge as usize)
    }
}

/// What left an outbox in the order of sending.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    /// All packets.
    pub(crate) all: u64,
    /// Those that expired at the last moment.
    pub(crate) dropped: u64,
    /// Those that are no PUBLISH, and their bytes.
    pub(crate) controls: u64,
    pub(crate) control_bytes: u64,
}

/// Packets in the order of sending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    /// The bytes of the entries that are written; those before `head` are pulled.
    bytes: Vec<u8>,
    head: usize,
    entries: VecDeque<Entry>,
    deferred: VecDeque<Deferred>,
    /// What left so far.
    pub(crate) passed: Passed,
    /// Bytes that wait.
    size: usize,
    /// How much less than `size` they count for among all outboxes: what is not written yet is shared
    /// with others.
    shared: usize,
    /// Bytes that wait and may not be left out.
    control_size: usize,
    /// The latest change that one of the packets rests on.
    rests_on: ChangeNumber,
    /// Whether the host was told, and has not pulled since.
    pub(crate) announced: bool,
}

impl Outbox {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes that wait.
    #[inline]
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The latest change that has to be durable before all packets may leave.
    pub(crate) fn rests_on(&self) -> ChangeNumber {
        self.rests_on
    }

    /// What it counts for among all outboxes.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.size - self.shared
    }

    /// Bytes that wait and may not be left out.
    pub(crate) fn control_size(&self) -> usize {
        self.control_size
    }

    /// The number that the next packet will have, counted from the start of the connection.
    #[inline]
    pub(crate) fn next_number(&self) -> u64 {
        self.passed.all + self.entries.len() as u64
    }

    /// Whether the packet with this number was not pulled.
    pub(crate) fn still_holds(&self, number: Option<u64>) -> bool {
        number.is_some_and(|number| number >= self.passed.all)
    }

    /// Adds a packet that `write` appends, and that rests on a change.
    #[inline]
    pub(crate) fn push(
        &mut self,
        cause: u64,
        publication: Option<PublicationId>,
        kind: EntryKind,
        acknowledged: bool,
        rests_on: ChangeNumber,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let size = self.bytes.len() - before;
        self.size += size;
        if kind == EntryKind::Control {
            self.control_size += size;
        }
        self.rests_on = self.rests_on.max(rests_on);
        self.entries.push_back(Entry {
            cause,
            publication,
            size: size as u32,
            kind,
            acknowledged,
        });
    }

    /// Adds a packet that is written when it is pulled, and that rests on a change.
    pub(crate) fn push_deferred(&mut self, cause: u64, deferred: Deferred, rests_on: ChangeNumber) {
        let message = &deferred.delivery.message;
        let publication = Some(message.publication);
        // All but a few bytes of header.
        let size = message.size() + 16;
        self.size += size;
        self.shared += deferred.shared();
        let (kind, acknowledged) = (EntryKind::Deferred, deferred.id.is_some());
        self.rests_on = self.rests_on.max(rests_on);
        let entry = Entry {
            cause,
            publication,
            size: size as u32,
            kind,
            acknowledged,
        };
        self.entries.push_back(entry);
        self.deferred.push_back(deferred);
    }

    /// The first packet.
    #[inline]
    pub(crate) fn first(&self) -> Option<&Entry> {
        self.entries.front()
    }

    /// Takes the first packet out. Its bytes are the ones that [`Self::written`] gives, or else the
    /// ones to be written.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(Entry, Option<Deferred>)> {
        let entry = self.entries.pop_front()?;
        self.passed.all += 1;
        self.size -= entry.size as usize;
        let deferred = match entry.kind {
            EntryKind::Deferred => {
                let deferred = self.deferred.pop_front();
                self.shared -= deferred.as_ref().map_or(0, Deferred::shared);
                deferred
            }
            EntryKind::Control => {
                self.control_size -= entry.size as usize;
                self.passed.controls += 1;
                self.passed.control_bytes += u64::from(entry.size);
                None
            }
            EntryKind::Publish => None,
        };
        Some((entry, deferred))
    }

    /// The next `size` bytes that are written. They are gone with [`Self::advance`].
    #[inline]
    pub(crate) fn written(&self, size: usize) -> &[u8] {
        &self.bytes[self.head..self.head + size]
    }

    /// Passes over `size` bytes, and gives memory back where it can.
    #[inline]
    pub(crate) fn advance(&mut self, size: usize) {
        self.head += size;
        if self.head == self.bytes.len() {
            self.head = 0;
            self.bytes.clear();
            if self.bytes.capacity() > KEPT_CAPACITY || self.passed.all <= FEW {
                self.bytes = Vec::new();
            }
        } else if self.head > KEPT_CAPACITY && self.head > self.bytes.len() / 2 {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        if self.entries.is_empty() {
            self.rests_on = ChangeNumber::NONE;
        }
        let large = self.entries.capacity() > KEPT_CAPACITY / 32;
        if self.entries.is_empty() && (large || self.passed.all <= FEW) {
            self.entries = VecDeque::new();
            self.deferred = VecDeque::new();
        }
    }

    /// The publications of the PUBLISH packets that wait and are not acknowledged when they arrive.
    pub(crate) fn unacknowledged(&self) -> impl Iterator<Item = PublicationId> {
        let entries = self
            .entries
            .iter()
            .filter(|entry| entry.kind != EntryKind::Control);
        entries
            .filter(|entry| !entry.acknowledged)
            .filter_map(|entry| entry.publication)
    }

    /// Throws away the PUBLISH packets that wait.
    pub(crate) fn keep_answers(&mut self) {
        if self.size == self.control_size {
            return;
        }
        let mut kept = Self {
            announced: self.announced,
            passed: self.passed,
            ..Self::default()
        };
        let mut at = self.head;
        for entry in &self.entries {
            if entry.kind == EntryKind::Deferred {
                continue;
            }
            let end = at + entry.size as usize;
            if entry.kind == EntryKind::Control {
                let Entry {
                    cause, publication, ..
                } = *entry;
                let bytes = &self.bytes[at..end];
                let kind = EntryKind::Control;
                kept.push(cause, publication, kind, false, self.rests_on, |out| {
                    out.extend_from_slice(bytes);
                });
            }
            at = end;
        }
        *self = kept;
    }

    /// Throws away everything that waits.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            announced: self.announced,
            passed: self.passed,
            ..Self::default()
        };
    }
}
