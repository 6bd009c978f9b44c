//! What surrounds the views.

mod banner;
mod help;
mod language;
mod notice;
mod tabs;
mod topbar;
mod totals;
mod world;

pub(crate) use banner::Banner;
pub(crate) use help::Help;
pub(crate) use notice::{Notice, RecordNews};
pub(crate) use tabs::{BottomTabs, PanelTabs};
pub(crate) use topbar::Topbar;
pub(crate) use world::StartWorld;
