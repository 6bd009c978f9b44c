//! Topics that a client was allowed to publish to lately: most publish to the same few again and again.

use alloc::boxed::Box;
use alloc::rc::Rc;

use foldhash::fast::FixedState;

use crate::hash;

/// A power of two.
const PLACES: usize = 16;

/// Longer topics are not kept: they would add up.
const LONGEST: usize = 256;

/// See the module. Void as soon as other rules count, for the client or at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed(Option<Box<[Option<Rc<str>>; PLACES]>>);

impl Allowed {
    pub(crate) fn holds(&self, hasher: &FixedState, topic: &str) -> bool {
        let place = |places: &[Option<Rc<str>>; PLACES]| {
            let found = places[place(hasher, topic)].as_ref();
            found.is_some_and(|found| **found == *topic)
        };
        self.0.as_deref().is_some_and(place)
    }

    /// `shared` gives the topic to keep, where it is not kept yet.
    pub(crate) fn note(
        &mut self,
        hasher: &FixedState,
        topic: &str,
        shared: impl FnOnce() -> Rc<str>,
    ) {
        if topic.len() > LONGEST {
            return;
        }
        let places = self.0.get_or_insert_default();
        let place = &mut places[place(hasher, topic)];
        if place.as_deref() != Some(topic) {
            *place = Some(shared());
        }
    }
}

fn place(hasher: &FixedState, topic: &str) -> usize {
    hash::text(hasher, 0, topic) as usize & (PLACES - 1)
}
