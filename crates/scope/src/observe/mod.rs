//! Taking observations in: one file for each kind of them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each file takes the observations and packets that it is about"
)]

mod connections;
mod packets;
mod restored;
mod routing;
mod sessions;

pub(crate) use connections::{End, problem};
