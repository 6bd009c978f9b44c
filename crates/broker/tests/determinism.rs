//! The same inputs give the same everything.

use vitrine_broker::{Broker, Config, Event, ObservationMask, Time};

use crate::harness::*;

fn config() -> Config {
    Config {
        max_queued_messages: 20,
        max_unsent_bytes: 3_000,
        ..Config::default()
    }
}

#[test]
fn a_script_runs_the_same_twice() {
    for seed in seeds(60) {
        let script = Script::random(seed, 400);
        let first = script.run(config(), None);
        assert!(first.observations.len() > 100);
        first.assert_same(&script.run(config(), None));
        // The seed of the hash functions must not show either, nor what is remembered of routes.
        let seed = seed + 7;
        first.assert_same(&script.run(Config { seed, ..config() }, None));
        let route_cache = 0;
        first.assert_same(&script.run(
            Config {
                route_cache,
                ..config()
            },
            None,
        ));
    }
}

/// 3.1.1: [MQTT-6.0.0-2]
/// 5.0: [MQTT-6.0.0-2]
#[test]
fn where_bytes_are_cut_does_not_show() {
    for seed in seeds(60) {
        let script = Script::random(seed, 300);
        let mut whole = script.run(config(), None);
        let mut pieces = script.run(config(), Some(seed));
        for seen in whole
            .observations
            .iter_mut()
            .chain(&mut pieces.observations)
        {
            // There are more inputs, and of a packet that is refused early less may have come.
            seen.cause = 0;
            if let Event::Malformed { bytes, .. } = &mut seen.event {
                *bytes = [].into();
            }
        }
        whole.assert_same(&pieces);
    }
}

/// A clone goes on as the original would have, and neither disturbs the other.
#[test]
fn a_clone_is_a_snapshot() {
    for seed in seeds(40) {
        let script = Script::random(seed, 300);
        let expected = script.run(config(), None);
        let (before, after) = script.steps.split_at(150);
        let mut broker = Broker::new(config(), Time::ZERO);
        broker.observe(ObservationMask::ALL);
        let mut now = Time::ZERO;
        let mut start = Transcript::default();
        for step in before {
            perform(&mut broker, step, &mut now, &mut None, &mut start);
        }
        let mut clone = broker.clone();
        let mut disturbed = Transcript::default();
        let mut time = now;
        for step in &Script::random(seed + 1, 200).steps {
            if !matches!(step, Step::Open(_)) {
                perform(&mut broker, step, &mut time, &mut None, &mut disturbed);
            }
        }
        for step in after {
            perform(&mut clone, step, &mut now, &mut None, &mut start);
        }
        start.assert_same(&expected);
    }
}
