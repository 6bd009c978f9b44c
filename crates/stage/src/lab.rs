//! What one page has open, from its opening until it is left.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other commands need nothing said of them"
)]

use core::time::Duration;

use vitrine_broker::Time;
use vitrine_lab::Script;
use vitrine_link::{Event, Exported, Format, Frame, LabCommand, LabProblem, LabSource};
use vitrine_scope::Lens;

use crate::open;
use crate::pace::Pace;
use crate::show::Show;

/// While time goes on by itself and something is on its way, there is a frame so often.
const MOVING: Duration = Duration::from_millis(33);

/// While nothing moves, there is one so often: timers count down.
const COUNTING: Duration = Duration::from_millis(250);

/// A lesson, a world or a recording that a page has open.
///
/// It is told what the page wants ([`Self::command`]) and, while time goes on by itself, when time has passed
/// ([`Self::frame`] at [`Self::due`]). All that it tells follows from that.
pub struct Lab {
    show: Box<dyn Show>,
    pace: Pace,
    language: String,
    /// What the page's lens has kept is of another time.
    anew: bool,
    /// Something changed that the view model does not know of.
    changed: bool,
}

impl Lab {
    /// Opens something.
    ///
    /// # Errors
    /// With the line and the reason, when it cannot be read.
    pub fn open(source: &LabSource) -> Result<Self, LabProblem> {
        open::open(source).map(Self::of)
    }

    /// Opens a world that is written as a script, at its end.
    ///
    /// # Errors
    /// When the script cannot be gone to its end.
    pub fn of_script(script: &Script) -> Result<Self, LabProblem> {
        open::script(script).map(|worlds| Self::of(Box::new(worlds)))
    }

    fn of(show: Box<dyn Show>) -> Self {
        Self {
            show,
            pace: Pace::default(),
            language: "pt".into(),
            anew: true,
            changed: true,
        }
    }

    /// Does what the page wants at `now`, by the host's clock. Gives an answer, where there is one. What cannot be done
    /// is answered with [`Event::LabProblem`], and changes nothing.
    ///
    /// [`LabCommand::Open`] and [`LabCommand::Leave`] are the host's affair.
    pub fn command(&mut self, command: LabCommand, now: Time) -> Option<Event> {
        self.pass(now);
        let (what, name) = match &command {
            LabCommand::Act(line) => ("act", line.chars().take(200).collect()),
            LabCommand::Share => ("share", String::new()),
            _ => ("command", String::new()),
        };
        let problem = |why: String| {
            Some(Event::LabProblem(LabProblem {
                what: what.into(),
                name,
                line: 0,
                why,
            }))
        };
        let command = match command {
            LabCommand::Until { time } => match self.left_until(time) {
                Some(seconds) => LabCommand::Wait { seconds },
                None => return None,
            },
            command => command,
        };
        let done = match command {
            LabCommand::Open(_) | LabCommand::Leave => Ok(()),
            LabCommand::Language(language) => {
                self.language = language;
                Ok(())
            }
            LabCommand::Run { speed } => self.pace.set(speed, now),
            LabCommand::Share => match self.show.share() {
                Ok(code) => return Some(Event::Shared(code)),
                Err(why) => Err(why),
            },
            command => self.show.command(command).map(|done| {
                self.anew |= done.anew;
                if done.stops {
                    self.pace.stop();
                }
            }),
        };
        match done {
            Ok(()) => {
                self.changed = true;
                None
            }
            Err(why) => problem(why),
        }
    }

    /// How long it is until a time, in seconds.
    fn left_until(&self, time: f64) -> Option<f64> {
        // Of no less than microseconds, as the worlds count.
        let micros = ((time - self.show.since_start()) * 1_000.0).round();
        (micros > 0.0).then_some(micros / 1_000_000.0)
    }

    /// Time has passed by the host's clock.
    fn pass(&mut self, now: Time) {
        if self.pace.speed() == 0.0 {
            return;
        }
        let passed = self.pace.passed(now);
        if !self.show.advance(passed) {
            self.pace.stop();
        }
        self.changed = true;
    }

    /// What is open as a file, from its beginning to as far as it is known. `now` is when that is, by the clock of the
    /// day.
    #[must_use]
    pub fn export(&self, format: Format, now: Time) -> Exported {
        let ending = ending(format);
        Exported {
            format,
            name: format!("{}{ending}", self.show.name()),
            at: 0,
            bytes: self.show.export(format, now.as_micros()),
            done: 1.0,
            last: true,
        }
    }

    /// What is on the page's screen at `now`, by the host's clock; `None` when that is what the page has already, or when
    /// it has not drawn the last frame yet. The lens is the page's own.
    pub fn frame(&mut self, lens: &mut Lens, now: Time) -> Option<Frame> {
        self.pass(now);
        if self.anew {
            lens.anew();
        } else if self.changed {
            lens.look(lens.view().clone());
        }
        let (scope, clock) = self.show.scope();
        let mut frame = scope.frame(lens, clock)?;
        (self.anew, self.changed) = (false, false);
        let mut lab = self.show.frame(lens.view(), &self.language);
        lab.speed = self.pace.speed();
        frame.lab = Some(Box::new(lab));
        Some(frame)
    }

    /// When there is something to tell, by the host's clock, if the page does nothing until then.
    #[must_use]
    pub fn due(&self, lens: &Lens, now: Time) -> Option<Time> {
        let (scope, clock) = self.show.scope();
        if self.changed || self.anew || scope.due(lens).is_some_and(|due| due <= clock) {
            return Some(now);
        }
        if self.pace.speed() == 0.0 {
            return None;
        }
        let pause = if self.show.moves() { MOVING } else { COUNTING };
        let next = self.show.until_next().and_then(|time| self.pace.when(time));
        let last = self.pace.told().unwrap_or(now);
        Some(next.unwrap_or(Time::NEVER).min(last + pause))
    }
}

/// What the name of a file ends with.
fn ending(format: Format) -> &'static str {
    match format {
        Format::Recording => ".vitrine",
        Format::JsonLines => ".jsonl",
        Format::Pcapng => ".pcapng",
    }
}
