//! The page's ways out: the worker's view port and the page's own clients, both at `window.vitrine`.

mod act;
pub(crate) mod door;
mod lab;
mod latest;
mod view;
mod world;

pub(crate) use act::{Tell, use_ask};
pub(crate) use lab::{Lab, use_lab};
pub(crate) use latest::{Latest, Shared};
pub(crate) use view::{Line, LineState, Role, Send, Wish, reason, use_view};
pub(crate) use world::{World, use_world};
