//! A session as it is recorded, saved as a file, opened again and played.
//!
//! The file is JSON Lines: a line that says what it is, then one for everything that was told, in its order. Packets
//! stand in it as bytes and, for people and other programs, taken apart.
//!
//! - [`Tape`] records, within bounds. What is over them goes, oldest first, but for what is still true: who is
//!   connected, what is subscribed and retained (`still`).
//! - [`Tape::write`] gives the file (`write`, `line`), [`Reel::read`] reads it (`read`, `fields`). What can stand in a
//!   line is said once for both: `events` (what the broker did), `outside`, `access`, of values that have the forms of
//!   `form` and `codes`.
//! - [`Pieces`] gives that file, or the capture, bit by bit (`pieces`), for a host that has other work in between.
//! - An [`Entry`] is told to a scope with [`crate::Scope::play`].
//!
//! Passwords are not saved: every byte of one is written as `*`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of all things that are told matter to each part"
)]

mod access;
mod codes;
mod events;
pub(crate) mod fields;
mod form;
mod line;
mod outside;
mod pieces;
mod read;
mod still;
mod told;
mod write;

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{
    Access, ClientId, CloseReason, ConnectionId, Event, Observation, PersistentState,
};
use vitrine_link::Problem;
use vitrine_packet::{Packet, PacketType, ProtocolVersion, ReasonCode};

use crate::chunks::Chunks;
use crate::kept::Kept;
use crate::outside::Outside;
use crate::scope::{Moment, Scope};
pub use pieces::Pieces;
pub use read::{Reel, TapeError};
use still::Still;

/// The version of the file's format. A file of another version is not read.
pub const TAPE_VERSION: u32 = 1;

/// What counts for an entry besides its packet.
const ENTRY: usize = 128;

/// The flag of a CONNECT that says that a password is in it.
const PASSWORD_FLAG: u8 = 0x40;

/// Bounds on what a [`Tape`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapeLimits {
    /// Entries. Default 400,000.
    pub entries: usize,
    /// Bytes of packets and payloads, and 128 for each entry. Packets that a scope has recorded are shared with it,
    /// and a payload with its packet's copies. Default 64 MiB.
    pub bytes: usize,
}

impl Default for TapeLimits {
    fn default() -> Self {
        Self {
            entries: 400_000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// One thing that was told.
#[derive(Clone, Debug)]
pub struct Entry(pub(crate) Told);

/// What was told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Restored(Rc<Kept>, u64),
    Access(Rc<Access>, u64),
    Observed(Rc<Observation>),
    Outside(Rc<Outside>, u64),
    /// As [`Event::Malformed`], read from a file.
    Malformed(Rc<Malformed>),
    /// As [`Event::Closed`], read from a file.
    Closed(Rc<Closed>),
}

/// See [`Event::Malformed`].
#[derive(Clone, Debug)]
pub(crate) struct Malformed {
    pub(crate) number: u64,
    pub(crate) cause: u64,
    pub(crate) at: u64,
    pub(crate) connection: ConnectionId,
    pub(crate) bytes: Rc<[u8]>,
    pub(crate) version: ProtocolVersion,
    pub(crate) problem: Problem,
}

/// See [`Event::Closed`].
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) number: u64,
    pub(crate) cause: u64,
    pub(crate) at: u64,
    pub(crate) connection: ConnectionId,
    pub(crate) client: Option<ClientId>,
    pub(crate) why: CloseReason,
    pub(crate) reason: Option<ReasonCode>,
    pub(crate) statement: Option<String>,
    pub(crate) abrupt: bool,
}

impl Entry {
    /// When it was, by the broker's clock, in microseconds. A clock that jumps may jump back.
    #[must_use]
    pub fn at(&self) -> u64 {
        match &self.0 {
            Told::Restored(_, at) | Told::Access(_, at) | Told::Outside(_, at) => *at,
            Told::Observed(observation) => observation.at.as_micros(),
            Told::Malformed(malformed) => malformed.at,
            Told::Closed(closed) => closed.at,
        }
    }

    fn weight(&self) -> usize {
        let bytes = match &self.0 {
            Told::Observed(observation) => match &observation.event {
                Event::Received { bytes, .. }
                | Event::Sent { bytes, .. }
                | Event::Malformed { bytes, .. } => bytes.len(),
                Event::Published { payload, .. } | Event::Retained { payload, .. } => payload.len(),
                _ => 0,
            },
            Told::Outside(outside, _) => match &**outside {
                Outside::Sent { packet, .. } => packet.len(),
                Outside::BrokerCrashed { kept, .. } | Outside::BrokerStarted { kept, .. } => {
                    kept.weight()
                }
                _ => 0,
            },
            Told::Restored(kept, _) => kept.weight(),
            Told::Malformed(malformed) => malformed.bytes.len(),
            Told::Closed(_) => 0,
            Told::Access(access, _) => 64 * (access.users.len() + access.rules.len()),
        };
        ENTRY + bytes
    }
}

/// Records what a [`Scope`] is told. Copies share what they have in common.
#[derive(Clone)]
pub struct Tape {
    limits: TapeLimits,
    entries: Chunks<Entry>,
    bytes: usize,
    /// What of the entries that went is still true.
    still: Still,
    /// Entries that went and are told by nothing any more.
    missing: u64,
}

impl Tape {
    /// An empty tape.
    #[must_use]
    pub fn new(limits: TapeLimits) -> Self {
        Self {
            limits,
            entries: Chunks::default(),
            bytes: 0,
            still: Still::default(),
            missing: 0,
        }
    }

    /// What a broker goes on from, before its first observation: see [`Scope::restore`].
    pub fn restored(&mut self, state: &PersistentState, now: u64) {
        self.push(Entry(Told::Restored(Rc::new(Kept::from(state)), now)));
    }

    /// What the broker judges by from now on: see [`Scope::set_access`]. Of its users only the names are saved.
    pub fn access(&mut self, access: &Rc<Access>, now: u64) {
        self.push(Entry(Told::Access(Rc::clone(access), now)));
    }

    /// The broker did something: see [`Scope::observe`].
    pub fn note(&mut self, observation: &Observation) {
        self.push(Entry(Told::Observed(Rc::new(observation.clone()))));
    }

    /// Something happened outside of it: see [`Scope::outside`].
    pub fn outside(&mut self, happened: &Outside, at: u64) {
        self.push(Entry(Told::Outside(Rc::new(happened.clone()), at)));
    }

    /// Something that was read from a file, or comes from another tape.
    pub fn push(&mut self, entry: Entry) {
        self.bytes += entry.weight();
        self.entries.push_back(entry);
        while self.entries.len() > self.limits.entries.max(1)
            || self.bytes > self.limits.bytes && self.entries.len() > 1
        {
            let Some(entry) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= entry.weight();
            self.missing += self.still.take(entry);
        }
    }

    /// How many entries there are; those that tell how it was at the beginning are not among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// Entries that are gone because the tape is bounded.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// All entries: first those that tell how it was at the beginning, then what happened.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.still.entries().chain(self.entries.iter_from(0))
    }

    /// How many of [`Self::entries`] tell how it was at the beginning.
    #[must_use]
    pub fn prologue(&self) -> usize {
        self.still.len()
    }
}

impl Scope {
    /// Takes in what was recorded.
    pub fn play(&mut self, entry: &Entry) {
        match &entry.0 {
            Told::Restored(kept, at) => {
                self.count_up();
                self.take_up(kept, *at, None);
            }
            Told::Access(access, _) => self.set_access(Rc::clone(access)),
            Told::Observed(observation) => self.observe(observation),
            Told::Outside(outside, at) => self.outside(outside, *at),
            Told::Malformed(it) => {
                self.count_up();
                let moment = Moment {
                    at: it.at,
                    input: self.epoch.input(it.cause),
                };
                self.malformed(
                    it.connection,
                    &it.bytes,
                    it.version,
                    it.problem.clone(),
                    moment,
                );
            }
            Told::Closed(it) => {
                self.count_up();
                let moment = Moment {
                    at: it.at,
                    input: self.epoch.input(it.cause),
                };
                let end = crate::observe::End {
                    connection: it.connection,
                    client: it.client.as_ref(),
                    why: it.why,
                    reason: it.reason,
                    statement: it.statement.as_deref(),
                    abrupt: it.abrupt,
                };
                self.closed(&end, moment);
            }
        }
    }
}

/// A packet as it is given out: where it has a password, with every byte of that as `*`. Of a CONNECT that is not one,
/// where nobody can say which bytes those are, all behind the Keep Alive is.
pub(crate) fn without_password(bytes: &[u8], version: ProtocolVersion) -> Option<Vec<u8>> {
    if bytes.first().map(|first| first >> 4) != Some(PacketType::Connect as u8) {
        return None;
    }
    let begin = match Packet::decode(bytes, version) {
        Ok(Packet::Connect(connect)) => {
            // It is the last field of the packet.
            bytes.len() - connect.password?.len()
        }
        Ok(_) => return None,
        Err(_) => behind_keep_alive(bytes)?,
    };
    let mut bytes = bytes.to_vec();
    bytes[begin..].fill(b'*');
    Some(bytes)
}

/// Where in what should have been a CONNECT a password may be; `None` where it says itself that it has none.
fn behind_keep_alive(bytes: &[u8]) -> Option<usize> {
    let length = bytes[1..].iter().take(4).position(|byte| byte >> 7 == 0);
    let header = length.map_or(1, |last| last + 2);
    let rest = bytes.get(header..).unwrap_or_default();
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    let Some(name) = names.into_iter().find(|name| rest.starts_with(name)) else {
        return Some(header.min(bytes.len()));
    };
    // Behind the name come the version, the flags, and two bytes of the Keep Alive.
    match rest.get(name.len() + 1) {
        Some(flags) if flags & PASSWORD_FLAG == 0 => None,
        _ => Some((header + name.len() + 4).min(bytes.len())),
    }
}
