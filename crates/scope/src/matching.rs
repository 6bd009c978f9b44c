//! Filters and topics as the page is told of them.

use alloc::string::String;
use alloc::vec::Vec;

use vitrine_link::{Explanation, FilterCheck, FilterProblem, LevelVerdict, Verdict};
use vitrine_packet::topic::{self, TopicError};

/// What a filter is worth, by the rules of 5.0 (which are those of 3.1.1, and `$share` besides).
pub(crate) fn check(filter: &str) -> FilterCheck {
    let problem = topic::validate_filter(filter)
        .err()
        .map(|error| tell_problem(&error));
    let valid = problem.is_none();
    let share = topic::parse_share(filter)
        .filter(|_| valid)
        .map(|(name, _)| name.into());
    FilterCheck {
        valid,
        problem,
        share,
    }
}

/// What is wrong with a filter or topic.
pub(crate) fn tell_problem(error: &TopicError) -> FilterProblem {
    FilterProblem {
        code: error.kind.code().into(),
        at: error.at_char as u32,
        statement: error.statement.into(),
    }
}

/// A valid filter held against a valid topic; of a Shared Subscription the filter within it.
pub(crate) fn explain(filter: &str, name: &str) -> Explanation {
    let explained = topic::explain(topic::strip_share(filter), name);
    let level = |level: topic::LevelMatch<'_>| LevelVerdict {
        filter: level.filter.map(String::from),
        topic: level.topic.map(String::from),
        verdict: tell_verdict(level.verdict),
    };
    Explanation {
        filter: filter.into(),
        topic: name.into(),
        matches: explained.matches,
        levels: explained.levels.into_iter().map(level).collect(),
    }
}

/// The levels of [`explain`].
pub(crate) fn levels(filter: &str, name: &str) -> Vec<LevelVerdict> {
    explain(filter, name).levels
}

fn tell_verdict(verdict: topic::Verdict) -> Verdict {
    match verdict {
        topic::Verdict::Same => Verdict::Same,
        topic::Verdict::Plus => Verdict::Plus,
        topic::Verdict::Hash => Verdict::Hash,
        topic::Verdict::Different => Verdict::Different,
        topic::Verdict::TopicEnded => Verdict::TopicEnded,
        topic::Verdict::FilterEnded => Verdict::FilterEnded,
        topic::Verdict::DollarRule => Verdict::DollarRule,
    }
}
