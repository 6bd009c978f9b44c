//! Time that goes on by itself.

use std::time::Duration;

use vitrine_link::LabCommand::{Act, Go, Run, Step, Until};

use crate::common::*;

#[test]
fn time_goes_on_as_fast_as_was_said() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 0 });
    page.does(Run { speed: 1.0 });
    // While nothing moves there are few frames: the last one may be a little while ago.
    page.pass(Duration::from_millis(2_000));
    let time = page.lab_frame().time;
    assert!((1_740.0..=2_001.0).contains(&time), "{time}");
    assert!((page.lab_frame().speed - 1.0).abs() < f64::EPSILON);
    page.does(Run { speed: 0.5 });
    page.pass(Duration::from_millis(1_000));
    let later = page.lab_frame().time - time;
    assert!((370.0..=501.0).contains(&later), "{later}");
    page.does(Run { speed: 0.0 });
    let time = page.lab_frame().time;
    page.pass(Duration::from_millis(1_000));
    assert!((page.lab_frame().time - time).abs() < f64::EPSILON);
}

/// A packet moves along its way while time goes on, and nothing else asks for frames.
#[test]
fn what_flies_moves() {
    let mut page = Page::of(WORLD);
    assert_eq!(page.lab.due(&page.lens, page.now), None);
    page.act("sensor-5000 publish area/10/x \"1\" qos=0");
    page.does(Run { speed: 1.0 });
    let mut gone = Vec::new();
    for _ in 0..2 {
        page.pass(Duration::from_millis(35));
        gone.push(page.lab_frame().flying[0].gone);
    }
    assert!(gone.windows(2).all(|pair| pair[0] < pair[1]), "{gone:?}");
}

/// Nothing is to come: time stands again.
#[test]
fn it_stops_where_nothing_happens() {
    let mut page = Page::of("client a keep-alive=0\na connect\nwait 1s\n");
    page.does(Go { moment: 0 });
    page.does(Run { speed: 10.0 });
    page.pass(Duration::from_secs(5));
    assert!(page.lab_frame().speed.abs() < f64::EPSILON);
    assert_eq!(page.lab.due(&page.lens, page.now), None);
}

/// Who acts while it goes on acts then; who steps stops it.
#[test]
fn acting_goes_on_and_stepping_stops() {
    let mut page = Page::of(WORLD);
    page.does(Run { speed: 1.0 });
    page.pass(Duration::from_millis(500));
    let time = page.lab_frame().time;
    page.act("sensor-5000 publish area/10/x \"1\" qos=0");
    assert!(page.lab_frame().time >= time && page.lab_frame().speed > 0.0);
    page.pass(Duration::from_millis(500));
    assert!(page.rows().iter().any(|row| row == "painel < 3 Arrived"));
    page.does(Step);
    assert!(page.lab_frame().speed.abs() < f64::EPSILON);
}

#[test]
fn what_is_no_speed_is_refused() {
    let mut page = Page::of(WORLD);
    for speed in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(page.refused(Run { speed }).why.contains("no speed"));
    }
    assert!(page.refused(Act("sleep".into())).why.contains("sleep"));
}

/// Whatever the speed, whoever wakes the lab when it says so comes on: it never asks to be woken at once, again and again.
#[test]
fn nobody_is_woken_for_nothing() {
    for speed in [0.3, 1.0, 3.0, 7.0] {
        let mut page = Page::of(WORLD);
        page.does(Go { moment: 0 });
        page.does(Run { speed });
        let mut woken = 0;
        let end = page.now + Duration::from_secs(2);
        while let Some(due) = page.lab.due(&page.lens, page.now)
            && due <= end
        {
            page.now = page.now.max(due);
            page.draw();
            woken += 1;
            assert!(woken < 300, "{speed}");
        }
    }
}

/// A lab that begins anew catches up with what was on screen: with what is told of it, and with the time that passed since.
#[test]
fn time_passes_until_a_time_and_never_back() {
    let mut page = Page::of(WORLD);
    page.act("painel cut");
    page.does(Run { speed: 1.0 });
    page.pass(Duration::from_millis(3_456));
    let on_screen = page.lab_frame().clone();
    let mut again = Page::of(WORLD);
    again.act("painel cut");
    again.does(Until {
        time: on_screen.time,
    });
    assert_eq!(again.lab_frame().time, on_screen.time);
    assert_eq!(again.lab_frame().moment, on_screen.moment);
    assert_eq!(again.lab_frame().heads, on_screen.heads);
    assert_eq!(again.rows(), page.rows());
    for time in [on_screen.time, 0.0, -1.0, f64::NAN] {
        again.does(Until { time });
        assert_eq!(again.lab_frame().time, on_screen.time);
    }
    again.refused(Until {
        time: f64::INFINITY,
    });
}
