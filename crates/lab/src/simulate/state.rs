//! What a broker knows, as the standard has it: vectors, and loops over them. Sessions and Wills are here; what is
//! published and subscribed to is in `route`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::{Access, Actions, Config};
use vitrine_packet::{Connect, PacketId, ProtocolVersion, QoS, ReasonCode, SubscriptionOptions};
use vitrine_session::Time;

use super::filter::shared;
use super::guard::{Who, may};
use super::promise::{Group, Promises};

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) sessions: BTreeMap<Rc<str>, Session>,
    pub(super) retained: BTreeMap<Rc<str>, Kept>,
    /// How often the group of a shared subscription has lost all its members.
    lives: BTreeMap<Rc<str>, u64>,
}

impl State {
    /// The group with this filter, for a copy that is promised to it now.
    pub(super) fn group(&self, filter: &Rc<str>, must: bool) -> Group {
        let mut sessions = self.sessions.values();
        let lasting = sessions.any(|session| session.expiry > 0 && session.is_member(filter));
        Group {
            filter: Rc::clone(filter),
            root: 0,
            must,
            lasting,
            life: self.lives.get(filter).copied().unwrap_or(0),
        }
    }

    /// Somebody has this filter no more.
    pub(super) fn left(&mut self, filter: &str) {
        let mut sessions = self.sessions.values();
        if shared(filter).is_some() && !sessions.any(|session| session.is_member(filter)) {
            *self.lives.entry(filter.into()).or_default() += 1;
        }
    }
}

impl Session {
    /// Whether it has a Subscription with this filter.
    pub(super) fn is_member(&self, filter: &str) -> bool {
        let mut subscriptions = self.subscriptions.iter();
        subscriptions.any(|subscription| *subscription.filter == *filter)
    }
}

/// A Session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) generation: u64,
    /// Who its latest client logged in as.
    pub(super) user: Option<Rc<str>>,
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
    /// Who the publisher logged in as.
    pub(super) user: Option<&'a str>,
    pub(super) topic: &'a str,
    pub(super) payload: &'a [u8],
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) expiry: Option<u32>,
    pub(super) is_will: bool,
}

/// What a time may come for. At the same time the earlier of these comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// The Will of a client that is gone.
    Will(Rc<str>),
    /// The end of a Session whose client is gone.
    End(Rc<str>),
    /// The end of what a topic has retained.
    Retained(Rc<str>),
}

/// The model at work: the state, what it promises, and the limits.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) state: State,
    pub(super) promises: Promises,
    pub(super) config: Config,
    /// Who may do what, at present, and how often that changed.
    pub(super) access: Rc<Access>,
    pub(super) epoch: u64,
    generations: u64,
}

impl Model {
    pub(super) fn new(config: Config) -> Self {
        let (state, promises) = Default::default();
        Self {
            state,
            promises,
            access: Rc::clone(&config.access),
            config,
            epoch: 0,
            generations: 0,
        }
    }

    /// The generation of the latest Session.
    pub(super) fn generations(&self) -> u64 {
        self.generations
    }

    /// CONNECT of a user. Says whether a Session is present.
    ///
    /// # Errors
    /// The Reason Code that refuses it.
    pub(super) fn connect(
        &mut self,
        connect: &Connect<'_>,
        user: Option<Rc<str>>,
        now: Time,
    ) -> Result<bool, u8> {
        let client: Rc<str> = connect.client_id.into();
        let will = connect.will.map(|will| Testament {
            topic: will.topic.into(),
            payload: will.payload.into(),
            qos: will.qos,
            retain: will.retain,
            delay: will.properties.will_delay_interval().unwrap_or(0),
        });
        if let Some(will) = &will {
            self.check(
                user.as_deref(),
                &client,
                &will.topic,
                &will.payload,
                will.retain,
            )?;
        }
        // What was due before it came back is done first.
        self.due(&client, now);
        let expiry = match connect.version {
            ProtocolVersion::V5 => connect.properties.session_expiry_interval().unwrap_or(0),
            _ if connect.clean_start => 0,
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => u32::MAX,
        };
        let expiry = expiry.min(self.config.max_session_expiry);
        let before = self.state.sessions.get(&client);
        // A Session is its user's. Of one who is gone for ever nobody gets anything.
        let owner = before.and_then(|before| before.user.as_ref());
        let is_others = owner.is_some_and(|owner| Some(owner) != user.as_ref());
        if is_others && owner.is_some_and(|owner| self.access.users.contains_key(owner)) {
            return Err(ReasonCode::ClientIdentifierNotValid.as_u8());
        }
        // One Session too many: then its older connection stays as well.
        let kept = before.is_some_and(|before| before.expiry > 0);
        if !kept && expiry > 0 && self.kept() >= self.config.max_sessions {
            return Err(ReasonCode::QuotaExceeded.as_u8());
        }
        self.leave(&client, now);
        if connect.clean_start || is_others {
            self.end(&client, now);
        }
        let present = self.state.sessions.contains_key(&client);
        self.generations += 1;
        let fresh = Session {
            generation: self.generations,
            user: None,
            version: connect.version,
            connected: true,
            expiry: 0,
            ends: None,
            will: None,
            will_due: None,
            subscriptions: Vec::new(),
            received: BTreeSet::new(),
        };
        let entry = self.state.sessions.entry(Rc::clone(&client));
        let session = entry.or_insert(fresh);
        let is_new = core::mem::replace(&mut session.user, user) != session.user;
        session.version = connect.version;
        session.connected = true;
        session.expiry = expiry;
        session.ends = None;
        session.will = will;
        session.will_due = None;
        if is_new {
            self.excuse_denied(Some(&client));
        }
        Ok(present)
    }

    /// Other rules count from now on, and other users.
    pub(super) fn set_access(&mut self, access: Rc<Access>) {
        self.access = access;
        self.epoch += 1;
        self.excuse_denied(None);
    }

    /// Who the client of a Session is.
    pub(super) fn who<'a>(&'a self, client: &'a str) -> Who<'a> {
        let session = self.state.sessions.get(client);
        Who {
            user: session.and_then(|session| session.user.as_deref()),
            client,
        }
    }

    /// Whether the client of a Session may receive messages of a topic.
    ///
    /// # Errors
    /// The name of the rule that says no.
    pub(super) fn may_receive(&self, client: &str, topic: &str) -> Result<(), Rc<str>> {
        may(&self.access, self.who(client), Actions::RECEIVE, topic)
    }

    /// What waits may be lost, for one client or for all, where a rule says so by now.
    fn excuse_denied(&mut self, client: Option<&str>) {
        let mut denied = Vec::new();
        for (n, promise) in self.promises.open() {
            let of_it = client.is_none_or(|client| *promise.client == *client);
            let Some(origin) = self.promises.origins.get(&n).filter(|_| of_it) else {
                continue;
            };
            if self.may_receive(&promise.client, &origin.topic).is_err() {
                denied.push((n, Rc::clone(&promise.client)));
            }
        }
        for (n, client) in denied {
            self.promises.excuse(n, &client);
        }
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
        let (generation, user) = (session.generation, session.user.clone());
        if ends && let Some(ended) = self.state.sessions.remove(client) {
            for subscription in ended.subscriptions {
                self.state.left(&subscription.filter);
            }
            self.hand_on(client, generation);
        }
        if let Some(will) = will {
            let publication = Publication {
                publisher: client,
                user: user.as_deref(),
                topic: &will.topic,
                payload: &will.payload,
                qos: will.qos,
                retain: will.retain,
                expiry: None,
                is_will: true,
            };
            // One that is refused by now is dropped.
            let _ = self.publish(&publication, now);
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

    /// What is due next, at this time at the latest: with the time for which it was due.
    pub(super) fn next_due(&self, now: Time) -> Option<(Time, Due)> {
        let sessions = self.state.sessions.iter();
        let due = sessions.flat_map(|(client, session)| {
            let will = session
                .will_due
                .map(|due| (due, Due::Will(Rc::clone(client))));
            let end = session.ends.map(|due| (due, Due::End(Rc::clone(client))));
            will.into_iter().chain(end)
        });
        // What was retained makes room for the Wills that come after it.
        let retained = self.state.retained.iter();
        let retained = retained.filter_map(|(topic, kept)| {
            kept.expires
                .map(|due| (due, Due::Retained(Rc::clone(topic))))
        });
        let all = due.chain(retained).filter(|(due, _)| *due <= now);
        all.min()
    }

    /// Does what is due.
    pub(super) fn do_due(&mut self, due: &Due, now: Time) {
        match due {
            Due::Will(client) => self.fire(client, now),
            Due::End(client) => self.end(client, now),
            Due::Retained(topic) => drop(self.state.retained.remove(topic)),
        }
    }

    /// The broker starts from what survived: everybody is gone since `now`.
    pub(super) fn restart(&mut self, state: State, now: Time) {
        self.state = state;
        // Nobody is handed a message because of a Session that ended with the broker.
        let sessions = self.state.sessions.values_mut();
        for session in sessions.filter(|session| session.expiry == 0) {
            session.subscriptions.clear();
        }
        for group in self.promises.groups.values_mut() {
            let mut sessions = self.state.sessions.values();
            let is_there = sessions.any(|session| session.is_member(&group.filter));
            let life = self.state.lives.get(&group.filter).copied();
            group.life = if is_there {
                life.unwrap_or(0)
            } else {
                u64::MAX
            };
        }
        let clients: Vec<_> = self.state.sessions.keys().cloned().collect();
        for client in clients {
            self.leave(&client, now);
        }
    }
}
