//! What can be done to a client from in between: holding its bytes, and cutting its connection at a chosen packet.
//!
//! All of it is what a network does. A direction that is held is not read, or not written to: who sends feels it, and
//! what Keep Alive makes of it is its affair. Nothing is lost while the connection lives.

use vitrine_broker::{ClientId, ConnectionId, Time};
use vitrine_packet::Framer;

use super::{Ending, Happened, Hub, WINDOW, Wire};

/// Bytes of a client's that are held at most. The door sends no more than [`WINDOW`] that were not taken; whoever does
/// is cut off.
const MOST_HELD: usize = 2 * WINDOW;

/// What is done to a line.
#[derive(Debug, Default)]
pub(super) struct Between {
    /// The client's bytes that are held, oldest first; `None` while they pass.
    up: Option<Vec<u8>>,
    /// What the broker has of the packet that the first of them belong to.
    begun: Vec<u8>,
    /// Nothing is pulled for the client.
    pub(super) down: bool,
    cut_up: Option<CutAt>,
    cut_down: Option<CutAt>,
}

/// Where a connection is to be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The Control Packet type; 0 for any.
    pub(crate) packet_type: u8,
    /// So many packets of it pass before.
    pub(crate) skip: u64,
    /// Whether the packet itself still passes.
    pub(crate) after: bool,
}

/// The same, with where the bytes are.
#[derive(Debug)]
struct CutAt {
    cut: Cut,
    framer: Framer,
}

/// Something that was done to a client's connection from in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meddled {
    /// Which connection.
    pub(crate) connection: ConnectionId,
    /// Whose it is.
    pub(crate) client: ClientId,
    /// What.
    pub(crate) what: Deed,
}

/// What was done. True is the direction to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A direction is held from now on.
    Held(bool),
    /// It goes on.
    Released(bool),
    /// It will be cut at a packet.
    Armed,
    /// From here on it is told what becomes of packets, until the connection is cut: what was sent from then on, and
    /// what of it arrived.
    Watched,
    /// The client sent this packet.
    Sent(Vec<u8>),
    /// The next packet from the broker arrived at the client.
    Arrived,
    /// The connection is cut, and what did not arrive is lost.
    Cut,
}

/// What becomes of bytes that came.
pub(super) struct Passing<'a> {
    /// These are the broker's.
    pub(super) pass: &'a [u8],
    /// Behind them the connection is cut, and this is lost.
    pub(super) cut: Option<Lost<'a>>,
}

impl<'a> Passing<'a> {
    fn all(pass: &'a [u8]) -> Self {
        Self { pass, cut: None }
    }
}

/// A client's bytes that do not arrive.
#[derive(Debug, Default)]
pub(super) struct Lost<'a> {
    /// What went before of the packet that the first of them belong to.
    begun: Vec<u8>,
    bytes: &'a [u8],
}

impl CutAt {
    /// Follows the bytes that come by. Gives how many of them still pass, when this is where it is cut.
    fn passes(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut rest = bytes;
        loop {
            // Of a packet that began before, the beginning has passed already: it does not arrive for that.
            let start = bytes.len() - rest.len();
            // Bytes that are no packets have no place to cut at; the broker ends such a connection anyway.
            let packet = self.framer.next(&mut rest).ok()??;
            let is_it = self.cut.packet_type == 0 || packet[0] >> 4 == self.cut.packet_type;
            if is_it && self.cut.skip > 0 {
                self.cut.skip -= 1;
            } else if is_it {
                return Some(if self.cut.after {
                    bytes.len() - rest.len()
                } else {
                    start
                });
            }
        }
    }
}

impl<W: Wire> Hub<W> {
    /// The connection of a client, while it is connected.
    pub(crate) fn connection_of(&self, client: &str) -> Option<ConnectionId> {
        self.broker.session(client)?.connection
    }

    /// Holds the bytes of a direction from now on. False where there is nothing to hold.
    pub(crate) fn hold(&mut self, id: ConnectionId, to_broker: bool) -> bool {
        let Some(line) = self.lines.get_mut(&id) else {
            return false;
        };
        let between = line.between.get_or_insert_default();
        if to_broker && between.up.is_none() {
            between.up = Some(Vec::new());
            between.begun = self.broker.unfinished(id).to_vec();
        } else if !to_broker && !between.down {
            between.down = true;
        } else {
            return true;
        }
        self.note(id, Deed::Held(to_broker));
        true
    }

    /// Lets go on what was held. False where nothing was.
    pub(crate) fn release(&mut self, id: ConnectionId, to_broker: bool, now: Time) -> bool {
        let Some(between) = self.between(id) else {
            return false;
        };
        if to_broker {
            let Some(bytes) = between.up.take() else {
                return false;
            };
            self.note(id, Deed::Released(true));
            if !bytes.is_empty() {
                self.received(id, &bytes, now);
            }
        } else {
            if !std::mem::take(&mut between.down) {
                return false;
            }
            self.note(id, Deed::Released(false));
            self.resume(id);
        }
        true
    }

    /// Cuts the connection when such a packet comes by. False where there is none.
    pub(crate) fn cut_at(&mut self, id: ConnectionId, to_broker: bool, cut: Cut) -> bool {
        let Some(line) = self.lines.get_mut(&id) else {
            return false;
        };
        let mut framer = Framer::default();
        if to_broker {
            // Where the broker is in the midst of a packet, it is from there that packets are counted.
            let _ = framer.next(&mut self.broker.unfinished(id));
        }
        let between = line.between.get_or_insert_default();
        let cut = Some(CutAt { cut, framer });
        if to_broker {
            between.cut_up = cut;
        } else {
            between.cut_down = cut;
        }
        self.note(id, Deed::Armed);
        true
    }

    /// Cuts the connection now: both ends learn of it at once.
    pub(crate) fn cut_now(&mut self, id: ConnectionId, now: Time) {
        if self.lines.contains_key(&id) {
            self.cut(id, &Lost::default(), now);
        }
    }

    /// What is done to a line: `up` and `down` are held, `cut-up` and `cut-down` wait for a packet.
    pub(crate) fn held(&self, id: ConnectionId) -> Vec<String> {
        let between = self.lines.get(&id).and_then(|line| line.between.as_ref());
        let Some(between) = between else {
            return Vec::new();
        };
        [
            ("up", between.up.is_some()),
            ("down", between.down),
            ("cut-up", between.cut_up.is_some()),
            ("cut-down", between.cut_down.is_some()),
        ]
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(what, _)| what.into())
        .collect()
    }

    fn between(&mut self, id: ConnectionId) -> Option<&mut Between> {
        self.lines.get_mut(&id)?.between.as_deref_mut()
    }

    /// Takes a client's bytes where somebody stands in between. Says which of them pass.
    pub(super) fn pass_up<'a>(&mut self, id: ConnectionId, bytes: &'a [u8]) -> Passing<'a> {
        let Some(between) = self.between(id) else {
            return Passing::all(bytes);
        };
        if let Some(held) = &mut between.up {
            held.extend_from_slice(bytes);
            let cut = held.len() > MOST_HELD;
            return Passing {
                cut: cut.then(Lost::default),
                ..Passing::all(&[])
            };
        }
        let cut = between.cut_up.as_mut().and_then(|cut| cut.passes(bytes));
        let Some(pass) = cut else {
            return Passing::all(bytes);
        };
        let (pass, bytes) = bytes.split_at(pass);
        // What is lost begins with a packet, unless nothing of these bytes passes.
        let begun = match pass {
            [] => self.broker.unfinished(id).to_vec(),
            _ => Vec::new(),
        };
        let cut = Some(Lost { begun, bytes });
        Passing { pass, cut }
    }

    /// The same for what was pulled for a client, of which only what passes is left. With true the connection is cut
    /// behind it.
    pub(super) fn pass_down(&mut self, id: ConnectionId) -> bool {
        let mut out = std::mem::take(&mut self.out);
        let cut = self.between(id);
        let cut = cut.and_then(|between| between.cut_down.as_mut()?.passes(&out));
        if let Some(pass) = cut {
            out.truncate(pass);
            // Before what the broker says of having sent it: all that it said before is told already.
            self.note_now(id, Deed::Watched);
            let (mut framer, mut rest) = (Framer::default(), &out[..]);
            while let Ok(Some(_)) = framer.next(&mut rest) {
                self.note(id, Deed::Arrived);
            }
        }
        self.out = out;
        cut.is_some()
    }

    /// What is still held of a client that is gone is lost. True when there was something.
    pub(super) fn lose_held(&mut self, id: ConnectionId, between: Option<Box<Between>>) -> bool {
        let Some(between) = between else {
            return false;
        };
        let held = between.up.unwrap_or_default();
        self.lose(
            id,
            &Lost {
                begun: between.begun,
                bytes: &held,
            },
        )
    }

    /// Cuts a connection: both ends learn of it at once.
    pub(super) fn cut(&mut self, id: ConnectionId, lost: &Lost<'_>, now: Time) {
        self.lose(id, lost);
        let line = self.lines.get_mut(&id);
        let between = line.and_then(|line| line.between.take());
        self.lose_held(id, between);
        self.note(id, Deed::Cut);
        self.gone(id, Some(Ending::Cut), now);
        self.ended.push(id);
    }

    /// Notes a client's packets that will not arrive. False when there are none.
    fn lose(&mut self, id: ConnectionId, lost: &Lost<'_>) -> bool {
        let (mut framer, mut begun, mut rest) = (Framer::default(), &lost.begun[..], lost.bytes);
        let _ = framer.next(&mut begun);
        let mut any = false;
        while let Ok(Some(packet)) = framer.next(&mut rest) {
            let packet = packet.to_vec();
            if !any {
                self.note(id, Deed::Watched);
            }
            any = true;
            self.note(id, Deed::Sent(packet));
        }
        any
    }

    /// Takes note of something that was done, behind what the broker did until then.
    pub(super) fn note(&mut self, connection: ConnectionId, what: Deed) {
        while let Some(observation) = self.broker.poll_observation() {
            self.happened.push(Happened::Observed(observation));
        }
        self.note_now(connection, what);
    }

    /// The same, before what the broker did since it was asked last.
    fn note_now(&mut self, connection: ConnectionId, what: Deed) {
        let known = self.broker.connection(connection);
        // A connection that is no client's yet, or no more, is nobody's to be told of.
        let Some(client) = known.and_then(|known| known.client) else {
            return;
        };
        self.happened.push(Happened::Meddled(Meddled {
            connection,
            client,
            what,
        }));
    }

    /// A line is served again that was held.
    fn resume(&mut self, id: ConnectionId) {
        if let Some(line) = self.lines.get_mut(&id)
            && std::mem::take(&mut line.stalled)
        {
            self.offer(id);
        }
    }
}
