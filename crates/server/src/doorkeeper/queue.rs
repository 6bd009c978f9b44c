//! Whose password is checked next.
//!
//! Checking takes long, so a stranger who asks again and again could make everybody else wait. Therefore each network has a queue of its
//! own, and they take turns: a client from elsewhere waits for a few checks at most, however long that stranger's queue is.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::ops::Bound;

use vitrine_broker::ConnectionId;

/// Connections, in the order of coming among those of a network.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    networks: BTreeMap<IpAddr, VecDeque<ConnectionId>>,
    /// The network that had its turn last.
    last: Option<IpAddr>,
    /// Those whose turn is when nobody else waits.
    late: VecDeque<ConnectionId>,
    /// How many of these were there still when that was looked at last.
    there: usize,
}

/// So many that were put off may be gone without anybody's looking.
const MOST_GONE: usize = 64;

impl Queue {
    /// Adds a connection from an address.
    pub(crate) fn push(&mut self, from: IpAddr, connection: ConnectionId) {
        let network = self.networks.entry(network(from)).or_default();
        network.push_back(connection);
    }

    /// Adds one again whose turn is not before nobody else waits. Of those that were put off before, as many are remembered as are
    /// there still, or twice that.
    pub(crate) fn put_off(
        &mut self,
        connection: ConnectionId,
        is_there: impl Fn(ConnectionId) -> bool,
    ) {
        self.late.push_back(connection);
        if self.late.len() > 2 * self.there + MOST_GONE {
            self.late.retain(|one| is_there(*one));
            self.there = self.late.len();
        }
    }

    /// Takes out the one that was put off first.
    pub(crate) fn pop_late(&mut self) -> Option<ConnectionId> {
        self.late.pop_front()
    }

    /// Takes out the one whose turn it is, but for those that were put off.
    pub(crate) fn pop(&mut self) -> Option<ConnectionId> {
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.networks.range((after, Bound::Unbounded)).next();
        let (&at, _) = next.or_else(|| self.networks.first_key_value())?;
        self.last = Some(at);
        let network = self.networks.get_mut(&at)?;
        let connection = network.pop_front();
        if network.is_empty() {
            self.networks.remove(&at);
        }
        connection
    }
}

/// What one stranger has at hand: an address, or in version 6 the half of it that is shared by a house.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(connections: &[(&str, u64)]) -> Vec<u64> {
        let mut queue = Queue::default();
        for (from, number) in connections {
            queue.push(from.parse().unwrap(), ConnectionId(*number));
        }
        std::iter::from_fn(|| queue.pop().map(|id| id.0)).collect()
    }

    #[test]
    fn networks_take_turns() {
        let stranger = "192.0.2.1";
        let order = order(&[
            (stranger, 1),
            (stranger, 2),
            (stranger, 3),
            ("192.0.2.7", 4),
            ("192.0.2.7", 5),
            ("::ffff:192.0.2.1", 6),
        ]);
        assert_eq!(order, [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn who_was_put_off_and_is_gone_takes_no_room() {
        let mut queue = Queue::default();
        let is_there = |connection: ConnectionId| connection.0.is_multiple_of(100);
        for number in 0..100_000 {
            queue.put_off(ConnectionId(number), is_there);
            assert!(queue.late.len() <= 2 * (number as usize / 100 + 1) + MOST_GONE + 1);
        }
        let left = std::iter::from_fn(|| queue.pop_late()).filter(|one| is_there(*one));
        assert!(left.eq((0..1_000).map(|number| ConnectionId(100 * number))));
    }

    #[test]
    fn a_house_has_one_turn_however_many_addresses_it_has() {
        let order = order(&[
            ("2001:db8:0:1::1", 1),
            ("2001:db8:0:1::2", 2),
            ("2001:db8:0:1:ffff::3", 3),
            ("2001:db8:0:2::1", 4),
        ]);
        assert_eq!(order, [1, 4, 2, 3]);
    }
}
