//! A session that is recorded, saved, opened and played again is the same session.

use std::collections::BTreeSet;
use std::rc::Rc;

use vitrine_broker::{Access, Actions, Observation, PersistentState, Rule, User};
use vitrine_lab::Action;
use vitrine_lab::simulate::Scenario;
use vitrine_link::{
    Anchor, ClientsView, Depth, Detail, FlowView, Frame, MatchView, RowKind, Selection, TreeView,
    View,
};
use vitrine_packet::{ProtocolVersion, QoS};
use vitrine_scope::{Lens, Limits, Outside, Pieces, Reel, Scope, Tape, TapeLimits};
use vitrine_stage::{Listen, Teller};

use crate::common::lab::{play, tell, watch};
use crate::common::{Random, World};

const NOW: u64 = 1_770_000_000_000_000;

fn see(scope: &Scope, view: View) -> Frame {
    let mut lens = Lens::new();
    lens.look(view);
    scope
        .frame(&mut lens, NOW)
        .expect("a new page gets a frame")
}

/// Everything that a page can show, a few rows of it at a time.
fn see_all(scope: &Scope) -> Vec<Frame> {
    let newest = see(
        scope,
        View {
            flow: Some(FlowView::default()),
            ..View::default()
        },
    );
    let newest = newest.flow.expect("it was asked for").newest;
    let mut frames = vec![see(
        scope,
        View {
            tree: Some(TreeView {
                open_depth: 99,
                rows: 500,
                system: true,
                ..TreeView::default()
            }),
            clients: Some(ClientsView {
                first: 0,
                rows: 500,
            }),
            ..View::default()
        },
    )];
    for last in (1..=newest).step_by(50) {
        let flow = FlowView {
            anchor: Anchor::UpTo(last + 49),
            rows: 50,
            depth: Depth::Bytes,
            ..FlowView::default()
        };
        frames.push(see(
            scope,
            View {
                flow: Some(flow),
                selection: Selection::Row(last),
                ..View::default()
            },
        ));
    }
    frames
}

/// What a tape and a scope are told alike.
struct Both {
    tape: Tape,
    scope: Scope,
}

impl Both {
    fn new(limits: TapeLimits) -> Self {
        Self {
            tape: Tape::new(limits),
            scope: Scope::new(Limits::default()),
        }
    }

    fn note(&mut self, observation: &Observation) {
        self.tape.note(observation);
        self.scope.observe(observation);
    }
}

impl Listen for Both {
    fn observe(&mut self, observation: &Observation) {
        self.note(observation);
    }

    fn outside(&mut self, happened: &Outside, at: u64) {
        self.tape.outside(happened, at);
        self.scope.outside(happened, at);
    }

    fn access(&mut self, access: &Rc<Access>, at: u64) {
        self.tape.access(access, at);
        self.scope.set_access(Rc::clone(access));
    }
}

fn read(bytes: &[u8]) -> Reel {
    Reel::read(bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn played(reel: &Reel) -> Scope {
    let mut scope = Scope::new(Limits::default());
    for entry in reel.entries() {
        scope.play(entry);
    }
    scope
}

/// A scenario in which nobody has a password: those are not recorded, so what is played again would not be the same. Nor is the
/// broker down in the end: what it lost is on screen until it starts, and a recording that begins later knows nothing of it.
fn fit(seed: u64) -> Scenario {
    let is_fit = |scenario: &Scenario| {
        let mut clients = scenario.clients.iter();
        let actions = || scenario.steps.iter().rev().map(|step| &step.action);
        let is_about_broker =
            |it: &&Action| matches!(it, Action::CrashBroker { .. } | Action::StartBroker { .. });
        let last = actions().find(is_about_broker);
        clients.all(|(options, _)| options.password.is_none())
            && !actions().any(|action| matches!(action, Action::ConnectAs(..)))
            && !matches!(last, Some(Action::CrashBroker { .. }))
    };
    let all = (0..).map(|nth| Scenario::draw(seed + 1_000 * nth));
    let mut fit = all.filter(is_fit);
    fit.next().expect("every third one is")
}

/// A session of the lab, with all its faults.
fn recorded(seed: u64, limits: TapeLimits) -> Both {
    let scenario = fit(seed);
    let mut world = scenario.setup().world();
    watch(&mut world);
    let mut both = Both::new(limits);
    let mut teller = Teller::default();
    for step in &scenario.steps {
        play(&mut world, step.after, Some(&step.action), |world| {
            tell(&mut teller, &mut both, world);
        });
    }
    both
}

#[test]
fn a_session_that_is_played_again_is_the_same() {
    for seed in 100..110 {
        let both = recorded(seed, TapeLimits::default());
        let file = both.tape.write(NOW);
        let reel = read(&file);
        assert_eq!(
            (reel.written(), reel.missing(), reel.prologue()),
            (NOW, 0, 0)
        );
        assert_eq!(reel.entries().len(), both.tape.len());
        let again = played(&reel);
        for (told, seen) in see_all(&again).into_iter().zip(see_all(&both.scope)) {
            assert_eq!(told, seen, "seed {seed}");
        }
        // What was read is written as it was.
        let mut copy = Tape::new(TapeLimits::default());
        reel.entries()
            .iter()
            .for_each(|entry| copy.push(entry.clone()));
        assert!(copy.write(NOW) == file, "seed {seed}");
    }
}

/// What is documented is what is written.
#[test]
fn every_event_is_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/recordings.md");
    let documentation = std::fs::read_to_string(path).expect("it is there");
    let mut known = BTreeSet::new();
    for seed in 100..130 {
        let file = recorded(seed, TapeLimits::default()).tape.write(NOW);
        for line in file.split(|byte| *byte == b'\n').skip(1) {
            if let Ok(line) = serde_json::from_slice::<serde_json::Value>(line) {
                known.insert(line["event"].as_str().expect("each has one").to_owned());
            }
        }
    }
    assert!(known.len() > 25, "{known:?}");
    for event in known {
        assert!(documentation.contains(&format!("`{event}`")), "{event}");
    }
}

/// A live session: strangers that send no packets, refusals, a store at the start.
#[test]
fn a_live_session_is_recorded_too() {
    let mut world = World::new();
    world.tape = Some(Tape::new(TapeLimits::default()));
    let state = PersistentState::default();
    world.scope.restore(&state, NOW);
    if let Some(tape) = &mut world.tape {
        tape.restored(&state, NOW);
    }
    world.open("stranger", ProtocolVersion::V3_1_1);
    world.send_bytes("stranger", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    world.connect("five", |connect| {
        connect.version = ProtocolVersion::V5;
        connect.username = Some("ana \"\\ \u{2028} \u{1} é");
    });
    world.subscribe("five", "a/#", QoS::ExactlyOnce);
    world.retain("five", "a/b", "1");
    world.publish("five", "a/b", "2", QoS::ExactlyOnce);
    world.unsubscribe("five", "a/#");
    world.disconnect("five");
    let file = world.tape.take().expect("it was recorded").write(NOW);
    let again = played(&read(&file));
    assert_eq!(see_all(&again), see_all(&world.scope));
    let text = String::from_utf8(file).expect("it is text");
    assert!(text.lines().count() > 20);
    let published = r#""packet":{"type":"PUBLISH","packet_id":2,"topic":"a/b","qos":2,"dup":false,"retain":false,"size":1,"text":"2"}"#;
    assert!(text.contains(published), "{text}");
}

/// Who may receive what is explained by the same rules. What proves a user's password stays where it is.
#[test]
fn rules_are_recorded_and_no_secret_is() {
    let mut world = World::new();
    world.tape = Some(Tape::new(TapeLimits::default()));
    let secret = User {
        password: Some("secret hash".into()),
        scram: None,
    };
    let rule = |name: &str, allow, actions| Rule {
        name: name.into(),
        allow,
        user: Some("an*".into()),
        client: None,
        actions,
        filter: "a/%u/#".into(),
    };
    world.set_access(Access {
        anonymous: true,
        users: [("ana".into(), secret)].into(),
        rules: vec![
            rule("own", true, Actions::ALL),
            rule("no", false, Actions::RECEIVE),
        ],
        default_allow: false,
    });
    world.join("k");
    world.subscribe("k", "a/#", QoS::ExactlyOnce);
    let file = world.tape.take().expect("it was recorded").write(NOW);
    let again = played(&read(&file));
    let view = View {
        matches: Some(MatchView {
            filter: "a/#".into(),
            topic: "a/ana/x".into(),
            qos: 1,
            publisher: "k".into(),
        }),
        ..View::default()
    };
    let seen = see(&again, view.clone());
    assert_eq!(seen, see(&world.scope, view));
    let matches = seen.matches.expect("it was asked for");
    assert_eq!(matches.publisher_forbidden.as_deref(), Some("default"));
    let text = String::from_utf8(file).expect("it is text");
    assert!(
        text.contains("\"ana\"") && !text.contains("secret"),
        "{text}"
    );
}

/// A password is nobody's business.
#[test]
fn passwords_are_not_written() {
    let mut world = World::new();
    world.tape = Some(Tape::new(TapeLimits::default()));
    world.connect("k", |connect| {
        connect.username = Some("ana");
        connect.password = Some(b"correct horse");
    });
    let file = world.tape.take().expect("it was recorded").write(NOW);
    let again = played(&read(&file));
    let detail = see(
        &again,
        View {
            selection: Selection::Row(2),
            ..View::default()
        },
    );
    let Detail::Packet(packet) = detail.detail else {
        panic!("it is a packet")
    };
    assert!(packet.bytes.ends_with(b"\0\x0d*************"));
    assert!(matches!(packet.row.kind, RowKind::Packet(_)));
}

/// Nor is one in a CONNECT that the broker could not read.
#[test]
fn passwords_of_malformed_packets_are_not_written() {
    let connect = |flags: u8, name: &[u8]| {
        // The Client Identifier is no UTF-8.
        let body = [
            name,
            &[flags, 0, 60],
            b"\0\x01\xff\0\x03ana\0\x0dcorrect horse",
        ]
        .concat();
        [&[0x10, body.len() as u8], &body[..]].concat()
    };
    let packets = [
        connect(0xc2, b"\0\x04MQTT\x04"),
        connect(0xc3, b"\0\x04MQTT\x05"),
        connect(0xc2, b"\0\x06MQIsdp\x03"),
        connect(0xc2, b"\0\x04HTTP\x04"),
    ];
    for packet in packets {
        let mut world = World::new();
        world.tape = Some(Tape::new(TapeLimits::default()));
        world.open("k", ProtocolVersion::V3_1_1);
        world.send_bytes("k", &packet);
        let tape = world.tape.take().expect("it was recorded");
        let file = String::from_utf8(tape.write(NOW)).expect("it is text");
        assert!(file.contains("malformed"), "{file}");
        let password: String = b"correct horse".map(|byte| format!("{byte:02x}")).concat();
        assert!(!file.contains(&password), "{file}");
        for capture in [tape.pcapng(), read(file.as_bytes()).pcapng()] {
            assert!(!capture.windows(13).any(|part| part == b"correct horse"));
        }
    }
}

/// What a tape has no room for goes, but not that somebody is connected, subscribed, or that something is retained.
#[test]
fn a_full_tape_begins_with_what_was_still_true() {
    for seed in 100..130 {
        let whole = recorded(seed, TapeLimits::default());
        let entries = whole.tape.len() * (1 + seed as usize % 4) / 5;
        let limits = TapeLimits {
            entries,
            ..TapeLimits::default()
        };
        let both = recorded(seed, limits);
        assert!(both.tape.len() <= entries && both.tape.missing() > 0);
        let file = both.tape.write(NOW);
        let reel = read(&file);
        assert_eq!(reel.missing(), both.tape.missing());
        assert_eq!(
            (reel.entries().len() as u64 + reel.missing()) as usize,
            whole.tape.len(),
            "each entry is there or missing"
        );
        let again = played(&reel);
        let who = |scope: &Scope| {
            let clients = Some(ClientsView {
                first: 0,
                rows: 500,
            });
            let view = View {
                clients,
                ..View::default()
            };
            let rows = see(scope, view).clients.expect("it was asked for").rows;
            let mut rows: Vec<_> = rows
                .into_iter()
                .map(|row| {
                    let filters = row.subscriptions.into_iter().map(|it| (it.filter, it.qos));
                    (row.client, row.connected, filters.collect::<Vec<_>>())
                })
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(who(&again), who(&both.scope), "seed {seed}");
        let retained = |scope: &Scope| {
            let tree = Some(TreeView {
                open_depth: 99,
                rows: 500,
                ..TreeView::default()
            });
            let view = View {
                tree,
                ..View::default()
            };
            let rows = see(scope, view).tree.expect("it was asked for").rows;
            let rows = rows.into_iter().filter(|row| row.retained.is_some());
            rows.map(|row| row.topic).collect::<Vec<_>>()
        };
        assert_eq!(retained(&again), retained(&both.scope), "seed {seed}");
    }
}

#[test]
fn a_tape_of_few_bytes_keeps_the_newest() {
    let mut both = Both::new(TapeLimits {
        entries: 1_000,
        bytes: 0,
    });
    let whole = recorded(100, TapeLimits::default());
    for entry in whole.tape.entries() {
        both.tape.push(entry.clone());
    }
    assert_eq!(both.tape.len(), 1);
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let head = r#"{"format":"vitrine-recording","version":1,"written":1,"prologue":0,"missing":0}"#;
    for (text, expected) in [
        ("", "the recording is empty"),
        (
            "GET /",
            "line 1 of the recording is not how a recording of Vitrine begins",
        ),
        (
            "[]",
            "line 1 of the recording is not how a recording of Vitrine begins",
        ),
        (
            &head.replace("\"version\":1", "\"version\":2"),
            "line 1 of the recording says version 2, and this program reads version 1",
        ),
        (
            &head.replace("\"prologue\":0", "\"prologue\":1"),
            "line 1 of the recording says that more entries follow than there are: the end is missing",
        ),
        (
            &format!("{head}\n\n{{\"at\":1"),
            "line 3 of the recording is no JSON object: EOF while parsing an object at line 1 column 7",
        ),
        (
            &format!("{head}\n{{\"at\":1,\"event\":\"danced\",\"number\":1,\"cause\":1}}"),
            "line 2 of the recording tells of an event that is not known: \"danced\"",
        ),
        (
            &format!("{head}\n{{\"at\":1,\"event\":\"arrived\"}}"),
            "line 2 of the recording `connection` is missing",
        ),
        (
            &format!("{head}\n{{\"at\":1,\"event\":\"arrived\",\"connection\":1,\"x\":1}}"),
            "line 2 of the recording `x` does not belong there",
        ),
        (
            &format!(
                "{head}\n{{\"at\":1,\"event\":\"client-sent\",\"connection\":1,\"bytes\":\"0\"}}"
            ),
            "line 2 of the recording `bytes` is to be bytes as hexadecimal digits, two for each",
        ),
        (
            &format!(
                "{head}\n{{\"at\":1,\"event\":\"sent\",\"number\":1,\"cause\":1,\"connection\":1,\"version\":4,\"bytes\":\"e000ff\"}}"
            ),
            "line 2 of the recording has `bytes` that are no Control Packet: trailing-bytes at byte 2",
        ),
        (
            &format!(
                "{head}\n{{\"at\":1,\"event\":\"unsubscribed\",\"number\":1,\"cause\":1,\"client\":\"k\",\"filter\":\"#/a\"}}"
            ),
            "line 2 of the recording \"#/a\" is no Topic Filter: `#` must be the last level",
        ),
    ] {
        let error = Reel::read(text.as_bytes()).expect_err(text);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let error = Reel::read(b"{\"a\":\"\xff\"}").expect_err("no UTF-8");
    assert_eq!(error.to_string(), "line 1 of the recording is not UTF-8");
}

/// Whatever bytes there are, reading them ends with a recording that can be played, or an error.
#[test]
fn a_damaged_recording_never_panics() {
    let both = recorded(104, TapeLimits::default());
    let file = both.tape.write(NOW);
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let (mut refused, mut read) = (0, 0);
    for seed in 0..400 {
        let mut random = Random::new(seed);
        // A piece of it, some lines of which are damaged, doubled, or missing.
        let first = 1 + random.below(lines.len() as u64 - 60) as usize;
        let mut damaged = lines[0].to_vec();
        for line in &lines[first..first + 50] {
            if random.one_in(10) {
                continue;
            }
            let begin = damaged.len() + 1;
            damaged.push(b'\n');
            damaged.extend_from_slice(line);
            while random.one_in(30) {
                let place = begin + random.below((damaged.len() - begin).max(1) as u64) as usize;
                match random.below(4) {
                    0 => damaged[place] = random.below(256) as u8,
                    1 => damaged.insert(place, b'0' + random.below(10) as u8),
                    2 => damaged.insert(place, random.pick(b"{}[]\",:\\e-.")),
                    _ => {
                        damaged.remove(place);
                    }
                }
            }
        }
        match Reel::read(&damaged) {
            Ok(reel) => {
                read += 1;
                see_all(&played(&reel));
            }
            Err(error) => {
                refused += 1;
                assert!(error.line > 1, "{error}");
            }
        }
    }
    assert!(refused > 50 && read > 50, "{refused} refused, {read} read");
}

/// Whoever makes a file bit by bit has the same file in the end, of what was on the tape when it began; no bit is long
/// work; and all that comes meanwhile is on the tape as ever.
#[test]
fn a_file_that_is_made_piece_by_piece_is_the_same() {
    let tight = TapeLimits {
        entries: 1_500,
        ..TapeLimits::default()
    };
    for (seed, limits) in [(100, TapeLimits::default()), (101, tight), (102, tight)] {
        let mut tape = recorded(seed, limits).tape;
        let more = recorded(seed + 10, TapeLimits::default()).tape;
        while tape.len() < limits.entries.min(3_000) {
            more.entries().for_each(|entry| tape.push(entry.clone()));
        }
        for pcapng in [false, true] {
            let whole = if pcapng {
                tape.pcapng()
            } else {
                tape.write(NOW)
            };
            let (mut busy, mut still) = (tape.clone(), tape.clone());
            let mut pieces = if pcapng {
                Pieces::of_pcapng(&busy)
            } else {
                Pieces::of_recording(&busy, NOW)
            };
            let (mut file, mut done) = (Vec::new(), 0.0);
            let mut count = 0;
            while let Some(piece) = pieces.next() {
                file.extend(piece);
                assert!(pieces.done() >= done, "seed {seed}");
                (done, count) = (pieces.done(), count + 1);
                for entry in more.entries().take(100) {
                    busy.push(entry.clone());
                    still.push(entry.clone());
                }
            }
            assert!(file == whole, "seed {seed}");
            assert_eq!(done, 1.0);
            // 64 KiB of entries, which count for 128 bytes at least.
            assert!(count > tape.len() / 512, "seed {seed}: {count}");
            assert!(busy.write(NOW) == still.write(NOW), "seed {seed}");
        }
    }
    // What is small is one piece.
    let mut few = Tape::new(TapeLimits::default());
    let whole = recorded(100, TapeLimits::default()).tape;
    let first = whole.entries().take(50);
    first.for_each(|entry| few.push(entry.clone()));
    assert_eq!(Pieces::of_recording(&few, NOW).count(), 1);
    assert_eq!(Pieces::of_pcapng(&few).count(), 1);
    let nothing = Tape::new(TapeLimits::default());
    let file: Vec<u8> = Pieces::of_recording(&nothing, NOW).flatten().collect();
    assert!(file == nothing.write(NOW));
    let file: Vec<u8> = Pieces::of_pcapng(&nothing).flatten().collect();
    assert!(file == nothing.pcapng());
}
