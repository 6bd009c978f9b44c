//! Who gets a publication: the Subscriptions that match its topic, one entry per session.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_packet::{QoS, SubscriptionOptions};

use crate::access::RuleIndex;
use crate::hash;
use crate::route_cache::RouteCache;
use crate::sys::is_sys;
use crate::trie::{Group, GroupRef, Subscription, Trie, is_shared};

/// The Subscription Identifiers that go with a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubscriptionIds {
    #[default]
    None,
    One(u32),
    Several(Rc<[u32]>),
}

impl SubscriptionIds {
    pub(crate) fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(id) => core::slice::from_ref(id),
            Self::Several(ids) => ids,
        }
    }
}

impl From<Option<u32>> for SubscriptionIds {
    fn from(id: Option<u32>) -> Self {
        id.map_or(Self::None, Self::One)
    }
}

/// A session that gets the message, by one or several of its subscriptions.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) session: usize,
    /// The subscription with the highest granted QoS.
    pub(crate) subscription: usize,
    /// The QoS granted to it.
    pub(crate) granted: QoS,
    /// Whether one of the subscriptions is for others' messages only.
    pub(crate) no_local: bool,
    pub(crate) retain_as_published: bool,
    pub(crate) ids: SubscriptionIds,
    /// The rule that keeps messages of the route's topic from the client.
    pub(crate) refused: Option<RuleIndex>,
    /// Index into [`Route::overlaps`], where several subscriptions match and one is with No Local.
    overlap: Option<u32>,
}

impl Target {
    /// Without identifiers, other subscriptions or rules.
    #[inline]
    pub(crate) fn simple(
        session: usize,
        subscription: usize,
        granted: QoS,
        no_local: bool,
        retain_as_published: bool,
    ) -> Self {
        Self {
            session,
            subscription,
            granted,
            no_local,
            retain_as_published,
            ids: SubscriptionIds::None,
            refused: None,
            overlap: None,
        }
    }

    /// Whether it is one of [`Self::simple`].
    pub(crate) fn is_simple(&self) -> bool {
        self.ids == SubscriptionIds::None && self.refused.is_none() && self.overlap.is_none()
    }

    fn of(id: usize, subscription: &Subscription) -> Self {
        let SubscriptionOptions {
            qos,
            no_local,
            retain_as_published,
            ..
        } = subscription.options;
        Self {
            session: subscription.session,
            subscription: id,
            granted: qos,
            no_local,
            retain_as_published,
            ids: subscription.identifier.into(),
            refused: None,
            overlap: None,
        }
    }

    /// One copy for all of the session's subscriptions, at the highest QoS [MQTT-3.3.4-2], with the
    /// identifiers of all [MQTT-3.3.4-4].
    fn merge(subscriptions: impl Iterator<Item = usize>, trie: &Trie) -> Option<Self> {
        let mut merged: Option<Self> = None;
        let mut ids = Vec::new();
        for id in subscriptions {
            let subscription = trie.get(id);
            ids.extend(subscription.identifier);
            let target = Self::of(id, subscription);
            let Some(so_far) = &mut merged else {
                merged = Some(target);
                continue;
            };
            if target.granted > so_far.granted {
                so_far.granted = target.granted;
                so_far.subscription = id;
            }
            so_far.no_local |= target.no_local;
            so_far.retain_as_published |= target.retain_as_published;
        }
        let mut merged = merged?;
        if ids.len() > 1 {
            merged.ids = SubscriptionIds::Several(ids.into());
        } else {
            merged.ids = ids.first().copied().into();
        }
        Some(merged)
    }
}

/// Who gets messages of a topic.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) topic: Rc<str>,
    /// Sessions by their own subscriptions; each once.
    pub(crate) targets: Vec<Target>,
    /// Groups of shared subscriptions: one member of each.
    pub(crate) groups: Vec<usize>,
    /// The subscriptions of targets that have several, where one of them is with No Local.
    overlaps: Vec<Vec<usize>>,
}

impl Route {
    /// How much there is to remember.
    pub(crate) fn weight(&self) -> usize {
        let ids = self
            .targets
            .iter()
            .map(|target| target.ids.as_slice().len());
        let overlaps = self.overlaps.iter().map(|overlap| 3 + overlap.len());
        1 + self.targets.len() + self.groups.len() + ids.chain(overlaps).sum::<usize>()
    }
}

/// Who gets messages of a topic, as it is found.
#[derive(Debug)]
pub(crate) enum Found {
    /// One session, with nothing special about it.
    One(Target),
    Route(Rc<Route>),
}

impl Found {
    /// Sessions by their own subscriptions; each once.
    #[inline]
    pub(crate) fn targets(&self) -> &[Target] {
        match self {
            Self::One(target) => core::slice::from_ref(target),
            Self::Route(route) => &route.targets,
        }
    }

    /// Groups of shared subscriptions: one member of each.
    #[inline]
    pub(crate) fn groups(&self) -> &[usize] {
        match self {
            Self::One(_) => &[],
            Self::Route(route) => &route.groups,
        }
    }
}

/// The subscriptions, and routes remembered for topics seen lately.
#[derive(Clone, Debug)]
pub(crate) struct Router {
    trie: Trie,
    /// Counts the changes to the subscriptions: a route of an earlier count is void.
    generation: u32,
    routes: RouteCache,
    /// How many subscriptions are shared, and how many are for the broker's own values.
    shared: usize,
    sys: usize,
    /// For building a route: for each session 1 + its index among the targets, or 0.
    seen: Vec<u32>,
}

impl Router {
    pub(crate) fn new(seed: u64, cache: usize) -> Self {
        Self {
            trie: Trie::new(hash::state(seed)),
            generation: 0,
            routes: RouteCache::new(hash::state(seed), cache),
            shared: 0,
            sys: 0,
            seen: Vec::new(),
        }
    }

    /// How many subscriptions there are.
    pub(crate) fn len(&self) -> usize {
        self.trie.len()
    }

    /// How many of the subscriptions are shared.
    pub(crate) fn shared_len(&self) -> usize {
        self.shared
    }

    /// How many of the subscriptions are for the broker's own values.
    pub(crate) fn sys_len(&self) -> usize {
        self.sys
    }

    /// How many levels the filters have that differ from all others up to there.
    pub(crate) fn levels(&self) -> usize {
        self.trie.nodes()
    }

    pub(crate) fn get(&self, subscription: usize) -> &Subscription {
        self.trie.get(subscription)
    }

    pub(crate) fn add(
        &mut self,
        session: usize,
        filter: Rc<str>,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> usize {
        self.forget_routes();
        self.shared += usize::from(is_shared(&filter));
        self.sys += usize::from(is_sys(&filter));
        self.trie.add(session, filter, options, identifier)
    }

    pub(crate) fn replace(
        &mut self,
        subscription: usize,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) {
        self.forget_routes();
        let subscription = self.trie.get_mut(subscription);
        subscription.options = options;
        subscription.identifier = identifier;
    }

    pub(crate) fn remove(&mut self, subscription: usize) {
        self.forget_routes();
        let filter = &self.trie.get(subscription).filter;
        self.shared -= usize::from(is_shared(filter));
        self.sys -= usize::from(is_sys(filter));
        self.trie.remove(subscription);
    }

    /// Makes all routes anew that are asked for from now on.
    pub(crate) fn forget_routes(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            // What is remembered of generations that come again.
            self.routes.forget();
        }
    }

    pub(crate) fn group(&self, group: usize) -> &Group {
        self.trie.group(group)
    }

    pub(crate) fn group_ref(&self, group: usize) -> Option<GroupRef> {
        self.trie.group_ref(group)
    }

    pub(crate) fn find_group(&self, group: GroupRef) -> Option<usize> {
        self.trie.find_group(group)
    }

    /// The group that a subscription belongs to, if it is a shared one.
    pub(crate) fn group_of(&self, subscription: usize) -> Option<GroupRef> {
        self.trie.group_of(subscription)
    }

    /// The Topic Filter of a group, unless it is gone.
    pub(crate) fn group_filter(&self, group: GroupRef) -> Option<Rc<str>> {
        let group = self.find_group(group)?;
        let member = self.group(group).members.first()?;
        Some(Rc::clone(&self.get(*member).filter))
    }

    pub(crate) fn took_turn(&mut self, group: usize, member: usize) {
        self.trie.took_turn(group, member);
    }

    /// A member of a shared group as a target of its own.
    pub(crate) fn member(&self, subscription: usize) -> Target {
        Target::of(subscription, self.trie.get(subscription))
    }

    /// The target as it is for a message that its own session published: without the subscriptions
    /// with No Local [MQTT-3.8.3-3]. `None` when there is no other.
    pub(crate) fn without_no_local(&self, found: &Found, target: &Target) -> Option<Target> {
        let Found::Route(route) = found else {
            return None;
        };
        let overlap = route.overlaps.get(target.overlap? as usize)?;
        let others = overlap
            .iter()
            .copied()
            .filter(|id| !self.trie.get(*id).options.no_local);
        Target::merge(others, &self.trie)
    }

    /// Who gets messages of this topic, a valid Topic Name. `refuses` says which rule keeps them from a
    /// session's client; the answer is remembered until [`Self::forget_routes`].
    #[inline]
    pub(crate) fn route(
        &mut self,
        topic: &str,
        refuses: impl Fn(usize) -> Option<RuleIndex>,
    ) -> Found {
        match self.routes.get(topic, self.generation) {
            Some(found) => found,
            None => self.build_and_remember(topic, refuses),
        }
    }

    /// Whether it is worth looking ahead.
    #[inline]
    pub(crate) fn is_large(&self) -> bool {
        self.routes.is_large()
    }

    /// Has what is known of these topics fetched from memory.
    pub(crate) fn look_ahead(&self, topics: &[&[u8]]) {
        self.routes.look_ahead(topics);
    }

    /// Who gets messages of this topic, without remembering it.
    pub(crate) fn route_once(
        &mut self,
        topic: &str,
        refuses: impl Fn(usize) -> Option<RuleIndex>,
    ) -> Found {
        Found::Route(Rc::new(self.build(topic, refuses)))
    }

    /// The topic as one that messages can share.
    pub(crate) fn shared_topic(&self, topic: &str) -> Rc<str> {
        self.routes.topic(topic).unwrap_or_else(|| topic.into())
    }

    #[cold]
    fn build_and_remember(
        &mut self,
        topic: &str,
        refuses: impl Fn(usize) -> Option<RuleIndex>,
    ) -> Found {
        let route = self.build(topic, refuses);
        self.routes.remember(route, self.generation)
    }

    fn build(&mut self, topic: &str, refuses: impl Fn(usize) -> Option<RuleIndex>) -> Route {
        let mut targets: Vec<Target> = Vec::new();
        let mut groups = Vec::new();
        let mut overlaps: Vec<Vec<usize>> = Vec::new();
        let (trie, seen) = (&self.trie, &mut self.seen);
        trie.walk(topic, |matching| {
            groups.extend_from_slice(&matching.groups);
            for id in matching.subscriptions.iter().copied() {
                let subscription = trie.get(id);
                if seen.len() <= subscription.session {
                    seen.resize(subscription.session + 1, 0);
                }
                let seen = &mut seen[subscription.session];
                if *seen == 0 {
                    targets.push(Target::of(id, subscription));
                    *seen = targets.len() as u32;
                    continue;
                }
                let target = &mut targets[*seen as usize - 1];
                let overlap = *target.overlap.get_or_insert_with(|| {
                    overlaps.push(vec![target.subscription]);
                    overlaps.len() as u32 - 1
                });
                overlaps[overlap as usize].push(id);
            }
        });
        for target in &mut targets {
            seen[target.session] = 0;
            if let Some(overlap) = target.overlap {
                let subscriptions = overlaps[overlap as usize].iter().copied();
                if let Some(merged) = Target::merge(subscriptions, trie) {
                    let overlap = merged.no_local.then_some(overlap);
                    *target = Target { overlap, ..merged };
                }
                if target.overlap.is_none() {
                    overlaps[overlap as usize] = Vec::new();
                }
            }
        }
        for target in &mut targets {
            target.refused = refuses(target.session);
        }
        if targets.iter().all(|target| target.overlap.is_none()) {
            overlaps = Vec::new();
        }
        Route {
            topic: topic.into(),
            targets,
            groups,
            overlaps,
        }
    }
}
