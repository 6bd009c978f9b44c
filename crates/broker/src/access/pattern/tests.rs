use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::access::Actions;

const ANN: Who<'_> = Who {
    user: Some("ann"),
    client: "c1",
};

fn rule(filter: &str, allow: bool) -> Rule {
    Rule {
        name: "rule".into(),
        allow,
        user: None,
        client: None,
        actions: Actions::ALL,
        filter: filter.into(),
    }
}

fn matches(filter: &str, topic: &str, who: Who<'_>) -> bool {
    Pattern::new(&rule(filter, true)).matches(topic, who, false)
}

#[test]
fn user_and_client_stand_for_levels_or_parts_of_them() {
    assert!(matches("home/%u/+", "home/ann/x", ANN));
    assert!(!matches("home/%u/+", "home/bob/x", ANN));
    assert!(!matches("home/%u/+", "home/annx/x", ANN));
    assert!(!matches("home/%u/+", "home/ann", ANN));
    assert!(matches("%c-%u/#", "c1-ann", ANN));
    assert!(matches("%c-%u/#", "c1-ann/a/b", ANN));
    assert!(matches("x%u%cy", "xannc1y", ANN));
    assert!(!matches("x%u%cy", "xannc1", ANN));
    // A percent sign before anything else is one.
    assert!(matches("100%/%x/%u", "100%/%x/ann", ANN));
    assert!(matches("%%u", "%ann", ANN));
}

#[test]
fn names_that_could_be_taken_for_something_else_fit_nothing() {
    for name in ["", "+", "#", "a/b", "a+", "$SYS", "a\0"] {
        let who = Who {
            user: Some(name),
            client: name,
        };
        for filter in ["%u", "%u/#", "a/%u/#", "%c", "#/%c"] {
            for topic in ["", "a", "a/b", "a/a/b", "$SYS", "$SYS/x", name] {
                assert!(!matches(filter, topic, who), "{filter} {topic} {name}");
            }
            let pattern = Pattern::new(&rule(filter, true));
            assert_eq!(pattern.filter_for(who), None, "{filter} {name}");
        }
    }
    let anonymous = Who {
        user: None,
        client: "c1",
    };
    assert!(!matches("a/%u/#", "a", anonymous));
    assert!(!matches("a/#/%u", "a/b", anonymous));
    assert!(matches("a/%c/#", "a/c1", anonymous));
}

#[test]
fn a_wildcard_opens_no_topic_of_the_broker_but_closes_it() {
    for filter in ["#", "+/#", "+/x", "+/%u/#"] {
        let topic = if filter.contains("%u") {
            "$SYS/ann"
        } else {
            "$SYS/x"
        };
        let pattern = Pattern::new(&rule(filter, true));
        assert!(!pattern.matches(topic, ANN, false), "{filter}");
        assert!(pattern.matches(topic, ANN, true), "{filter}");
    }
    assert!(matches("$SYS/#", "$SYS/x", ANN));
    assert!(matches("$SYS/%u", "$SYS/ann", ANN));
}

#[test]
fn what_is_no_filter_allows_nothing_and_denies_everything() {
    for filter in ["", "a/#/b", "a+", "a#", "%u+", "$share/g/a"] {
        assert!(rule(filter, true).check().is_err(), "{filter}");
        assert!(!Pattern::new(&rule(filter, true)).matches("a", ANN, false));
        assert!(Pattern::new(&rule(filter, false)).matches("a", ANN, true));
    }
}

/// Every topic has a level, so `+/#` is `#`: what denies the one denies the other.
#[test]
fn a_level_and_all_below_it_is_all() {
    for dollar in [false, true] {
        assert!(covers("+/#", "#", dollar) && covers("#", "+/#", dollar));
        assert!(covers("+/#", "+/#", dollar) && covers("+/#", "+", dollar));
        assert!(!covers("a/+/#", "a/#", dollar) && !covers("+/+/#", "+/#", dollar));
    }
    assert!(!covers("+/#", "$SYS/#", false) && covers("+/#", "$SYS/#", true));
}

#[test]
fn stars_stand_for_any_characters() {
    for (wanted, name, is) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*", "abc", true),
        ("*c", "abc", true),
        ("a*c", "ac", true),
        ("a*a", "a", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("*b*", "abc", true),
        ("", "", true),
    ] {
        assert_eq!(fits(wanted, name), is, "{wanted} {name}");
    }
}

/// Holds `covers` and `overlaps` against all topics of up to three levels over a small alphabet.
#[test]
fn filters_cover_and_overlap_as_their_topics_say() {
    let build = |levels: &[&str]| {
        let mut all: Vec<String> = levels.iter().map(|level| (*level).into()).collect();
        let mut last = all.clone();
        for _ in 0..2 {
            last = last
                .iter()
                .flat_map(|head| levels.iter().map(move |level| format!("{head}/{level}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    };
    // A third name, so that a wildcard is more than the names that filters hold.
    let topics: Vec<_> = build(&["", "a", "$b", "c"]);
    let filters = build(&["a", "$b", "+", "#"]);
    let filters: Vec<_> = filters
        .iter()
        .filter(|filter| topic::validate_filter(filter).is_ok())
        .collect();
    for rule in &filters {
        for filter in &filters {
            let (mut inside, mut common) = (true, false);
            for topic in topics.iter().filter(|topic| topic::matches(filter, topic)) {
                let both = topic::matches(rule, topic);
                inside &= both;
                common |= both;
            }
            assert_eq!(overlaps(rule, filter, false), common, "{rule} {filter}");
            if covers(rule, filter, false) {
                assert!(inside, "{rule} {filter}");
            } else if filter.matches('/').count() == 2 {
                // Longer topics than these would tell the rest apart.
            } else {
                assert!(!inside, "{rule} {filter}");
            }
        }
    }
}
