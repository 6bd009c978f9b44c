//! Who is next to have a password checked.
//!
//! Checking takes long, so that a stranger who asks and asks could make everybody else wait. Therefore each network has a queue
//! of its own, and they take turns: who comes from elsewhere waits for a few checks at most, however long that stranger's queue.

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
}

impl Queue {
    /// Adds a connection from an address.
    pub(crate) fn push(&mut self, from: IpAddr, connection: ConnectionId) {
        let network = self.networks.entry(network(from)).or_default();
        network.push_back(connection);
    }

    /// Takes out the one whose turn it is.
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
