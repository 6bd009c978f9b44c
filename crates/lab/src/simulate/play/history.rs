//! What is told of a promise that was not kept.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not looked at needs no list"
)]

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use vitrine_broker::ConnectionId;
use vitrine_packet::{Packet, ProtocolVersion};
use vitrine_session::Time;

use crate::simulate::wire::Wire;
use crate::{Action, Happening, Trace};

/// A promise that was not kept.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The step of the script; past its end when it showed only then.
    pub step: usize,
    /// When.
    pub at: Time,
    /// What.
    pub what: String,
    /// What happened before, the latest last.
    pub history: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.history {
            writeln!(f, "  {line}")?;
        }
        write!(f, "step {} at {} µs: {}", self.step, self.at.0, self.what)
    }
}

/// So much of what happened is told with a failure.
pub(super) const HISTORY: usize = 200;

/// What need not be told: that nothing is going on.
pub(super) fn is_noise(what: &Happening) -> bool {
    match what {
        Happening::ToBroker(_, bytes)
        | Happening::FromBroker(_, bytes)
        | Happening::ToClient(_, _, bytes) => matches!(bytes[0], 0xC0 | 0xD0),
        Happening::Acted(action) => !matches!(**action, Action::SetAccess(_)),
        Happening::FromClient(..) | Happening::Opening(..) | Happening::Observed(_) => true,
        other => *other == Happening::BrokerDeadline,
    }
}

/// A line of history.
pub(super) fn describe(trace: &Trace, wires: &BTreeMap<ConnectionId, Wire>) -> String {
    let Trace {
        at,
        broker_at,
        what,
    } = trace;
    let packet = |id: &ConnectionId, bytes: &[u8]| {
        let version = wires
            .get(id)
            .map_or(ProtocolVersion::V5, |wire| wire.version);
        match Packet::decode(bytes, version) {
            Ok(packet) => format!("{packet:?}"),
            Err(error) => format!("{error} {bytes:02X?}"),
        }
    };
    let text = match what {
        Happening::ToBroker(id, bytes) => format!("{} -> broker {}", id.0, packet(id, bytes)),
        Happening::FromBroker(id, bytes) => format!("{} <- broker {}", id.0, packet(id, bytes)),
        Happening::ToClient(id, node, bytes) => {
            format!("{} => client {node} {}", id.0, packet(id, bytes))
        }
        other => format!("{other:?}"),
    };
    let mut text: String = text.chars().take(400).collect();
    if broker_at != at {
        text += &format!(" (broker's clock {})", broker_at.0);
    }
    format!("{:>12} {text}", at.0 - 1_000_000_000_000)
}
