//! The same at all three QoS.

use vitrine_link::LabCommand::{Back, Beside, Go, Step, Undo, Wait};

use crate::common::*;

const LOSS: &str = r#"
client sensor version=3.1.1 clean=no reconnect=1s..1s
client painel version=3.1.1 clean=no
painel connect
wait 1s
painel subscribe area/# qos=1
wait 1s
sensor connect
wait 1s
"#;

/// How many PUBLISH packets arrived at the panel, by QoS.
fn arrived(page: &Page) -> [usize; 3] {
    let count = |rows: &[String]| {
        rows.iter()
            .filter(|row| *row == "painel < 3 Arrived")
            .count()
    };
    let frame = page.lab_frame();
    let mut all = [0; 3];
    all[usize::from(frame.beside.unwrap())] = count(&page.rows());
    for other in &frame.others {
        all[usize::from(other.qos)] = count(&words(&other.flow));
    }
    all
}

/// The classroom's question: the connection breaks with the message on it. Lost; once; once.
#[test]
fn the_same_fault_hits_all_three() {
    let mut page = Page::of(LOSS);
    assert!(page.lab_frame().can_compare);
    page.does(Beside(true));
    assert_eq!(page.lab_frame().others.len(), 2);
    page.act("sensor publish area/10/t \"21.5\" qos=1");
    assert_eq!(page.lab_frame().beside, Some(1));
    page.act("sensor cut");
    page.does(Wait { seconds: 10.0 });
    assert_eq!(arrived(&page), [0, 1, 1]);
    // And when the acknowledgement is lost: QoS 1 doubles, QoS 2 does not.
    page.does(Undo);
    page.does(Undo);
    page.act("sensor publish area/10/t \"21.5\" qos=1");
    page.does(Wait { seconds: 0.15 });
    page.act("sensor cut");
    page.does(Wait { seconds: 10.0 });
    assert_eq!(arrived(&page), [1, 2, 1]);
    page.does(Beside(false));
    assert!(page.lab_frame().others.is_empty() && page.lab_frame().beside.is_none());
}

/// Three step together by the world's time; and what is told at a time is the same forth and back.
#[test]
fn they_step_together() {
    let mut page = Page::of(LOSS);
    page.act("sensor publish area/10/t \"21.5\" qos=1");
    page.does(Go { moment: 0 });
    page.does(Beside(true));
    let mut frames = vec![page.sight()];
    for _ in 0..25 {
        let before = page.lab_frame().time;
        page.does(Step);
        assert!(page.lab_frame().time >= before);
        frames.push(page.sight());
    }
    for other in &page.lab_frame().others {
        assert!(!other.flow.rows.is_empty() && !other.heads.is_empty());
    }
    let times: Vec<_> = frames
        .iter()
        .map(|frame| frame.lab.as_ref().unwrap().time)
        .collect();
    let unlike = |frame: &vitrine_link::Frame| {
        let mut frame = frame.clone();
        let lab = frame.lab.as_mut().unwrap();
        (lab.end, lab.roads[0].end) = (0, 0);
        frame
    };
    for _ in 0..10 {
        page.does(Back);
        let time = page.lab_frame().time;
        let last = times
            .iter()
            .rposition(|one| (one - time).abs() < 0.0001)
            .unwrap();
        same(&unlike(&page.sight()), &unlike(&frames[last]), "");
    }
}

/// Back leads to every time to which Step led, whichever of the three something was to be seen in.
#[test]
fn back_passes_over_nothing() {
    let world = LOSS.replace("painel version", "painel up=70ms down=130ms version");
    let mut page = Page::of(&world);
    page.act("sensor publish area/10/t \"21.5\" qos=1");
    page.does(Wait { seconds: 0.15 });
    page.act("sensor cut");
    page.does(Wait { seconds: 10.0 });
    page.does(Go { moment: 0 });
    page.does(Beside(true));
    let mut times = vec![page.lab_frame().time];
    while page.lab_frame().time < 8_000.0 {
        times.push(page.does(Step).time);
    }
    for time in times.iter().rev().skip(1) {
        let here = page.does(Back).time;
        assert!(
            (here - time).abs() < 0.0001,
            "{here} is not {time}: {times:?}"
        );
    }
}
