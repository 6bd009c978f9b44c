//! The broker under random clients, cuts, stalls, crashes and clock jumps, beside a small model of the standard
//! that shares no code with it.
//!
//! A seed decides a [`Scenario`]: limits, clients, a script. [`run`] plays it and checks, at every step, what the
//! standard promises: QoS 1 at least once, QoS 2 exactly once, order for each publisher, topic and QoS, nothing that
//! no subscription asked for, no Packet Identifier used twice, acknowledgements in order, Retained Messages and
//! Sessions as the model has them, limits kept, and nothing lost that was acknowledged. [`shrink`] makes a script
//! that fails shorter.
//!
//! Where there are users and rules, it checks too that nobody gets in, is heard or gets anything unless they allow it, that
//! all who may do, and what those are told who may not.
//!
//! - `scenario`: drawing one; `people`: users, rules and logins in it. `play`: going through it. `state`, `route`: the
//!   model. `promise`: what may and what must be delivered; `copies`: what came of it. `wire`: the rules of a connection. `filter`: matching, in the
//!   simplest way there is; `guard`: users and rules, likewise.

mod copies;
mod filter;
mod guard;
mod people;
mod play;
mod promise;
mod route;
mod scenario;
mod shrink;
mod state;
mod wire;

pub use play::{Failure, Report, run};
pub use scenario::{Scenario, payload};
pub use shrink::shrink;
