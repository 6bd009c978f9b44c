//! Whatever is sent arrives as it was sent.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vitrine_link::*;

/// Writes a value and reads it again.
#[track_caller]
fn travels<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let written = serde_json::to_string(value).expect("it can be written");
    let read: T = serde_json::from_str(&written).expect("it can be read");
    assert_eq!(&read, value, "{written}");
}

fn text_payload() -> Payload {
    Payload {
        text: Some("21.4 °C".into()),
        bytes: Vec::new(),
        size: 8,
        cut: false,
    }
}

fn binary_payload() -> Payload {
    Payload {
        text: None,
        bytes: vec![0, 0xff, 0x80],
        size: 70_000,
        cut: true,
    }
}

fn row(kind: RowKind) -> FlowRow {
    FlowRow {
        number: 1 << 40,
        at: 1_763_000_000_123.456,
        lifeline: Some(3),
        publication: Some(7),
        cause: None,
        kind,
    }
}

fn packet() -> RowKind {
    RowKind::Packet(PacketRow {
        to_broker: true,
        packet_type: 3,
        packet_id: Some(65_535),
        dup: true,
        qos: Some(2),
        retain: true,
        size: 268_435_460,
        topic: Some("área/#".into()),
        payload: Some(text_payload()),
        reason: Some(0x87),
        version: 5,
        head: vec![0x3d, 0x80],
        fate: vitrine_link::Fate::Arrived,
    })
}

fn problem() -> Problem {
    let statement = Some("MQTT-3.3.1-4".into());
    Problem {
        code: "publish-qos".into(),
        offset: 9,
        statement,
    }
}

fn hold() -> Hold {
    Hold {
        lifeline: 1,
        at_broker: true,
        kind: HoldKind::PacketId,
        packet_id: Some(1),
        publication: Some(2),
        from: 3,
        until: Some(4),
        waits_for: 7,
    }
}

fn last_message() -> LastMessage {
    LastMessage {
        payload: binary_payload(),
        qos: 1,
        retain: true,
        publisher: "sensor-5000".into(),
        at: 0.5,
        publication: 9,
    }
}

fn tree_row() -> TreeRow {
    TreeRow {
        topic: "/a".into(),
        label: "a".into(),
        depth: 1,
        children: 2,
        open: true,
        topics_below: 3,
        matched: true,
        matched_below: 4,
        last: Some(last_message()),
        retained: Some(RetainedNow {
            payload: text_payload(),
            qos: 2,
            is_last: true,
        }),
        count: 1 << 50,
        rate: 0.2,
        rate_below: 1_000.5,
    }
}

fn levels() -> Vec<LevelVerdict> {
    let verdicts = [
        Verdict::Same,
        Verdict::Plus,
        Verdict::Hash,
        Verdict::Different,
        Verdict::TopicEnded,
        Verdict::FilterEnded,
        Verdict::DollarRule,
    ];
    let level = |verdict| LevelVerdict {
        filter: Some("+".into()),
        topic: None,
        verdict,
    };
    verdicts.into_iter().map(level).collect()
}

fn receiver() -> Receiver {
    Receiver {
        client: "painel".into(),
        connected: true,
        filter: "a/+".into(),
        also: vec!["#".into()],
        granted: 2,
        qos: 1,
        outcome: "forbidden".into(),
        rule: Some("rules[3]".into()),
        levels: levels(),
    }
}

fn client_row() -> ClientRow {
    ClientRow {
        client: "painel".into(),
        connected: true,
        door: "tab".into(),
        version: 4,
        username: Some("ana".into()),
        keep_alive: 60,
        clean: true,
        session_expiry: u32::MAX,
        subscriptions: vec![SubscriptionRow {
            filter: "#".into(),
            qos: 2,
            matched: 5,
        }],
        in_flight_out: 1,
        in_flight_in: 2,
        queued: 3,
        since: 4.25,
        bytes_in: 5,
        bytes_out: 6,
        published: 7,
        delivered: 8,
        will: Some(WillSummary {
            topic: "w".into(),
            payload: Payload {
                text: Some("offline".into()),
                size: 7,
                ..Payload::default()
            },
            qos: 1,
            retain: true,
            delay: 9,
        }),
        lifeline: Some(0),
        held: vec!["up".into(), "cut-down".into()],
    }
}

fn story() -> Story {
    let outcomes = [
        Outcome::Queued,
        Outcome::Sent,
        Outcome::InFlight,
        Outcome::Acknowledged,
        Outcome::Discarded,
    ];
    let delivery = |outcome| Delivery {
        client: "painel".into(),
        filter: "a/+".into(),
        granted: 1,
        qos: 1,
        retained: true,
        outcome,
        why: Some("expired".into()),
        sent: true,
        rule: Some("default".into()),
        levels: levels(),
    };
    Story {
        publication: 7,
        topic: "a/b".into(),
        payload: text_payload(),
        publisher: "sensor".into(),
        qos: 2,
        retain: true,
        will: true,
        at: 1.5,
        rows: vec![1, 2, 30],
        deliveries: outcomes.into_iter().map(delivery).collect(),
        deliveries_left_out: 1,
        missed: vec![Missed {
            client: "eco".into(),
            filter: "a/+/c".into(),
            why: "filter".into(),
            levels: levels(),
        }],
    }
}

fn fields() -> Vec<Field> {
    let values = [
        FieldValue::Group,
        FieldValue::Number(u64::from(u32::MAX)),
        FieldValue::Flag(true),
        FieldValue::Text("é".into()),
        FieldValue::Binary(binary_payload()),
        FieldValue::Named {
            value: 3,
            name: "PUBLISH".into(),
        },
    ];
    let field = |value| Field {
        name: "Flags".into(),
        start: 0,
        end: 1,
        bits: Some((3, 0)),
        value,
        depth: 2,
    };
    values.into_iter().map(field).collect()
}

#[test]
fn every_row_travels() {
    for kind in [
        packet(),
        RowKind::Opened {
            door: "page".into(),
        },
        RowKind::Closed(Ending {
            why: "taken-over".into(),
            cut: true,
            reason: Some(0x8e),
            statement: Some("MQTT-3.1.4-3".into()),
            under_way: vec![1, 2],
        }),
        RowKind::Malformed(problem()),
        RowKind::Queued { length: 4 },
        RowKind::Discarded {
            why: "queue-full".into(),
        },
        RowKind::Refused(Box::new(Refusal {
            what: "publish".into(),
            topic: "a/b".into(),
            reason: Some(0x87),
            rule: "rules[3]".into(),
            username: Some("ana".into()),
        })),
        RowKind::WillPublished { topic: "w".into() },
        RowKind::SessionEnded {
            why: "expired".into(),
        },
        RowKind::Dropped,
    ] {
        travels(&row(kind));
    }
}

#[test]
fn every_detail_travels() {
    for detail in [
        Detail::None,
        Detail::Gone,
        Detail::Packet(Box::new(PacketDetail {
            row: row(packet()),
            client: "sensor".into(),
            bytes: vec![0x30, 0],
            cut: true,
            fields: fields(),
            problem: Some(problem()),
            story: Some(story()),
            refused: vec![Refusal {
                what: "publish".into(),
                topic: "a/b".into(),
                reason: Some(0x87),
                rule: "default".into(),
                username: None,
            }],
        })),
        Detail::Story(Box::new(story())),
        Detail::Topic(Box::new(TopicDetail {
            row: tree_row(),
            history: vec![last_message()],
            receivers: vec![receiver()],
        })),
        Detail::Client(Box::new(ClientDetail {
            row: client_row(),
            holds: vec![hold()],
            filter: Some("#".into()),
            topics: vec!["a".into()],
        })),
    ] {
        travels(&detail);
    }
}

#[test]
fn a_whole_frame_travels() {
    travels(&Event::Frame(Box::new(Frame {
        lab: None,
        number: 5,
        now: 1_763_000_000_123.456,
        totals: Totals {
            connected: 1,
            sessions: 2,
            topics: 3,
            retained: 4,
            published_per_second: 0.1,
            delivered_per_second: 12_345.6,
            published: 5,
            packets: 6,
        },
        tree: Some(TreeFrame {
            total: 1,
            first: 2,
            rows: vec![tree_row(), TreeRow::default()],
            withheld: 3,
            matched: 4,
            full: true,
            found: Some(0),
        }),
        flow: Some(FlowFrame {
            lifelines: vec![Lifeline {
                id: 1,
                name: "#12".into(),
                side: Side::Subscriber,
                connected: true,
                will: true,
                held: vec!["down".into()],
            }],
            lifelines_left_out: 1,
            total: 2,
            first: 3,
            rows: vec![row(packet())],
            holds: vec![
                hold(),
                Hold {
                    kind: HoldKind::Queued,
                    ..Hold::default()
                },
            ],
            holds_left_out: 4,
            newer: 5,
            newest: 6,
            forgotten: 7,
        }),
        matches: Some(MatchFrame {
            check: FilterCheck {
                valid: false,
                problem: Some(FilterProblem {
                    code: "hash-not-last".into(),
                    at: 2,
                    statement: "MQTT-4.7.1-1".into(),
                }),
                share: Some("group".into()),
            },
            topics: vec!["a".into()],
            matched: 1,
            of: 2,
            explanation: Some(Explanation {
                filter: "#".into(),
                topic: "$SYS".into(),
                matches: false,
                levels: levels(),
            }),
            topic_problem: Some(FilterProblem::default()),
            publisher_forbidden: Some("default".into()),
            receivers: vec![receiver()],
            receivers_left_out: 3,
        }),
        clients: Some(ClientsFrame {
            total: 9,
            first: 1,
            rows: vec![client_row()],
        }),
        detail: Detail::Gone,
    })));
}

#[test]
fn every_answer_to_hello_travels() {
    let (version, build) = (VERSION, String::from("0123abcd"));
    travels(&Command::Hello {
        version,
        build: build.clone(),
    });
    travels(&Event::Welcome {
        version,
        build: build.clone(),
        record: "3f9a01bc".into(),
    });
    travels(&Event::Refused { version, build });
}

#[test]
fn every_command_travels() {
    travels(&Command::Seen { frame: 3 });
    travels(&Command::ClearFlow);
    travels(&Command::Drop {
        client: "x".into(),
        politely: true,
    });
    for anchor in [
        Anchor::Newest,
        Anchor::Index(1),
        Anchor::UpTo(2),
        Anchor::Around(3),
    ] {
        for depth in [Depth::Story, Depth::Handshake, Depth::Bytes] {
            let filter = FlowFilter {
                clients: vec!["sensor".into()],
                topic: "a/+".into(),
                types: 0xffff,
                publication: Some(4),
                hide_pings: true,
                hide_system: true,
            };
            let flow = Some(FlowView {
                anchor,
                rows: 5,
                filter,
                depth,
            });
            travels(&Command::Look(Box::new(View {
                flow,
                ..View::default()
            })));
        }
    }
    for selection in [
        Selection::None,
        Selection::Row(1),
        Selection::Publication(2),
        Selection::Topic("a".into()),
        Selection::Client("x".into()),
        Selection::Subscription {
            client: "x".into(),
            filter: "#".into(),
        },
    ] {
        travels(&Command::Look(Box::new(View {
            tree: Some(TreeView {
                open_depth: 1,
                toggled: vec!["a/b".into()],
                first: 2,
                rows: 3,
                hold: true,
                search: "é".into(),
                highlight: "a/#".into(),
                system: true,
                find: "a/b".into(),
            }),
            matches: Some(MatchView {
                filter: "a/#".into(),
                topic: "a".into(),
                qos: 2,
                publisher: "x".into(),
            }),
            clients: Some(ClientsView { first: 1, rows: 2 }),
            selection,
            ..View::default()
        })));
    }
}
