//! Making a script that fails shorter.

use super::play::{Failure, run};
use super::scenario::Scenario;

/// Drops steps, and then rules of the beginning, while the script still fails. Tries at most `tries` times.
/// Gives the shortest found, and how it fails.
#[must_use]
pub fn shrink(scenario: &Scenario, failure: Failure, tries: usize) -> (Scenario, Failure) {
    let (mut best, mut failure, mut left) = (scenario.clone(), failure, tries);
    // What comes after the failure does not matter.
    if failure.step + 1 < best.steps.len() {
        let mut shorter = best.clone();
        shorter.steps.truncate(failure.step + 1);
        if let Err(found) = run(&shorter) {
            (best, failure) = (shorter, found);
        }
    }
    let mut size = best.steps.len() / 2;
    while size > 0 && left > 0 {
        let mut at = 0;
        let mut progress = false;
        while at < best.steps.len() && left > 0 {
            left -= 1;
            let mut shorter = best.clone();
            let end = (at + size).min(shorter.steps.len());
            shorter.steps.drain(at..end);
            match run(&shorter) {
                Err(found) => {
                    (best, failure) = (shorter, found);
                    progress = true;
                }
                Ok(_) => at = end,
            }
        }
        if !progress || size > 1 {
            size /= 2;
        }
    }
    // Rules that have nothing to do with it only hide the one that has.
    let mut at = 0;
    while at < best.config.access.rules.len() && left > 0 {
        left -= 1;
        let mut fewer = best.clone();
        let mut access = (*best.config.access).clone();
        access.rules.remove(at);
        fewer.config.access = access.into();
        match run(&fewer) {
            Err(found) => (best, failure) = (fewer, found),
            Ok(_) => at += 1,
        }
    }
    (best, failure)
}
