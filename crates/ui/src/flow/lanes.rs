//! Where what is held in memory is drawn: bars beside a line, side by side when they last together.

use vitrine_link::{FlowRow, Hold};

/// At most so many bars side by side; further ones share the last lane.
pub(super) const LANES: usize = 3;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) hold: Hold,
    /// From where to where, in rows from the top; an event stands low in its row, at its arrow.
    pub(super) from: f64,
    pub(super) to: f64,
    /// 0 touches the line.
    pub(super) lane: usize,
    /// The index of the row in which it begins, when that is on screen.
    pub(super) begins: Option<usize>,
}

/// Where in its row an arrow stands.
pub(super) const ARROW: f64 = 0.74;

/// Lays out what is held beside one line (of one client, or the broker's for one client's side).
pub(super) fn lanes<'a>(rows: &[FlowRow], holds: impl IntoIterator<Item = &'a Hold>) -> Vec<Bar> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Vec::new();
    };
    let index = |number: u64| rows.partition_point(|row| row.number < number);
    let mut ends = [0.0_f64; LANES];
    let mut bars = Vec::new();
    for hold in holds {
        if hold.from > last.number || hold.until.is_some_and(|until| until < first.number) {
            continue;
        }
        let begins = (hold.from >= first.number)
            .then(|| index(hold.from))
            .filter(|at| rows[*at].number == hold.from);
        let from = if hold.from < first.number {
            0.0
        } else {
            index(hold.from) as f64 + ARROW
        };
        let to = match hold.until {
            Some(until) if until <= last.number => index(until) as f64 + ARROW,
            _ => rows.len() as f64,
        };
        // A hold that ends with the packet that began it still shows.
        let to = to.max(from + 0.18);
        let lane = ends
            .iter()
            .position(|end| *end <= from)
            .unwrap_or(LANES - 1);
        ends[lane] = ends[lane].max(to);
        bars.push(Bar {
            hold: hold.clone(),
            from,
            to,
            lane,
            begins,
        });
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::RowKind;

    fn rows(numbers: impl IntoIterator<Item = u64>) -> Vec<FlowRow> {
        numbers
            .into_iter()
            .map(|number| FlowRow {
                number,
                at: 0.0,
                lifeline: None,
                publication: None,
                cause: None,
                kind: RowKind::Dropped,
            })
            .collect()
    }

    fn hold(from: u64, until: Option<u64>) -> Hold {
        Hold {
            from,
            until,
            ..Hold::default()
        }
    }

    #[test]
    fn holds_that_last_together_stand_side_by_side() {
        let bars = lanes(
            &rows(10..20),
            &[
                hold(10, Some(14)),
                hold(11, Some(12)),
                hold(12, Some(15)),
                hold(15, None),
            ],
        );
        let places: Vec<_> = bars.iter().map(|bar| (bar.lane, bar.begins)).collect();
        assert_eq!(
            places,
            [(0, Some(0)), (1, Some(1)), (1, Some(2)), (0, Some(5))]
        );
        assert_eq!((bars[3].from, bars[3].to), (5.0 + ARROW, 10.0));
    }

    #[test]
    fn what_began_before_comes_from_the_top_and_what_lasts_goes_to_the_end() {
        let bars = lanes(&rows([5, 7, 9]), &[hold(1, None), hold(2, Some(7))]);
        assert_eq!((bars[0].from, bars[0].to, bars[0].begins), (0.0, 3.0, None));
        assert_eq!((bars[1].from, bars[1].to), (0.0, 1.0 + ARROW));
    }

    #[test]
    fn what_is_not_on_screen_is_left_out() {
        assert!(lanes(&rows([5, 7]), &[hold(1, Some(4)), hold(8, None)]).is_empty());
        assert!(lanes(&[], &[hold(1, None)]).is_empty());
    }

    #[test]
    fn more_than_fit_share_the_last_lane() {
        let many: Vec<_> = (0..9).map(|_| hold(5, None)).collect();
        let bars = lanes(&rows([5, 6]), &many);
        assert_eq!(bars.len(), 9);
        assert!(bars.iter().all(|bar| bar.lane < LANES));
    }

    #[test]
    fn a_hold_that_began_in_a_row_left_out_has_no_words() {
        let bars = lanes(&rows([5, 9]), &[hold(7, None)]);
        assert_eq!(bars[0].begins, None);
        assert_eq!(bars[0].from, 1.0 + ARROW);
    }
}
