//! What is in each head: what every client and the broker hold in memory at this moment, and what the last step did to
//! it.
//!
//! `say` is plain functions: the order of things, their words, and what is left out where there is no room. The rest
//! draws. In the lab the worker looks into each head; live, `live` gathers what the broker's own observations tell.

mod compact;
mod fact;
mod head;
mod live;
mod panel;
mod say;

pub(crate) use compact::Compact;
pub(crate) use panel::Memory;
