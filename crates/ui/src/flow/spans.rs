//! When a client was connected during the rows on screen: a cut is a gap in its line.

use vitrine_link::{FlowRow, RowKind};

/// Pieces of a line, as fractions of rows from the top: from, to.
pub(super) type Pieces = Vec<(f64, f64)>;

/// The pieces of a lifeline during which it was connected. Positions count rows from 0; an event
/// stands in the middle of its row. `connected` is what is known of the time after the last row.
pub(super) fn connected(rows: &[FlowRow], lifeline: u32, connected: bool, newest: bool) -> Pieces {
    let end = rows.len().max(1) as f64;
    let mut pieces = Vec::new();
    let mut begin = None;
    let mut known = false;
    // Connections that are cut, and of which the broker has still to learn.
    let mut cut = 0;
    for (index, row) in rows.iter().enumerate() {
        let mine = row.lifeline == Some(lifeline);
        let middle = index as f64 + 0.5;
        match &row.kind {
            RowKind::Opened { .. } if mine => {
                known = true;
                begin = begin.or(Some(middle));
            }
            RowKind::Closed(ending) if mine => {
                // Whom another connection takes over from, it goes on for; and a gap is there already.
                let goes_on = ending.why == "taken-over" && begin.is_some();
                if cut > 0 {
                    cut -= 1;
                } else if !goes_on {
                    // A line whose first news is its end was there before.
                    let from = begin.take().unwrap_or(if known { middle } else { 0.0 });
                    if from < middle {
                        pieces.push((from, middle));
                    }
                }
                known = true;
            }
            RowKind::Outside(outside) if outside.what == "cut" && mine => {
                let from = begin.take().or_else(|| (!known).then_some(0.0));
                if let Some(from) = from {
                    pieces.push((from, middle));
                    cut += 1;
                }
                known = true;
            }
            RowKind::Outside(outside) if outside.what == "broker-crashed" => {
                // Nobody is there to say that its connections end.
                pieces.extend(begin.take().map(|from| (from, middle)));
                known = true;
                cut = 0;
            }
            RowKind::Packet(_) | RowKind::Malformed(_) if mine => {
                if !known {
                    begin = Some(0.0);
                }
                known = true;
            }
            RowKind::Opened { .. }
            | RowKind::Closed(_)
            | RowKind::Packet(_)
            | RowKind::Malformed(_)
            | RowKind::Queued { .. }
            | RowKind::Discarded { .. }
            | RowKind::Refused(_)
            | RowKind::WillPublished { .. }
            | RowKind::SessionEnded { .. }
            | RowKind::Dropped
            | RowKind::Lost(_)
            | RowKind::Outside(_) => {}
        }
    }
    match begin {
        Some(from) => pieces.push((from, end)),
        None if !known && connected => pieces.push((0.0, end)),
        // Rows may be filtered: a client that is connected now is not drawn as gone.
        None if known && connected && newest && pieces.is_empty() => pieces.push((0.0, end)),
        None => {}
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::{Ending, Outside, PacketRow};

    fn rows(kinds: impl IntoIterator<Item = (u32, RowKind)>) -> Vec<FlowRow> {
        kinds
            .into_iter()
            .enumerate()
            .map(|(index, (lifeline, kind))| FlowRow {
                number: index as u64,
                at: 0.0,
                lifeline: Some(lifeline),
                publication: None,
                cause: None,
                kind,
            })
            .collect()
    }

    fn opened() -> RowKind {
        RowKind::Opened {
            door: "page".into(),
        }
    }

    fn closed() -> RowKind {
        RowKind::Closed(Ending::default())
    }

    fn packet() -> RowKind {
        RowKind::Packet(PacketRow::default())
    }

    #[test]
    fn a_line_without_news_is_what_it_is_now() {
        let rows = rows([(1, packet()), (1, packet())]);
        assert_eq!(connected(&rows, 7, true, true), [(0.0, 2.0)]);
        assert_eq!(connected(&rows, 7, false, true), []);
    }

    #[test]
    fn a_cut_and_a_return_leave_a_gap() {
        let rows = rows([(1, packet()), (1, closed()), (2, packet()), (1, opened())]);
        assert_eq!(connected(&rows, 1, true, true), [(0.0, 1.5), (3.5, 4.0)]);
    }

    #[test]
    fn a_line_begins_where_it_was_opened() {
        let rows = rows([(2, packet()), (1, opened()), (1, packet())]);
        assert_eq!(connected(&rows, 1, true, true), [(1.5, 3.0)]);
    }

    #[test]
    fn in_old_rows_a_packet_proves_that_it_was_connected() {
        let rows = rows([(1, packet()), (2, packet())]);
        assert_eq!(connected(&rows, 1, false, false), [(0.0, 2.0)]);
    }

    fn ended(why: &str) -> RowKind {
        RowKind::Closed(Ending {
            why: why.into(),
            ..Ending::default()
        })
    }

    fn outside(what: &str) -> RowKind {
        RowKind::Outside(Outside {
            what: what.into(),
            ..Outside::default()
        })
    }

    #[test]
    fn who_takes_over_stays() {
        let rows = rows([
            (1, opened()),
            (1, packet()),
            (1, opened()),
            (1, packet()),
            (1, ended("taken-over")),
            (1, packet()),
        ]);
        assert_eq!(connected(&rows, 1, true, true), [(0.5, 6.0)]);
    }

    #[test]
    fn a_cut_is_a_gap_before_the_broker_learns_of_it() {
        let kinds = [
            (1, opened()),
            (1, outside("cut")),
            (2, packet()),
            (1, opened()),
            (1, ended("cut")),
            (1, packet()),
        ];
        let rows = rows(kinds);
        assert_eq!(connected(&rows, 1, true, true), [(0.5, 1.5), (3.5, 6.0)]);
        assert_eq!(connected(&rows[..3], 1, true, true), [(0.5, 1.5)]);
    }

    #[test]
    fn with_the_broker_all_its_connections_end() {
        let mut rows = rows([
            (1, opened()),
            (2, opened()),
            (3, packet()),
            (0, outside("broker-crashed")),
            (0, outside("broker-started")),
            (2, opened()),
        ]);
        rows[3].lifeline = None;
        rows[4].lifeline = None;
        assert_eq!(connected(&rows, 1, false, true), [(0.5, 3.5)]);
        assert_eq!(connected(&rows, 2, true, true), [(1.5, 3.5), (5.5, 6.0)]);
        assert_eq!(connected(&rows, 3, false, true), [(0.0, 3.5)]);
    }
}
