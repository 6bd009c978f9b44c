//! Observations in any order, such as no broker makes: some were lost, or the host began late. Nothing
//! breaks, all bounds hold, and a page that followed sees what a page sees that looks anew.

use std::rc::Rc;

use vitrine_broker::{
    ClientId, CloseReason, ConnectionId, DiscardReason, Event, PublicationId, SessionEnd, WillDrop,
    WillInfo,
};
use vitrine_link::{ClientsView, Detail, FlowView, Frame, MatchView, Selection, TreeView, View};
use vitrine_packet::{
    Ack, Connect, Packet, PacketId, Properties, ProtocolVersion, Publish, QoS, ReasonCode,
    RetainHandling, SubscriptionOptions, topic,
};
use vitrine_scope::{Lens, Limits};

use crate::common::{Feed, Random};

const CLIENTS: [&str; 4] = ["k", "l", "m", "n"];
const TOPICS: [&str; 5] = ["a", "a/b", "a/b/c", "$SYS/x", "d//e"];
const FILTERS: [&str; 6] = ["#", "a/+", "a/#", "+/b/#", "$SYS/#", "$share/g/a/b"];
const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

fn client(random: &mut Random) -> ClientId {
    random.pick(&CLIENTS).into()
}

fn text(random: &mut Random, of: &[&str]) -> Rc<str> {
    random.pick(of).into()
}

fn payload(random: &mut Random) -> Rc<[u8]> {
    vec![b'x'; random.below(40) as usize].into()
}

fn packet_event(random: &mut Random) -> Event {
    let packet_id = PacketId::new(1 + random.below(3) as u16).expect("it is not 0");
    let reason = random.pick(&[
        ReasonCode::Success,
        ReasonCode::Success,
        ReasonCode::QuotaExceeded,
    ]);
    let ack = Ack {
        packet_id,
        reason,
        properties: Properties::default(),
    };
    let (topic, payload) = (random.pick(&TOPICS), payload(random));
    let qos = random.pick(&QOS);
    let publish = Publish {
        dup: qos != QoS::AtMostOnce && random.one_in(4),
        qos,
        retain: random.one_in(4),
        topic,
        packet_id: (qos != QoS::AtMostOnce).then_some(packet_id),
        properties: Properties::default(),
        payload: &payload,
    };
    let connect = Connect {
        version: ProtocolVersion::V5,
        clean_start: true,
        keep_alive: 1,
        properties: Properties::default(),
        client_id: "k",
        will: None,
        username: None,
        password: None,
    };
    let packet = match random.below(9) {
        0 => Packet::PubAck(ack),
        1 => Packet::PubRec(ack),
        2 => Packet::PubRel(Ack {
            reason: ReasonCode::Success,
            ..ack
        }),
        3 => Packet::PubComp(Ack {
            reason: ReasonCode::Success,
            ..ack
        }),
        4 => Packet::Connect(connect),
        5 => Packet::PingReq,
        _ => Packet::Publish(publish),
    };
    let mut bytes = Vec::new();
    packet
        .encode(ProtocolVersion::V5, &mut bytes)
        .expect("it can be written");
    let (connection, bytes, version) = (
        ConnectionId(random.below(6)),
        bytes.into(),
        ProtocolVersion::V5,
    );
    let publication = random
        .one_in(2)
        .then(|| PublicationId(1 + random.below(60)));
    if random.one_in(2) {
        Event::Received {
            connection,
            bytes,
            version,
            publication,
        }
    } else {
        Event::Sent {
            connection,
            bytes,
            version,
            publication,
        }
    }
}

fn session_event(random: &mut Random) -> Event {
    let (client, connection) = (client(random), ConnectionId(random.below(6)));
    let filter = text(random, &FILTERS);
    let publication = PublicationId(1 + random.below(60));
    match random.below(9) {
        0 => Event::Opened {
            connection,
            door: "page".into(),
            name: "".into(),
        },
        1 => Event::Closed {
            connection,
            client: random.one_in(2).then_some(client),
            why: random.pick(&[
                CloseReason::Cut,
                CloseReason::Refused,
                CloseReason::Operator,
                CloseReason::TakenOver,
            ]),
            reason: None,
            statement: None,
            abrupt: true,
        },
        2 => Event::Connected {
            connection,
            client,
            version: random.pick(&[ProtocolVersion::V5, ProtocolVersion::V3_1_1]),
            clean_start: random.one_in(2),
            resumed: false,
            keep_alive: 10,
            session_expiry: 0,
            username: None,
            will: random.one_in(2).then(|| WillInfo {
                topic: "w".into(),
                payload: payload(random),
                qos: QoS::AtMostOnce,
                retain: false,
                delay: 0,
            }),
        },
        3 => Event::Disconnected {
            client,
            kept: random.one_in(2),
        },
        4 => Event::SessionEnded {
            client,
            why: SessionEnd::Expired,
        },
        5 => Event::Unsubscribed { client, filter },
        6 => Event::WillPublished {
            client,
            publication,
        },
        7 => Event::WillDropped {
            client,
            why: WillDrop::Disconnected,
            rule: None,
        },
        _ => Event::Subscribed {
            client,
            filter,
            options: SubscriptionOptions {
                qos: QoS::ExactlyOnce,
                no_local: random.one_in(4),
                retain_as_published: false,
                retain_handling: RetainHandling::default(),
            },
            granted: random.pick(&QOS),
            identifier: None,
            replaced: false,
        },
    }
}

fn routing_event(random: &mut Random) -> Event {
    let (client, publication) = (client(random), PublicationId(1 + random.below(60)));
    let (topic, payload, qos) = (text(random, &TOPICS), payload(random), random.pick(&QOS));
    let length = random.below(9) as usize;
    match random.below(8) {
        0 => Event::Matched {
            publication,
            client,
            filter: text(random, &FILTERS),
            granted: qos,
            qos,
            retained: random.one_in(3),
            queued: false,
        },
        1 => Event::Queued {
            client,
            publication,
            length,
        },
        2 => Event::Dequeued {
            client,
            publication,
            length,
        },
        3 => Event::Discarded {
            client,
            publication,
            why: DiscardReason::SlowConsumer,
        },
        4 => Event::Acknowledged {
            client,
            publication,
        },
        5 => Event::Retained {
            topic,
            publication,
            qos,
            payload,
        },
        6 => Event::RetainedRemoved {
            topic,
            expired: true,
        },
        _ => Event::Published {
            publication,
            publisher: random.one_in(2).then_some(client),
            topic,
            payload,
            qos,
            retain: false,
            will: false,
        },
    }
}

fn random_view(random: &mut Random) -> View {
    let pick = |random: &mut Random, of: &[&str]| String::from(random.pick(of));
    View {
        tree: Some(TreeView {
            open_depth: random.below(4) as u16,
            toggled: vec![pick(random, &TOPICS)],
            first: random.below(4) as u32,
            rows: 10,
            search: pick(random, &["", "", "b", "zzz"]),
            highlight: pick(random, &FILTERS),
            system: random.one_in(2),
            find: pick(random, &["", "a/b/c"]),
            ..TreeView::default()
        }),
        flow: Some(FlowView {
            rows: random.below(100) as u32,
            ..FlowView::default()
        }),
        matches: Some(MatchView {
            filter: pick(random, &FILTERS),
            topic: pick(random, &TOPICS),
            qos: random.below(5) as u8,
            publisher: pick(random, &CLIENTS),
        }),
        clients: Some(ClientsView {
            first: random.below(3) as u32,
            rows: 3,
        }),
        selection: match random.below(5) {
            0 => Selection::Row(random.below(300)),
            1 => Selection::Publication(random.below(60)),
            2 => Selection::Topic(pick(random, &TOPICS)),
            3 => Selection::Client(pick(random, &CLIENTS)),
            _ => Selection::Subscription {
                client: pick(random, &CLIENTS),
                filter: pick(random, &FILTERS),
            },
        },
    }
}

fn look(feed: &Feed, lens: &mut Lens, view: &View) -> Frame {
    lens.look(view.clone());
    let mut frame = feed.scope.frame(lens, feed.now).expect("the view was set");
    lens.seen(frame.number);
    frame.number = 0;
    frame
}

#[test]
fn a_page_that_followed_sees_what_a_page_sees_that_looks_anew() {
    let mut details = [0; 5];
    for seed in 0..6 {
        let mut random = Random::new(seed);
        let limits = Limits {
            rows: 80,
            holds: 30,
            history_bytes: 300,
            ..Limits::default()
        };
        let mut feed = Feed::new(limits);
        let mut lens = Lens::new();
        let mut view = View::default();
        for step in 0..400 {
            feed.now += random.below(100_000);
            feed.inputs += random.below(2);
            let event = match random.below(3) {
                0 => packet_event(&mut random),
                1 => session_event(&mut random),
                _ => routing_event(&mut random),
            };
            feed.observe(event);
            if random.one_in(150) {
                feed.scope.clear_flow();
            }
            if random.one_in(8) {
                view = random_view(&mut random);
            }
            let followed = look(&feed, &mut lens, &view);
            let anew = look(&feed, &mut Lens::new(), &view);
            assert_eq!(followed, anew, "seed {seed}, step {step}");
            check(&followed);
            details[match followed.detail {
                Detail::None | Detail::Gone => 0,
                Detail::Packet(_) => 1,
                Detail::Story(_) => 2,
                Detail::Topic(_) => 3,
                Detail::Client(_) => 4,
            }] += 1;
        }
    }
    assert!(
        details.iter().all(|count| *count > 20),
        "every detail was seen: {details:?}"
    );
}

/// What holds for every frame.
fn check(frame: &Frame) {
    let Some(flow) = &frame.flow else { return };
    for hold in &flow.holds {
        assert!(
            hold.until.is_none_or(|until| hold.from <= until),
            "{hold:?}"
        );
        assert!(
            flow.lifelines.iter().any(|line| line.id == hold.lifeline),
            "{hold:?}"
        );
    }
    for row in &flow.rows {
        assert!(
            flow.lifelines
                .iter()
                .any(|line| Some(line.id) == row.lifeline),
            "{row:?}"
        );
        assert!(row.cause.is_none_or(|cause| cause < row.number), "{row:?}");
    }
    let clients = frame.clients.as_ref().expect("they were asked for");
    assert_eq!(clients.total, frame.totals.sessions);
    assert!(frame.totals.connected <= frame.totals.sessions);
    if let Some(matches) = &frame.matches {
        let filter = frame_filter(matches);
        assert!(
            matches
                .topics
                .iter()
                .all(|name| topic::matches(&filter, name))
        );
    }
}

/// The filter that was tried out, without its share.
fn frame_filter(matches: &vitrine_link::MatchFrame) -> String {
    let filter = matches
        .explanation
        .as_ref()
        .map(|explanation| explanation.filter.clone());
    topic::strip_share(&filter.expect("filter and topic are valid")).into()
}
