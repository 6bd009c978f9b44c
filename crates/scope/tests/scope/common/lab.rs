//! A world of the lab, told to whoever listens: what its broker did, and what happened outside of it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use vitrine_broker::{ClientId, ConnectionId, Observation, ObservationMask};
use vitrine_client::Event;
use vitrine_lab::{Action, Direction, Happening, Trace, World};
use vitrine_scope::{Kept, Outside};

/// What a scope is to be told.
pub(crate) enum Told {
    Observed(Box<Observation>),
    Outside(Outside, u64),
}

/// Tells of a world.
#[derive(Clone, Default)]
pub(crate) struct Teller {
    /// The connection that each client had last.
    connections: BTreeMap<usize, ConnectionId>,
    flush: bool,
}

/// Does something in a world after some time, and gives what happened after each moment to `see`.
pub(crate) fn play(
    world: &mut World,
    after: Duration,
    action: Option<&Action>,
    mut see: impl FnMut(&mut World),
) {
    let end = world.now() + after;
    while world.next().is_some_and(|(at, _)| at <= end) {
        world.step();
        see(world);
    }
    world.run(end.since(world.now()));
    if let Some(action) = action {
        world.act(action);
        see(world);
    }
}

/// Makes a world tell everything.
pub(crate) fn watch(world: &mut World) {
    world.observe(true);
    world.observe_broker(ObservationMask::ALL);
}

impl Teller {
    /// What happened since it was asked last.
    pub(crate) fn told(&mut self, world: &mut World) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(trace) = world.poll_trace() {
            self.tell(world, trace, &mut told);
        }
        told
    }

    pub(crate) fn tell(&mut self, world: &World, trace: Trace, told: &mut Vec<Told>) {
        let at = trace.broker_at.as_micros();
        let client = |node: usize| ClientId::from(world.name(node));
        let kept = || Rc::new(Kept::from(world.store()));
        let mut tell = |outside| told.push(Told::Outside(outside, at));
        match trace.what {
            Happening::Observed(observation) => told.push(Told::Observed(observation)),
            Happening::Opening(connection, node) => {
                self.connections.insert(node, connection);
                let client = client(node);
                tell(Outside::Opening { connection, client });
            }
            Happening::FromClient(connection, _, packet) => {
                tell(Outside::Sent { connection, packet });
            }
            Happening::ToClient(connection, ..) => tell(Outside::Arrived { connection }),
            Happening::Client(node, Event::Disconnected { retry_at, .. }) => {
                if let Some(connection) = self.connections.get(&node) {
                    let connection = *connection;
                    tell(Outside::Ended { connection });
                }
                if let Some(retry) = retry_at {
                    let (client, wait) = (client(node), retry.since(trace.at).as_micros() as u64);
                    tell(Outside::Reconnecting { client, wait });
                }
            }
            Happening::Cut(connection, node) => {
                let client = client(node);
                tell(Outside::Cut { client, connection });
            }
            Happening::ClientCrashed { node, memory } => {
                if let Some(connection) = self.connections.get(&node) {
                    let connection = *connection;
                    tell(Outside::Ended { connection });
                }
                let client = client(node);
                tell(Outside::ClientCrashed { client, memory });
            }
            Happening::ClientStarted(node) => {
                let client = client(node);
                tell(Outside::ClientStarted { client });
            }
            Happening::BrokerCrashed => {
                let (kept, flush) = (kept(), self.flush);
                tell(Outside::BrokerCrashed { kept, flush });
            }
            Happening::BrokerStarted { stored } => {
                let kept = kept();
                tell(Outside::BrokerStarted { kept, stored });
            }
            Happening::Acted(action) => match *action {
                Action::Hold(node, direction, _) => {
                    let (client, to_broker) = (client(node), direction == Direction::Up);
                    tell(Outside::Held { client, to_broker });
                }
                Action::Release(node, direction) => {
                    let (client, to_broker) = (client(node), direction == Direction::Up);
                    tell(Outside::Released { client, to_broker });
                }
                Action::Sleep(time) => {
                    let time = time.as_micros() as u64;
                    tell(Outside::Skipped { time });
                }
                Action::Clock(by) => tell(Outside::ClockJumped { by }),
                Action::CrashBroker { flush } => self.flush = flush,
                _ => {}
            },
            _ => {}
        }
    }
}
