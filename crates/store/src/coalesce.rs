//! Leaves out of some changes what later ones among them undo or take the place of.

use std::collections::HashMap as SeededMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vitrine_broker::{Change, SavedDelivery};

/// A delivery: the address of its Session's Client Identifier, and its number. The address is the same
/// for all changes of a Session, and is not that of another Session, also of the same client, which may
/// count from 1 again: the changes keep it alive.
type Key = (usize, u64);

/// Where among the changes a delivery's stand, all taken together.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: usize,
    /// Whether it began among these changes.
    began: bool,
}

/// Takes together what belongs to the same delivery, and to the same topic's Retained Message. A delivery
/// that begins and ends here is left out.
pub(crate) fn coalesce(changes: Vec<Change>) -> Vec<Change> {
    if !is_worth_it(&changes) {
        return changes;
    }
    let mut kept: Vec<Option<Change>> = Vec::with_capacity(changes.len());
    let hasher = FixedState::with_seed(0);
    let mut deliveries: HashMap<Key, Place, _> = HashMap::with_hasher(hasher);
    let mut retained: SeededMap<Rc<str>, usize> = SeededMap::new();
    // Keeps alive the Client Identifiers whose addresses are in use.
    let mut left_out = Vec::new();
    for change in changes {
        let next = kept.len();
        let key = match &change {
            Change::Delivery { client, number, .. }
            | Change::Moved { client, number, .. }
            | Change::Delivered { client, number } => (client.as_ptr().addr(), *number),
            Change::Retained(message) => {
                replace(&mut retained, &message.topic, &mut kept);
                kept.push(Some(change));
                continue;
            }
            Change::RetainedRemoved { topic } => {
                replace(&mut retained, topic, &mut kept);
                kept.push(Some(change));
                continue;
            }
            Change::SessionEnded { .. }
            | Change::Session { .. }
            | Change::Subscribed { .. }
            | Change::Unsubscribed { .. }
            | Change::Received { .. }
            | Change::Released { .. }
            | Change::Clock(_) => {
                kept.push(Some(change));
                continue;
            }
        };
        let place = match deliveries.entry(key) {
            hashbrown::hash_map::Entry::Occupied(place) => place,
            hashbrown::hash_map::Entry::Vacant(free) => {
                let began = begins(&change);
                free.insert(Place { at: next, began });
                kept.push(Some(change));
                continue;
            }
        };
        let Place { at, began } = *place.get();
        if began && matches!(change, Change::Delivered { .. }) {
            place.remove();
            left_out.push((kept[at].take(), change));
            continue;
        }
        match (&mut kept[at], change) {
            (Some(Change::Delivery { delivery, .. }), Change::Moved { packet_id, .. }) => {
                delivery.step(packet_id);
            }
            (before, change) => *before = Some(change),
        }
    }
    kept.into_iter().flatten().collect()
}

/// Whether later changes may undo or take the place of earlier ones. In most batches they do not: what begins
/// in them is sent only when they are kept, or the broker left it out itself when it was acknowledged.
fn is_worth_it(changes: &[Change]) -> bool {
    // By Session: the number of the first delivery that begins here. Those after it have higher ones.
    let mut begun: HashMap<usize, u64, _> = HashMap::with_hasher(FixedState::with_seed(0));
    let mut latest = (0, 0);
    let mut retained = 0;
    for change in changes {
        let (client, number) = match change {
            Change::Delivery { client, number, .. }
            | Change::Moved { client, number, .. }
            | Change::Delivered { client, number } => (client.as_ptr().addr(), *number),
            Change::Retained(_) | Change::RetainedRemoved { .. } => {
                retained += 1;
                continue;
            }
            Change::SessionEnded { .. }
            | Change::Session { .. }
            | Change::Subscribed { .. }
            | Change::Unsubscribed { .. }
            | Change::Received { .. }
            | Change::Released { .. }
            | Change::Clock(_) => continue,
        };
        if begins(change) {
            if latest.0 != client {
                latest = (client, *begun.entry(client).or_insert(number));
            }
        } else if latest.0 == client {
            if number >= latest.1 {
                return true;
            }
        } else if begun.get(&client).is_some_and(|first| number >= *first) {
            return true;
        }
    }
    retained > 1
}

/// Whether a delivery begins with this.
fn begins(change: &Change) -> bool {
    let Change::Delivery { delivery, .. } = change else {
        return false;
    };
    match delivery {
        SavedDelivery::Queued(_) | SavedDelivery::Sent(..) => true,
        SavedDelivery::Released { .. } => false,
    }
}

/// Leaves out what was known of a topic before.
fn replace(retained: &mut SeededMap<Rc<str>, usize>, topic: &Rc<str>, kept: &mut [Option<Change>]) {
    let next = kept.len();
    match retained.entry(Rc::clone(topic)) {
        Entry::Occupied(mut place) => kept[place.insert(next)] = None,
        Entry::Vacant(free) => {
            free.insert(next);
        }
    }
}
