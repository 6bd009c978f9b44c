//! What a broker knows, as the standard has it: vectors, and loops over them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::Config;
use vitrine_packet::{
    Connect, PacketId, ProtocolVersion, QoS, RetainHandling, SubscriptionOptions,
};
use vitrine_session::Time;

use super::filter::{matches, shared};
use super::promise::{By, Origin, Promise, Promises};
use super::scenario::number;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) sessions: BTreeMap<Rc<str>, Session>,
    pub(super) retained: BTreeMap<Rc<str>, Kept>,
}

/// A Session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) generation: u64,
    pub(super) version: ProtocolVersion,
    pub(super) connected: bool,
    /// The Session Expiry Interval.
    pub(super) expiry: u32,
    pub(super) ends: Option<Time>,
    pub(super) will: Option<Testament>,
    pub(super) will_due: Option<Time>,
    pub(super) subscriptions: Vec<Subscription>,
    /// QoS 2 messages that came and are not released.
    pub(super) received: BTreeSet<PacketId>,
}

#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) filter: Rc<str>,
    pub(super) options: SubscriptionOptions,
    pub(super) identifier: Option<u32>,
}

/// A Will.
#[derive(Clone, Debug)]
pub(super) struct Testament {
    pub(super) topic: Rc<str>,
    pub(super) payload: Rc<[u8]>,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) delay: u32,
}

/// A Retained Message.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) payload: Rc<[u8]>,
    pub(super) qos: QoS,
    pub(super) publisher: Rc<str>,
    pub(super) expires: Option<Time>,
}

/// A publication.
#[derive(Clone, Debug)]
pub(super) struct Publication<'a> {
    pub(super) publisher: &'a Rc<str>,
    pub(super) topic: &'a str,
    pub(super) payload: &'a [u8],
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) expiry: Option<u32>,
    pub(super) is_will: bool,
}

/// The model at work: the state, what it promises, and the limits.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) state: State,
    pub(super) promises: Promises,
    pub(super) config: Config,
    generations: u64,
}

impl Model {
    pub(super) fn new(config: Config) -> Self {
        let (state, promises) = Default::default();
        Self {
            state,
            promises,
            config,
            generations: 0,
        }
    }

    /// CONNECT. Says whether a Session is present; `None` when it is refused.
    pub(super) fn connect(&mut self, connect: &Connect<'_>, now: Time) -> Option<bool> {
        let client: Rc<str> = connect.client_id.into();
        let will = connect.will.map(|will| Testament {
            topic: will.topic.into(),
            payload: will.payload.into(),
            qos: will.qos,
            retain: will.retain,
            delay: will.properties.will_delay_interval().unwrap_or(0),
        });
        if let Some(will) = &will
            && self.is_full(&will.topic, &will.payload, will.retain)
        {
            return None;
        }
        // What was due before it came back is done first.
        self.due(&client, now);
        let expiry = match connect.version {
            ProtocolVersion::V5 => connect.properties.session_expiry_interval().unwrap_or(0),
            _ if connect.clean_start => 0,
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => u32::MAX,
        };
        let expiry = expiry.min(self.config.max_session_expiry);
        // One Session too many: then its older connection stays as well.
        let before = self.state.sessions.get(&client);
        let kept = before.is_some_and(|before| before.expiry > 0);
        if !kept && expiry > 0 && self.kept() >= self.config.max_sessions {
            return None;
        }
        self.leave(&client, now);
        if connect.clean_start {
            self.end(&client, now);
        }
        let present = self.state.sessions.contains_key(&client);
        self.generations += 1;
        let fresh = Session {
            generation: self.generations,
            version: connect.version,
            connected: true,
            expiry: 0,
            ends: None,
            will: None,
            will_due: None,
            subscriptions: Vec::new(),
            received: BTreeSet::new(),
        };
        let session = self.state.sessions.entry(client).or_insert(fresh);
        session.version = connect.version;
        session.connected = true;
        session.expiry = expiry;
        session.ends = None;
        session.will = will;
        session.will_due = None;
        Some(present)
    }

    /// Sessions that outlive their connections.
    pub(super) fn kept(&self) -> usize {
        let sessions = self.state.sessions.values();
        sessions.filter(|session| session.expiry > 0).count()
    }

    /// The connection of a client is gone.
    pub(super) fn leave(&mut self, client: &Rc<str>, now: Time) {
        let Some(session) = self.state.sessions.get_mut(client) else {
            return;
        };
        if !core::mem::take(&mut session.connected) {
            return;
        }
        self.wait_for(client, now);
    }

    /// A Session without a connection since `now`.
    pub(super) fn wait_for(&mut self, client: &Rc<str>, now: Time) {
        let Some(session) = self.state.sessions.get_mut(client) else {
            return;
        };
        let after = |seconds: u32| Time(now.0.saturating_add(u64::from(seconds) * 1_000_000));
        let expiry = session.expiry;
        if expiry == 0 {
            return self.end(client, now);
        }
        session.ends = (expiry != u32::MAX).then(|| after(expiry));
        match session.will.as_ref().map(|will| will.delay.min(expiry)) {
            None => {}
            Some(0) => self.fire(client, now),
            Some(delay) => session.will_due = Some(after(delay)),
        }
    }

    fn end(&mut self, client: &Rc<str>, now: Time) {
        self.fire_from(client, now, true);
    }

    fn fire(&mut self, client: &Rc<str>, now: Time) {
        self.fire_from(client, now, false);
    }

    /// Publishes a Will, before or after which its Session ends.
    fn fire_from(&mut self, client: &Rc<str>, now: Time, ends: bool) {
        let Some(session) = self.state.sessions.get_mut(client) else {
            return;
        };
        session.will_due = None;
        let will = session.will.take();
        let generation = session.generation;
        if ends {
            self.state.sessions.remove(client);
            self.hand_on(client, generation);
        }
        if let Some(will) = will {
            let publication = Publication {
                publisher: client,
                topic: &will.topic,
                payload: &will.payload,
                qos: will.qos,
                retain: will.retain,
                expiry: None,
                is_will: true,
            };
            self.publish(&publication, now);
        }
    }

    /// What an ended session leaves of shared subscriptions may go to another member, once.
    fn hand_on(&mut self, client: &str, generation: u64) {
        for (n, group) in self.promises.session_ended(client, generation) {
            let (Some(share), Some(origin)) = (
                self.promises.shares.get(&group).cloned(),
                self.promises.origins.get(&n),
            ) else {
                continue;
            };
            let published = origin.qos;
            self.promises.groups += 1;
            let again = self.promises.groups;
            self.promises.shares.insert(again, share.clone());
            self.promises.excused.insert(again);
            for (client, session) in &self.state.sessions {
                for subscription in &session.subscriptions {
                    let same = shared(&subscription.filter)
                        .is_some_and(|(name, filter)| *share.0 == *name && *share.1 == *filter);
                    for retain in [false, true].into_iter().filter(|_| same) {
                        let promise = Promise {
                            client: Rc::clone(client),
                            generation: session.generation,
                            qos: published.min(subscription.options.qos),
                            retain,
                            ids: subscription.identifier.iter().copied().collect(),
                            by: By::Group(again),
                            must: false,
                            void: false,
                            batch: None,
                            got: 0,
                            by_dup: false,
                        };
                        self.promises.add(n, promise);
                    }
                }
            }
        }
    }

    /// What is due for one client.
    fn due(&mut self, client: &Rc<str>, now: Time) {
        let Some(session) = self.state.sessions.get(client) else {
            return;
        };
        if session.ends.is_some_and(|due| due <= now) {
            self.end(client, now);
        } else if session.will_due.is_some_and(|due| due <= now) {
            self.fire(client, now);
        }
    }

    /// All that is due, in its order.
    pub(super) fn deadlines(&mut self, now: Time) {
        loop {
            let sessions = self.state.sessions.iter();
            let due = sessions.flat_map(|(client, session)| {
                let will = session.will_due.map(|due| (due, 0, Rc::clone(client)));
                let end = session.ends.map(|due| (due, 1, Rc::clone(client)));
                will.into_iter().chain(end)
            });
            let Some((_, kind, client)) = due.filter(|(due, ..)| *due <= now).min() else {
                break;
            };
            if kind == 0 {
                self.fire(&client, now);
            } else {
                self.end(&client, now);
            }
        }
        self.state
            .retained
            .retain(|_, kept| kept.expires.is_none_or(|due| due > now));
    }

    /// Whether there is no room for another Retained Message.
    fn is_full(&self, topic: &str, payload: &[u8], retain: bool) -> bool {
        retain
            && !payload.is_empty()
            && !self.state.retained.contains_key(topic)
            && self.state.retained.len() >= self.config.max_retained_messages
    }

    /// A publication. Says whether the broker takes it.
    pub(super) fn publish(&mut self, publication: &Publication<'_>, now: Time) -> bool {
        let Publication {
            publisher,
            topic,
            payload,
            qos,
            retain,
            expiry,
            is_will,
        } = *publication;
        if topic.starts_with('$') || self.is_full(topic, payload, retain) {
            return false;
        }
        let n = number(payload);
        if let Some(n) = n {
            let publisher = Rc::clone(publisher);
            let origin = Origin {
                publisher,
                topic: topic.into(),
                qos,
                is_will,
            };
            self.promises.origins.insert(n, origin);
            self.promises.accept(n);
        }
        if retain && payload.is_empty() {
            self.state.retained.remove(topic);
        } else if retain {
            let expires =
                expiry.map(|seconds| Time(now.0.saturating_add(u64::from(seconds) * 1_000_000)));
            let publisher = Rc::clone(publisher);
            let kept = Kept {
                payload: payload.into(),
                qos,
                publisher,
                expires,
            };
            self.state.retained.insert(topic.into(), kept);
        }
        // What has no number can be counted only.
        let counted = n.is_some();
        let n = n.unwrap_or(u64::MAX);
        let mut groups: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (client, session) in &self.state.sessions {
            let mut granted = None;
            let (mut ids, mut as_published) = (Vec::new(), false);
            for subscription in &session.subscriptions {
                let Subscription {
                    filter,
                    options,
                    identifier,
                } = subscription;
                if let Some((name, filter)) = shared(filter) {
                    if !matches(filter, topic) {
                        continue;
                    }
                    let shares = &mut self.promises.shares;
                    let next = &mut self.promises.groups;
                    let group = *groups.entry((name, filter)).or_insert_with(|| {
                        *next += 1;
                        shares.insert(*next, (name.into(), filter.into()));
                        *next
                    });
                    let qos = qos.min(options.qos);
                    if qos == QoS::AtMostOnce {
                        // It may be given to this one, and be lost.
                        self.promises.excused.insert(group);
                    }
                    let promise = Promise {
                        client: Rc::clone(client),
                        generation: session.generation,
                        qos,
                        retain: retain && options.retain_as_published,
                        ids: identifier.iter().copied().collect(),
                        by: By::Group(group),
                        must: counted && qos > QoS::AtMostOnce && expiry.is_none(),
                        void: false,
                        batch: None,
                        got: 0,
                        by_dup: false,
                    };
                    self.promises.add(n, promise);
                    continue;
                }
                let own = options.no_local && client == publisher;
                if own || !matches(filter, topic) {
                    continue;
                }
                granted = granted.max(Some(options.qos));
                ids.extend(*identifier);
                as_published |= options.retain_as_published;
            }
            let Some(granted) = granted else {
                continue;
            };
            ids.sort_unstable();
            let qos = qos.min(granted);
            let promise = Promise {
                client: Rc::clone(client),
                generation: session.generation,
                qos,
                retain: retain && as_published,
                ids,
                by: By::Own,
                must: counted && qos > QoS::AtMostOnce && expiry.is_none(),
                void: false,
                batch: None,
                got: 0,
                by_dup: false,
            };
            self.promises.add(n, promise);
        }
        true
    }

    /// SUBSCRIBE for one filter. Gives its code.
    pub(super) fn subscribe(
        &mut self,
        client: &Rc<str>,
        filter: &str,
        options: SubscriptionOptions,
        identifier: Option<u32>,
        now: Time,
    ) -> u8 {
        let total: usize = self
            .state
            .sessions
            .values()
            .map(|s| s.subscriptions.len())
            .sum();
        let Some(session) = self.state.sessions.get_mut(client) else {
            return 0x80;
        };
        let v5 = session.version == ProtocolVersion::V5;
        let existing = session
            .subscriptions
            .iter()
            .position(|s| *s.filter == *filter);
        let subscription = Subscription {
            filter: filter.into(),
            options,
            identifier,
        };
        match existing {
            Some(at) => session.subscriptions[at] = subscription,
            None if session.subscriptions.len() >= self.config.max_subscriptions
                || total >= self.config.max_subscriptions_total =>
            {
                return if v5 { 0x97 } else { 0x80 };
            }
            None => session.subscriptions.push(subscription),
        }
        let wanted = match options.retain_handling {
            RetainHandling::Send => true,
            RetainHandling::SendIfNew => existing.is_none(),
            RetainHandling::DoNotSend => false,
        };
        if wanted && shared(filter).is_none() {
            let generation = session.generation;
            let may_be_full =
                self.promises.outstanding(client, generation) >= self.config.max_queued_messages;
            for (topic, kept) in &self.state.retained {
                let expired = kept.expires.is_some_and(|due| due <= now);
                let own = options.no_local && kept.publisher == *client;
                if expired || own || !matches(filter, topic) {
                    continue;
                }
                let qos = kept.qos.min(options.qos);
                let promise = Promise {
                    client: Rc::clone(client),
                    generation,
                    qos,
                    retain: true,
                    ids: identifier.iter().copied().collect(),
                    by: By::Retained,
                    must: qos > QoS::AtMostOnce && kept.expires.is_none() && !may_be_full,
                    void: false,
                    batch: None,
                    got: 0,
                    by_dup: false,
                };
                if let Some(n) = number(&kept.payload) {
                    self.promises.add(n, promise);
                }
            }
        }
        options.qos.as_u8()
    }

    pub(super) fn unsubscribe(&mut self, client: &Rc<str>, filter: &str) {
        if let Some(session) = self.state.sessions.get_mut(client) {
            session
                .subscriptions
                .retain(|subscription| *subscription.filter != *filter);
        }
    }

    /// The broker starts from what survived: everybody is gone since `now`.
    pub(super) fn restart(&mut self, state: State, now: Time) {
        let lived: Vec<_> = self
            .state
            .sessions
            .iter()
            .map(|(c, s)| (Rc::clone(c), s.generation))
            .collect();
        self.state = state;
        for (client, generation) in lived {
            let kept = self
                .state
                .sessions
                .get(&client)
                .map(|session| session.generation);
            if kept != Some(generation) {
                self.hand_on(&client, generation);
            }
        }
        let clients: Vec<_> = self.state.sessions.keys().cloned().collect();
        for client in clients {
            self.leave(&client, now);
        }
    }
}
