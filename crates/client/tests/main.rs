//! What the client does, seen from the server: crafted bytes one way, packets as text the other; and what comes
//! of it together with the broker.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out what it is about"
)]

mod desk;
mod pair;

mod aliases;
mod auth;
mod broker;
mod connect;
mod contents;
mod keep_alive;
mod limits;
mod publish;
mod receive;
mod reconnect;
mod request;
