//! Going through a scenario, and checking at every step.
//!
//! - `hear`: packets that the broker gets, for the model. `login`: who comes in. `say`: what the broker sends and tells,
//!   against what the model allows. `hold`: what it holds against what the model holds, at any time and in the end.
//!   `history`: what is told of a failure.

mod hear;
mod history;
mod hold;
mod login;
mod say;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{ConnectionId, Event as Seen, ObservationMask, PublicationId};
use vitrine_client::{Options, Ticket};
use vitrine_packet::{Packet, QoS, ReasonCode};
use vitrine_session::Time;

pub use history::Failure;
use history::{HISTORY, describe, is_noise};

use super::scenario::{Scenario, number};
use super::state::{Model, State};
use super::wire::Wire;
use crate::{Action, Happening, Trace, World};

/// How often it is waited for the world to come to rest at the end.
const MOST_WAITED: u32 = 500;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Steps that the world took.
    pub steps: u64,
    /// Messages that came to applications.
    pub received: u64,
    /// Connections that were made.
    pub connections: u64,
    /// Crashes of the broker.
    pub crashes: u64,
}

/// Plays a scenario to its end, lets everybody come back, and checks everything on the way.
///
/// # Errors
/// The first promise that was not kept.
pub fn run(scenario: &Scenario) -> Result<Report, Failure> {
    let mut player = Player::new(scenario);
    for (step, next) in scenario.steps.iter().enumerate() {
        player.step = step;
        player.perform(&next.action, next.after)?;
    }
    player.step = scenario.steps.len();
    player.finish()
}

struct Player<'a> {
    scenario: &'a Scenario,
    world: World,
    model: Model,
    wires: BTreeMap<ConnectionId, Wire>,
    /// What the model was when batches were taken.
    snapshots: BTreeMap<u64, State>,
    committed: u64,
    /// The batch that was taken in the present input.
    taken: Option<u64>,
    tickets: BTreeMap<(usize, Ticket), (u64, QoS)>,
    /// Topic Filters that clients subscribe to, until they are answered.
    asked: BTreeMap<(usize, Ticket), Vec<Rc<str>>>,
    /// Topic Filters of which the clients of Sessions were told that they have subscribed to them, since the broker started.
    subscribed: BTreeSet<(Rc<str>, u64, Rc<str>)>,
    /// The generation of the Session that each connection was of, and the start of the broker.
    served: BTreeMap<ConnectionId, (u64, u64)>,
    /// How often the broker started.
    starts: u64,
    /// On which connection the latest packet came to each client.
    coming: BTreeMap<usize, ConnectionId>,
    /// What each client connects with at present.
    options: Vec<Options>,
    /// What it connected with, for each connection that the broker has not seen.
    opening: BTreeMap<ConnectionId, Option<Rc<[u8]>>>,
    publications: BTreeMap<PublicationId, u64>,
    /// What the broker told and was not looked at.
    seen: Vec<Seen>,
    /// Clients that were let in once.
    known: BTreeSet<Rc<str>>,
    /// Clients that forgot what they knew, at a Clean Start or as they said that they would not come back, and the generation of
    /// the latest Session then: the broker may have an older one still.
    forgot: BTreeMap<Rc<str>, u64>,
    /// Whose Session another user got since.
    handed_over: BTreeSet<Rc<str>>,
    report: Report,
    history: Vec<String>,
    step: usize,
}

impl<'a> Player<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let start = Time::from_secs(1_000_000);
        let mut world = World::new(scenario.config.clone(), scenario.commit, start);
        world.keep_later(scenario.later);
        world.send_early(scenario.early);
        let mut names = BTreeSet::new();
        let mut twins = BTreeSet::new();
        for (options, line) in &scenario.clients {
            world.add(options.clone(), *line);
            if !names.insert(Rc::clone(&options.client_id)) {
                twins.insert(Rc::clone(&options.client_id));
            }
        }
        world.observe(true);
        // Also of what it does as it starts.
        world.observe_broker(ObservationMask::ROUTING | ObservationMask::SESSIONS);
        if let Some(sabotage) = scenario.sabotage {
            world.sabotage(sabotage);
        }
        let mut model = Model::new(scenario.config.clone());
        model.promises.muddled = twins.clone();
        model.promises.twins = twins;
        Self {
            scenario,
            world,
            model,
            wires: BTreeMap::new(),
            snapshots: BTreeMap::from([(0, State::default())]),
            committed: 0,
            taken: None,
            tickets: BTreeMap::new(),
            asked: BTreeMap::new(),
            subscribed: BTreeSet::new(),
            served: BTreeMap::new(),
            starts: 0,
            coming: BTreeMap::new(),
            options: scenario
                .clients
                .iter()
                .map(|(options, _)| options.clone())
                .collect(),
            opening: BTreeMap::new(),
            publications: BTreeMap::new(),
            seen: Vec::new(),
            known: BTreeSet::new(),
            forgot: BTreeMap::new(),
            handed_over: BTreeSet::new(),
            report: Report::default(),
            history: Vec::new(),
            step: 0,
        }
    }

    fn perform(&mut self, action: &Action, after: Duration) -> Result<(), Failure> {
        self.pass(after)?;
        self.next_input();
        if let Action::ConnectAs(node, options) = action
            && self.world.is_up(*node)
            && self.world.link(*node).is_none()
        {
            self.options[*node] = (**options).clone();
        }
        if let Action::Disconnect(node, _, Some(0)) = action
            && self.world.client(*node).is_connected()
        {
            self.forgets(*node);
        }
        let ticket = self.world.act(action);
        if let (Action::Publish(node, message), Some(ticket)) = (action, ticket)
            && let Some(n) = number(&message.payload)
        {
            self.tickets.insert((*node, ticket), (n, message.qos));
        }
        if let (Action::Subscribe(node, filters, _), Some(ticket)) = (action, ticket) {
            let filters = filters.iter().map(|(filter, _)| Rc::clone(filter));
            self.asked.insert((*node, ticket), filters.collect());
        }
        self.look()
    }

    /// Lets time pass, step by step.
    fn pass(&mut self, time: Duration) -> Result<(), Failure> {
        let end = self.world.now() + time;
        let mut steps = 0_u32;
        while self.world.next().is_some_and(|(at, _)| at <= end) {
            self.next_input();
            self.world.step();
            self.look()?;
            steps += 1;
            if steps > 200_000 {
                return Err(self.fail("the world does not come to rest".into()));
            }
        }
        let left = end.since(self.world.now());
        self.world.run(left);
        Ok(())
    }

    fn fail(&self, what: String) -> Failure {
        Failure {
            step: self.step,
            at: self.world.now(),
            what,
            history: self.history.clone(),
        }
    }

    /// Takes in what happened, and checks it.
    fn look(&mut self) -> Result<(), Failure> {
        let mut busy = false;
        while let Some(trace) = self.world.poll_trace() {
            busy = true;
            if self.history.len() >= HISTORY {
                self.history.remove(0);
            }
            if !is_noise(&trace.what) {
                self.history.push(describe(&trace, &self.wires));
            }
            self.happened(&trace).map_err(|what| self.fail(what))?;
        }
        if busy {
            self.excuses().map_err(|what| self.fail(what))?;
            self.compare().map_err(|what| self.fail(what))?;
            self.settle().map_err(|what| self.fail(what))?;
            self.model.promises.look();
        }
        Ok(())
    }

    fn happened(&mut self, trace: &Trace) -> Result<(), String> {
        let now = trace.broker_at;
        match &trace.what {
            Happening::Opened(id, node) => {
                self.next_input();
                self.report.connections += 1;
                let version = self.scenario.clients[*node].0.version;
                let mut wire = Wire::new(version, now);
                wire.password = self.opening.remove(id).flatten();
                self.wires.insert(*id, wire);
            }
            Happening::ToBroker(id, bytes) => {
                self.next_input();
                self.heard(*id, bytes, now)?;
            }
            Happening::Gone(id) => {
                self.next_input();
                self.left(*id, now);
            }
            Happening::Ended(id, reason) => {
                self.ended(*id, *reason, now)?;
                // The batch that was taken just before has it too.
                if let Some(batch) = self.taken {
                    self.model.promises.taken(batch);
                    self.snapshots.insert(batch, self.model.state.clone());
                }
            }
            Happening::FromBroker(id, bytes) => self.said(*id, bytes)?,
            Happening::Taken(batch) => {
                self.taken = Some(*batch);
                self.model.promises.taken(*batch);
                self.snapshots.insert(*batch, self.model.state.clone());
            }
            Happening::Committed(batch) => {
                self.committed = *batch;
                self.snapshots.retain(|number, _| number >= batch);
            }
            Happening::BrokerDeadline => {
                self.next_input();
                self.deadlines(now);
            }
            Happening::BrokerCrashed => {
                self.next_input();
                self.report.crashes += 1;
                self.crashed()?;
            }
            Happening::BrokerStarted { stored } => {
                // What it starts with keeps its number; a number out of use is told when it is given again.
                let kept = self.snapshots.get(&self.committed).cloned();
                let state = if *stored && self.scenario.config.durable {
                    kept.unwrap_or_default()
                } else {
                    self.model.promises.wiped(self.starts);
                    State::default()
                };
                // Numbers of batches that were lost are not used again.
                let latest = self.taken_so_far();
                self.committed = latest;
                // What the start changes is durable with the next batch.
                self.snapshots = BTreeMap::from([(latest, state.clone())]);
                self.model.restart(state, now);
            }
            Happening::ClientCrashed {
                node,
                memory: false,
            } => {
                let client = Rc::clone(&self.scenario.clients[*node].0.client_id);
                self.model.promises.muddled.insert(client);
            }
            Happening::Client(node, event) => self.event(*node, event)?,
            Happening::Opening(id, node) => {
                let password = self.options[*node].password.clone();
                self.opening.insert(*id, password);
            }
            Happening::Acted(action) => {
                if let Action::SetAccess(access) = &**action {
                    self.rule(access);
                }
            }
            Happening::ToClient(id, node, _) => {
                self.coming.insert(*node, *id);
            }
            Happening::FromClient(_, node, bytes) => {
                let version = self.scenario.clients[*node].0.version;
                if let Ok(Packet::Connect(connect)) = Packet::decode(bytes, version)
                    && connect.clean_start
                {
                    self.forgets(*node);
                }
            }
            Happening::Cut(..)
            | Happening::ClientCrashed { .. }
            | Happening::ClientStarted(_)
            | Happening::Idle(_)
            | Happening::Lost(_) => {}
            Happening::Observed(seen) => self.seen.push(seen.event.clone()),
        }
        Ok(())
    }

    /// A client knows nothing of Sessions that there are any more.
    fn forgets(&mut self, node: usize) {
        let client = Rc::clone(&self.scenario.clients[node].0.client_id);
        self.forgot.insert(client, self.model.generations());
    }

    fn taken_so_far(&self) -> u64 {
        self.snapshots.keys().max().copied().unwrap_or(0)
    }

    fn next_input(&mut self) {
        self.taken = None;
    }

    /// The broker crashed: what was not durable is gone. Nobody may have been told otherwise.
    fn crashed(&mut self) -> Result<(), String> {
        self.wires.clear();
        self.starts += 1;
        let nothing = State::default();
        let kept = self.snapshots.get(&self.committed);
        let kept = kept.filter(|_| self.scenario.config.durable);
        let kept = kept.unwrap_or(&nothing);
        let of = |client: &str, generation: u64| {
            let session = kept.sessions.get(client);
            session.filter(|session| session.generation == generation)
        };
        let survives = |client: &str, generation: u64| {
            of(client, generation).is_some_and(|session| session.expiry > 0)
        };
        let is_there = |client: &str, generation: u64| {
            of(client, generation).is_some_and(|session| session.connected)
        };
        for (client, generation, filter) in core::mem::take(&mut self.subscribed) {
            let now = self.model.state.sessions.get(&client);
            let now = now.filter(|session| session.generation == generation);
            if let (Some(now), Some(then)) = (now, of(&client, generation))
                && then.expiry > 0
                && now.is_member(&filter)
                && !then.is_member(&filter)
            {
                return Err(format!(
                    "{client} was told that it subscribed to {filter}, and that is forgotten"
                ));
            }
        }
        let promises = &mut self.model.promises;
        promises.crashed(self.committed, self.starts, survives, is_there)?;
        for (topic, now) in &self.model.state.retained {
            let then = kept.retained.get(topic);
            let is_same = then.is_some_and(|then| then.payload == now.payload);
            let n = number(&now.payload).filter(|_| now.expires.is_none() && !is_same);
            if self.scenario.config.durable {
                n.into_iter().try_for_each(|n| promises.forget(n))?;
            }
        }
        Ok(())
    }

    /// Everybody comes back and nothing breaks any more: what is promised comes, and nothing is left over.
    fn finish(mut self) -> Result<Report, Failure> {
        self.world.heal();
        // Nor does anybody wait for long for what is to be durable.
        let early = self.scenario.early;
        self.world.send_early(early.map(|_| Duration::ZERO));
        self.look()?;
        // Of those who share a name only the first stays, once the others are gone.
        let mut names = BTreeSet::new();
        for round in 0..2 {
            names.clear();
            for node in 0..self.world.clients() {
                let first = names.insert(Rc::clone(&self.scenario.clients[node].0.client_id));
                let action = if first {
                    Action::Connect(node)
                } else {
                    Action::Disconnect(node, ReasonCode::Success, None)
                };
                self.perform(&action, Duration::ZERO)?;
            }
            self.pass(Duration::from_secs(if round == 0 { 20 } else { 60 }))?;
        }
        let mut waited = 0;
        while self.at_rest().is_err() && self.may_rest_later(waited) {
            self.pass(Duration::from_secs(4))?;
            waited += 1;
        }
        self.at_rest().map_err(|what| self.fail(what))?;
        self.report.steps = self.world.steps();
        Ok(self.report)
    }

    /// Whether all may be at rest a little later, though it was waited for that so many times. Somebody may have been let in only
    /// just now. And where a link is slower than a client of 3.x is patient, that client asks again until the first answer comes:
    /// all the answers then follow one after the other, and are waited for as long as there are some on their way.
    fn may_rest_later(&self, waited: u32) -> bool {
        let is_coming = || self.world.flying().any(|it| it.packet.is_some());
        waited < 3 || waited < MOST_WAITED && is_coming()
    }

    fn is_muddled(&self, client: &Rc<str>) -> bool {
        self.model.promises.muddled.contains(client)
    }
}
