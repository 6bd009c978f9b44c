//! The page's ways out: ports to the broker's worker and to the lab's, and the page's own clients, all at
//! `window.vitrine`.

mod act;
mod bench;
pub(crate) mod door;
mod ends;
mod given;
mod lab;
mod latest;
mod sides;
mod view;
mod world;

pub(crate) use act::{Ask, Tell, use_ask};
pub(crate) use bench::{Bench, BenchState};
pub(crate) use given::{Given, Making};
pub(crate) use lab::{Lab, use_lab};
pub(crate) use latest::{Latest, Shared};
pub(crate) use view::{Line, LineState, Role, Send, Wish, reason, use_view};
pub(crate) use world::{World, use_world};
