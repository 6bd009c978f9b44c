//! The receiving half of the QoS 2 flow (3.1.1 and 5.0, section 4.3.3).

use alloc::collections::BTreeMap;

use vitrine_packet::PacketId;

/// Packet Identifiers of QoS 2 messages that were received and not yet released. While one is here,
/// a PUBLISH with it is the same message again. `T` is whatever is to be remembered of the message.
#[derive(Clone, Debug)]
pub struct Incoming<T> {
    ids: BTreeMap<PacketId, T>,
}

impl<T> Default for Incoming<T> {
    fn default() -> Self {
        Self {
            ids: BTreeMap::new(),
        }
    }
}

impl<T> Incoming<T> {
    /// What is remembered of the message with this identifier, if it came and is not released.
    #[must_use]
    pub fn get(&self, id: PacketId) -> Option<&T> {
        self.ids.get(&id)
    }

    /// Remembers a message that came.
    pub fn insert(&mut self, id: PacketId, what: T) {
        self.ids.insert(id, what);
    }

    /// Forgets a message: PUBREL came. `None` when there is none with this identifier.
    pub fn release(&mut self, id: PacketId) -> Option<T> {
        self.ids.remove(&id)
    }

    /// How many are not released.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether all are released.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// All that are not released, in the order of their identifiers.
    pub fn iter(&self) -> impl Iterator<Item = (PacketId, &T)> {
        self.ids.iter().map(|(id, what)| (*id, what))
    }
}
