//! Topics that match a filter light up in the tree.

use vitrine_link::{TreeFrame, TreeView};
use vitrine_scope::Limits;

use crate::common::{Feed, open_to};

fn marked(feed: &mut Feed, filter: &str) -> (u32, Vec<(String, bool, u32)>) {
    let view = TreeView {
        highlight: filter.into(),
        system: true,
        ..open_to(9)
    };
    let TreeFrame { rows, matched, .. } = feed.tree(view);
    let marks = rows
        .into_iter()
        .map(|row| (row.topic, row.matched, row.matched_below));
    (
        matched,
        marks
            .filter(|(_, matched, below)| *matched || *below > 0)
            .collect(),
    )
}

fn mark(topic: &str, matched: bool, below: u32) -> (String, bool, u32) {
    (topic.into(), matched, below)
}

#[test]
fn matching_topics_are_marked_and_counted_above() {
    let mut feed = Feed::new(Limits::default());
    for topic in ["a/1/t", "a/1/u", "a/2/t", "a", "b/1/t"] {
        feed.published(topic, b"");
    }
    let expected = vec![
        mark("a", false, 2),
        mark("a/1", false, 1),
        mark("a/1/t", true, 0),
        mark("a/2", false, 1),
        mark("a/2/t", true, 0),
    ];
    assert_eq!(marked(&mut feed, "a/+/t"), (2, expected));
    // `#` takes in the level above it [MQTT-4.7.1-2], but not a level that carried no message.
    assert_eq!(marked(&mut feed, "a/#").0, 4);
    assert_eq!(marked(&mut feed, "b/#").0, 1);
}

#[test]
fn topics_that_come_later_are_marked_too() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a/1", b"");
    assert_eq!(marked(&mut feed, "a/+").0, 1);
    feed.published("a/2", b"");
    feed.published("a/1", b"");
    let expected = vec![
        mark("a", false, 2),
        mark("a/1", true, 0),
        mark("a/2", true, 0),
    ];
    assert_eq!(marked(&mut feed, "a/+"), (2, expected));
}

#[test]
fn an_empty_or_invalid_filter_marks_nothing() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a/b", b"");
    for filter in ["", "a/#/b", "a+", "$share//a"] {
        assert_eq!(marked(&mut feed, filter), (0, vec![]), "{filter}");
    }
}

#[test]
fn of_a_shared_subscription_the_filter_within_counts() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a/b", b"");
    assert_eq!(marked(&mut feed, "$share/group/a/+").0, 1);
}

/// Section 4.7.2.
#[test]
fn wildcards_do_not_reach_into_dollar_topics() {
    let mut feed = Feed::new(Limits::default());
    feed.published_by(None, "$SYS/up", b"", false);
    feed.published("x/up", b"");
    assert_eq!(marked(&mut feed, "#").0, 1);
    assert_eq!(marked(&mut feed, "+/up").0, 1);
    assert_eq!(marked(&mut feed, "$SYS/#").0, 1);
}
