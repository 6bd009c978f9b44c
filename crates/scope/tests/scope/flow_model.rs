//! What a page keeps about the ladder against what a page sees that looks for the first time, while
//! a recording with tight bounds forgets its oldest rows.

use vitrine_broker::{CloseReason, ConnectionId, DiscardReason, Event, PublicationId, SessionEnd};
use vitrine_link::{Anchor, Depth, FlowFilter, FlowFrame, FlowView, RowKind, View};
use vitrine_packet::{Ack, Packet, PacketId, Properties, Publish, QoS, ReasonCode};
use vitrine_scope::{Lens, Limits};

use crate::common::{Feed, Random};

const TOPICS: [&str; 4] = ["a/1/t", "a/2/t", "b/1/t", "c"];
const CLIENTS: [&str; 5] = ["k", "l", "m", "n", "o"];

/// Something that a broker might do, more or less.
fn happen(
    feed: &mut Feed,
    random: &mut Random,
    connections: &mut Vec<(u64, bool)>,
    next: &mut u64,
) {
    feed.inputs += 1;
    feed.now += random.below(2_000);
    if connections.is_empty() || random.one_in(12) {
        *next += 1;
        let (connection, door, name) = (ConnectionId(*next), "page".into(), "".into());
        feed.observe(Event::Opened {
            connection,
            door,
            name,
        });
        connections.push((*next, false));
        return;
    }
    let place = random.below(connections.len() as u64) as usize;
    let (connection, accepted) = connections[place];
    match random.below(12) {
        0 => {
            connections.remove(place);
            feed.observe(Event::Closed {
                connection: ConnectionId(connection),
                client: None,
                why: CloseReason::Cut,
                reason: None,
                statement: None,
                abrupt: true,
            });
        }
        1 | 2 if !accepted => {
            connections[place].1 = true;
            feed.connected(connection, random.pick(&CLIENTS));
        }
        3 => feed.packet(connection, true, &Packet::PingReq, None),
        4 => {
            let (client, publication) = ((random.pick(&CLIENTS)).into(), PublicationId(1));
            feed.observe(Event::Discarded {
                client,
                publication,
                why: DiscardReason::QueueFull,
            });
        }
        5 => {
            let (client, why) = ((random.pick(&CLIENTS)).into(), SessionEnd::Disconnected);
            feed.observe(Event::SessionEnded { client, why });
        }
        6 | 7 => {
            let ack = Packet::PubAck(Ack {
                packet_id: PacketId::new(7).expect("not 0"),
                reason: ReasonCode::Success,
                properties: Properties::default(),
            });
            feed.packet(connection, random.one_in(2), &ack, None);
        }
        _ => {
            let topic = random.pick(&TOPICS);
            let payload = vec![b'x'; random.below(200) as usize];
            let publication = feed.published(topic, &payload);
            let publish = Packet::Publish(Publish {
                dup: false,
                qos: QoS::AtMostOnce,
                retain: false,
                topic,
                packet_id: None,
                properties: Properties::default(),
                payload: &payload,
            });
            feed.packet(connection, true, &publish, Some(publication));
            for (to, _) in connections.iter() {
                feed.packet(*to, false, &publish, Some(publication));
            }
        }
    }
}

fn random_view(random: &mut Random, newest: u64) -> FlowView {
    let some = |random: &mut Random| random.one_in(3);
    let clients = |random: &mut Random| {
        (0..random.below(3))
            .map(|_| String::from(random.pick(&CLIENTS)))
            .collect()
    };
    FlowView {
        anchor: match random.below(5) {
            0 => Anchor::Index(random.below(200)),
            1 => Anchor::UpTo(random.below(newest + 10)),
            2 => Anchor::Around(random.below(newest + 10)),
            _ => Anchor::Newest,
        },
        rows: random.below(40) as u32,
        filter: FlowFilter {
            clients: if some(random) {
                clients(random)
            } else {
                Vec::new()
            },
            topic: if some(random) {
                "a/+/t".into()
            } else {
                String::new()
            },
            types: if some(random) { 1 << 3 | 1 << 12 } else { 0 },
            publication: some(random).then(|| random.below(newest + 1)),
            hide_pings: some(random),
            hide_system: some(random),
        },
        depth: random.pick(&[Depth::Story, Depth::Handshake, Depth::Bytes]),
    }
}

fn flow(feed: &mut Feed, lens: &mut Lens, view: &FlowView) -> FlowFrame {
    lens.look(View {
        flow: Some(view.clone()),
        ..View::default()
    });
    let frame = feed
        .scope
        .frame(lens, feed.now)
        .expect("the view was changed");
    lens.seen(frame.number);
    frame.flow.expect("the flow was asked for")
}

#[test]
fn a_ladder_that_was_followed_is_the_one_that_is_seen_anew() {
    for seed in 0..5 {
        let mut random = Random::new(seed);
        let limits = Limits {
            rows: 150,
            packet_bytes: 9_000,
            ..Limits::default()
        };
        let mut feed = Feed::new(limits.clone());
        let mut lens = Lens::new();
        let mut view = FlowView::default();
        let (mut connections, mut next) = (Vec::new(), 0);
        for step in 0..300 {
            happen(&mut feed, &mut random, &mut connections, &mut next);
            if random.one_in(100) {
                feed.scope.clear_flow();
            }
            let newest = flow(&mut feed, &mut lens, &view).newest;
            if random.one_in(10) {
                view = random_view(&mut random, newest);
            }
            let followed = flow(&mut feed, &mut lens, &view);
            let anew = flow(&mut feed, &mut Lens::new(), &view);
            if let Anchor::UpTo(_) = view.anchor {
                // What was on screen stays there, though it may be forgotten.
                assert!(
                    followed.rows.ends_with(&anew.rows),
                    "seed {seed}, step {step}"
                );
            } else {
                assert_eq!(followed, anew, "seed {seed}, step {step}, {view:?}");
            }
            check(&anew, &view);
            check_bounds(&mut feed, &limits);
        }
    }
}

/// What holds for every answer.
fn check(frame: &FlowFrame, view: &FlowView) {
    let numbers: Vec<u64> = frame.rows.iter().map(|row| row.number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    assert!(numbers.len() <= view.rows as usize);
    assert_eq!(
        frame.first + numbers.len() as u64 + frame.newer,
        frame.total
    );
    if let Anchor::UpTo(last) = view.anchor {
        assert!(numbers.iter().all(|number| *number <= last));
    }
    for row in &frame.rows {
        assert!(row.cause.is_none_or(|cause| cause < row.number));
        let line = frame
            .lifelines
            .iter()
            .find(|line| Some(line.id) == row.lifeline);
        let line = line.expect("the row's lifeline is there");
        assert!(view.filter.clients.is_empty() || view.filter.clients.contains(&line.name));
        if let Some(wanted) = view.filter.publication {
            assert_eq!(row.publication, Some(wanted));
        }
        if let RowKind::Packet(packet) = &row.kind {
            assert!(view.depth != Depth::Story || packet.packet_type == 3);
            assert!(!view.filter.hide_pings || packet.packet_type != 12);
            assert!(view.filter.types == 0 || [3, 12].contains(&packet.packet_type));
            if !view.filter.topic.is_empty() {
                assert!(
                    packet
                        .topic
                        .as_deref()
                        .is_some_and(|topic| topic.starts_with("a/"))
                );
            }
            assert_eq!(packet.head.is_empty(), view.depth != Depth::Bytes);
        }
    }
}

/// The recording keeps to its bounds, and wastes none of them.
fn check_bounds(feed: &mut Feed, limits: &Limits) {
    let all = FlowView {
        rows: 500,
        ..FlowView::default()
    };
    let frame = flow(feed, &mut Lens::new(), &all);
    let size = |kind: &RowKind| {
        if let RowKind::Packet(packet) = kind {
            packet.size as usize
        } else {
            0
        }
    };
    let bytes: usize = frame.rows.iter().map(|row| size(&row.kind)).sum();
    assert!(frame.total as usize <= limits.rows && bytes <= limits.packet_bytes);
    if frame.forgotten > 0 {
        let full = frame.total as usize == limits.rows || bytes + 2_000 > limits.packet_bytes;
        assert!(
            full,
            "{} rows with {bytes} bytes, yet some were forgotten",
            frame.total
        );
    }
}
