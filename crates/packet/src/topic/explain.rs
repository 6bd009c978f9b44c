//! Why a Topic Filter matches a Topic Name, or why not, level by level.

use alloc::vec::Vec;

/// A filter held against a topic, level by level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The result.
    pub matches: bool,
    /// The levels, as far as they were compared: the last is the one that decided.
    pub levels: Vec<LevelMatch<'a>>,
}

/// One level of a filter held against one level of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelMatch<'a> {
    /// The filter's level; `None` when the filter has ended.
    pub filter: Option<&'a str>,
    /// The topic's level, for `#` all the levels it takes in; `None` when the topic has ended.
    pub topic: Option<&'a str>,
    /// The result.
    pub verdict: Verdict,
}

/// The result for one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The same text.
    Same,
    /// `+` takes any one level.
    Plus,
    /// `#` takes this level and all below, or none.
    Hash,
    /// Different text: no match.
    Different,
    /// The topic has fewer levels: no match.
    TopicEnded,
    /// The filter has fewer levels: no match.
    FilterEnded,
    /// The topic begins with `$` and the filter with a wildcard: no match [MQTT-4.7.2-1].
    DollarRule,
}

impl Verdict {
    /// Whether the level matches.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Same | Self::Plus | Self::Hash)
    }
}

/// Why the valid Topic Filter `filter` matches the valid Topic Name `topic`, or why not. The result
/// is that of [`matches`](super::matches), and `filter` is likewise taken as it stands.
pub fn explain<'a>(filter: &'a str, topic: &'a str) -> Explanation<'a> {
    let mut levels = Vec::new();
    let (mut filter_rest, mut topic_rest) = (Some(filter), Some(topic));
    loop {
        let (filter_level, filter_next) = split_level(filter_rest);
        let (topic_level, topic_next) = split_level(topic_rest);
        let verdict = match (filter_level, topic_level) {
            (None, None) => break,
            (Some("+" | "#"), Some(t)) if levels.is_empty() && t.starts_with('$') => {
                Verdict::DollarRule
            }
            (Some("#"), _) => Verdict::Hash,
            (Some("+"), Some(_)) => Verdict::Plus,
            (Some(f), Some(t)) if f == t => Verdict::Same,
            (Some(_), Some(_)) => Verdict::Different,
            (Some(_), None) => Verdict::TopicEnded,
            (None, Some(_)) => Verdict::FilterEnded,
        };
        levels.push(LevelMatch {
            filter: filter_level,
            topic: if verdict == Verdict::Hash {
                topic_rest
            } else {
                topic_level
            },
            verdict,
        });
        if !matches!(verdict, Verdict::Same | Verdict::Plus) {
            break;
        }
        (filter_rest, topic_rest) = (filter_next, topic_next);
    }
    Explanation {
        matches: levels.iter().all(|level| level.verdict.is_match()),
        levels,
    }
}

/// The first level of `rest` and what follows its separator.
fn split_level(rest: Option<&str>) -> (Option<&str>, Option<&str>) {
    match rest {
        None => (None, None),
        Some(rest) => match rest.split_once('/') {
            Some((level, next)) => (Some(level), Some(next)),
            None => (Some(rest), None),
        },
    }
}
