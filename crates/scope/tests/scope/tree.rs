//! The tree: what its rows say, and which rows there are.

use vitrine_link::{Detail, Selection, TreeRow, TreeView, View};
use vitrine_scope::Limits;

use crate::common::{Feed, SECOND, open_to, topics};

fn feed() -> Feed {
    Feed::new(Limits::default())
}

fn row(feed: &mut Feed, topic: &str) -> TreeRow {
    let frame = feed.tree(TreeView {
        system: true,
        ..open_to(99)
    });
    frame
        .rows
        .into_iter()
        .find(|row| row.topic == topic)
        .expect("the topic has a row")
}

#[test]
fn rows_stand_in_natural_order_with_their_levels() {
    let mut feed = feed();
    for sensor in ["10000", "4000", "5000"] {
        feed.published(&format!("area/10/sensor/{sensor}/umidade"), b"60");
    }
    feed.published("/leading", b"1");
    feed.published("trailing/", b"1");
    let frame = feed.tree(open_to(99));
    assert_eq!(
        topics(&frame),
        [
            "",
            "/leading",
            "area",
            "area/10",
            "area/10/sensor",
            "area/10/sensor/4000",
            "area/10/sensor/4000/umidade",
            "area/10/sensor/5000",
            "area/10/sensor/5000/umidade",
            "area/10/sensor/10000",
            "area/10/sensor/10000/umidade",
            "trailing",
            "trailing/",
        ]
    );
    let labels: Vec<_> = frame
        .rows
        .iter()
        .map(|row| (row.depth, row.label.as_str()))
        .collect();
    assert_eq!(labels[..3], [(0, ""), (1, "leading"), (0, "area")]);
    assert_eq!(labels[12], (1, ""));
}

#[test]
fn a_row_tells_the_last_message_and_who_published_it() {
    let mut feed = feed();
    feed.published_by(Some("sensor-5000"), "t", b"21.4", false);
    feed.now += SECOND;
    let publication = feed.published_by(Some("sensor-5001"), "t", b"21.5", true);
    let row = row(&mut feed, "t");
    let last = row.last.expect("it has a last message");
    assert_eq!(last.payload.text.as_deref(), Some("21.5"));
    assert_eq!(
        (last.publisher.as_str(), last.retain),
        ("sensor-5001", true)
    );
    assert_eq!(last.publication, publication);
    assert_eq!(last.at, feed.now as f64 / 1_000.0);
    assert_eq!(row.count, 2);
}

#[test]
fn retained_now_is_told_apart_from_retained_once() {
    let mut feed = feed();
    feed.published_by(Some("sensor"), "t", b"on", true);
    let retained = row(&mut feed, "t").retained.expect("it is retained");
    assert_eq!(
        (retained.payload.text.as_deref(), retained.is_last),
        (Some("on"), true)
    );

    feed.published_by(Some("sensor"), "t", b"passing", false);
    let retained = row(&mut feed, "t").retained.expect("it is still retained");
    assert_eq!(
        (retained.payload.text.as_deref(), retained.is_last),
        (Some("on"), false)
    );

    feed.published_by(Some("sensor"), "t", b"", true);
    assert_eq!(row(&mut feed, "t").retained, None);
    assert_eq!(row(&mut feed, "t").count, 3);
}

#[test]
fn rates_are_told_for_the_topic_and_for_all_below() {
    let mut feed = feed();
    for _ in 0..10 {
        feed.published("a/b", b"1");
        feed.published("a/c/d", b"1");
    }
    let above = row(&mut feed, "a");
    assert_eq!((above.rate, above.rate_below), (0.0, 4.0));
    assert_eq!(
        (above.children, above.topics_below, above.last),
        (2, 2, None)
    );
    let below = row(&mut feed, "a/b");
    assert_eq!((below.rate, below.rate_below), (2.0, 2.0));
    feed.now += 6 * SECOND;
    assert_eq!(row(&mut feed, "a").rate_below, 0.0);
}

#[test]
fn the_brokers_own_topics_are_shown_on_demand_and_not_counted() {
    let mut feed = feed();
    feed.published_by(None, "$SYS/broker/uptime", b"1", true);
    feed.published("a", b"1");
    assert_eq!(topics(&feed.tree(open_to(99))), ["a"]);
    let all = feed.tree(TreeView {
        system: true,
        ..open_to(99)
    });
    assert_eq!(
        topics(&all),
        ["$SYS", "$SYS/broker", "$SYS/broker/uptime", "a"]
    );
    let totals = feed.look(View::default()).totals;
    assert_eq!(
        (totals.topics, totals.retained, totals.published),
        (1, 0, 1)
    );
}

#[test]
fn depth_opens_and_toggling_turns_round() {
    let mut feed = feed();
    for topic in ["a/b/c", "a/d/e", "f/g"] {
        feed.published(topic, b"");
    }
    assert_eq!(topics(&feed.tree(open_to(0))), ["a", "f"]);
    assert_eq!(
        topics(&feed.tree(open_to(1))),
        ["a", "a/b", "a/d", "f", "f/g"]
    );
    let toggled = vec!["a/d".into(), "f".into(), "unknown".into()];
    let frame = feed.tree(TreeView {
        toggled,
        ..open_to(1)
    });
    assert_eq!(topics(&frame), ["a", "a/b", "a/d", "a/d/e", "f"]);
    let open: Vec<_> = frame.rows.iter().map(|row| row.open).collect();
    assert_eq!(open, [true, false, true, false, false]);
}

#[test]
fn only_the_rows_on_screen_are_answered() {
    let mut feed = feed();
    for topic in 0..1000 {
        feed.published(&format!("t{topic}"), b"");
    }
    let frame = feed.tree(TreeView {
        first: 40,
        rows: 3,
        ..TreeView::default()
    });
    assert_eq!((frame.total, frame.first), (1000, 40));
    assert_eq!(topics(&frame), ["t40", "t41", "t42"]);
    let end = feed.tree(TreeView {
        first: 5_000,
        rows: 2,
        ..TreeView::default()
    });
    assert_eq!((end.first, topics(&end)), (998, vec!["t998", "t999"]));
    let most = feed.tree(TreeView {
        rows: u32::MAX,
        ..TreeView::default()
    });
    assert_eq!(most.rows.len(), 500);
}

#[test]
fn a_search_shows_what_contains_the_text_and_opens_the_way_to_it() {
    let mut feed = feed();
    for topic in ["area/10/Temperatura", "area/20/umidade", "other/x"] {
        feed.published(topic, b"");
    }
    let search = TreeView {
        search: "temper".into(),
        ..open_to(0)
    };
    assert_eq!(
        topics(&feed.tree(search.clone())),
        ["area", "area/10", "area/10/Temperatura"]
    );
    feed.published("other/temperature/now", b"");
    assert_eq!(
        topics(&feed.tree(search)),
        [
            "area",
            "area/10",
            "area/10/Temperatura",
            "other",
            // Found itself: what is below it is open or not as without a search.
            "other/temperature",
        ]
    );
    let nothing = feed.tree(TreeView {
        search: "nowhere".into(),
        ..open_to(0)
    });
    assert_eq!((nothing.total, nothing.rows.len()), (0, 0));
}

#[test]
fn a_topic_to_find_is_opened_and_located() {
    let mut feed = feed();
    for topic in ["a/b/c", "a/b/d", "e"] {
        feed.published(topic, b"");
    }
    let frame = feed.tree(TreeView {
        find: "a/b/d".into(),
        ..open_to(0)
    });
    assert_eq!(topics(&frame), ["a", "a/b", "a/b/c", "a/b/d", "e"]);
    assert_eq!(frame.found, Some(3));
    assert_eq!(
        feed.tree(TreeView {
            find: "a/x".into(),
            ..open_to(0)
        })
        .found,
        None
    );
}

#[test]
fn a_full_tree_says_so_and_goes_on_with_what_it_has() {
    let mut feed = Feed::new(Limits {
        topics: 2,
        ..Limits::default()
    });
    feed.published("a", b"1");
    feed.published("b", b"1");
    assert!(!feed.tree(open_to(9)).full);
    feed.published("c", b"1");
    feed.published("a", b"2");
    let frame = feed.tree(open_to(9));
    assert!(frame.full);
    assert_eq!(topics(&frame), ["a", "b"]);
    assert_eq!(frame.rows[0].count, 2);
}

#[test]
fn a_topic_of_very_many_levels_is_bounded_by_nodes() {
    let mut feed = Feed::new(Limits {
        nodes: 70_000,
        ..Limits::default()
    });
    let deep = "/".repeat(65_535);
    feed.published(&deep, b"1");
    let frame = feed.tree(TreeView {
        first: 65_535,
        rows: 1,
        ..open_to(u16::MAX)
    });
    assert_eq!((frame.total, frame.rows[0].depth), (65_536, 65_535));
    assert_eq!(frame.rows[0].topic, deep);
    // The next one of that kind finds no room and leaves nothing behind.
    feed.published(&"x/".repeat(32_767), b"1");
    let frame = feed.tree(open_to(0));
    assert!(frame.full);
    assert_eq!(topics(&frame), [""]);
}

#[test]
fn history_is_the_newest_first_and_bounded() {
    let mut feed = feed();
    for i in 0..30 {
        feed.published("t", i.to_string().as_bytes());
    }
    let Detail::Topic(detail) = feed
        .look(View {
            selection: Selection::Topic("t".into()),
            ..View::default()
        })
        .detail
    else {
        panic!("the topic is known")
    };
    let texts: Vec<_> = detail
        .history
        .iter()
        .filter_map(|m| m.payload.text.clone())
        .collect();
    let expected: Vec<_> = (10..30).rev().map(|i: i32| i.to_string()).collect();
    assert_eq!(texts, expected);
}

#[test]
fn histories_share_one_bound_but_every_topic_keeps_its_last_message() {
    let limits = Limits {
        history_bytes: 2_000,
        ..Limits::default()
    };
    let mut feed = Feed::new(limits);
    for round in 0..50 {
        for topic in 0..10 {
            feed.published(&format!("t{topic}"), format!("{round:0100}").as_bytes());
        }
    }
    let mut kept = 0;
    for topic in 0..10 {
        let selection = Selection::Topic(format!("t{topic}"));
        let Detail::Topic(detail) = feed
            .look(View {
                selection,
                ..View::default()
            })
            .detail
        else {
            panic!("the topic is known")
        };
        assert_eq!(detail.history[0].payload.text, Some(format!("{:0100}", 49)));
        kept += detail.history.len() * 100;
    }
    assert_eq!(
        kept, 2_000,
        "what is remembered uses the bound and not more"
    );
}
