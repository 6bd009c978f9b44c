//! The transport connections: those that are open, and the last ones that ended.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::ConnectionId;

use crate::lines::LineId;

/// Connections that are remembered after their end: what the broker had to say to them may be pulled
/// later.
const ENDED: usize = 1_024;

/// One connection.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) line: LineId,
    pub(crate) door: Rc<str>,
    /// Whether its CONNECT was accepted, so that `line` is its client's.
    pub(crate) accepted: bool,
    /// Until then, its rows: they move to the client's line.
    pub(crate) rows: Vec<u64>,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// The row kept free for the broker's last word.
    pub(crate) last_word: Option<u64>,
    ended: bool,
}

/// All connections.
#[derive(Clone, Default)]
pub(crate) struct Connections {
    connections: BTreeMap<ConnectionId, Connection>,
    ended: VecDeque<ConnectionId>,
}

impl Connections {
    pub(crate) fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.get_mut(&id)
    }

    pub(crate) fn open(&mut self, id: ConnectionId, line: LineId, door: Rc<str>) {
        let connection = Connection {
            line,
            door,
            accepted: false,
            rows: Vec::new(),
            bytes_in: 0,
            bytes_out: 0,
            last_word: None,
            ended: false,
        };
        self.connections.insert(id, connection);
    }

    /// Those that have not ended.
    pub(crate) fn open_ones(&self) -> Vec<ConnectionId> {
        let open = self.connections.iter().filter(|(_, known)| !known.ended);
        open.map(|(id, _)| *id).collect()
    }

    /// Notes the end of a connection and gives its line, the first time.
    pub(crate) fn end(&mut self, id: ConnectionId) -> Option<LineId> {
        let connection = self.connections.get_mut(&id).filter(|known| !known.ended)?;
        connection.ended = true;
        let line = connection.line;
        self.ended.push_back(id);
        if self.ended.len() > ENDED
            && let Some(oldest) = self.ended.pop_front()
        {
            self.connections.remove(&oldest);
        }
        Some(line)
    }
}
