//! The view model from outside: one module per view.
//!
//! [`common::World`] drives a real broker with clients that speak bytes; where a test needs more or
//! stranger observations than a broker makes, [`common::Feed`] makes them by hand.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one thing and fails for all others"
)]

mod common;

mod access;
mod anything;
mod capture;
mod clients;
mod flow;
mod flow_model;
mod holds;
mod lab;
mod lens;
mod marks;
mod matches;
mod outside;
mod packet;
mod restart;
mod snapshots;
mod stories;
mod tape;
mod tree;
mod tree_hold;
mod tree_model;
