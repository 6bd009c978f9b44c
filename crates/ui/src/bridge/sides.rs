//! Which of the two workers is on screen: the one that hosts the broker, or the one of this page's lab.

use vitrine_link::{Command, Frame};

/// A worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The broker's.
    Live,
    /// The lab's.
    Lab,
}

/// What the two have sent, and whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Sides {
    /// The lab is on screen: it has shown something, and was not left.
    lab: bool,
    waiting: Option<(Side, Frame)>,
    /// The frame that the broker's worker sent while the lab is on screen. It is not said to be drawn, so that it sends
    /// no other.
    owed: Option<u64>,
}

impl Sides {
    /// Which one is on screen.
    pub(super) fn shown(&self) -> Side {
        if self.lab { Side::Lab } else { Side::Live }
    }

    /// Takes a frame, and says whether it is to be drawn. The lab is on screen from its first one on.
    pub(super) fn take(&mut self, side: Side, frame: Frame) -> bool {
        match side {
            Side::Live if self.lab => {
                self.owed = Some(frame.number);
                return false;
            }
            Side::Live => {}
            Side::Lab => {
                if let Some((Side::Live, missed)) = self.waiting.take() {
                    self.owed = Some(missed.number);
                }
                self.lab = true;
            }
        }
        self.waiting = Some((side, frame));
        true
    }

    /// The frame that is to be drawn now.
    pub(super) fn draw(&mut self) -> Option<(Side, Frame)> {
        self.waiting.take()
    }

    /// The lab is left. Gives the frame that the broker's worker is to be told of before it sends another.
    pub(super) fn leave(&mut self) -> Option<u64> {
        self.forget(Side::Lab);
        self.lab = false;
        self.owed.take()
    }

    /// Another worker takes the place of this one: what it sent is of no use.
    pub(super) fn forget(&mut self, side: Side) {
        if self.waiting.as_ref().is_some_and(|(from, _)| *from == side) {
            self.waiting = None;
        }
        if side == Side::Live {
            self.owed = None;
        }
    }

    /// Who is to be told this; nobody, where it would do nothing.
    pub(super) fn of(&self, command: &Command) -> Option<Side> {
        match command {
            Command::Lab(_) => Some(Side::Lab),
            Command::Export(_) => Some(self.shown()),
            // What the lab shows follows from its world: nothing of it can be left out.
            Command::ClearFlow if self.lab => None,
            Command::ClearFlow
            | Command::Hello { .. }
            | Command::Look(_)
            | Command::Seen { .. }
            | Command::Drop { .. }
            | Command::ExportMore
            | Command::ExportStop
            | Command::StopKeeping
            | Command::SetAside
            | Command::Access(_)
            | Command::Meddle(_) => Some(Side::Live),
        }
    }
}

#[cfg(test)]
mod tests {
    use vitrine_link::{Detail, Format, LabCommand, Totals};

    use super::*;

    fn frame(number: u64) -> Frame {
        Frame {
            number,
            now: 0.0,
            totals: Totals::default(),
            tree: None,
            flow: None,
            matches: None,
            clients: None,
            detail: Detail::None,
            lab: None,
        }
    }

    fn drawn(sides: &mut Sides) -> Option<(Side, u64)> {
        sides.draw().map(|(side, frame)| (side, frame.number))
    }

    #[test]
    fn live_goes_on_until_the_lab_shows_something_and_again_when_it_is_left() {
        let mut sides = Sides::default();
        assert!(sides.take(Side::Live, frame(1)));
        assert_eq!(drawn(&mut sides), Some((Side::Live, 1)));
        assert!(sides.take(Side::Lab, frame(1)));
        assert!(!sides.take(Side::Live, frame(2)));
        assert_eq!(drawn(&mut sides), Some((Side::Lab, 1)));
        assert_eq!(drawn(&mut sides), None);
        assert_eq!(sides.leave(), Some(2));
        assert!(sides.take(Side::Live, frame(3)));
        assert_eq!(drawn(&mut sides), Some((Side::Live, 3)));
        assert_eq!(sides.leave(), None);
    }

    /// The broker's worker waits for a word about it for ever.
    #[test]
    fn a_frame_that_the_lab_overtook_is_not_forgotten() {
        let mut sides = Sides::default();
        sides.take(Side::Live, frame(7));
        sides.take(Side::Lab, frame(1));
        assert_eq!(drawn(&mut sides), Some((Side::Lab, 1)));
        assert_eq!(sides.leave(), Some(7));
    }

    #[test]
    fn what_a_worker_sent_goes_with_it() {
        let mut sides = Sides::default();
        sides.take(Side::Live, frame(7));
        sides.forget(Side::Lab);
        assert_eq!(drawn(&mut sides), Some((Side::Live, 7)));
        sides.take(Side::Lab, frame(1));
        sides.take(Side::Live, frame(8));
        sides.forget(Side::Lab);
        assert_eq!((drawn(&mut sides), sides.shown()), (None, Side::Lab));
        sides.forget(Side::Live);
        assert_eq!(sides.leave(), None);
    }

    #[test]
    fn a_session_is_given_out_by_who_is_on_screen() {
        let (export, clear) = (Command::Export(Format::Pcapng), Command::ClearFlow);
        let step = Command::Lab(Box::new(LabCommand::Step));
        let mut sides = Sides::default();
        let of = |sides: &Sides| [&export, &clear, &step].map(|command| sides.of(command));
        assert_eq!(
            of(&sides),
            [Some(Side::Live), Some(Side::Live), Some(Side::Lab)]
        );
        sides.take(Side::Lab, frame(1));
        assert_eq!(of(&sides), [Some(Side::Lab), None, Some(Side::Lab)]);
        sides.leave();
        assert_eq!(sides.of(&export), Some(Side::Live));
    }
}
