//! What holds for every lesson, and for all of them together.

use std::collections::BTreeSet;
use std::rc::Rc;

use vitrine_course::{Depth, Entry, LANGUAGES, Laid, Lesson, Texts};
use vitrine_lab::{Happening, Road, Trace, Watch, World};
use vitrine_packet::{PacketType, ProtocolVersion};

use crate::{course, root};

/// Texts of a lesson, with where they stand.
fn texts(lesson: &Lesson) -> Vec<(String, &Texts)> {
    let mut texts = vec![
        ("title".to_owned(), &lesson.title),
        ("summary".to_owned(), &lesson.summary),
    ];
    for (at, step) in lesson.steps.iter().enumerate() {
        texts.push((format!("text {at}"), &step.text));
        if let Some(ask) = &step.ask {
            texts.push((format!("question of text {at}"), &ask.text));
            texts.push((format!("reason of text {at}"), &ask.because));
            let options = ask.options.iter().enumerate();
            texts.extend(options.map(|(of, text)| (format!("answer {of} of text {at}"), text)));
        }
    }
    texts
}

fn laid(name: &str, lesson: &Lesson) -> Laid {
    let laid = lesson.lay_out();
    laid.unwrap_or_else(|error| panic!("{name}.toml:{}: {}", error.line, error.why))
}

#[test]
fn the_course_is_whole() {
    let course = course();
    // The first is the world without a lesson.
    assert!(course.len() > 15, "{} lessons", course.len());
    for (at, (name, lesson)) in course.iter().enumerate() {
        let entry = Entry::of(&format!("{name}.toml"), lesson).unwrap();
        assert_eq!(entry.number as usize, at, "{name}: numbers have no gaps");
        assert_eq!(entry.name, *name);
    }
}

/// A text that is much longer in one language says something else there, or stays unsaid in another.
#[test]
fn texts_say_the_same_in_each_language() {
    let mut wrong = Vec::new();
    for (name, lesson) in course() {
        for (place, texts) in texts(&lesson) {
            let lengths = LANGUAGES.map(|language| texts.get(language).chars().count());
            let (least, most) = (lengths.iter().min().unwrap(), lengths.iter().max().unwrap());
            if *most > 20 && least * 10 < most * 6 {
                wrong.push(format!(
                    "{name}, {place}: {lengths:?} characters in {LANGUAGES:?}"
                ));
            }
            let signs = LANGUAGES.map(|language| texts.get(language).matches('*').count());
            if signs[0] != signs[1] || signs[1] != signs[2] {
                wrong.push(format!(
                    "{name}, {place}: what stands out differs: {signs:?} *"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What stands in code (topics, payloads, codes) is the same in each language.
#[test]
fn code_is_the_same_in_each_language() {
    let mut wrong = Vec::new();
    for (name, lesson) in course() {
        for (place, texts) in texts(&lesson) {
            let code = |language: &str| {
                let pieces = texts.get(language).split('`').skip(1).step_by(2);
                pieces.map(str::to_owned).collect::<BTreeSet<_>>()
            };
            for language in ["en", "es"] {
                // A translation may explain a topic's Portuguese word.
                let missing: Vec<_> = code("pt").difference(&code(language)).cloned().collect();
                if !missing.is_empty() {
                    wrong.push(format!("{name}, {place}: {language} lacks {missing:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What fits on a projector, and is a lesson.
#[test]
fn lessons_can_be_taught() {
    for (name, lesson) in course().into_iter().skip(1) {
        let clients = lesson.setup.clients.len();
        assert!((2..=4).contains(&clients), "{name}: {clients} clients");
        let texts = lesson.steps.len();
        assert!((5..=17).contains(&texts), "{name}: {texts} texts");
        let asks = lesson
            .steps
            .iter()
            .filter(|step| step.ask.is_some())
            .count();
        assert!(asks >= 1, "{name} asks nothing");
        assert!(!lesson.standard.is_empty(), "{name} names no section");
        for step in &lesson.steps {
            assert!(
                !step.points.is_empty(),
                "{name}:{}: it points at nothing",
                step.line
            );
        }
        let last = lesson.steps.last().unwrap();
        assert!(last.ask.is_none(), "{name} ends with a question");
        for client in &lesson.setup.clients {
            for way in [client.line.up, client.line.down] {
                let millis = way.as_millis();
                assert!(
                    (100..=500).contains(&millis),
                    "{name}: {} takes {millis} ms",
                    client.name
                );
            }
        }
    }
}

/// What the right answer says will happen is counted, but where a question is about how bytes stand in a packet.
#[test]
fn right_answers_are_held_against_what_happens() {
    for (name, lesson) in course() {
        if lesson.depth == Depth::Bytes {
            continue;
        }
        let unproved = lesson
            .steps
            .iter()
            .find(|step| step.ask.is_some() && step.counts.is_empty());
        assert_eq!(unproved.map(|step| step.line), None, "{name}");
    }
}

/// Questions are not always answered in the same place.
#[test]
fn right_answers_stand_anywhere() {
    let mut places = [0; 4];
    for (_, lesson) in course() {
        let asks = lesson.steps.iter().filter_map(|step| step.ask.as_ref());
        asks.for_each(|ask| places[ask.right.min(3)] += 1);
    }
    let all: usize = places.iter().sum();
    assert!(places.iter().all(|place| place * 3 < all * 2), "{places:?}");
    assert!(places[0] > 0 && places[2] > 0, "{places:?}");
}

#[test]
fn texts_begin_one_after_the_other() {
    for (name, lesson) in course() {
        let laid = laid(&name, &lesson);
        assert_eq!(laid.marks.len(), lesson.steps.len(), "{name}");
        assert!(
            laid.marks.is_sorted_by(|a, b| a < b),
            "{name}: {:?}",
            laid.marks
        );
        assert_eq!(laid.script.end, laid.marks.last().copied(), "{name}");
        let road = Road::of(&laid.script, ()).unwrap();
        assert_eq!(Some(road.end()), laid.script.end, "{name}");
    }
}

/// Which packets really arrived, by the version of their connection.
#[derive(Clone, Default)]
struct Arrived(BTreeSet<(u8, bool)>);

impl Watch for Arrived {
    fn happened(&mut self, world: &World, trace: Trace) {
        let (Happening::FromClient(_, node, bytes) | Happening::ToClient(_, node, bytes)) =
            trace.what
        else {
            return;
        };
        let is_5 = world.client(node).options().version == ProtocolVersion::V5;
        self.0.insert((bytes[0] >> 4, is_5));
    }
}

#[test]
fn every_control_packet_is_sent_for_real_and_pointed_at() {
    let mut sent: BTreeSet<(u8, bool)> = BTreeSet::new();
    let mut pointed = BTreeSet::new();
    for (name, lesson) in course() {
        let script = laid(&name, &lesson).script;
        let mut road = Road::of(&script, Arrived::default()).unwrap();
        road.go(road.end());
        sent.extend(&road.watch().0);
        if lesson.depth == Depth::Bytes {
            pointed.extend(lesson.steps.iter().flat_map(|step| step.points.clone()));
        }
    }
    for packet in (1..=15).filter_map(PacketType::from_bits) {
        let is_5 = packet == PacketType::Auth;
        assert!(sent.contains(&(packet as u8, is_5)), "{}", packet.name());
        assert!(
            pointed.contains(packet.name()),
            "{} is not taken apart",
            packet.name()
        );
    }
}

/// Packets as they really were.
#[derive(Clone, Default)]
struct Bytes(Vec<Rc<[u8]>>);

impl Watch for Bytes {
    fn happened(&mut self, _: &World, trace: Trace) {
        if let Happening::FromClient(_, _, bytes) | Happening::FromBroker(_, bytes) = trace.what {
            self.0.push(bytes);
        }
    }
}

/// Where a text says `PUBACK: 40 02`, a PUBACK of the lesson begins with these bytes.
#[test]
fn bytes_that_texts_tell_are_those_that_were_sent() {
    let mut told = BTreeSet::new();
    for (name, lesson) in course() {
        let script = laid(&name, &lesson).script;
        let mut road = Road::of(&script, Bytes::default()).unwrap();
        road.go(road.end());
        let sent = &road.watch().0;
        for (place, texts) in texts(&lesson) {
            let text = format!(" {}", texts.get("pt"));
            for packet in (1..=15).filter_map(PacketType::from_bits) {
                let sign = format!(" {}: `", packet.name());
                for piece in text.split(&sign).skip(1) {
                    let hex = piece.split('`').next().unwrap();
                    let bytes: Result<Vec<u8>, _> = hex
                        .split(' ')
                        .map(|byte| u8::from_str_radix(byte, 16))
                        .collect();
                    let bytes = bytes.unwrap_or_else(|_| panic!("{name}, {place}: {hex}"));
                    assert_eq!(bytes[0] >> 4, packet as u8, "{name}, {place}: {hex}");
                    let is_so = sent.iter().any(|packet| packet.starts_with(&bytes));
                    assert!(
                        is_so,
                        "{name}, {place}: no {} begins with {hex}",
                        packet.name()
                    );
                    told.insert(packet as u8);
                }
            }
        }
    }
    assert!(told.len() >= 13, "{told:?}");
}

/// The example in `docs/lessons.md` is a lesson.
#[test]
fn the_lesson_in_the_documentation_can_be_played() {
    let text = std::fs::read_to_string(root().join("docs/lessons.md")).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let lesson = Lesson::parse(example).unwrap();
    let laid = laid("docs/lessons.md", &lesson);
    let ladder = lesson.ladder(&laid, Some("pt")).unwrap();
    let printed = text.split("```text\n").nth(1).unwrap();
    let printed = printed.split("```").next().unwrap();
    assert!(ladder.contains(printed), "{ladder}");
}
