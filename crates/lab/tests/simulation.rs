//! Simulations of thousands of seeds, and proof that they can fail.

use std::time::Duration;

use vitrine_lab::simulate::{Scenario, run, shrink};
use vitrine_lab::{Link, Road, Sabotage};

/// The seeds: the first `count` (or as many as `VITRINE_SEEDS` says), or the one that `VITRINE_SEED` says.
fn seeds(count: u64) -> std::ops::Range<u64> {
    let number = |name| {
        let value = std::env::var(name).ok();
        value.map(|value| value.parse::<u64>().expect("a number"))
    };
    match number("VITRINE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("VITRINE_SEEDS").unwrap_or(count),
    }
}

/// Random clients, cuts, stalls, crashes and clock jumps: whatever happens, the broker keeps to the model.
#[test]
fn promises_are_kept_whatever_happens() {
    let (mut received, mut crashes) = (0, 0);
    for seed in seeds(SEEDS) {
        let scenario = Scenario::draw(seed);
        match run(&scenario) {
            Ok(report) => {
                received += report.received;
                crashes += report.crashes;
            }
            Err(failure) => {
                let (shorter, failure) = shrink(&scenario, failure, 500);
                let link = Link::to(&Road::of_scenario(&shorter, ())).encode();
                panic!("{shorter}\n{failure}\nVITRINE_SEED={seed}\nin the page: #lab={link:?}");
            }
        }
    }
    // A simulation in which nothing happens proves nothing.
    let seeds = seeds(SEEDS);
    if seeds.end - seeds.start >= SEEDS {
        assert!(
            received > 5 * SEEDS && crashes > SEEDS / 5,
            "{received} {crashes}"
        );
    }
}

const SEEDS: u64 = 2_000;

/// Seeds beyond those that once raised an alarm for which the model was to blame: copies that look alike, a queue without room for
/// what is retained, clients that know another Session than the broker does, messages that are refused first and taken later, and
/// a link on which the answers to what was asked too often are still on their way when the model did not wait any more.
#[test]
fn nothing_is_wrong_where_the_model_was() {
    for seed in [
        39_752, 58_545, 134_283, 151_411, 157_982, 159_695, 206_895, 222_091, 302_076, 308_669,
        339_870, 405_821, 427_640, 532_675,
    ] {
        if let Err(failure) = run(&Scenario::draw(seed)) {
            panic!("seed {seed}: {failure}");
        }
    }
}

/// Each fault that no broker may have is noticed by some seed, and the script that shows it is short.
#[test]
fn faults_are_noticed() {
    let mut unnoticed = Vec::new();
    for sabotage in Sabotage::ALL {
        let failing = (0..SEEDS).find_map(|seed| {
            let mut scenario = Scenario::draw(seed);
            scenario.sabotage = Some(sabotage);
            // Most faults show only where something is kept, and some only while it is on its way there.
            scenario.config.durable = true;
            scenario.commit = Duration::from_millis(60);
            run(&scenario).err().map(|failure| (scenario, failure))
        });
        let Some((scenario, failure)) = failing else {
            unnoticed.push(sabotage);
            continue;
        };
        let (shorter, failure) = shrink(&scenario, failure, 150);
        println!(
            "{sabotage:?}: seed {}, {} steps: {}",
            scenario.seed,
            shorter.steps.len(),
            failure.what
        );
        assert!(shorter.steps.len() <= scenario.steps.len());
        // What was found by a fault is gone without it.
        let honest = Scenario {
            sabotage: None,
            ..shorter
        };
        assert!(
            run(&honest).is_ok(),
            "{sabotage:?} is not what fails: {honest}"
        );
    }
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:?}");
}

/// The same seed, the same everything.
#[test]
fn a_seed_replays() {
    for seed in 0..20 {
        let runs: Vec<_> = (0..2)
            .map(|_| {
                run(&Scenario::draw(seed))
                    .map(|report| format!("{report:?}"))
                    .map_err(|failure| failure.to_string())
            })
            .collect();
        assert_eq!(runs[0], runs[1]);
    }
}
