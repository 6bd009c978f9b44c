//! A copy of a scope is a snapshot, and a page may go from one to another.

use vitrine_link::{
    Anchor, ClientsView, Depth, FlowFilter, FlowView, Frame, MatchView, Selection, TreeView, View,
};
use vitrine_packet::QoS;
use vitrine_scope::{Lens, Scope};

use crate::common::{Random, World};

const TOPICS: [&str; 4] = ["a/1/t", "a/2/t", "b/1/t", "c"];
const CLIENTS: [&str; 4] = ["k", "l", "m", "n"];

/// Something happens.
fn happen(world: &mut World, random: &mut Random) {
    let client = random.pick(&CLIENTS);
    let qos = random.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
    match (random.below(8), world.has(client)) {
        (_, false) => world.join_to_stay(client),
        (0, true) => world.cut(client),
        (1, true) => world.disconnect(client),
        (2, true) => world.subscribe(client, random.pick(&["a/#", "+/1/t", "c"]), qos),
        (3, true) => world.mute(client),
        (_, true) => world.publish(client, random.pick(&TOPICS), "1", qos),
    }
}

fn views() -> Vec<View> {
    let flow = |anchor, depth| FlowView {
        anchor,
        rows: 20,
        depth,
        filter: FlowFilter {
            topic: "a/#".into(),
            ..FlowFilter::default()
        },
    };
    let view = |flow, selection| View {
        flow: Some(flow),
        selection,
        tree: Some(TreeView {
            open_depth: 2,
            rows: 20,
            highlight: "a/+/t".into(),
            ..TreeView::default()
        }),
        matches: Some(MatchView {
            filter: "a/+/t".into(),
            topic: "a/1/t".into(),
            qos: 1,
            ..MatchView::default()
        }),
        clients: Some(ClientsView { first: 0, rows: 9 }),
    };
    vec![
        view(flow(Anchor::Newest, Depth::Bytes), Selection::Row(30)),
        view(
            flow(Anchor::UpTo(60), Depth::Handshake),
            Selection::Topic("a/1/t".into()),
        ),
        view(
            flow(Anchor::Around(40), Depth::Story),
            Selection::Client("k".into()),
        ),
        view(
            flow(Anchor::Index(5), Depth::Handshake),
            Selection::Publication(3),
        ),
    ]
}

/// What a page sees that looks for the first time.
fn seen_anew(scope: &Scope, view: &View, now: u64) -> Frame {
    let mut lens = Lens::new();
    lens.look(view.clone());
    scope
        .frame(&mut lens, now)
        .expect("a new page gets a frame")
}

/// A page that goes back and forth sees at every place what one sees that comes there for the first time; and no
/// snapshot is changed by what came after it.
#[test]
fn a_page_that_jumps_sees_what_there_is() {
    for seed in 0..4 {
        let mut random = Random::new(seed);
        let mut world = World::new();
        let mut snapshots: Vec<(Scope, u64)> = Vec::new();
        let mut first: Vec<Vec<Frame>> = Vec::new();
        for _ in 0..120 {
            happen(&mut world, &mut random);
            if random.one_in(4) {
                snapshots.push((world.scope.clone(), world.now));
                let told = |view| seen_anew(&world.scope, view, world.now);
                first.push(views().iter().map(told).collect());
            }
        }
        let mut page = Lens::new();
        let mut number = 0;
        for _ in 0..300 {
            let place = random.below(snapshots.len() as u64) as usize;
            let which = random.below(4) as usize;
            let (scope, now) = &snapshots[place];
            page.look(views()[which].clone());
            page.anew();
            let frame = scope.frame(&mut page, *now).expect("a jump is news");
            number += 1;
            assert_eq!(frame.number, number);
            page.seen(number);
            let expected = &first[place][which];
            let frame = Frame { number: 1, ..frame };
            assert_eq!(&frame, expected, "seed {seed}, snapshot {place}");
        }
    }
}

/// A frame that is under way when the page jumps is waited for, as any other.
#[test]
fn a_jump_waits_for_the_frame_under_way() {
    let mut world = World::new();
    world.join("k");
    let mut page = Lens::new();
    let first = world.scope.frame(&mut page, world.now);
    assert_eq!(first.map(|frame| frame.number), Some(1));
    page.anew();
    assert!(world.scope.frame(&mut page, world.now).is_none());
    page.seen(1);
    let second = world.scope.frame(&mut page, world.now);
    assert_eq!(second.map(|frame| frame.number), Some(2));
}
