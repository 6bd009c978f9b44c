//! The stage: the ladder, with what moves it and what it leaves out.
//!
//! `layout` says where lines stand, `spans` when they are connected, `lanes` where what is held is
//! drawn, `focus` what stands out: all four are plain functions. The rest draws.

mod annotation;
mod arrow;
mod crossing;
mod event;
mod faults;
mod filters;
mod flying;
mod focus;
mod heads;
mod label;
mod lanes;
mod layout;
mod lines;
mod names;
mod packets;
mod panel;
mod row;
mod spans;
mod stage;
mod timebar;

pub(crate) use focus::Focus;
pub(crate) use packets::packet_name;
pub(crate) use panel::Flow;
pub(crate) use stage::{Column, Stage};
