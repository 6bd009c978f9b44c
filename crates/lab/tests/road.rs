//! Time travel: whatever way one comes to a moment, it is the same.

use std::rc::Rc;
use std::time::Duration;

use vitrine_broker::{ObservationMask, Time};
use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Action, Happening, NotDone, Random, Road, Script, Trace, Watch, World};

/// Remembers all it is told, as a hash and a count.
#[derive(Clone, Debug, Default, PartialEq)]
struct All {
    traces: Vec<String>,
}

impl Watch for All {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, world: &World, trace: Trace) {
        self.traces.push(format!("{:?} {trace:?}", world.now()));
    }
}

/// All that the world holds, and what becomes of it. What a list has room for is not part of it, nor what the broker
/// remembers only to be quick: a clone of it has forgotten that.
fn state(world: &World) -> String {
    let mut text = format!("{world:?}");
    if let Some(from) = text.find("routes: RouteCache") {
        let length = text[from..].find("forgotten: ").unwrap();
        text.replace_range(from..from + length, "");
    }
    let mut kept = String::new();
    for (at, piece) in text.split("cap: ").enumerate() {
        let digits = |sign: char| sign.is_ascii_digit();
        kept.push_str(if at == 0 {
            piece
        } else {
            piece.trim_start_matches(digits)
        });
    }
    // Some lists do not show what is in them.
    if let Some(broker) = world.broker() {
        let held = broker.clients().map(|client| {
            let held: Vec<_> = broker.held(client).collect();
            format!(
                "{:?} {held:?} {:?}",
                broker.session(client),
                broker.aliases(client)
            )
        });
        kept.extend(held);
        let timers: Vec<_> = broker.timers().collect();
        let retained: Vec<_> = broker.all_retained().collect();
        kept.push_str(&format!("{timers:?} {retained:?} {:?}", broker.counts()));
    }
    // What they lead to shows the rest.
    let mut world = world.clone();
    while world.poll_trace().is_some() {}
    world.run(Duration::from_secs(100));
    while let Some(trace) = world.poll_trace() {
        kept.push_str(&format!("{trace:?}"));
    }
    kept
}

/// Both are the same; where not, it shows where.
fn same(a: &str, b: &str, which: &str) {
    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    if a.len() != b.len() || at < a.len() {
        let around = |text: &str| {
            let bytes = &text.as_bytes()[at.saturating_sub(150)..(at + 150).min(text.len())];
            String::from_utf8_lossy(bytes).into_owned()
        };
        panic!("{which}:\n{}\n{}", around(a), around(b));
    }
}

/// What happened, and when by either clock.
type Told = (Time, Time, Happening);

/// The traces of a scenario that is played as it is drawn.
fn played(scenario: &Scenario) -> Vec<Told> {
    let mut world = scenario.setup().world();
    world.observe(true);
    world.observe_broker(ObservationMask::ALL);
    let mut traces = vec![];
    for step in &scenario.steps {
        world.perform(step);
        while let Some(trace) = world.poll_trace() {
            traces.push(trace);
        }
    }
    told(traces)
}

/// All but pauses, which only a road has.
fn told(traces: impl IntoIterator<Item = Trace>) -> Vec<Told> {
    let is_pause = |what: &Happening| matches!(what, Happening::Acted(action) if matches!(**action, Action::Pause(_)));
    let told = traces
        .into_iter()
        .map(|trace| (trace.at, trace.broker_at, trace.what));
    told.filter(|(_, _, what)| !is_pause(what)).collect()
}

#[derive(Clone, Debug, Default)]
struct Traces(Vec<Trace>);

impl Watch for Traces {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, _: &World, trace: Trace) {
        self.0.push(trace);
    }
}

/// A scenario and the script of its road are the same, to the last byte and microsecond.
#[test]
fn a_scenario_is_the_road_of_its_script() {
    for seed in 0..300 {
        let scenario = Scenario::draw(seed);
        let before = played(&scenario);
        let road = Road::of_scenario(&scenario, Traces::default());
        let text = road.script().write();
        let again = Road::of(&Script::parse(&text).unwrap(), Traces::default()).unwrap();
        assert_eq!(again.end(), road.end());
        for road in [road, again] {
            let traces = told(road.watch().0.clone());
            if let Some(at) = (0..before.len()).find(|at| before.get(*at) != traces.get(*at)) {
                panic!(
                    "seed {seed}, {at}: {:?}\n{:?}",
                    before.get(at),
                    traces.get(at)
                );
            }
            assert_eq!(before.len(), traces.len());
        }
    }
}

/// Going back and forth at random: what was seen and what the world is are what they were the first time.
#[test]
fn back_is_where_one_came_from() {
    for seed in 0..20 {
        let scenario = Scenario::draw(seed);
        let script = Road::of_scenario(&scenario, ()).script();
        let mut first = Road::new(Rc::clone(&script.setup), All::default());
        first.follow(&script.acts, script.end).unwrap();
        let end = first.end();
        // Forward, without any snapshot but those of its own making.
        let mut random = Random::new(seed);
        let mut at: Vec<u64> = (0..12).map(|_| random.below(end + 1)).collect();
        at.sort_unstable();
        let mut forward = Road::of(&script, All::default()).unwrap();
        forward.go(0);
        let states: Vec<_> = at
            .iter()
            .map(|at| {
                forward.go(*at);
                (state(forward.world()), forward.watch().clone())
            })
            .collect();
        for _ in 0..24 {
            let pick = random.index(at.len());
            assert_eq!(first.go(at[pick]), at[pick]);
            assert_eq!(
                *first.watch(),
                states[pick].1,
                "seed {seed} at {}",
                at[pick]
            );
            same(
                &state(first.world()),
                &states[pick].0,
                &format!("seed {seed} at {}", at[pick]),
            );
        }
        assert_eq!(first.end(), end);
    }
}

fn two() -> Road<All> {
    let text = "client p version=5.0\nclient s\np connect\ns connect\nwait 1s\ns subscribe \"#\" qos=1\nwait 1s\n";
    Road::of(&Script::parse(text).unwrap(), All::default()).unwrap()
}

#[test]
fn forks_share_what_was_and_go_their_own_way() {
    let mut road = two();
    let publish = Action::parse(road.setup(), "p publish t x qos=1").unwrap();
    let cut = Action::parse(road.setup(), "p cut").unwrap();
    road.act(publish).unwrap();
    road.wait(Duration::from_secs(1));
    let end = road.end();
    let last = state(road.world());
    road.go(end - 4);
    assert_eq!(road.act(cut.clone()), Err(NotDone::NotAtEnd));
    let mut fork = road.fork();
    assert_eq!((fork.position(), fork.end()), (end - 4, end - 4));
    fork.act(cut.clone()).unwrap();
    fork.wait(Duration::from_secs(5));
    assert!(matches!(fork.act(cut), Err(NotDone::Idle(_))));
    road.go(end);
    assert!(state(road.world()) == last);
    assert!(state(fork.world()) != last);
    // The fork is a script of its own.
    let again = Road::of(
        &Script::parse(&fork.script().write()).unwrap(),
        All::default(),
    )
    .unwrap();
    assert_eq!(again.watch(), fork.watch());
}

#[test]
fn a_script_that_cannot_be_gone_says_why() {
    // Sent again every millisecond, for ever.
    let shouting = format!(
        "client a version=3.1.1 clean=no resend=1ms\na connect\nwait 1s\na hold down\na publish t {} qos=1\n@90000 end",
        "x".repeat(60_000)
    );
    for (text, why) in [
        (
            "client a\n@5 a connect",
            "nothing happens until somebody acts",
        ),
        ("client a\na connect\nwait 1s\n@2 a cut", "is over"),
        ("client a\n@200000 end", "at most"),
        (&shouting, "128 MiB"),
    ] {
        let script = Script::parse(text).unwrap();
        let problem = Road::of(&script, ()).unwrap_err();
        assert!(problem.why.contains(why), "{problem}");
    }
}

/// A road of ten thousand moments has few snapshots.
#[test]
fn snapshots_are_few() {
    let mut road = Road::new(Rc::clone(two().setup()), ());
    let setup = Rc::clone(road.setup());
    for line in ["p connect", "s connect"] {
        road.act(Action::parse(&setup, line).unwrap()).unwrap();
    }
    road.wait(Duration::from_secs(1));
    let publish = Action::parse(&setup, "p publish t x qos=1").unwrap();
    while road.end() < 10_000 {
        road.act(publish.clone()).unwrap();
        road.wait(Duration::from_secs(1));
    }
    assert!(road.snapshots() <= 30, "{}", road.snapshots());
    // Back step by step, and there at once each time.
    let mut far = 0;
    for position in (5_000..6_000).rev() {
        road.go(position);
        assert_eq!(road.position(), position);
        far = far.max(road.snapshots());
    }
    assert!(far <= 34, "{far}");
}

/// Who goes back step by step does not go all the way from a far snapshot each time.
#[test]
fn one_back_and_one_more() {
    #[derive(Clone)]
    struct Counting(Rc<std::cell::Cell<u64>>);
    impl Watch for Counting {
        fn happened(&mut self, _: &World, _: Trace) {}
        fn ended(&mut self, _: &World, _: u64) {
            self.0.set(self.0.get() + 1);
        }
    }
    let moments = Rc::new(std::cell::Cell::new(0));
    let script = Script::parse("client p keep-alive=1\np connect\nwait 30m\n").unwrap();
    let mut road = Road::of(&script, Counting(Rc::clone(&moments))).unwrap();
    let end = road.end();
    assert!(end > 5_000, "{end}");
    moments.set(0);
    for back in 1..=1_000 {
        road.go(end - back);
    }
    assert!(moments.get() < 20_000, "{}", moments.get());
}
