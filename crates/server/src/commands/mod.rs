//! What the commands do: one file each.

pub(crate) mod broker;
pub(crate) mod certificate;
pub(crate) mod passwd;
