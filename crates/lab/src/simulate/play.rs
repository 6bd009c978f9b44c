//! Going through a scenario, and checking at every step.

// What is not looked at needs no list.
#![allow(clippy::wildcard_enum_match_arm)]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use vitrine_broker::{
    Broker, ConnectionId, DiscardReason, Event as Seen, ObservationMask, PublicationId,
};
use vitrine_client::{Event, Loss, Ticket};
use vitrine_packet::{Packet, ProtocolVersion, QoS, ReasonCode};
use vitrine_session::Time;

use super::promise::Receipt;
use super::scenario::{Scenario, number};
use super::state::{Model, Publication, State};
use super::wire::Wire;
use crate::{Action, Happening, Trace, World};

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

/// A promise that was not kept.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The step of the script; past its end when it showed only then.
    pub step: usize,
    /// When.
    pub at: Time,
    /// What.
    pub what: String,
    /// What happened before, the latest last.
    pub history: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.history {
            writeln!(f, "  {line}")?;
        }
        write!(f, "step {} at {} µs: {}", self.step, self.at.0, self.what)
    }
}

/// So much of what happened is told with a failure.
const HISTORY: usize = 200;

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
    publications: BTreeMap<PublicationId, u64>,
    /// What the broker told and was not looked at.
    seen: Vec<Seen>,
    report: Report,
    history: Vec<String>,
    step: usize,
}

impl<'a> Player<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let start = Time::from_secs(1_000_000);
        let mut world = World::new(scenario.config.clone(), scenario.commit, start);
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
        world.observe_broker(ObservationMask::ROUTING);
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
            publications: BTreeMap::new(),
            seen: Vec::new(),
            report: Report::default(),
            history: Vec::new(),
            step: 0,
        }
    }

    fn perform(&mut self, action: &Action, after: Duration) -> Result<(), Failure> {
        self.pass(after)?;
        let ticket = self.world.act(action);
        if let (Action::Publish(node, message), Some(ticket)) = (action, ticket)
            && let Some(n) = number(&message.payload)
        {
            self.tickets.insert((*node, ticket), (n, message.qos));
        }
        self.look()
    }

    /// Lets time pass, step by step.
    fn pass(&mut self, time: Duration) -> Result<(), Failure> {
        let end = self.world.now() + time;
        let mut steps = 0_u32;
        while self.world.next().is_some_and(|(at, _)| at <= end) {
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
                self.wires.insert(*id, Wire::new(version, now));
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
                self.keep_alives(now);
                self.model.deadlines(now);
            }
            Happening::BrokerCrashed => {
                self.next_input();
                self.report.crashes += 1;
                self.crashed()?;
            }
            Happening::BrokerStarted { stored } => {
                // What it starts with keeps its number; a number out of use is told when it is given again.
                let kept = self.snapshots.get(&self.committed).cloned();
                let durable = *stored && self.scenario.config.durable;
                let state = if durable {
                    kept.unwrap_or_default()
                } else {
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
            Happening::ToClient(..)
            | Happening::Cut(..)
            | Happening::ClientCrashed { .. }
            | Happening::ClientStarted(_)
            | Happening::Acted(_)
            | Happening::Idle(_)
            | Happening::Opening(..)
            | Happening::FromClient(..)
            | Happening::Lost(_) => {}
            Happening::Observed(seen) => self.seen.push(seen.event.clone()),
        }
        Ok(())
    }

    fn taken_so_far(&self) -> u64 {
        self.snapshots.keys().max().copied().unwrap_or(0)
    }

    fn next_input(&mut self) {
        self.taken = None;
        self.model.promises.next_input();
    }

    /// The broker crashed: what was not durable is gone. Nobody may have been told otherwise.
    fn crashed(&mut self) -> Result<(), String> {
        self.model.promises.crashed(self.committed);
        self.wires.clear();
        Ok(())
    }

    fn left(&mut self, id: ConnectionId, now: Time) {
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        if !core::mem::replace(&mut wire.ended, true)
            && let Some(client) = wire.client.clone()
        {
            self.model.leave(&client, now);
        }
    }

    fn keep_alives(&mut self, now: Time) {
        let silent = self.wires.iter().filter(|(_, wire)| {
            let patience = u64::from(wire.keep_alive) * 1_500_000;
            let due = wire.last_heard.0.saturating_add(patience);
            !wire.ended && wire.client.is_some() && patience > 0 && due <= now.0
        });
        let silent: Vec<_> = silent.map(|(id, _)| *id).collect();
        for id in silent {
            self.left(id, now);
        }
    }

    /// The broker ends a connection: there must be a reason for it.
    fn ended(&mut self, id: ConnectionId, reason: ReasonCode, now: Time) -> Result<(), String> {
        let known = self
            .wires
            .get(&id)
            .is_some_and(|wire| wire.ended || wire.client.is_none());
        let allowed = matches!(
            reason,
            ReasonCode::Success
                | ReasonCode::QuotaExceeded
                | ReasonCode::KeepAliveTimeout
                | ReasonCode::SessionTakenOver
                | ReasonCode::DisconnectWithWillMessage
        );
        if !allowed {
            return Err(format!(
                "a client that keeps to the rules is closed: {reason:?}"
            ));
        }
        if !known {
            return Err(format!(
                "a connection ends for no reason: {id:?} {reason:?}"
            ));
        }
        self.left(id, now);
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.ended = true;
        }
        Ok(())
    }

    fn heard(&mut self, id: ConnectionId, bytes: &[u8], now: Time) -> Result<(), String> {
        let Some(wire) = self.wires.get_mut(&id).filter(|wire| !wire.ended) else {
            return Ok(());
        };
        let packet = Packet::decode(bytes, wire.version).map_err(|error| error.to_string())?;
        wire.last_heard = now;
        wire.heard(&packet);
        let client = wire.client.clone();
        let (Some(client), false) = (client, matches!(packet, Packet::Connect(_))) else {
            if let Packet::Connect(connect) = packet {
                let name: Rc<str> = connect.client_id.into();
                let present = self.model.connect(&connect, now);
                // One of two that have the same name takes the place of the other, unless it is refused: then
                // the other stays.
                let session = self.model.state.sessions.get(&name);
                let stays = present.is_none() && session.is_some_and(|session| session.connected);
                let others = self.wires.iter_mut().filter(|(other, _)| **other != id);
                for (_, old) in others.filter(|_| !stays) {
                    old.ended |= old.client.as_ref() == Some(&name);
                }
                let v5 = connect.version == ProtocolVersion::V5;
                let config = &self.scenario.config;
                let Some(wire) = self.wires.get_mut(&id) else {
                    return Ok(());
                };
                let properties = connect.properties;
                wire.client = present.map(|_| name);
                wire.session_present = present;
                let too_long =
                    connect.keep_alive == 0 || connect.keep_alive > config.max_keep_alive;
                let limited = v5 && config.max_keep_alive < u16::MAX && too_long;
                wire.keep_alive = if limited {
                    config.max_keep_alive
                } else {
                    connect.keep_alive
                };
                wire.max_packet_size = properties
                    .maximum_packet_size()
                    .map_or(usize::MAX, |most| most as usize);
                let window = properties.receive_maximum().unwrap_or(u16::MAX);
                wire.window = usize::from(window.min(config.max_in_flight));
            }
            return Ok(());
        };
        match packet {
            Packet::Publish(publish) => {
                let alias = publish.properties.topic_alias();
                let topic: Rc<str> = match (publish.topic, alias) {
                    ("", Some(alias)) => {
                        let known = wire.aliases.get(&alias);
                        known.cloned().ok_or("an alias that stands for nothing")?
                    }
                    (topic, alias) => {
                        let topic: Rc<str> = topic.into();
                        wire.aliases
                            .extend(alias.map(|alias| (alias, Rc::clone(&topic))));
                        topic
                    }
                };
                let session = self.model.state.sessions.get(&client);
                let exactly_once = (publish.qos == QoS::ExactlyOnce)
                    .then_some(publish.packet_id)
                    .flatten();
                if let (Some(session), Some(id)) = (session, exactly_once)
                    && session.received.contains(&id)
                {
                    return Ok(());
                }
                let publication = Publication {
                    publisher: &client,
                    topic: &topic,
                    payload: publish.payload,
                    qos: publish.qos,
                    retain: publish.retain,
                    expiry: publish.properties.message_expiry_interval(),
                    is_will: false,
                };
                let accepted = self.model.publish(&publication, now);
                let session = self.model.state.sessions.get_mut(&client);
                if let (Some(session), Some(id)) = (session, exactly_once)
                    && (accepted || session.version != ProtocolVersion::V5)
                {
                    session.received.insert(id);
                }
            }
            Packet::PubRel(ack) => {
                if let Some(session) = self.model.state.sessions.get_mut(&client) {
                    session.received.remove(&ack.packet_id);
                }
            }
            Packet::Subscribe(subscribe) => {
                let identifier = subscribe.properties.subscription_identifiers().next();
                let mut codes = Vec::new();
                for (filter, options) in subscribe.filters.iter() {
                    codes.push(
                        self.model
                            .subscribe(&client, filter, options, identifier, now),
                    );
                }
                if let Some(wire) = self.wires.get_mut(&id) {
                    wire.subscribed(subscribe.packet_id, codes);
                }
            }
            Packet::Unsubscribe(unsubscribe) => {
                for filter in unsubscribe.filters.iter() {
                    self.model.unsubscribe(&client, filter);
                }
            }
            Packet::Disconnect(disconnect) => {
                if let Some(session) = self.model.state.sessions.get_mut(&client) {
                    if let Some(expiry) = disconnect.properties.session_expiry_interval() {
                        session.expiry = expiry.min(self.scenario.config.max_session_expiry);
                    }
                    if disconnect.reason == ReasonCode::Success {
                        session.will = None;
                    }
                }
                self.left(id, now);
            }
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::PubAck(_)
            | Packet::PubRec(_)
            | Packet::PubComp(_)
            | Packet::SubAck(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp
            | Packet::Auth(_) => {}
        }
        Ok(())
    }

    fn said(&mut self, id: ConnectionId, bytes: &[u8]) -> Result<(), String> {
        let Some(wire) = self.wires.get_mut(&id) else {
            return Err(format!("{id:?} is not there"));
        };
        let packet = Packet::decode(bytes, wire.version)
            .map_err(|error| format!("not a packet: {error}: {bytes:02X?}"))?;
        if wire.ended && matches!(packet, Packet::Publish(_)) {
            return Err(format!("a message for a connection that ended: {packet:?}"));
        }
        if !wire.ended {
            wire.said(&packet, bytes.len())?;
        }
        Ok(())
    }

    fn event(&mut self, node: usize, event: &Event) -> Result<(), String> {
        let client = &self.scenario.clients[node].0.client_id;
        match event {
            Event::Message { message, dup, .. } => {
                self.report.received += 1;
                let Some(n) = number(&message.payload) else {
                    return Ok(());
                };
                let v5 = self.scenario.clients[node].0.version == ProtocolVersion::V5;
                let ids = message
                    .properties
                    .as_properties()
                    .subscription_identifiers();
                let mut ids: Vec<_> = ids.collect();
                ids.sort_unstable();
                self.model.promises.receive(&Receipt {
                    client,
                    n,
                    topic: &message.topic,
                    qos: message.qos,
                    retain: message.retain,
                    dup: *dup,
                    ids: v5.then_some(ids),
                })
            }
            Event::Published { ticket, reason } if !reason.is_error() => {
                let Some(&(n, qos)) = self.tickets.get(&(node, *ticket)) else {
                    return Ok(());
                };
                let v5 = self.scenario.clients[node].0.version == ProtocolVersion::V5;
                // Before 5.0 a refusal looks the same; and names that are shared confuse identifiers.
                let told = qos > QoS::AtMostOnce && v5 && !self.is_muddled(client);
                if told
                    && !self.model.promises.accepted.contains_key(&n)
                    && self.world.broker().is_some()
                {
                    return Err(format!(
                        "{n} was acknowledged, and the broker does not have it"
                    ));
                }
                Ok(())
            }
            Event::Disconnected {
                why: Loss::Violation(reason, statement),
                ..
            } => Err(format!(
                "client {node} says that the broker broke a rule: {reason:?} {statement:?}"
            )),
            Event::Disconnected {
                why: Loss::Stuck, ..
            } => Err(format!("client {node} is stuck")),
            _ => Ok(()),
        }
    }

    fn is_muddled(&self, client: &Rc<str>) -> bool {
        self.model.promises.muddled.contains(client)
    }

    /// What the broker says that it gave up on, if it had a reason.
    fn excuses(&mut self) -> Result<(), String> {
        for event in core::mem::take(&mut self.seen) {
            match event {
                Seen::Published {
                    publication,
                    payload,
                    ..
                } => {
                    self.publications
                        .extend(number(&payload).map(|n| (publication, n)));
                }
                Seen::Discarded {
                    client,
                    publication,
                    why,
                } => {
                    self.excuse(&client, publication, why)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn excuse(
        &mut self,
        client: &str,
        publication: PublicationId,
        why: DiscardReason,
    ) -> Result<(), String> {
        let session = self.model.state.sessions.get(client);
        let generation = session.map_or(0, |session| session.generation);
        let plausible = match why {
            DiscardReason::QueueFull => {
                let most = self.scenario.config.max_queued_messages;
                session.is_none() || self.model.promises.outstanding(client, generation) > most
            }
            DiscardReason::TooLarge => {
                let clients = self.scenario.clients.iter();
                let mut of_it = clients.filter(|(options, _)| *options.client_id == *client);
                of_it.any(|(options, _)| options.max_packet_size < 100)
            }
            // Those with a lifetime are promised to nobody, and neither is QoS 0.
            DiscardReason::Expired | DiscardReason::OfflineQoS0 | DiscardReason::SlowConsumer => {
                return Ok(());
            }
            DiscardReason::SessionEnded => return Ok(()),
            _ => false,
        };
        if !plausible {
            return Err(format!(
                "{client} does not get {publication:?} because of {why:?}"
            ));
        }
        if let Some(n) = self.publications.get(&publication) {
            self.model.promises.excuse(*n, client);
        }
        Ok(())
    }

    /// Holds the broker against the model.
    fn compare(&self) -> Result<(), String> {
        let Some(broker) = self.world.broker() else {
            return Ok(());
        };
        broker.verify()?;
        let State { sessions, retained } = &self.model.state;
        let counts = broker.counts();
        if counts.sessions != sessions.len() {
            let clients: Vec<_> = broker.clients().collect();
            return Err(format!(
                "sessions {clients:?} instead of {:?}",
                sessions.keys()
            ));
        }
        for (client, session) in sessions {
            let Some(info) = broker.session(client) else {
                return Err(format!("{client} has no session"));
            };
            let filters: BTreeSet<&str> = info.subscriptions.iter().map(|(f, _)| &**f).collect();
            let expected: BTreeSet<&str> =
                session.subscriptions.iter().map(|s| &*s.filter).collect();
            if filters != expected {
                return Err(format!("{client} has {filters:?} instead of {expected:?}"));
            }
            let same = info.connection.is_some() == session.connected
                && info.expiry == session.expiry
                && info.in_flight_in == session.received.len()
                && info.will.is_some() == session.will.is_some();
            if !same {
                return Err(format!("{info:?} instead of {session:?}"));
            }
        }
        for (topic, kept) in retained {
            match broker.retained(topic) {
                Some(info) if info.payload == kept.payload && info.qos == kept.qos => {}
                None if kept.expires.is_some() => {}
                info => {
                    return Err(format!(
                        "retained for {topic}: {info:?} instead of {kept:?}"
                    ));
                }
            }
        }
        if counts.retained > retained.len() {
            return Err(format!(
                "{} retained instead of {:?}",
                counts.retained,
                retained.keys()
            ));
        }
        self.limits(broker)
    }

    fn limits(&self, broker: &Broker) -> Result<(), String> {
        let (config, counts) = (&self.scenario.config, broker.counts());
        let within = self.model.kept() <= config.max_sessions
            && counts.retained <= config.max_retained_messages
            && counts.subscriptions <= config.max_subscriptions_total;
        if !within {
            return Err(format!("limits are not kept: {counts:?}"));
        }
        for client in broker.clients() {
            let Some(info) = broker.session(client) else {
                continue;
            };
            // What was sent and never pulled goes back into the queue.
            let most = config.max_queued_messages + usize::from(config.max_in_flight);
            if info.queued > most || info.subscriptions.len() > config.max_subscriptions {
                return Err(format!("limits are not kept: {info:?}"));
            }
        }
        for connection in broker.connections() {
            // One packet more, and a message let in for each answer that came in between.
            if connection.unsent > config.max_unsent_bytes + config.max_unsent_control_bytes + 5_000
            {
                return Err(format!("limits are not kept: {connection:?}"));
            }
        }
        Ok(())
    }

    /// Everybody comes back and nothing breaks any more: what is promised comes, and nothing is left over.
    fn finish(mut self) -> Result<Report, Failure> {
        self.world.heal();
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
        self.at_rest().map_err(|what| self.fail(what))?;
        self.report.steps = self.world.steps();
        Ok(self.report)
    }

    fn at_rest(&self) -> Result<(), String> {
        let sessions = &self.model.state.sessions;
        let lives = |client: &str, generation: u64| {
            let session = sessions.get(client);
            session.is_some_and(|s| s.generation == generation && s.connected)
        };
        if let Some(missing) = self.model.promises.missing(lives) {
            return Err(missing);
        }
        for wire in self.wires.values().filter(|wire| !wire.ended) {
            if let Some(owed) = wire.owed() {
                return Err(owed);
            }
        }
        for node in 0..self.world.clients() {
            let client = self.world.client(node);
            let busy = client.in_flight().count()
                + client.releasing().count()
                + client.requesting().count();
            if client.is_connected() && busy + client.queued() > 0 {
                return Err(format!("client {node} still waits: {client:?}"));
            }
        }
        let Some(broker) = self.world.broker() else {
            return Err("the broker is down".into());
        };
        for (name, session) in sessions {
            let Some(info) = broker.session(name).filter(|_| session.connected) else {
                continue;
            };
            let left = info.in_flight_out + info.queued;
            let unreleased = if self.is_muddled(name) {
                0
            } else {
                info.in_flight_in
            };
            if left + unreleased > 0 {
                return Err(format!("something is left over: {info:?}"));
            }
        }
        Ok(())
    }
}

/// What need not be told: that nothing is going on.
fn is_noise(what: &Happening) -> bool {
    match what {
        Happening::ToBroker(_, bytes)
        | Happening::FromBroker(_, bytes)
        | Happening::ToClient(_, _, bytes) => matches!(bytes[0], 0xC0 | 0xD0),
        Happening::FromClient(..)
        | Happening::Opening(..)
        | Happening::Acted(_)
        | Happening::Observed(_) => true,
        other => *other == Happening::BrokerDeadline,
    }
}

/// A line of history.
fn describe(trace: &Trace, wires: &BTreeMap<ConnectionId, Wire>) -> String {
    let Trace {
        at,
        broker_at,
        what,
    } = trace;
    let packet = |id: &ConnectionId, bytes: &[u8]| {
        let version = wires
            .get(id)
            .map_or(ProtocolVersion::V5, |wire| wire.version);
        match Packet::decode(bytes, version) {
            Ok(packet) => format!("{packet:?}"),
            Err(error) => format!("{error} {bytes:02X?}"),
        }
    };
    let text = match what {
        Happening::ToBroker(id, bytes) => format!("{} -> broker {}", id.0, packet(id, bytes)),
        Happening::FromBroker(id, bytes) => format!("{} <- broker {}", id.0, packet(id, bytes)),
        Happening::ToClient(id, node, bytes) => {
            format!("{} => client {node} {}", id.0, packet(id, bytes))
        }
        other => format!("{other:?}"),
    };
    let mut text: String = text.chars().take(400).collect();
    if broker_at != at {
        text += &format!(" (broker's clock {})", broker_at.0);
    }
    format!("{:>12} {text}", at.0 - 1_000_000_000_000)
}
