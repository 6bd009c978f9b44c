//! Files: what was exported is opened again and played as it was.

use std::time::Duration;

use vitrine_link::LabCommand::{Act, Back, Beside, Go, Run, Share, Step, Undo, Wait};
use vitrine_link::{Format, Frame, LabSource};
use vitrine_stage::Lab;

use crate::common::*;
use crate::lessons;

fn reopen(page: &Page) -> Page {
    let file = page.lab.export(Format::Recording, page.now);
    let source = LabSource::Recording {
        name: file.name,
        bytes: file.bytes,
    };
    Page::with(Lab::open(&source).unwrap())
}

/// What both show: all but the lab's own part and what is counted by when one looked.
fn seen(frame: &Frame) -> (Vec<String>, Vec<String>, Vec<String>) {
    let tree = frame.tree.as_ref().unwrap().rows.iter();
    let clients = frame.clients.as_ref().unwrap().rows.iter();
    (
        words(frame.flow.as_ref().unwrap()),
        tree.map(|row| format!("{} {:?}", row.topic, row.last))
            .collect(),
        clients.map(|row| format!("{row:?}")).collect(),
    )
}

/// Every lesson, saved and played again to its end, shows what it showed.
#[test]
fn a_recording_shows_what_was() {
    for (name, text) in lessons::all() {
        let mut page = lessons::open(&name, &text);
        let end = page.lab_frame().end;
        page.does(Go { moment: end });
        let mut again = reopen(&page);
        assert_eq!(again.lab_frame().kind, "recording");
        assert_eq!(again.lab_frame().title, format!("{name}.vitrine"));
        assert!(again.rows().is_empty());
        let end = again.lab_frame().end;
        again.does(Go { moment: end });
        assert_eq!(seen(again.whole()), seen(page.whole()), "{name}");
    }
}

/// Step and Back lead to the same places, and each step shows a row more.
#[test]
fn a_recording_is_stepped_through() {
    let page = Page::of(WORLD);
    let mut again = reopen(&page);
    let mut frames = vec![again.sight()];
    while let Some(next) = again.lab_frame().next.clone() {
        let rows = again.rows().len();
        again.does(Step);
        if let Some(packet) = next.packet {
            let row = again.rows()[rows].clone();
            let way = if next.to_broker { ">" } else { "<" };
            let told = format!("{} {way} {}", next.client, packet.packet_type);
            assert!(row.starts_with(&told), "{row} is not {told}");
        }
        assert!(again.rows().len() > rows || again.lab_frame().next.is_none());
        frames.push(again.sight());
    }
    assert!(frames.len() > 12, "{}", frames.len());
    for frame in frames.iter().rev().skip(1) {
        again.does(Back);
        same(&again.sight(), frame, "");
    }
}

/// Many topics before the first row, and between two: each is gone through once or twice, and not copied at each.
#[test]
fn rows_are_far_between() {
    let line =
        |at: u32, rest: &str| format!("{{\"at\":{at},\"number\":{at},\"cause\":{at},{rest}}}\n");
    let opened = |at: u32| {
        let rest = "\"event\":\"opened\",\"connection\":1,\"door\":\"tcp\",\"name\":\"\"";
        line(at, &rest.replace(":1,", &format!(":{at},")))
    };
    let retained = |at: u32| {
        let rest = "\"event\":\"retained\",\"publication\":1,\"qos\":0,\"payload\":\"\"";
        line(at, &format!("{rest},\"topic\":\"a/{at}\""))
    };
    let mut text = String::from(
        "{\"format\":\"vitrine-recording\",\"version\":1,\"written\":1,\"prologue\":0,\"missing\":0}\n",
    );
    text.extend((1..=2_000).map(retained));
    text.push_str(&opened(2_001));
    text.extend((2_002..=4_000).map(retained));
    text.push_str(&opened(4_001));
    let lab = Lab::open(&LabSource::Recording {
        name: "a.vitrine".into(),
        bytes: text.into_bytes(),
    });
    let mut page = Page::with(lab.unwrap());
    let moments = |page: &mut Page, command| {
        let frame = page.does(command);
        (frame.moment, frame.end)
    };
    assert_eq!((page.moment(), page.rows().len()), (2_000, 0));
    assert_eq!(moments(&mut page, Step), (4_000, 4_001));
    assert_eq!(page.rows().len(), 1);
    assert_eq!(moments(&mut page, Back), (2_000, 4_001));
    assert_eq!(moments(&mut page, Step), (4_000, 4_001));
    assert_eq!(moments(&mut page, Step), (4_001, 4_001));
    assert_eq!(page.rows().len(), 2);
}

/// It runs as fast as it was, and ends where it ended.
#[test]
fn a_recording_runs_with_its_own_timing() {
    let page = Page::of(WORLD);
    let whole = page.lab_frame().time;
    let mut again = reopen(&page);
    let last = {
        let end = again.lab_frame().end;
        again.does(Go { moment: end });
        let last = again.lab_frame().time;
        again.does(Go { moment: 0 });
        last
    };
    assert!(last <= whole && last > 2_000.0, "{last} {whole}");
    again.does(Run { speed: 1.0 });
    again.pass(Duration::from_secs(1));
    let time = again.lab_frame().time;
    assert!((740.0..=1_001.0).contains(&time), "{time}");
    again.pass(Duration::from_secs(10));
    assert!(again.lab_frame().speed.abs() < f64::EPSILON && again.lab_frame().next.is_none());
    again.does(Go { moment: 0 });
    again.does(Wait { seconds: 2.0 });
    assert!((again.lab_frame().time - 2_000.0).abs() < 0.001);
}

/// What happened has happened.
#[test]
fn nobody_acts_in_a_recording() {
    let mut again = reopen(&Page::of(WORLD));
    assert!(!again.lab_frame().can_act && !again.lab_frame().can_compare);
    for command in [Act("painel cut".into()), Undo, Beside(true), Share] {
        let why = again.refused(command.clone()).why;
        assert!(why.contains("recording"), "{command:?}: {why}");
    }
}

/// A capture of every lesson, which tshark reads (see the tests of `scope`).
#[test]
fn every_lesson_is_given_out_as_a_capture() {
    for (name, text) in lessons::all() {
        let page = lessons::open(&name, &text);
        let file = page.lab.export(Format::Pcapng, page.now);
        assert_eq!(file.name, format!("{name}.pcapng"));
        assert_eq!(file.bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a], "{name}");
        assert!(file.bytes.len() > 2_000, "{name}: {}", file.bytes.len());
    }
}

/// What is saved of a fork is the fork, from the beginning to as far as it is known; and a recording gives itself out
/// again.
#[test]
fn a_fork_is_saved_whole() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 12 });
    page.act("painel cut");
    page.does(Step);
    page.does(Step);
    let rows = page.rows();
    page.does(Back);
    let file = page.lab.export(Format::JsonLines, page.now);
    assert_eq!(file.name, "lab-road-2.jsonl");
    let mut again = reopen(&page);
    let end = again.lab_frame().end;
    again.does(Go { moment: end });
    assert_eq!(again.rows(), rows);
    let file = page.lab.export(Format::Recording, page.now);
    let twice = again.lab.export(Format::Recording, again.now);
    assert_eq!(twice.bytes, file.bytes);
    assert_eq!(twice.name, file.name);
}

#[test]
fn what_is_no_recording_is_said() {
    let source = |bytes: &[u8]| LabSource::Recording {
        name: "a.vitrine".into(),
        bytes: bytes.to_vec(),
    };
    let file = Page::of(WORLD)
        .lab
        .export(Format::Recording, Page::of(WORLD).now)
        .bytes;
    let mut broken = file.clone();
    broken.extend_from_slice(b"{\"what\":\"nonsense\"}\n");
    let lines = broken.split(|byte| *byte == b'\n').count() as u32 - 1;
    for (bytes, line) in [(&b""[..], 0), (b"hello", 1), (&broken, lines)] {
        let problem = Lab::open(&source(bytes)).err().unwrap();
        assert_eq!(
            (problem.what.as_str(), problem.line),
            ("recording", line),
            "{problem:?}"
        );
        assert!(problem.why.starts_with("the recording"));
    }
}

/// What is known of the beginning of a recording that lost it goes with it, however often it is given out.
#[test]
fn a_recording_without_its_beginning_is_given_out_so() {
    let line = |at: u32| {
        format!(
            "{{\"at\":{at},\"event\":\"opened\",\"number\":{at},\"cause\":{at},\"connection\":{at},\"door\":\"tcp\",\"name\":\"\"}}\n"
        )
    };
    let mut text = String::from(
        "{\"format\":\"vitrine-recording\",\"version\":1,\"written\":5000000,\"prologue\":2,\"missing\":7}\n",
    );
    text.extend((1..=5).map(line));
    let lab = Lab::open(&LabSource::Recording {
        name: "a.vitrine".into(),
        bytes: text.clone().into_bytes(),
    });
    let page = Page::with(lab.unwrap());
    assert_eq!((page.moment(), page.rows().len()), (2, 2));
    let now = vitrine_broker::Time::from_secs(5);
    let again = page.lab.export(Format::Recording, now).bytes;
    assert_eq!(String::from_utf8(again).unwrap(), text);
}
