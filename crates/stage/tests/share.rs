//! Links: whoever opens one sees what who made it saw.

use std::time::Duration;

use vitrine_lab::Link;
use vitrine_lab::simulate::Scenario;
use vitrine_link::LabCommand::{Back, Beside, Go, Next, Road, Share, Step, Undo, Wait};
use vitrine_link::{Event, Frame, LabSource};
use vitrine_stage::Lab;

use crate::common::*;
use crate::lessons;

fn code(page: &mut Page) -> String {
    match page.say(Share) {
        Some(Event::Shared(code)) => code,
        other => panic!("no code but {other:?}"),
    }
}

fn follow(code: &str, lesson: Option<(String, String)>) -> Page {
    let source = LabSource::Link {
        code: code.into(),
        lesson,
    };
    Page::with(Lab::open(&source).unwrap())
}

/// A packet that is half-way, and a Keep Alive that has half run off, are so for whoever opens the link.
#[test]
fn a_link_lands_between_two_moments() {
    let mut page = Page::of(WORLD);
    page.act("sensor-5000 publish area/10/x \"1\" qos=1");
    page.does(Wait { seconds: 0.04 });
    let half = page.sight();
    assert!(half.lab.as_ref().unwrap().flying[0].gone > 0.3);
    let other = follow(&code(&mut page), None);
    let told = |frame: &Frame| {
        let lab = frame.lab.as_ref().unwrap();
        (lab.time, lab.moment, lab.flying.clone(), lab.heads.clone())
    };
    assert_eq!(told(&other.sight()), told(&half));
    // Nobody makes a link skip what comes next.
    let written = Link::decode(&code(&mut page)).unwrap();
    let mut hostile = written.clone();
    hostile.roads[0].elapsed = Duration::from_secs(3_600);
    let other = follow(&hostile.encode().unwrap(), None);
    let arrives = half.lab.as_ref().unwrap().next.as_ref().unwrap().after;
    assert_eq!(
        other.lab_frame().time,
        half.lab.as_ref().unwrap().time + arrives
    );
}

/// A world with forks: each road comes back with all that was done, and one stands where one stood.
#[test]
fn a_link_lands_on_the_very_moment() {
    let mut page = Page::of(WORLD);
    page.act("sensor-5000 publish area/10/x \"1\" qos=1");
    page.does(Step);
    page.act("painel cut");
    page.does(Go { moment: 18 });
    page.act("painel crash memory");
    page.does(Step);
    page.act("painel start");
    page.does(Road(1));
    page.does(Go { moment: 20 });
    page.act("broker crash");
    page.does(Road(2));
    let mut other = follow(&code(&mut page), None);
    assert_eq!(other.lab_frame().roads.len(), 3);
    // Ids count from 1 in both, since none was forgotten.
    let told = |page: &Page| -> Frame {
        let mut frame = page.sight();
        // Marks of the first road are what was done on it, and what the script did is among that in a link.
        frame.lab.as_mut().unwrap().marks.clear();
        frame
    };
    same(&told(&other), &told(&page), "");
    for road in [1, 3, 2] {
        page.does(Road(road));
        other.does(Road(road));
        same(&told(&other), &told(&page), "");
    }
    // And what was done can be taken back there too.
    page.does(Undo);
    other.does(Undo);
    same(&told(&other), &told(&page), "");
    page.does(Undo);
    other.does(Undo);
    same(&told(&other), &told(&page), "");
}

/// A road keeps what was done on it before it left another, also when that is taken back there; and a link leads to it.
#[test]
fn what_is_taken_back_on_a_road_stays_on_those_that_left_it_later() {
    let mut page = Page::of(WORLD);
    let at = page.lab_frame().end;
    page.act("painel cut");
    for _ in 0..6 {
        page.does(Step);
    }
    page.does(Back);
    page.act("sensor-5000 cut");
    page.does(Step);
    let rows = page.rows();
    page.does(Road(1));
    page.does(Undo);
    assert_eq!(page.lab_frame().end, at);
    page.does(Road(2));
    assert_eq!(page.rows(), rows);
    let fork = page.lab_frame().roads[1].clone();
    assert_eq!(
        (fork.from, fork.at, fork.what.as_str()),
        (Some(1), at, "painel cut")
    );
    let mut other = follow(&code(&mut page), None);
    other.does(Road(2));
    assert_eq!(other.rows(), rows);
}

/// A link out of a lesson, opened with the lesson's file and without.
#[test]
fn a_link_out_of_a_lesson() {
    for (name, text) in lessons::all() {
        let mut page = lessons::open(&name, &text);
        page.does(Next);
        page.does(Step);
        let code = code(&mut page);
        assert!(code.len() < 2_000, "{name}: {}", code.len());
        let mut other = follow(&code, Some((name.clone(), text.clone())));
        same(&other.sight(), &page.sight(), &name);
        other.does(Next);
        page.does(Next);
        same(&other.sight(), &page.sight(), &name);
        let alone = follow(&code, None);
        assert!(alone.lab_frame().lesson.is_none());
        assert_eq!(
            (alone.lab_frame().kind.as_str(), alone.rows()),
            ("world", {
                let again = follow(&code, Some((name.clone(), text.clone())));
                again.rows()
            })
        );
    }
}

/// A lesson that was changed since does not speak of what it does not know.
#[test]
fn a_lesson_that_changed_is_not_told() {
    let (name, text) = lessons::file("06");
    let mut page = lessons::open(&name, &text);
    page.does(Next);
    let code = code(&mut page);
    let changed = text.replace("up=400ms", "up=401ms");
    assert_ne!(changed, text);
    let other = follow(&code, Some((name, changed)));
    assert!(other.lab_frame().lesson.is_none());
    assert_eq!(other.rows(), page.rows());
}

#[test]
fn what_stands_side_by_side_comes_back_so() {
    let mut page = lessons::lost_acknowledgement();
    page.does(Next);
    page.does(Beside(true));
    let code = code(&mut page);
    let (name, text) = lessons::file("06");
    let other = follow(&code, Some((name, text)));
    same(&other.sight(), &page.sight(), "");
    assert_eq!(other.lab_frame().others.len(), 2);
}

#[test]
fn what_is_no_link_is_said() {
    for (code, why) in [
        ("", "damaged"),
        ("1abc", "damaged"),
        ("9abc", "newer"),
        ("hello", "damaged"),
    ] {
        let source = LabSource::Link {
            code: code.into(),
            lesson: None,
        };
        let problem = Lab::open(&source).err().unwrap();
        assert!(
            problem.what == "link" && problem.why.contains(why),
            "{code}: {problem:?}"
        );
    }
}

/// What a simulation draws opens as a link; and whichever way one comes to a moment of it, all that is on screen is the
/// same: ladder, tree, clients, heads, packets on their way.
#[test]
fn every_seed_opens_and_goes_back() {
    for seed in 0..24 {
        let road = vitrine_lab::Road::of_scenario(&Scenario::draw(seed), ());
        let code = vitrine_lab::Link::to(&road).encode().unwrap();
        let mut page = follow(&code, None);
        let end = page.lab_frame().end;
        assert_eq!(
            (end, page.moment()),
            (road.end(), road.end()),
            "seed {seed}"
        );
        let mut random = vitrine_lab::Random::new(seed);
        let moments: Vec<u64> = (0..5).map(|_| random.below(end + 1)).collect();
        let seen: Vec<Frame> = moments
            .iter()
            .map(|moment| {
                page.does(Go { moment: *moment });
                page.sight()
            })
            .collect();
        for _ in 0..12 {
            let pick = random.index(moments.len());
            if random.one_in(2) {
                page.does(Go {
                    moment: random.below(end + 1),
                });
            }
            page.does(Go {
                moment: moments[pick],
            });
            same(
                &page.sight(),
                &seen[pick],
                &format!("seed {seed} at {}", moments[pick]),
            );
        }
    }
}
