//! The lab: a world that can be stopped, broken and rewound, with a lesson's text beside it.
//!
//! `opening` keeps the lab what the state says, and the state where the lab stands. `way` is the way in and out, `lesson`
//! the text on the stage, `timebar` what moves the time, `roads` where it forked, `work` what is said when the lab keeps one
//! waiting; `words` says things in sentences, and `script` says them in the lab's own language.

mod columns;
mod lesson;
mod lessons;
mod marked;
mod opening;
mod roads;
pub(crate) mod script;
mod timebar;
mod track;
mod wait;
mod way;
pub(crate) mod words;
mod work;

use std::ops::Deref;

use vitrine_link::LabFrame;
use yew::prelude::*;

use crate::bridge::{Latest, Shared};

pub(crate) use columns::Columns;
pub(crate) use lesson::LessonBand;
pub(crate) use opening::{open_recording, use_lab};
pub(crate) use timebar::{LabTimebar, run_or_stop, speed};
pub(crate) use way::{FirstLesson, Lessons, WayIn};
pub(crate) use work::LabWork;

/// The lab as it is now, for everybody below the app; `None` while the broker in the tab is shown.
#[derive(Clone, PartialEq)]
pub(crate) struct LabNow {
    frame: Shared<Option<LabFrame>>,
    /// When its world began, by the clock of everything that is told with it.
    origin: f64,
}

impl LabNow {
    pub(crate) fn new(latest: &Latest) -> Self {
        let origin = latest.lab.as_ref().map(|lab| latest.now - lab.time);
        Self {
            frame: latest.lab.clone(),
            origin: origin.unwrap_or_default(),
        }
    }

    /// A moment as one reads it: since the world began in the lab, else the time of day.
    pub(crate) fn clock(&self, at: f64) -> String {
        if self.frame.is_some() {
            words::since(at - self.origin)
        } else {
            crate::part::clock(at, true)
        }
    }
}

impl Deref for LabNow {
    type Target = Option<LabFrame>;

    fn deref(&self) -> &Self::Target {
        &self.frame
    }
}

/// The lab as it is now.
#[hook]
pub(crate) fn use_lab_now() -> LabNow {
    use_context().unwrap_or_else(|| LabNow {
        frame: Shared::default(),
        origin: 0.0,
    })
}
