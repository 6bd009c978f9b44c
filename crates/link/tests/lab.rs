//! What passes between page and worker about the lab, there and back.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use vitrine_link::{
    Beside, Coming, Command, Event, Exported, Fact, FlowFrame, Flying, Format, Frame, Head,
    LabCommand, LabFrame, LabProblem, LabSource, LessonFrame, Mark, Meddle, PacketRow, Question,
    RoadRow,
};

fn travels<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&back, value);
}

#[test]
fn every_command_about_the_lab_travels() {
    let sources = [
        LabSource::Lesson {
            name: "qos-1".into(),
            text: "title = 1".into(),
        },
        LabSource::Link {
            code: "1abc".into(),
            lesson: Some(("qos-1".into(), "…".into())),
        },
        LabSource::Recording {
            name: "a.vitrine".into(),
            bytes: vec![0, 255, 10],
        },
    ];
    let all = sources.into_iter().map(LabCommand::Open).chain([
        LabCommand::Leave,
        LabCommand::Language("es".into()),
        LabCommand::Step,
        LabCommand::Back,
        LabCommand::Next,
        LabCommand::Previous,
        LabCommand::Go { moment: 7 },
        LabCommand::Run { speed: 0.5 },
        LabCommand::Wait { seconds: 2.0 },
        LabCommand::Until { time: 2.5 },
        LabCommand::Act("painel cut up+0 before".into()),
        LabCommand::Undo,
        LabCommand::Road(2),
        LabCommand::DropRoad(2),
        LabCommand::Beside(true),
        LabCommand::Answer(1),
        LabCommand::Share,
    ]);
    for command in all {
        travels(&Command::Lab(Box::new(command)));
    }
    for format in [Format::Recording, Format::Pcapng, Format::JsonLines] {
        travels(&Command::Export(format));
        travels(&Event::Exported(Box::new(Exported {
            format,
            name: "a.jsonl".into(),
            at: 7,
            bytes: vec![1, 2],
            done: 0.5,
            last: true,
        })));
    }
    travels(&Command::ExportMore);
    travels(&Command::ExportStop);
    for meddle in [
        Meddle::Hold {
            client: "a".into(),
            to_broker: true,
        },
        Meddle::Release {
            client: "a".into(),
            to_broker: false,
        },
        Meddle::CutAt {
            client: "a".into(),
            to_broker: true,
            packet_type: 4,
            after: true,
        },
        Meddle::Virtual("client ana".into()),
    ] {
        travels(&Command::Meddle(meddle));
    }
    travels(&Event::Shared("1abc".into()));
    travels(&Event::LabProblem(LabProblem {
        what: "lesson".into(),
        name: "qos-1".into(),
        line: 3,
        why: "…".into(),
    }));
}

/// A frame of the lab with everything in it.
#[test]
fn a_whole_frame_of_the_lab_travels() {
    let packet = PacketRow {
        to_broker: true,
        packet_type: 3,
        packet_id: Some(7),
        qos: Some(1),
        topic: Some("área/10".into()),
        head: vec![0x32, 0xff],
        ..PacketRow::default()
    };
    let flying = Flying {
        client: "painel".into(),
        who: "tela".into(),
        lifeline: Some(1),
        to_broker: true,
        packet: packet.clone(),
        index: 2,
        gone: 0.25,
        arrives: Some(75.0),
        state: "moving".into(),
        publication: Some(3),
        row: Some(9),
    };
    let head = Head {
        who: "tela".into(),
        id: "painel".into(),
        up: true,
        state: "connected".into(),
        held: vec!["up".into()],
        facts: vec![Fact {
            kind: "timer".into(),
            of: "painel".into(),
            packet_id: Some(7),
            name: "KeepAlive".into(),
            qos: Some(2),
            value: "21.5".into(),
            waits_for: 4,
            fires_in: Some(1_500.5),
            change: "new".into(),
            publication: Some(3),
            retain: true,
            delay: 30,
        }],
    };
    let lesson = LessonFrame {
        name: "qos-1".into(),
        step: 1,
        steps: 3,
        text: "*um* `PUBACK`".into(),
        points: vec!["broker".into()],
        question: Some(Question {
            text: "?".into(),
            options: vec!["a".into(), "b".into()],
            answered: Some(0),
            right: Some(1),
            because: "…".into(),
        }),
        standard: vec![("5.0 §4.3.2".into(), "https://…".into())],
        depth: "handshake".into(),
        free: true,
        astray: true,
        pings: true,
        topics: true,
    };
    let lab = LabFrame {
        kind: "lesson".into(),
        title: "QoS 1".into(),
        lesson: Some(lesson),
        moment: 12,
        end: 40,
        marks: vec![Mark {
            moment: 3,
            kind: "fork".into(),
            what: "painel cut".into(),
        }],
        time: 1_234.5,
        speed: 2.0,
        next: Some(Coming {
            kind: "arrival".into(),
            client: "painel".into(),
            to_broker: true,
            packet: Some(Box::new(packet)),
            what: String::new(),
            after: 0.5,
        }),
        can_undo: true,
        can_act: true,
        can_compare: true,
        roads: vec![RoadRow {
            id: 2,
            from: Some(1),
            at: 3,
            what: "painel cut".into(),
            moment: 4,
            end: 5,
        }],
        road: 2,
        flying: vec![flying.clone()],
        heads: vec![head.clone()],
        others: vec![Beside {
            qos: 2,
            flow: FlowFrame::default(),
            flying: vec![flying],
            heads: vec![head],
        }],
        beside: Some(1),
    };
    let text = r#"{"number":1,"now":0.0,"totals":{"connected":0,"sessions":0,"topics":0,"retained":0,"published_per_second":0.0,"delivered_per_second":0.0,"published":0,"packets":0},"tree":null,"flow":null,"matches":null,"clients":null,"detail":"None"}"#;
    // A frame without a lab is one of before the lab.
    let plain: Frame = serde_json::from_str(text).unwrap();
    assert_eq!(plain.lab, None);
    travels(&Event::Frame(Box::new(Frame {
        lab: Some(Box::new(lab)),
        ..plain
    })));
}
