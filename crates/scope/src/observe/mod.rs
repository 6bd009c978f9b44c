//! Taking observations in: one file for each of the three kinds of them.

mod packets;
mod routing;
mod sessions;
