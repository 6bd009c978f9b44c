//! Where the lines of the ladder stand: publishers left, the broker, subscribers right.

use vitrine_link::{Lifeline, Side};

/// With more clients than this, lines that have no part in the selected story step back.
pub(super) const MANY: usize = 8;
/// The same on a phone.
pub(super) const MANY_ON_PHONE: usize = 3;
/// Narrowest column, in pixels, of a line that is read.
const NARROWEST: f64 = 56.0;
/// Column of a line that has stepped back.
const STEPPED_BACK: f64 = 9.0;
/// Room beside the outermost lines, for what their clients hold.
const MARGIN: f64 = 30.0;
/// A side with fewer lines than this gets the room of as many, for its labels.
const LEAST: f64 = 3.0;

/// A client's line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) id: u32,
    pub(super) name: String,
    /// Where the line stands.
    pub(super) x: f64,
    /// How much room its head has.
    pub(super) width: f64,
    /// Left of the broker.
    pub(super) left: bool,
    pub(super) connected: bool,
    /// Its will is armed.
    pub(super) will: bool,
    /// What somebody does to it from in between, in the live page: `up`, `down` (held), `cut-up`, `cut-down` (to come).
    pub(super) held: Vec<String>,
}

/// The lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Left to right; the broker is not among them.
    pub(super) columns: Vec<Column>,
    pub(super) broker: f64,
    /// How much room the broker's head has.
    pub(super) broker_width: f64,
    /// Of the whole; more than was available when there are many lines.
    pub(super) width: f64,
    /// Room at the left for the time of each row.
    pub(super) gutter: f64,
}

impl Layout {
    /// Lays the lines out in `available` pixels. With more lines than `many`, only those that
    /// `in_story` says yes to keep their room.
    pub(super) fn new(
        lifelines: &[Lifeline],
        available: f64,
        gutter: f64,
        many: usize,
        in_story: Option<&dyn Fn(&Lifeline) -> bool>,
    ) -> Self {
        let keeps = |line: &Lifeline| {
            lifelines.len() <= many || in_story.is_none_or(|in_story| in_story(line))
        };
        let side = |wanted: Side| lifelines.iter().filter(move |line| line.side == wanted);
        let full = |wanted: Side| side(wanted).filter(|line| keeps(line)).count() as f64;
        let small = |wanted: Side| side(wanted).filter(|line| !keeps(line)).count() as f64;

        let (left, right) = (full(Side::Publisher), full(Side::Subscriber));
        let back = (small(Side::Publisher) + small(Side::Subscriber)) * STEPPED_BACK;
        let room = (available - gutter - 2.0 * MARGIN - back).max(0.0);
        let shares = left.max(LEAST) + right.max(LEAST) + 1.0;
        let share = room / shares;
        let column = |lines: f64| (share * lines.max(LEAST) / lines.max(1.0)).max(NARROWEST);

        let mut layout = Self {
            gutter,
            broker_width: broker_room(share),
            ..Self::default()
        };
        let mut x = gutter + MARGIN;
        let mut place = |line: &Lifeline, width: f64, x: &mut f64| {
            layout.columns.push(Column {
                id: line.id,
                name: line.name.clone(),
                x: (*x + width / 2.0).round(),
                width,
                left: line.side == Side::Publisher,
                connected: line.connected,
                will: line.will,
                held: line.held.clone(),
            });
            *x += width;
        };
        let width = |line: &Lifeline, lines: f64| {
            if keeps(line) {
                column(lines)
            } else {
                STEPPED_BACK
            }
        };
        for line in side(Side::Publisher) {
            place(line, width(line, left), &mut x);
        }
        if left == 0.0 {
            x += share * LEAST;
        }
        let broker = x;
        x += broker_room(share);
        for line in side(Side::Subscriber) {
            place(line, width(line, right), &mut x);
        }
        if right == 0.0 {
            x += share * LEAST;
        }
        layout.broker = (broker + layout.broker_width / 2.0).round();
        layout.width = (x + MARGIN).max(available).floor();
        layout
    }

    /// Where a window of `width` pixels begins that shows the broker as near to its middle as it can without cutting
    /// through a head at its left.
    pub(super) fn centred(&self, width: f64) -> f64 {
        let last = (self.width - width).max(0.0);
        let wanted = (self.broker - width / 2.0).clamp(0.0, last);
        let heads = self
            .columns
            .iter()
            .map(|column| (column.x - column.width / 2.0).floor());
        heads
            .filter(|begin| (0.0..=last).contains(begin))
            .fold(0.0, |best, begin| {
                if (begin - wanted).abs() < (best - wanted).abs() {
                    begin
                } else {
                    best
                }
            })
    }

    /// The line of a client.
    pub(super) fn column(&self, id: u32) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }
}

fn broker_room(share: f64) -> f64 {
    share.clamp(NARROWEST, 120.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(left: u32, right: u32) -> Vec<Lifeline> {
        (0..left + right)
            .map(|id| Lifeline {
                id,
                name: format!("client-{id}"),
                side: if id < left {
                    Side::Publisher
                } else {
                    Side::Subscriber
                },
                connected: true,
                ..Lifeline::default()
            })
            .collect()
    }

    #[test]
    fn publishers_stand_left_and_subscribers_right_of_the_broker() {
        let layout = Layout::new(&lines(4, 2), 640.0, 0.0, MANY, None);
        for column in &layout.columns {
            assert_eq!(column.left, column.x < layout.broker, "{column:?}");
        }
        assert_eq!(layout.width, 640.0);
    }

    #[test]
    fn what_fits_does_not_scroll() {
        for (left, right) in [(0, 0), (1, 0), (0, 1), (1, 1), (4, 2), (3, 3)] {
            let layout = Layout::new(&lines(left, right), 640.0, 0.0, MANY, None);
            assert_eq!(layout.width, 640.0, "{left} left, {right} right");
            assert!(layout.broker > 100.0 && layout.broker < 540.0);
        }
    }

    #[test]
    fn many_lines_scroll_rather_than_become_unreadable() {
        let layout = Layout::new(&lines(30, 10), 640.0, 0.0, MANY, None);
        assert!(layout.width > 2000.0);
        assert!(
            layout
                .columns
                .iter()
                .all(|column| column.width >= NARROWEST)
        );
    }

    #[test]
    fn a_window_cuts_no_head_at_its_left() {
        for (left, right) in [(4, 2), (9, 0), (8, 3), (30, 10), (2, 20), (0, 12)] {
            for available in [360.0, 560.0, 640.0, 900.0] {
                let layout = Layout::new(&lines(left, right), available, 92.0, MANY, None);
                let begin = layout.centred(available);
                let what = format!("{left} left, {right} right in {available}: {begin}");
                assert!(begin >= 0.0 && begin + available <= layout.width, "{what}");
                for column in &layout.columns {
                    let head = column.x - column.width / 2.0;
                    let cut = head + 1.0 < begin && begin < head + column.width - 1.0;
                    assert!(!cut, "{what} cuts {column:?}");
                }
                let broker = layout.broker - begin;
                assert!(
                    broker > 0.0 && broker < available,
                    "{what}: broker at {broker}"
                );
            }
        }
    }

    #[test]
    fn a_selected_story_keeps_its_room_among_many() {
        let in_story = |line: &Lifeline| line.id == 3 || line.id == 35;
        let layout = Layout::new(&lines(30, 10), 900.0, 0.0, MANY, Some(&in_story));
        assert_eq!(layout.width, 900.0);
        assert!(layout.column(3).unwrap().width >= NARROWEST);
        assert_eq!(layout.column(4).unwrap().width, STEPPED_BACK);
    }

    #[test]
    fn few_lines_do_not_step_back() {
        let layout = Layout::new(&lines(4, 2), 640.0, 0.0, MANY, Some(&|_| false));
        assert!(
            layout
                .columns
                .iter()
                .all(|column| column.width >= NARROWEST)
        );
    }
}
