//! The part of the ladder that a page has on screen.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_link::{Anchor, Depth, FlowFrame, FlowRow, FlowView, Hold, Lifeline, RowKind};

use crate::ladder::index::{Index, Sieve};
use crate::ladder::packet;
use crate::ladder::row::{Kind, Row};
use crate::limits::{ANSWERED_HOLDS, ANSWERED_LIFELINES, ANSWERED_ROWS};
use crate::lines::{Line, LineId};
use crate::scope::Scope;
use crate::time::milliseconds;

/// What is kept of the ladder for one page.
#[derive(Default)]
pub(crate) struct FlowLens {
    index: Index,
    /// A paused ladder as it was told last: what is on screen stays there, even if the recording
    /// forgets it meanwhile.
    paused: Option<Paused>,
}

struct Paused {
    view: FlowView,
    /// [`crate::ladder::Recording::clearings`] at the time.
    clearings: u64,
    frame: FlowFrame,
}

impl FlowLens {
    /// The answer to `view`.
    pub(crate) fn frame(&mut self, view: &FlowView, scope: &Scope) -> FlowFrame {
        let mut frame = self.look(view, scope);
        if !matches!(view.anchor, Anchor::UpTo(_)) {
            self.paused = None;
            return frame;
        }
        let recording = scope.ladder.recording();
        let clearings = recording.clearings();
        let known = self.paused.take();
        let known = known.filter(|known| known.view == *view && known.clearings == clearings);
        if let Some(known) = known
            && known
                .frame
                .rows
                .first()
                .is_some_and(|row| row.number < recording.first())
        {
            frame = FlowFrame {
                total: frame.total,
                first: 0,
                newer: frame.newer,
                newest: frame.newest,
                forgotten: frame.forgotten,
                ..known.frame
            };
        }
        let view = view.clone();
        self.paused = Some(Paused {
            view,
            clearings,
            frame: frame.clone(),
        });
        frame
    }

    fn look(&mut self, view: &FlowView, scope: &Scope) -> FlowFrame {
        let recording = scope.ladder.recording();
        self.index.update(
            &view.filter,
            view.depth,
            &scope.ladder,
            &scope.lines,
            &scope.stories,
        );
        let window = self
            .index
            .window(view.anchor, (view.rows as usize).min(ANSWERED_ROWS));
        let numbers = self.index.numbers(window);
        let bytes = view.depth == Depth::Bytes;
        let rows: Vec<FlowRow> = numbers
            .iter()
            .filter_map(|number| tell_row(scope, *number, bytes))
            .collect();
        let mut sieve = Sieve::new(&view.filter, view.depth, &scope.lines);
        let newer = self.index.len() - window.end;
        let until = match numbers.last() {
            // What came after the last row in the filter but is not in it still ends holds.
            Some(_) if newer == 0 && !matches!(view.anchor, Anchor::UpTo(_)) => recording.newest(),
            Some(last) => *last,
            None => 0,
        };
        let span = numbers.first().map(|first| (*first, until));
        let (holds, holds_left_out) = holds(scope, span, view.depth, &mut sieve);
        let (lifelines, lifelines_left_out) = lifelines(scope, &rows, &holds, &sieve);
        FlowFrame {
            lifelines,
            lifelines_left_out,
            total: self.index.len() as u64,
            first: window.first as u64,
            rows,
            holds,
            holds_left_out,
            newer: newer as u64,
            newest: recording.newest(),
            forgotten: recording.forgotten(),
        }
    }
}

/// The row with this number as the page is told it, with its packet's first bytes if wanted.
pub(crate) fn tell_row(scope: &Scope, number: u64, bytes: bool) -> Option<FlowRow> {
    let row = scope.ladder.recording().get(number)?;
    Some(FlowRow {
        number,
        at: milliseconds(row.at),
        lifeline: row.line.map(|line| line.0),
        publication: row.publication,
        cause: scope
            .ladder
            .cause(number, row)
            .or_else(|| scope.origin(number, row)),
        kind: tell_kind(scope, row, bytes)?,
    })
}

fn tell_kind(scope: &Scope, row: &Row, bytes: bool) -> Option<RowKind> {
    Some(match &row.kind {
        Kind::Packet(recorded) => {
            let mut told = packet::tell(recorded, scope.limits.preview, bytes);
            // With a Topic Alias (5.0) the packet itself names no topic.
            if told.topic.as_deref() == Some("")
                && let Some(topic) = row.publication.and_then(|p| scope.stories.topic(p))
            {
                told.topic = Some(topic.as_ref().into());
            }
            RowKind::Packet(told)
        }
        Kind::Opened(door) => RowKind::Opened {
            door: door.as_ref().into(),
        },
        Kind::Closed(ending) => RowKind::Closed((**ending).clone()),
        Kind::Malformed(_, _, problem) => RowKind::Malformed((**problem).clone()),
        Kind::Queued(length) => RowKind::Queued { length: *length },
        Kind::Discarded(why) => RowKind::Discarded { why: (*why).into() },
        Kind::Refused(refusal) => RowKind::Refused(refusal.clone()),
        Kind::WillPublished => {
            let topic = row
                .publication
                .and_then(|publication| scope.stories.topic(publication));
            RowKind::WillPublished {
                topic: topic.map_or_else(String::new, |t| t.as_ref().into()),
            }
        }
        Kind::SessionEnded(why) => RowKind::SessionEnded { why: (*why).into() },
        Kind::Dropped => RowKind::Dropped,
        Kind::Lost(recorded) => {
            let told = packet::tell(recorded, scope.limits.preview, bytes);
            RowKind::Lost(Box::new(told))
        }
        Kind::Outside(outside) => RowKind::Outside((**outside).clone()),
        Kind::Reserved => return None,
    })
}

/// What was held during the rows of `span`. The story's depth tells only what waits in queues.
fn holds(
    scope: &Scope,
    span: Option<(u64, u64)>,
    depth: Depth,
    sieve: &mut Sieve<'_>,
) -> (Vec<Hold>, u32) {
    let Some(span) = span else {
        return (Vec::new(), 0);
    };
    let (holds, left_out) = scope.holds.between(span, ANSWERED_HOLDS, |held| {
        (depth != Depth::Story || held.is_queued())
            && sieve.passes_line(Some(held.line()))
            && scope.lines.get(held.line()).is_some()
            && held
                .publication
                .is_none_or(|p| sieve.passes_publication(p, &scope.stories))
    });
    (holds, left_out as u32)
}

/// The lifelines of the recording and of what is held; if they are too many, those of the rows and
/// holds first.
fn lifelines(
    scope: &Scope,
    rows: &[FlowRow],
    holds: &[Hold],
    sieve: &Sieve<'_>,
) -> (Vec<Lifeline>, u32) {
    let on_screen = || {
        let on_rows = rows.iter().filter_map(|row| row.lifeline);
        on_rows.chain(holds.iter().map(|hold| hold.lifeline))
    };
    let held: BTreeSet<u32> = on_screen().collect();
    let shown = || {
        let lines = scope
            .lines
            .iter()
            .filter(|(id, _)| sieve.passes_line(Some(*id)));
        lines.filter(|(id, line)| line.is_recorded() || held.contains(&id.0))
    };
    let tell = |(id, line): (LineId, &Line)| {
        let session = scope.sessions.get(id);
        line.tell(id, session.is_some_and(|session| session.will.is_some()))
    };
    let all = shown().count();
    if all <= ANSWERED_LIFELINES {
        return (shown().map(tell).collect(), 0);
    }
    let mut chosen: BTreeSet<u32> = BTreeSet::new();
    for id in on_screen().chain(shown().map(|(id, _)| id.0)) {
        if chosen.len() == ANSWERED_LIFELINES {
            break;
        }
        chosen.insert(id);
    }
    let lines = shown().filter(|(id, _)| chosen.contains(&id.0));
    let left_out = (all - chosen.len()) as u32;
    (lines.map(tell).collect(), left_out)
}
