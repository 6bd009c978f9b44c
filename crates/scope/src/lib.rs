//! The view model: turns what the broker did into what is on screen.
//!
//! [`Scope`] takes in every [`vitrine_broker::Observation`] and keeps, within its [`Limits`], the
//! topic tree, a recording of the newest packets and events, who holds what in memory, the stories of
//! publications, and the table of sessions. A [`Lens`] is what one page looks at;
//! [`Scope::frame`] answers it with what is on that page's screen and nothing else.
//!
//! ```
//! use vitrine_link::View;
//! use vitrine_scope::{Lens, Limits, Scope};
//!
//! let scope = Scope::new(Limits::default());
//! let mut page = Lens::new();
//! page.look(View::default());
//! let frame = scope.frame(&mut page, 1_000_000).expect("a new page gets a frame");
//! assert!(scope.frame(&mut page, 2_000_000).is_none(), "the first one is not drawn yet");
//! page.seen(frame.number);
//! assert!(scope.frame(&mut page, 3_000_000).is_none(), "nothing has happened");
//! ```
//!
//! Where things are:
//!
//! | part | what it knows |
//! | --- | --- |
//! | `observe` | what each observation changes |
//! | `tree` | topics, their last messages, what they retain, rates; which are shown and marked |
//! | `ladder` | the recording, which rows pass a filter, which row led to which |
//! | `lines` | the lifelines |
//! | `holds` | who stores what until when |
//! | `stories` | what became of each publication |
//! | `sessions`, `receivers` | who is subscribed to what, and who would get a message |
//! | `outside`, `epoch` | what the broker does not see; one broker after another |
//! | `tape`, `pcapng` | a session as it is recorded, saved, opened again; and as a capture for Wireshark |
//! | `detail` | the answer for the selection |
//!
//! **Invariants.** It opens no socket, reads no clock and draws no random number; the same
//! observations and looks give the same frames. It knows the broker by its observations alone, so
//! whoever makes those (a tab, a server, a tap on another broker) has the same page. No hash map's
//! order is ever visible.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod chunks;
mod clients;
mod connections;
mod detail;
mod dissection;
mod epoch;
mod hex;
mod holds;
mod kept;
mod ladder;
mod lens;
mod limits;
mod lines;
mod matching;
mod missed;
mod natural;
mod observe;
mod outside;
mod pcapng;
mod preview;
mod rate;
mod receivers;
mod scope;
mod sessions;
mod stories;
mod tape;
mod time;
mod totals;
mod tree;

pub use kept::{Kept, KeptMessage, KeptSession, KeptSubscription, KeptWill};
pub use lens::Lens;
pub use limits::Limits;
pub use outside::{OnItsWay, Outside};
pub use scope::Scope;
pub use tape::{Entry, Pieces, Reel, TAPE_VERSION, Tape, TapeError, TapeLimits};
