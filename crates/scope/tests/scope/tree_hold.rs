//! While the pointer is over the tree, nothing moves under it.

use vitrine_link::TreeView;
use vitrine_scope::Limits;

use crate::common::{Feed, open_to, topics};

fn held(depth: u16) -> TreeView {
    TreeView {
        hold: true,
        ..open_to(depth)
    }
}

#[test]
fn new_topics_wait_and_are_counted_while_values_stay_live() {
    let mut feed = Feed::new(Limits::default());
    feed.published("b/1", b"old");
    feed.tree(open_to(9));
    feed.published("a", b"");
    let frame = feed.tree(held(9));
    assert_eq!(
        topics(&frame),
        ["b", "b/1"],
        "what the page saw is what it holds"
    );
    assert_eq!(frame.withheld, 1);
    feed.published("b/0", b"");
    feed.published("b/1", b"new");
    let frame = feed
        .frame()
        .and_then(|frame| frame.tree)
        .expect("values changed");
    assert_eq!(topics(&frame), ["b", "b/1"]);
    assert_eq!(frame.withheld, 2);
    let last = frame.rows[1].last.as_ref().expect("it has a message");
    assert_eq!(last.payload.text.as_deref(), Some("new"));

    let frame = feed.tree(open_to(9));
    assert_eq!(topics(&frame), ["a", "b", "b/0", "b/1"]);
    assert_eq!(frame.withheld, 0);
}

#[test]
fn a_held_tree_can_still_be_opened_and_closed() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a/1", b"");
    feed.published("b/1", b"");
    feed.tree(open_to(0));
    feed.tree(held(0));
    feed.published("a/2", b"");
    let frame = feed.tree(TreeView {
        toggled: vec!["a".into()],
        ..held(0)
    });
    assert_eq!(topics(&frame), ["a", "a/1", "b"]);
    assert_eq!(frame.withheld, 1);
    let frame = feed.tree(held(0));
    assert_eq!(topics(&frame), ["a", "b"]);
    assert_eq!(frame.withheld, 0, "the new topic is below a closed node");
}

#[test]
fn a_search_in_a_held_tree_does_not_grow_either() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a/x", b"");
    feed.published("b/y", b"");
    let search = |hold| TreeView {
        search: "x".into(),
        hold,
        ..open_to(0)
    };
    assert_eq!(topics(&feed.tree(search(false))), ["a", "a/x"]);
    feed.tree(search(true));
    feed.published("b/x", b"");
    let frame = feed.tree(search(true));
    assert_eq!(topics(&frame), ["a", "a/x"]);
    assert_eq!(frame.withheld, 2, "the new topic, and the way to it");
    assert_eq!(topics(&feed.tree(search(false))), ["a", "a/x", "b", "b/x"]);
}

#[test]
fn a_page_that_begins_by_holding_holds_what_is_there() {
    let mut feed = Feed::new(Limits::default());
    feed.published("a", b"");
    assert_eq!(topics(&feed.tree(held(0))), ["a"]);
    feed.published("b", b"");
    let frame = feed.tree(held(0));
    assert_eq!((topics(&frame), frame.withheld), (vec!["a"], 1));
}
