//! The numbers of one broker after another as one row of numbers.
//!
//! A broker that starts in the place of one that crashed counts its inputs from 1 again, and gives numbers of
//! publications again that are out of use. What it found in its store keeps its number.

use alloc::collections::BTreeMap;

use vitrine_broker::PublicationId;

/// How the present broker's numbers are read.
#[derive(Clone, Default)]
pub(crate) struct Epoch {
    /// What it found in its store: its number, and ours.
    survivors: BTreeMap<u64, u64>,
    /// Added to all other numbers of publications, and to those of inputs.
    publications: u64,
    inputs: u64,
    /// The highest numbers so far.
    latest_publication: u64,
    latest_input: u64,
}

impl Epoch {
    /// A publication.
    pub(crate) fn publication(&mut self, id: PublicationId) -> u64 {
        let number = self.known(id.0);
        self.latest_publication = self.latest_publication.max(number);
        number
    }

    /// The broker's input that led to an observation.
    pub(crate) fn input(&mut self, cause: u64) -> u64 {
        let input = self.inputs.saturating_add(cause);
        self.latest_input = self.latest_input.max(input);
        input
    }

    /// Another broker starts. It knows these publications by the numbers of the one before.
    pub(crate) fn begin(&mut self, survivors: impl IntoIterator<Item = u64>) {
        let survivors = survivors.into_iter();
        self.survivors = survivors.map(|id| (id, self.known(id))).collect();
        let latest = self.survivors.values().copied().max().unwrap_or(0);
        self.publications = self.latest_publication.max(latest);
        // Restoring has input 0, and comes of none of those before.
        self.inputs = self.latest_input.saturating_add(1);
    }

    pub(crate) fn known(&self, id: u64) -> u64 {
        let survivor = self.survivors.get(&id).copied();
        survivor.unwrap_or_else(|| self.publications.saturating_add(id))
    }
}
