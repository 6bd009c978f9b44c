//! A deterministic world: virtual clients, links with faults, one broker with its store, and a clock that moves
//! only when told. The classroom's laboratory and the broker's simulation tests are the same thing: a world with
//! a script and a seed.
//!
//! ```
//! use core::time::Duration;
//! use vitrine_broker::Config;
//! use vitrine_client::{Message, Options};
//! use vitrine_lab::{Action, Line, World};
//! use vitrine_packet::{QoS, SubscriptionOptions};
//! use vitrine_session::Time;
//!
//! let mut world = World::new(Config::default(), Duration::ZERO, Time::ZERO);
//! let teacher = world.add(Options { client_id: "teacher".into(), ..Options::default() }, Line::default());
//! world.act(&Action::Connect(teacher));
//! world.run(Duration::from_secs(1));
//! let all = SubscriptionOptions::with_qos(QoS::AtLeastOnce);
//! world.act(&Action::Subscribe(teacher, vec![("#".into(), all)], None));
//! world.act(&Action::Publish(teacher, Message::new("hello", b"world", QoS::AtLeastOnce)));
//! let before = world.clone(); // a snapshot
//! while world.step().is_some_and(|_| world.now() < Time::from_secs(2)) {}
//! # let _ = before;
//! ```
//!
//! # What is where
//!
//! - `world`: the state, and how it goes on, one step at a time. `act`: what can be done in it ([`Action`]).
//!   `traffic`: what goes over links, and what broker and clients ask for.
//! - `link`: ordered and reliable, until cut; `flying`: what is on it. `host`: the broker's store and clock. `node`: a
//!   client's machine; `scram`: how it proves a password.
//! - `script`: a world and what is done in it, as text. `road`: going back and forth in it ([`Road`]). `code`: all of
//!   it in an address ([`Link`]).
//! - `trace`: what happened, for whoever draws or checks it. `sabotage`: faults that a check must notice.
//! - [`simulate`]: random scripts, and a small model of the standard that is held against what the broker does.
//!
//! # What always holds
//!
//! - **Faults are honest.** Nothing is lost inside a live connection. What is lost is the connection.
//! - **The same actions at the same times give the same world,** natively and in a browser. A clone is a snapshot.
//! - **A text from outside does no harm.** Scripts and codes are bounded, and so is what they lead to.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod act;
mod action;
mod code;
mod flying;
mod host;
mod link;
mod node;
mod random;
mod road;
mod sabotage;
mod scram;
mod script;
pub mod simulate;
mod trace;
mod traffic;
mod world;

pub use action::{Action, Step};
pub use code::{Link, LinkRoad, MOST_LINKED_MOMENTS};
pub use flying::{Flying, State};
pub use link::{CutPoint, Direction, Line};
pub use random::Random;
pub use road::{MOST_MOMENTS, Moment, NotDone, Road, Watch};
pub use sabotage::Sabotage;
pub use scram::Scram;
pub use script::{Act, ClientSetup, Problem, RESERVED, Script, Setup};
pub use trace::{Happening, Lost, Trace};
pub use world::{Next, World};
