//! Who may connect, publish, subscribe and receive: what was refused, by which rule.

mod refusal;

pub(crate) use refusal::{RefusedBy, refusal_words};
