//! The lab's language: a world and what is done in it, as text.
//!
//! One line, one thing. `#` at the beginning of a word begins a comment, so a filter `#` alone stands in quotes. Words
//! are parted by spaces; a word with spaces stands in double quotes, in which `\"`, `\\`, `\n` and `\xNN` (a byte) are
//! escapes. Times have a unit: `us`, `ms`, `s`, `m`, `h`, `d`. Numbers of seconds may have one.
//!
//! ```text
//! broker durable commit=5ms max_in_flight=1      # limits by the names of the broker's Config; one line at most
//! start 1000000s                                 # the world's time when it begins; this is the default
//! user ana password="segredo" scram              # may log in; with scram also by SCRAM-SHA-256
//! anonymous no
//! rule sensors user=ana allow=publish topics=area/%c/#
//! default deny
//! client sensor-5000 version=3.1.1 clean=no up=100ms will="area/x" will-payload="off"
//! client painel
//!
//! painel connect                # at once, as what the line before says is done
//! wait 2s                       # all that happens in this time happens
//! @40 painel cut up+0 before    # when the world has made 40 moments
//! @60 end                       # so far the world is known
//! ```
//!
//! What can be said of a client stands in `options`, of the broker in `config`, of who may do what in `access`, and
//! what can be done in `action`. All that is left out has a default that the module names.
//!
//! What is written is read as the same again. Who reads gets a [`Problem`] for what is wrong: its line, and what would
//! be right.

mod access;
mod action;
mod client;
mod config;
mod line;
mod options;
mod problem;
mod properties;
mod reader;
mod setup;
mod value;
mod words;

pub use action::RESERVED;
pub use client::ClientSetup;
pub(crate) use line::Line as Written;
pub use problem::Problem;
pub use reader::{Act, Script};
pub(crate) use reader::{Reader, write_acts};
pub(crate) use setup::SECRET;
pub use setup::Setup;
pub(crate) use value::{Setting, write_duration};
pub(crate) use words::{Word, split};
