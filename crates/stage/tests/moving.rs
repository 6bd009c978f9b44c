//! Moving in time.

use vitrine_link::LabCommand::{Back, Go, Next, Previous, Step, Wait};

use crate::common::*;

/// Every frame from first to last step, going forward from the beginning.
fn forth(page: &mut Page) -> Vec<vitrine_link::Frame> {
    page.does(Go { moment: 0 });
    let mut frames = vec![page.sight()];
    loop {
        let before = page.moment();
        page.does(Step);
        // The last steps are beyond what was known: a minute later a PINGREQ, and so on.
        if page.moment() == before || frames.len() > 60 {
            return frames;
        }
        frames.push(page.sight());
    }
}

/// The frame at a position is the same, to the last bit, whether one comes there going on, going back or jumping.
#[test]
fn a_moment_is_the_same_however_one_comes_there() {
    let mut page = Page::of(WORLD);
    let frames = forth(&mut page);
    assert!(frames.len() > 15, "{}", frames.len());
    let at = |frame: &vitrine_link::Frame| frame.lab.as_ref().unwrap().moment;
    // The end is known by now, which is another thing to say than when it was not.
    let known = page.lab_frame().end;
    let same = |mut a: vitrine_link::Frame, mut b: vitrine_link::Frame| {
        for frame in [&mut a, &mut b] {
            let lab = frame.lab.as_mut().unwrap();
            lab.end = 0;
            lab.roads[0].end = 0;
        }
        crate::common::same(&a, &b, "");
    };
    for frame in frames.iter().rev() {
        while page.moment() > at(frame) {
            page.does(Back);
        }
        same(page.sight(), frame.clone());
    }
    assert_eq!(page.lab_frame().end, known);
    for frame in frames.iter().step_by(3).rev().chain(&frames) {
        page.does(Go { moment: at(frame) });
        same(page.sight(), frame.clone());
    }
}

/// A step is something that can be seen: each changes the ladder, or what is on its way.
#[test]
fn every_step_shows_something() {
    let mut page = Page::of(WORLD);
    let frames = forth(&mut page);
    for pair in frames.windows(2) {
        let [a, b] = pair else { unreachable!() };
        let (flow_a, flow_b) = (a.flow.as_ref().unwrap(), b.flow.as_ref().unwrap());
        let flying = |frame: &vitrine_link::Frame| {
            let flying = frame.lab.as_ref().unwrap().flying.clone();
            flying
                .into_iter()
                .map(|one| (one.client, one.packet.packet_type))
                .collect::<Vec<_>>()
        };
        let heads = |frame: &vitrine_link::Frame| {
            let heads = frame.lab.as_ref().unwrap().heads.iter();
            heads
                .map(|head| (head.state.clone(), facts(head)))
                .collect::<Vec<_>>()
        };
        assert!(
            flow_a.newest != flow_b.newest || flying(a) != flying(b) || heads(a) != heads(b),
            "{:?}",
            a.lab.as_ref().unwrap().moment
        );
    }
}

/// What is promised as the next step is what the next step is.
#[test]
fn the_next_step_is_what_was_told() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 0 });
    let mut kinds = Vec::new();
    for _ in 0..30 {
        let coming = page.lab_frame().next.clone().unwrap();
        let time = page.lab_frame().time;
        let packets = page.rows().iter().filter(|row| row.contains(" > ")).count();
        page.does(Step);
        assert!((page.lab_frame().time - time - coming.after).abs() < 0.001);
        if coming.kind == "arrival" && coming.to_broker {
            let after = page.rows().iter().filter(|row| row.contains(" > ")).count();
            assert_eq!(after, packets + 1, "{coming:?}");
        }
        kinds.push(coming.kind);
    }
    for kind in ["act", "opening", "arrival", "client-deadline"] {
        assert!(kinds.iter().any(|one| one == kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn next_and_previous_go_from_publication_to_connection() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 0 });
    page.does(Next);
    assert!(
        page.rows().last().unwrap().contains("painel < 2"),
        "{:?}",
        page.rows()
    );
    page.does(Next);
    assert!(page.rows().last().unwrap().contains("sensor-5000 < 2"));
    let here = page.moment();
    page.does(Next);
    assert!(
        page.rows().iter().any(|row| row == "painel < 3 Flying"),
        "{:?}",
        page.rows()
    );
    page.does(Previous);
    assert_eq!(page.moment(), here);
}

/// Waiting adds nothing to a road, and what happens meanwhile happens.
#[test]
fn time_passes_where_one_waits() {
    let mut page = Page::of(WORLD);
    let (time, end) = (page.lab_frame().time, page.lab_frame().end);
    page.does(Wait { seconds: 10.0 });
    assert!((page.lab_frame().time - time - 10_000.0).abs() < 0.001);
    assert_eq!(page.lab_frame().end, end);
    page.does(Wait { seconds: 3600.0 });
    assert!(
        page.rows()
            .iter()
            .filter(|row| row.contains("> 12"))
            .count()
            > 50
    );
    assert!(
        page.refused(Wait { seconds: -1.0 })
            .why
            .contains("more than 0")
    );
    assert!(
        page.refused(Wait { seconds: f64::NAN })
            .why
            .contains("more than 0")
    );
    page.does(Back);
    assert!(page.lab_frame().time < time + 3_610_000.0);
}

/// At the beginning and at the end one stays where one is.
#[test]
fn nobody_goes_beyond_the_ends() {
    let mut page = Page::of("client a keep-alive=0\na connect\nwait 1s\n");
    for _ in 0..20 {
        page.does(Back);
    }
    assert_eq!(page.moment(), 0);
    for _ in 0..20 {
        page.does(Step);
    }
    let frame = page.lab_frame();
    assert_eq!((frame.moment, &frame.next), (frame.end, &None));
    page.does(Go { moment: 1_000_000 });
    assert_eq!(page.moment(), page.lab_frame().end);
}

/// Who comes or goes moves the others up and down in the broker's head, and changes nothing of theirs.
#[test]
fn who_leaves_changes_nothing_of_the_others() {
    let mut page = Page::of(WORLD);
    let end = page.lab_frame().end;
    page.does(Go { moment: end });
    page.act("sensor-5000 disconnect");
    page.does(Step);
    let head = page.head("broker");
    let of = |who: &'static str| {
        let facts = head.facts.iter();
        facts.filter(move |fact| fact.of == who && fact.kind != "timer")
    };
    assert!(of("sensor-5000").any(|fact| fact.change == "gone"));
    assert!(of("painel").count() >= 2);
    assert!(of("painel").all(|fact| fact.change.is_empty()), "{head:#?}");
}
