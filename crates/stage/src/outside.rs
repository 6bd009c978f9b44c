//! What happens in the world, as the view model is told it: what the broker did, and what happened outside of it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the view model is told the rest by the broker, or it is nothing to see"
)]

use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_broker::{Access, ClientId, ConnectionId, Observation};
use vitrine_client::{Event, Loss};
use vitrine_lab::{Action, Direction, Happening, Trace, World};
use vitrine_scope::{Kept, Outside, Scope, Tape};

/// Who is told of a world. Times are of its broker's clock, in microseconds.
pub trait Listen {
    /// The broker did something.
    fn observe(&mut self, observation: &Observation);
    /// Something happened outside of it.
    fn outside(&mut self, happened: &Outside, at: u64);
    /// What it judges by: told before anything else.
    fn access(&mut self, access: &Rc<Access>, at: u64);
}

impl Listen for Scope {
    fn observe(&mut self, observation: &Observation) {
        Self::observe(self, observation);
    }

    fn outside(&mut self, happened: &Outside, at: u64) {
        Self::outside(self, happened, at);
    }

    fn access(&mut self, access: &Rc<Access>, _: u64) {
        self.set_access(Rc::clone(access));
    }
}

impl Listen for Tape {
    fn observe(&mut self, observation: &Observation) {
        self.note(observation);
    }

    fn outside(&mut self, happened: &Outside, at: u64) {
        Self::outside(self, happened, at);
    }

    fn access(&mut self, access: &Rc<Access>, at: u64) {
        Self::access(self, access, at);
    }
}

/// Tells somebody of a world that observes everything ([`World::observe`], [`World::observe_broker`]).
#[derive(Clone, Debug, Default)]
pub struct Teller {
    /// The connection that each client had last.
    connections: BTreeMap<usize, ConnectionId>,
    /// What somebody does, until it is known whether anything comes of it.
    acting: Option<Action>,
    /// Whether anything was told yet.
    begun: bool,
}

impl Teller {
    /// Something happened.
    pub fn tell(&mut self, listener: &mut impl Listen, world: &World, trace: &Trace) {
        let at = trace.broker_at.as_micros();
        if !self.begun {
            self.begun = true;
            listener.access(world.access(), at);
        }
        if matches!(trace.what, Happening::Idle(_)) {
            self.acting = None;
            return;
        }
        let flushes = matches!(self.acting, Some(Action::CrashBroker { flush: true }));
        self.did(listener, world, at);
        let client = |node: usize| client_id(world, node);
        let told = match &trace.what {
            Happening::Observed(observation) => {
                listener.observe(observation);
                return;
            }
            Happening::Acted(action) => {
                self.acting = Some((**action).clone());
                return;
            }
            Happening::Opening(connection, node) => {
                self.connections.insert(*node, *connection);
                Outside::Opening {
                    connection: *connection,
                    client: client(*node),
                }
            }
            Happening::FromClient(connection, _, packet) => Outside::Sent {
                connection: *connection,
                packet: Rc::clone(packet),
            },
            Happening::ToClient(connection, _, _) => Outside::Arrived {
                connection: *connection,
            },
            Happening::Client(node, Event::Disconnected { why, retry_at }) => {
                if let Some(connection) = self.connections.get(node).copied() {
                    listener.outside(&Outside::Ended { connection }, at);
                }
                let client = client(*node);
                match retry_at {
                    Some(retry) => Outside::Reconnecting {
                        client,
                        wait: retry.since(trace.at).as_micros() as u64,
                    },
                    None if gives_up(world, *node, *why) => Outside::GaveUp { client },
                    None => return,
                }
            }
            Happening::Cut(connection, node) => Outside::Cut {
                client: client(*node),
                connection: *connection,
            },
            Happening::ClientCrashed { node, memory } => {
                if let Some(connection) = self.connections.get(node).copied() {
                    listener.outside(&Outside::Ended { connection }, at);
                }
                Outside::ClientCrashed {
                    client: client(*node),
                    memory: *memory,
                }
            }
            Happening::ClientStarted(node) => Outside::ClientStarted {
                client: client(*node),
            },
            Happening::BrokerCrashed => Outside::BrokerCrashed {
                kept: kept(world),
                flush: flushes,
            },
            Happening::BrokerStarted { stored } => Outside::BrokerStarted {
                kept: kept(world),
                stored: *stored,
            },
            _ => return,
        };
        listener.outside(&told, at);
    }

    /// The moment is over: what was done in it was done.
    pub fn ended(&mut self, listener: &mut impl Listen, world: &World) {
        self.did(listener, world, world.broker_clock().as_micros());
    }

    /// Tells what somebody did, where nothing else tells of it.
    fn did(&mut self, listener: &mut impl Listen, world: &World, at: u64) {
        let Some(action) = self.acting.take() else {
            return;
        };
        let client = |node: usize| client_id(world, node);
        let told = match action {
            Action::Hold(node, direction, _) => Outside::Held {
                client: client(node),
                to_broker: direction == Direction::Up,
            },
            Action::Release(node, direction) => Outside::Released {
                client: client(node),
                to_broker: direction == Direction::Up,
            },
            Action::Sleep(time) => Outside::Skipped {
                time: time.as_micros() as u64,
            },
            Action::Clock(by) => Outside::ClockJumped { by },
            Action::SetAccess(access) => {
                listener.access(&access, at);
                return;
            }
            _ => return,
        };
        listener.outside(&told, at);
    }
}

/// The Client Identifier of a client; its name in the script where the broker will choose one.
pub(crate) fn client_id(world: &World, node: usize) -> ClientId {
    let id = &world.client(node).options().client_id;
    if id.is_empty() {
        ClientId::from(world.name(node))
    } else {
        ClientId::from(&**id)
    }
}

/// Whether a client that would come back by itself does not.
fn gives_up(world: &World, node: usize, why: Loss) -> bool {
    world.client(node).options().reconnect.is_some() && why != Loss::Requested
}

fn kept(world: &World) -> Rc<Kept> {
    Rc::new(Kept::from(world.store()))
}
