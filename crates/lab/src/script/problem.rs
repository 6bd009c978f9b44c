//! What is wrong with a script, and what would be right.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; 0 where there is none to blame.
    pub line: u32,
    /// What is wrong and what would be right.
    pub why: String,
}

impl Problem {
    pub(crate) fn new(line: usize, why: impl Into<String>) -> Self {
        Self {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            why: why.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.why)
    }
}

impl Error for Problem {}

/// What to say of a word that is none of those that there are.
pub(super) fn unknown<'a>(
    what: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let word: String = word.chars().take(60).collect();
    let nearest = known
        .iter()
        .map(|known| (distance(&word, known), *known))
        .filter(|(distance, known)| *distance <= known.chars().count().max(3) / 3 + 1)
        .min();
    let hint = match nearest {
        Some((_, nearest)) => format!("did you mean {nearest:?}?"),
        None if known.is_empty() => "there is none".to_string(),
        None => {
            let shown: Vec<_> = known.iter().take(40).copied().collect();
            format!("there are {}", shown.join(", "))
        }
    };
    format!("{what} {word:?} is not known: {hint}")
}

/// How many signs have to be put in, left out, exchanged or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for at in 0..a.len() {
        let mut next = Vec::with_capacity(b.len() + 1);
        next.push(at + 1);
        for to in 0..b.len() {
            let exchanged = row[to] + usize::from(a[at] != b[to]);
            let mut best = exchanged.min(row[to + 1] + 1).min(next[to] + 1);
            if at > 0 && to > 0 && a[at] == b[to - 1] && a[at - 1] == b[to] {
                best = best.min(before[to - 1] + 1);
            }
            next.push(best);
        }
        before = core::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested() {
        let known = ["publish", "subscribe", "unsubscribe", "cut"];
        let why = unknown("the action", "publsih", known);
        assert_eq!(
            why,
            "the action \"publsih\" is not known: did you mean \"publish\"?"
        );
        assert!(unknown("the action", "subscibe", known).ends_with("did you mean \"subscribe\"?"));
        assert!(unknown("the action", "xyzzy", known).contains("there are publish, subscribe,"));
    }

    #[test]
    fn swapped_neighbours_are_one_mistake() {
        assert_eq!(distance("publsih", "publish"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
