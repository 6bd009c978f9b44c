//! The client table.

use vitrine_link::{ClientsFrame, ClientsView};

use crate::limits::ANSWERED_ROWS;
use crate::scope::Scope;
use crate::sessions;

/// The answer to `view`.
pub(crate) fn frame(view: &ClientsView, scope: &Scope) -> ClientsFrame {
    let total = scope.sessions.len();
    let count = (view.rows as usize).min(ANSWERED_ROWS);
    let first = (view.first as usize).min(total.saturating_sub(count));
    let shown = scope.sessions.iter().skip(first).take(count);
    ClientsFrame {
        total: total as u32,
        first: first as u32,
        rows: shown
            .map(|(line, session)| {
                sessions::tell(
                    line,
                    session,
                    &scope.lines,
                    &scope.holds,
                    scope.limits.preview,
                )
            })
            .collect(),
    }
}
