//! Acting, forking, taking back.

use vitrine_link::LabCommand::{Act, Back, DropRoad, Go, Road, Step, Undo, Wait};

use crate::common::*;

/// Where nothing follows one acts on the road itself; else on another one, which has the same moments up to there.
#[test]
fn who_acts_in_the_past_takes_another_road() {
    let mut page = Page::of(WORLD);
    page.act("painel cut");
    assert_eq!(page.lab_frame().roads.len(), 1);
    let end = page.lab_frame().end;
    page.does(Go { moment: 0 });
    for _ in 0..14 {
        page.does(Step);
    }
    let (before, moment) = (page.rows(), page.moment());
    page.act("painel cut");
    let frame = page.lab_frame().clone();
    assert_eq!(frame.roads.len(), 2);
    assert_eq!(
        (frame.road, frame.roads[1].from, frame.roads[1].at),
        (2, Some(1), moment)
    );
    assert_eq!(frame.roads[1].what, "painel cut");
    assert!(page.rows().starts_with(&before));
    assert!(page.rows().iter().any(|row| row == "painel cut"));
    page.does(Road(1));
    assert_eq!((page.moment(), page.lab_frame().end), (moment, end));
    assert_eq!(page.rows(), before);
    let forks: Vec<_> = page
        .lab_frame()
        .marks
        .iter()
        .filter(|mark| mark.kind == "fork")
        .collect();
    assert_eq!(forks[0].moment, moment);
}

#[test]
fn undo_takes_back_the_act_and_what_came_of_it() {
    let mut page = Page::of(WORLD);
    assert!(!page.lab_frame().can_undo);
    let before = page.sight();
    page.act("painel cut");
    page.does(Step);
    page.does(Step);
    page.act("sensor-5000 publish area/10/x \"1\" qos=1");
    page.does(Step);
    assert!(page.lab_frame().can_undo);
    page.does(Undo);
    page.does(Undo);
    same(&page.sight(), &before, "");
    assert!(page.refused(Undo).why.contains("nothing was done"));
    // A fork is gone with the act that it began with.
    page.does(Back);
    let before = page.sight();
    page.act("painel crash");
    assert_eq!(page.lab_frame().roads.len(), 2);
    page.does(Undo);
    same(&page.sight(), &before, "");
}

#[test]
fn a_road_that_was_forgotten_comes_back() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 10 });
    page.act("painel crash");
    page.does(Step);
    let before = page.lab_frame().roads.clone();
    let sight = page.rows();
    page.does(DropRoad(2));
    assert_eq!(
        (page.lab_frame().road, page.lab_frame().roads.len()),
        (1, 1)
    );
    page.does(Undo);
    assert_eq!(page.lab_frame().roads, before);
    assert_eq!(page.rows(), sight);
    assert!(page.refused(DropRoad(1)).why.contains("first road"));
    assert!(page.refused(DropRoad(7)).why.contains("no road 7"));
    assert!(page.refused(Road(7)).why.contains("no road 7"));
}

/// What makes no sense changes nothing and says why.
#[test]
fn what_cannot_be_done_is_said() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 10 });
    for (line, why) in [
        ("painel explode", "explode"),
        ("nobody cut", "nobody"),
        ("", "nothing stands here"),
        ("painel connect", "connect"),
        ("painel start", "runs"),
    ] {
        let problem = page.refused(Act(line.into()));
        assert!(problem.why.contains(why), "{line}: {problem:?}");
        assert_eq!(problem.what, "act");
    }
    let long = format!("painel publish a \"{}\"", "x".repeat(20_000));
    assert!(page.refused(Act(long)).why.contains("bytes at most"));
}

#[test]
fn there_are_not_too_many_roads() {
    let mut page = Page::of(WORLD);
    page.does(Go { moment: 12 });
    for _ in 0..49 {
        page.does(Road(1));
        page.act("painel crash");
    }
    page.does(Road(1));
    let problem = page.refused(Act("painel crash".into()));
    assert!(problem.why.contains("50 roads"), "{problem:?}");
}

/// Who acts after some time acts then, not at the moment before.
#[test]
fn an_act_comes_when_it_comes() {
    let mut page = Page::of(WORLD);
    let time = page.lab_frame().time;
    page.does(Wait { seconds: 3.5 });
    page.act("sensor-5000 publish area/10/x \"1\" qos=0");
    assert!((page.lab_frame().time - time - 3_500.0).abs() < 0.001);
    page.does(Undo);
    assert!((page.lab_frame().time - time - 3_500.0).abs() < 0.001);
}

/// What was on its way when the link was cut hangs there until the next step, and the heads say what it changed.
#[test]
fn what_is_lost_hangs_in_the_link() {
    let mut page = Page::of(WORLD);
    page.act("sensor-5000 publish area/10/x \"7\" qos=1");
    let sensor = facts(page.head("sensor-5000"));
    assert!(
        sensor
            .iter()
            .any(|fact| fact.starts_with("newmessage") && fact.ends_with("area/10/x")),
        "{sensor:?}"
    );
    let flying = page.lab_frame().flying.clone();
    assert_eq!(
        (flying.len(), flying[0].state.as_str(), flying[0].index),
        (1, "moving", 0)
    );
    assert_eq!(flying[0].packet.topic.as_deref(), Some("area/10/x"));
    page.act("sensor-5000 cut");
    let flying = page.lab_frame().flying.clone();
    assert_eq!((flying.len(), flying[0].state.as_str()), (1, "lost"));
    assert!(
        page.rows().iter().any(|row| row == "sensor-5000 lost 3"),
        "{:?}",
        page.rows()
    );
    // It is still stored: it was not acknowledged.
    assert!(
        facts(page.head("sensor-5000"))
            .iter()
            .any(|fact| fact.starts_with("message"))
    );
    page.does(Step);
    page.does(Step);
    assert!(
        page.lab_frame()
            .flying
            .iter()
            .all(|one| one.state != "lost")
    );
}

/// A packet that is held stays where it is, and the head says so.
#[test]
fn what_is_held_waits() {
    let mut page = Page::of(WORLD);
    page.act("painel hold down");
    assert_eq!(page.head("painel").held, ["down"]);
    page.act("sensor-5000 publish area/10/x \"7\" qos=0");
    page.does(Wait { seconds: 1.0 });
    let held: Vec<_> = page
        .lab_frame()
        .flying
        .iter()
        .map(|one| one.state.clone())
        .collect();
    assert_eq!(held, ["held"]);
    let index = page.lab_frame().flying[0].index;
    page.act("painel release down");
    page.does(Wait { seconds: 1.0 });
    assert!(page.lab_frame().flying.is_empty());
    assert_eq!(index, 0);
    assert!(page.rows().iter().any(|row| row == "painel < 3 Arrived"));
}

/// The broker's head through a crash: with its store the Session is still there.
#[test]
fn a_broker_that_crashes_is_down_and_comes_back_with_its_store() {
    let mut page = Page::of(WORLD);
    page.act("broker crash");
    assert!(!page.head("broker").up);
    assert!(
        page.head("broker")
            .facts
            .iter()
            .all(|fact| fact.change == "gone")
    );
    page.act("broker start");
    let facts = facts(page.head("broker"));
    assert!(
        facts
            .iter()
            .any(|fact| fact.contains("subscription painel")),
        "{facts:?}"
    );
}

/// Who stands before what is taken back goes to where it was done.
#[test]
fn undo_goes_to_where_it_was_done() {
    let mut page = Page::of(WORLD);
    page.does(Wait { seconds: 3.5 });
    let before = page.sight();
    page.act("painel cut");
    page.does(Go { moment: 5 });
    page.does(Undo);
    same(&page.sight(), &before, "");
}
