//! Time as the page is told it.

/// Microseconds as milliseconds, with the microseconds behind the point.
pub(crate) fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1_000.0
}
