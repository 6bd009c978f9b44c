//! Changes as bytes.

use vitrine_broker::{Change, PersistentState};
use vitrine_store::Batch;

use crate::harness::*;
use crate::life::Life;

fn sum(from: &PersistentState, changes: &[Change]) -> PersistentState {
    let mut state = from.clone();
    changes
        .iter()
        .cloned()
        .for_each(|change| state.apply(change));
    state
}

/// What is read is what was written, but for what the changes undo of each other.
#[test]
fn a_batch_does_what_its_changes_do() {
    for seed in seeds(100) {
        let mut random = Random::new(seed);
        let mut life = Life::new(seed, 300);
        while !life.is_over() {
            let before = life.state.clone();
            let changes = life.steps(1 + random.below(100));
            let batch = Batch::from_changes(changes.clone());
            let read = batch.changes().unwrap();
            assert!(read.len() <= changes.len());
            assert_eq!(sum(&before, &read), life.state);
            let again = Batch::from_bytes(batch.as_bytes().into()).unwrap();
            assert_eq!(again.changes().unwrap(), read);
        }
    }
}

#[test]
fn a_batch_can_be_sent_to_another_thread() {
    fn sent<T: Send + Sync + 'static>(_: T) {}
    sent(Batch::from_changes(vec![]));
}
