//! What is on the links.

use vitrine_broker::ConnectionId;
use vitrine_session::Time;

use crate::Direction;
use crate::link::{Freight, Link, Pipe};
use crate::world::World;

/// Something on a link, or in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flying<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// Whose link it is.
    pub node: usize,
    /// In which direction it goes.
    pub direction: Direction,
    /// The packet. `None`: the wish for a connection, the answer to it, or the news that it ended.
    pub packet: Option<&'a [u8]>,
    /// Where it is no packet: whether it is the wish for a connection or the answer to it.
    pub opens: bool,
    /// For a packet: which it is on this connection in this direction, counted from 0.
    pub number: u64,
    /// For a packet: how many have to arrive before it; what `cut up+1` counts by.
    pub index: u64,
    /// For a packet from the broker, where observed: the number of its [`vitrine_broker::Event::Sent`].
    pub sent: Option<u64>,
    /// When it left; `None` while it waits.
    pub left: Option<Time>,
    /// When it arrives, if nothing holds it. May be in the past of what was held. `None` while it waits.
    pub arrives: Option<Time>,
    /// What it does.
    pub state: State,
}

/// What something on a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It moves.
    Moving,
    /// It is held, or one before it is.
    Held,
    /// It waits at its beginning until changes are durable.
    Waiting,
}

impl World {
    /// All that is on links: by connection, first up, then down, the next to arrive first. Of each client's present
    /// connection, and of those that it gave up and on which something is still on its way.
    ///
    /// What finds no room on a link is not here: it waits in the client ([`vitrine_client::Client::unsent`]) or in the
    /// broker ([`vitrine_broker::ConnectionInfo::unsent`]).
    pub fn flying(&self) -> impl Iterator<Item = Flying<'_>> {
        self.links.values().flat_map(|link| {
            let up = on_pipe(link, Direction::Up, &link.up);
            up.chain(on_pipe(link, Direction::Down, &link.down))
        })
    }

    /// What arrives next on a link in a direction: what [`crate::Next::Arrival`] speaks of.
    #[must_use]
    pub fn arriving(&self, connection: ConnectionId, direction: Direction) -> Option<Flying<'_>> {
        let link = self.links.get(&connection)?;
        let pipe = match direction {
            Direction::Up => &link.up,
            Direction::Down => &link.down,
        };
        on_pipe(link, direction, pipe).next()
    }
}

fn on_pipe<'a>(
    link: &'a Link,
    direction: Direction,
    pipe: &'a Pipe,
) -> impl Iterator<Item = Flying<'a>> {
    let mut index = 0;
    let mut held = false;
    pipe.parcels.iter().map(move |parcel| {
        held |= pipe
            .held_from
            .is_some_and(|from| pipe.arrived + index >= from);
        let packet = match &parcel.what {
            Freight::Packet(bytes) => Some(&**bytes),
            Freight::Open | Freight::End => None,
        };
        let state = if parcel.arrives.is_none() {
            State::Waiting
        } else if held {
            State::Held
        } else {
            State::Moving
        };
        let flying = Flying {
            connection: link.id,
            node: link.node,
            direction,
            packet,
            opens: matches!(parcel.what, Freight::Open),
            number: parcel.number,
            index,
            sent: parcel.sent,
            left: parcel.left,
            arrives: parcel.arrives,
            state,
        };
        index += u64::from(packet.is_some());
        flying
    })
}
