//! When a page gets a frame, and what it never loses.

use vitrine_broker::Config;
use vitrine_link::{Anchor, Detail, FlowFilter, FlowView, Frame, Selection, TreeView, View};
use vitrine_packet::QoS;
use vitrine_scope::{Lens, Limits, Scope};

use crate::common::{SECOND, World};

fn frame(world: &mut World) -> Option<Frame> {
    world.scope.frame(&mut world.lens, world.now)
}

#[test]
fn one_frame_is_under_way_at_a_time() {
    let mut world = World::new();
    let first = frame(&mut world).expect("a new page gets a frame");
    assert_eq!(first.number, 1);
    world.join("x");
    world.lens.look(View::default());
    assert!(frame(&mut world).is_none(), "the first frame is not drawn");
    world.lens.seen(7);
    assert!(frame(&mut world).is_none(), "that was no frame");
    world.lens.seen(1);
    assert_eq!(frame(&mut world).map(|frame| frame.number), Some(2));
}

#[test]
fn nothing_new_is_no_frame() {
    let mut world = World::new();
    world.join("x");
    world.look(View::default());
    world.now += 1_000 * SECOND;
    assert!(frame(&mut world).is_none());
    assert_eq!(world.scope.due(&world.lens), None);
    world.lens.look(View::default());
    assert!(frame(&mut world).is_some(), "a look is answered");
}

#[test]
fn rates_are_told_every_second_until_they_are_zero() {
    let mut world = World::new();
    world.join("x");
    world.publish("x", "t", "1", QoS::AtMostOnce);
    let view = View {
        tree: Some(TreeView {
            rows: 1,
            ..TreeView::default()
        }),
        ..View::default()
    };
    let rate = |frame: Frame| frame.tree.map(|tree| tree.rows[0].rate);
    assert_eq!(rate(world.look(view)), Some(0.2));
    let mut rates = Vec::new();
    for _ in 0..100 {
        world.now += SECOND / 10;
        if let Some(frame) = frame(&mut world) {
            world.lens.seen(frame.number);
            rates.push(rate(frame).expect("there is a row"));
        }
    }
    assert_eq!(rates.len(), 6, "{rates:?}");
    assert!(rates[0] == 0.2 && rates[5] == 0.0, "{rates:?}");
}

#[test]
fn a_paused_ladder_stays_where_it_is_and_loses_nothing() {
    let mut world = World::new();
    world.join("x");
    world.publish("x", "t", "1", QoS::AtMostOnce);
    let following = FlowView {
        rows: 3,
        ..FlowView::default()
    };
    let before = world.flow(following.clone());
    assert_eq!((before.newest, before.newer), (4, 0));
    let paused = FlowView {
        anchor: Anchor::UpTo(4),
        ..following.clone()
    };
    for _ in 0..50 {
        world.publish("x", "t", "2", QoS::AtMostOnce);
        let frame = world.flow(paused.clone());
        assert_eq!((&frame.rows, frame.first), (&before.rows, before.first));
    }
    assert_eq!(world.flow(paused).newer, 50);
    // Going on from where it was paused, row by row, misses none.
    let mut seen = Vec::new();
    for page in 0..9 {
        let anchor = Anchor::Index(page * 6);
        let frame = world.flow(FlowView {
            anchor,
            rows: 6,
            ..FlowView::default()
        });
        assert_eq!(frame.first, page * 6);
        seen.extend(frame.rows.iter().map(|row| row.number));
    }
    assert_eq!(seen, (1..=54).collect::<Vec<_>>());
}

#[test]
fn a_paused_screen_outlives_the_recording_of_it() {
    let limits = Limits {
        rows: 20,
        ..Limits::default()
    };
    let mut world = World::with(Config::default(), limits);
    world.join("x");
    world.publish("x", "t", "1", QoS::AtLeastOnce);
    let paused = FlowView {
        anchor: Anchor::UpTo(5),
        rows: 3,
        ..FlowView::default()
    };
    let before = world.flow(paused.clone());
    for _ in 0..50 {
        world.publish("x", "t", "2", QoS::AtMostOnce);
    }
    let after = world.flow(paused.clone());
    assert_eq!((&after.rows, &after.holds), (&before.rows, &before.holds));
    assert_eq!((after.total, after.newer, after.forgotten), (20, 20, 35));
    assert_eq!(after.lifelines, before.lifelines);
    world.scope.clear_flow();
    assert!(world.flow(paused).rows.is_empty(), "cleared is cleared");
}

#[test]
fn a_row_can_be_put_in_the_middle() {
    let mut world = World::new();
    world.join("x");
    for _ in 0..50 {
        world.publish("x", "t", "", QoS::AtMostOnce);
    }
    let mut around = |number| {
        let view = FlowView {
            anchor: Anchor::Around(number),
            rows: 5,
            ..FlowView::default()
        };
        let rows = world.flow(view).rows;
        (rows[0].number, rows[4].number)
    };
    assert_eq!(around(20), (18, 22));
    assert_eq!(around(1), (1, 5));
    assert_eq!(around(53), (49, 53));
}

#[test]
fn clearing_forgets_the_recording_and_nothing_else() {
    let mut world = World::new();
    world.join("x");
    world.retain("x", "t", "1");
    world.scope.clear_flow();
    let frame = world.flow(FlowView {
        rows: 9,
        ..FlowView::default()
    });
    assert_eq!((frame.total, frame.forgotten, frame.newest), (0, 0, 4));
    assert!(frame.lifelines.is_empty());
    world.publish("x", "t", "2", QoS::AtMostOnce);
    let frame = world.flow(FlowView {
        rows: 9,
        ..FlowView::default()
    });
    assert_eq!(frame.rows[0].number, 5, "numbers are never used twice");
    assert_eq!(frame.lifelines[0].name, "x");
    let totals = world.look(View::default()).totals;
    assert_eq!((totals.topics, totals.retained, totals.sessions), (1, 1, 1));
    assert_eq!((totals.published, totals.packets), (2, 4));
}

#[test]
fn two_pages_look_at_one_scope_without_disturbing_each_other() {
    let mut world = World::new();
    let mut other = Lens::new();
    world.join("x");
    world.publish("x", "t", "1", QoS::AtMostOnce);
    let filter = FlowFilter {
        types: 1 << 3,
        ..FlowFilter::default()
    };
    let flow = Some(FlowView {
        rows: 9,
        filter,
        ..FlowView::default()
    });
    other.look(View {
        flow,
        ..View::default()
    });
    let mine = world.flow(FlowView {
        rows: 9,
        ..FlowView::default()
    });
    let theirs = world
        .scope
        .frame(&mut other, world.now)
        .and_then(|frame| frame.flow);
    assert_eq!(
        (mine.rows.len(), theirs.map(|frame| frame.rows.len())),
        (4, Some(1))
    );
}

#[test]
fn an_empty_view_tells_the_totals_only() {
    let mut world = World::new();
    world.join("x");
    let frame = world.look(View::default());
    assert!(frame.tree.is_none() && frame.flow.is_none());
    assert!(frame.matches.is_none() && frame.clients.is_none());
    assert_eq!(frame.detail, Detail::None);
    assert_eq!((frame.totals.connected, frame.totals.packets), (1, 2));
    assert_eq!(frame.now, world.now as f64 / 1_000.0);
}

/// The same observations and looks give the same frames, whatever the hash seed.
#[test]
fn what_is_seen_depends_on_nothing_else() {
    let run = |seed| {
        let mut world = World::new();
        world.scope = Scope::new(Limits {
            seed,
            ..Default::default()
        });
        world.join("sensor");
        world.join_to_stay("painel");
        world.subscribe("painel", "a/#", QoS::ExactlyOnce);
        let mut frames = Vec::new();
        for number in 0..40 {
            let topic = format!("a/{}/{}", number % 7, number % 3);
            world.publish("sensor", &topic, "x", QoS::ExactlyOnce);
            if number == 20 {
                world.cut("painel");
            }
            let tree = TreeView {
                open_depth: 9,
                rows: 99,
                ..TreeView::default()
            };
            frames.push(world.look(View {
                tree: Some(TreeView {
                    highlight: "a/+/1".into(),
                    ..tree
                }),
                flow: Some(FlowView {
                    rows: 50,
                    ..FlowView::default()
                }),
                selection: Selection::Publication(number / 2 + 1),
                ..View::default()
            }));
        }
        frames
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn what_the_broker_tells_of_itself_raises_no_rate() {
    let mut world = World::new();
    world.join("a");
    world.subscribe("a", "#", QoS::AtMostOnce);
    world.subscribe("a", "$vitrine/#", QoS::AtMostOnce);
    let rates = |world: &mut World| {
        let totals = world.look(View::default()).totals;
        (totals.published_per_second, totals.delivered_per_second)
    };
    world.publish_own("$vitrine/up", "1");
    assert_eq!(rates(&mut world), (0.0, 0.0));
    world.publish("a", "b", "1", QoS::AtMostOnce);
    assert_eq!(rates(&mut world), (1.0, 1.0));
}
