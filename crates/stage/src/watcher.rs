//! Who watches on a road: keeps the view model up, and knows at which positions something could be seen.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others are seen, or are not, by what else they lead to"
)]

use vitrine_broker::{Event, Observation, ObservationMask, Time};
use vitrine_client::Event as ClientEvent;
use vitrine_lab::{Action, Happening, Lost, Moment, Trace, Watch, World};
use vitrine_scope::{Limits, Scope};

use crate::marks::Positions;
use crate::outside::Teller;

/// Sees what happens, and remembers what a page wants to know of it.
#[derive(Clone)]
pub(crate) struct Watcher {
    scope: Scope,
    teller: Teller,
    /// Positions behind a moment in which something could be seen.
    stops: Positions,
    /// Positions behind a moment in which something was published or somebody connected.
    events: Positions,
    /// What was lost since the last stop, and when.
    lost: Vec<(Time, Lost)>,
    /// Something could be seen in this moment.
    seen: bool,
    /// Something was published in it, or somebody connected.
    event: bool,
}

impl Watcher {
    /// One that has seen nothing.
    pub(crate) fn new() -> Self {
        Self {
            scope: Scope::new(Limits::default()),
            teller: Teller::default(),
            stops: Positions::default(),
            events: Positions::default(),
            lost: Vec::new(),
            seen: false,
            event: false,
        }
    }

    /// The view model.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Positions up to now behind a moment in which something could be seen.
    pub(crate) fn stops(&self) -> &Positions {
        &self.stops
    }

    /// Positions up to now behind a publication or a connection.
    pub(crate) fn events(&self) -> &Positions {
        &self.events
    }

    /// What was lost since the last stop before this position.
    pub(crate) fn lost(&self) -> &[(Time, Lost)] {
        &self.lost
    }
}

impl Watch for Watcher {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn begins(&mut self, _: &World, position: u64, moment: Moment<'_>) {
        self.event = false;
        // That time passes is seen when something comes of it.
        self.seen = matches!(moment, Moment::Act(action) if !matches!(action, Action::Pause(_)));
        if self.stops.has(position) {
            self.lost.clear();
        }
    }

    fn happened(&mut self, world: &World, trace: Trace) {
        self.seen |= is_seen(&trace.what);
        if let Happening::Observed(observation) = &trace.what {
            self.event |= is_event(observation);
        }
        self.teller.tell(&mut self.scope, world, &trace);
        if let Happening::Lost(lost) = trace.what {
            self.lost.push((trace.at, *lost));
        }
    }

    fn ended(&mut self, world: &World, position: u64) {
        self.teller.ended(&mut self.scope, world);
        if self.seen {
            self.stops.set(position);
        }
        if self.event {
            self.events.set(position);
        }
    }
}

/// Whether something can be seen where this happens.
fn is_seen(what: &Happening) -> bool {
    match what {
        Happening::ToBroker(..)
        | Happening::ToClient(..)
        | Happening::FromClient(..)
        | Happening::FromBroker(..)
        | Happening::Opening(..)
        | Happening::Gone(_)
        | Happening::Ended(..)
        | Happening::Cut(..)
        | Happening::Lost(_)
        | Happening::BrokerCrashed
        | Happening::BrokerStarted { .. }
        | Happening::ClientCrashed { .. }
        | Happening::ClientStarted(_)
        | Happening::Client(_, ClientEvent::Disconnected { .. }) => true,
        Happening::Observed(observation) => is_visible(observation),
        _ => false,
    }
}

/// Whether the ladder tells of it, or the tree. A bare opening is nothing to stop at, and what the broker says of itself
/// is seen when it is sent.
fn is_visible(observation: &Observation) -> bool {
    match &observation.event {
        Event::Opened { .. } => false,
        Event::Published { topic, .. } | Event::Retained { topic, .. } => !topic.starts_with('$'),
        _ => true,
    }
}

fn is_event(observation: &Observation) -> bool {
    match &observation.event {
        Event::Published { topic, .. } => !topic.starts_with('$'),
        Event::Connected { .. } => true,
        _ => false,
    }
}
