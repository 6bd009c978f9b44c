//! Whatever a page says in whatever order: nothing fails, what is refused changes nothing, what is told follows from where
//! one is, and a link leads there.

use std::time::Duration;

use vitrine_link::{Event, Frame, LabCommand, LabSource};
use vitrine_stage::Lab;

use crate::common::*;
use crate::lessons;

/// Numbers that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

const DONE: [&str; 17] = [
    "painel cut",
    "painel cut down+0 before",
    "sensor-5000 cut up+0 after",
    "painel hold down",
    "painel release down",
    "sensor-5000 hold up",
    "sensor-5000 release up",
    "sensor-5000 publish area/10/x \"1\" qos=0",
    "sensor-5000 publish area/10/x \"2\" qos=1 retain",
    "sensor-5000 publish area/10/x \"3\" qos=2",
    "painel crash",
    "painel start",
    "painel connect",
    "broker crash",
    "broker start",
    "sleep 1h",
    "clock +10s",
];

fn command(random: &mut Random, page: &Page) -> LabCommand {
    let frame = page.lab_frame();
    match random.below(20) {
        0..=5 => LabCommand::Step,
        6 | 7 => LabCommand::Back,
        8 => LabCommand::Next,
        9 => LabCommand::Previous,
        10 => LabCommand::Go {
            moment: random.below(frame.end + 10),
        },
        11..=14 => {
            let place = random.below(DONE.len() as u64) as usize;
            LabCommand::Act(DONE[place].into())
        }
        15 => LabCommand::Undo,
        16 => LabCommand::Road(1 + random.below(6) as u32),
        17 => LabCommand::DropRoad(1 + random.below(6) as u32),
        18 => LabCommand::Wait {
            seconds: 0.05 + random.below(40) as f64 / 10.0,
        },
        _ => LabCommand::Beside(random.below(3) == 0),
    }
}

/// What is told, but for what was answered and where marks stand, which a link does not hold whole.
fn told(page: &Page) -> Frame {
    let mut frame = page.sight();
    let lab = frame.lab.as_mut().unwrap();
    lab.marks.clear();
    if let Some(question) = lab
        .lesson
        .as_mut()
        .and_then(|lesson| lesson.question.as_mut())
    {
        (question.answered, question.right) = (None, None);
        question.because.clear();
    }
    // Roads are counted anew in a link, and what was done is known by its place.
    lab.road = lab
        .roads
        .iter()
        .position(|road| road.id == lab.road)
        .unwrap() as u32;
    let ids: Vec<_> = lab.roads.iter().map(|road| road.id).collect();
    for road in &mut lab.roads {
        let place = |id: u32| ids.iter().position(|one| *one == id).unwrap() as u32;
        (road.id, road.from) = (place(road.id), road.from.map(place));
        road.what.clear();
    }
    lab.can_undo = false;
    frame
}

fn play(seed: u64, mut page: Page, lesson: Option<(String, String)>) {
    let mut random = Random(seed);
    for round in 0..120 {
        let command = command(&mut random, &page);
        let before = page.sight();
        let said = format!("seed {seed}, round {round}: {command:?}");
        match page.say(command) {
            None => {}
            Some(Event::LabProblem(problem)) => {
                assert!(!problem.why.is_empty());
                same(&page.sight(), &before, &said);
            }
            other => panic!("{said}: {other:?}"),
        }
        if random.below(15) == 0 {
            page.say(LabCommand::Run { speed: 5.0 });
            page.pass(Duration::from_millis(random.below(300)));
            page.say(LabCommand::Run { speed: 0.0 });
        }
        if round % 20 != 19 {
            continue;
        }
        // To the moment itself: a link holds no time between two.
        let here = page.moment();
        page.does(LabCommand::Go { moment: here });
        let sight = told(&page);
        page.does(LabCommand::Go { moment: 0 });
        page.does(LabCommand::Go { moment: here });
        same(&told(&page), &sight, &said);
        let Some(Event::Shared(code)) = page.say(LabCommand::Share) else {
            panic!("{said}: no code");
        };
        let source = LabSource::Link {
            code,
            lesson: lesson.clone(),
        };
        let other = Page::with(Lab::open(&source).unwrap());
        same(&told(&other), &told(&page), &said);
    }
}

#[test]
fn whatever_is_done_in_a_world() {
    for seed in 0..15 {
        play(seed, Page::of(WORLD), None);
    }
}

#[test]
fn whatever_is_done_in_a_lesson() {
    for (seed, (name, text)) in (100..).zip(lessons::all()) {
        play(seed, lessons::open(&name, &text), Some((name, text)));
    }
}
