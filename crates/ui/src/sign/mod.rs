//! Signs: what is told by shape as well as by colour. They are drawn, not typed, so that they look
//! the same on every machine; each has a name for those who listen.

mod icon;
mod qos;

pub(crate) use icon::{Icon, IconName, Strokes};
pub(crate) use qos::{Qos, qos_word};
