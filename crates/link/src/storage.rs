//! What the broker keeps for the time after its worker.

use serde::{Deserialize, Serialize};

/// Whether what must survive does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// How it is.
    pub state: StorageState,
    /// What the browser or the store said, for a state that is not as it should be. In English.
    pub why: String,
    /// Sessions that the broker found when it started.
    pub sessions: u32,
    /// Retained Messages that it found.
    pub retained: u32,
}

/// How it is with what must survive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageState {
    /// The user wants nothing kept.
    #[default]
    Off,
    /// Everything is kept, before it is acknowledged.
    Kept,
    /// There is nowhere to keep it: nothing survives.
    Unavailable,
    /// What was kept cannot be read. It was left as it is; nothing is kept until it is set aside.
    Damaged,
    /// There is no room: nothing is acknowledged until there is.
    Full,
    /// It cannot be written: nothing is acknowledged until it can.
    Failed,
    /// What cannot be read was set aside under the name in `why`; the next broker begins anew.
    SetAside,
}
