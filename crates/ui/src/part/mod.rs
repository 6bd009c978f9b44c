//! Pieces that several views use.

mod button;
mod client;
mod copy;
mod empty;
mod filter_input;
mod levels;
mod menu;
mod payload;
mod segment;
mod time;
mod topic;
mod typed;

pub(crate) use button::IconButton;
pub(crate) use client::Client;
pub(crate) use copy::Copy;
pub(crate) use empty::Empty;
pub(crate) use filter_input::{Checked, FilterInput};
pub(crate) use levels::Levels;
pub(crate) use menu::{Item, Menu, MenuButton, Place as MenuPlace, below, beneath};
pub(crate) use payload::{PayloadText, hex, words as payload_words};
pub(crate) use segment::{Choice, QosChoice, Segment};
pub(crate) use time::{clock, live_name};
pub(crate) use topic::{Topic, breakable};
pub(crate) use typed::{picked, typed, typed_into};
