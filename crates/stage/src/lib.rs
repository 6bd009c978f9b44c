//! What a page has open of the lab: a lesson, a world that somebody sent as a link, or a recording; moved through in
//! time, acted on, and told as frames.
//!
//! A [`Lab`] takes a page's [`vitrine_link::LabCommand`]s with the time by the host's clock, and answers with
//! [`vitrine_link::Frame`]s. It opens no socket, reads no clock and draws no random number.
//!
//! | part | what it does |
//! | --- | --- |
//! | `lab` | takes commands, gives frames |
//! | `pace` | how fast time goes on by itself |
//! | `open` | reads lessons, links, recordings |
//! | `worlds` | a world on screen: moving in time, acting |
//! | `roads` | the first road, forks, taking back |
//! | `scene` | a road with its watcher: to where something can be seen |
//! | `watcher`, `outside`, `marks` | what is seen on a road, and at which positions |
//! | `replay` | a recording on screen |
//! | `carry` | a road as a file |
//! | `share` | a link to the moment on screen |
//! | `heads` | what is in each head, and what changed |
//! | `flying`, `coming` | what is on its way, and what comes next |
//! | `player` | a lesson's texts and questions |
//! | `trio` | the same at QoS 0, 1 and 2 |
//!
//! **Invariants.** A frame follows from the road, the position and the time since it alone: it is the same however one
//! came there. What cannot be done changes nothing.
#![forbid(unsafe_code)]

mod carry;
mod coming;
mod flying;
mod heads;
mod lab;
mod marks;
mod open;
mod outside;
mod pace;
mod player;
mod replay;
mod roads;
mod scene;
mod share;
mod show;
mod trio;
mod watcher;
mod worlds;

pub use carry::in_pieces;
pub use lab::Lab;
pub use outside::{Listen, Teller};
