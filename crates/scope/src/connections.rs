//! The transport connections that are open.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::ConnectionId;

use crate::lines::LineId;

/// One connection.
pub(crate) struct Connection {
    pub(crate) line: LineId,
    pub(crate) door: Rc<str>,
    /// Whether its CONNECT was accepted, so that `line` is its client's.
    pub(crate) accepted: bool,
    /// Until then, its rows: they move to the client's line.
    pub(crate) rows: Vec<u64>,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl Connection {
    pub(crate) fn new(line: LineId, door: Rc<str>) -> Self {
        Self {
            line,
            door,
            accepted: false,
            rows: Vec::new(),
            bytes_in: 0,
            bytes_out: 0,
        }
    }
}

/// All open connections.
pub(crate) type Connections = BTreeMap<ConnectionId, Connection>;
