//! What clients may get, and what they must get in the end.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::QoS;

/// How a message comes to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// By its own subscriptions.
    Own,
    /// As a member of a group of shared subscriptions: the group of this number gets one copy.
    Group(u64),
    /// Because it subscribed, and the message was retained.
    Retained,
}

/// A delivery that may happen.
#[derive(Clone, Debug)]
pub(super) struct Promise {
    pub(super) client: Rc<str>,
    /// The session's generation: what is promised to one that ended is promised no more.
    pub(super) generation: u64,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) ids: Vec<u32>,
    pub(super) by: By,
    /// Whether it has to happen if the session lives on.
    pub(super) must: bool,
    /// Whether the store that a crash leaves does not have it.
    pub(super) void: bool,
    /// The batch that makes it durable.
    pub(super) batch: Option<u64>,
    /// How often it came.
    pub(super) got: u32,
    /// Whether what came first had DUP: it may have been a further copy of another one.
    pub(super) by_dup: bool,
    /// Whether PUBACK came, so that it must not come again.
    pub(super) over: Option<Over>,
}

impl Promise {
    /// One that nothing is known of yet but whose it is: it need not be kept, and nothing came.
    pub(super) fn to(client: &Rc<str>, generation: u64) -> Self {
        Self {
            client: Rc::clone(client),
            generation,
            qos: QoS::AtMostOnce,
            retain: false,
            ids: Vec::new(),
            by: By::Own,
            must: false,
            void: false,
            batch: None,
            got: 0,
            by_dup: false,
            over: None,
        }
    }
}

/// How well it is known to the broker that a QoS 1 message was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Until it crashes.
    Known,
    /// For good, once this batch is durable.
    Batch(u64),
}

/// A message that came to the application of a client.
#[derive(Clone, Debug)]
pub(super) struct Receipt<'a> {
    pub(super) client: &'a Rc<str>,
    /// Of its Session, where it has one.
    pub(super) generation: Option<u64>,
    pub(super) n: u64,
    pub(super) topic: &'a str,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) dup: bool,
    /// Subscription Identifiers, sorted; `None` where the version has none.
    pub(super) ids: Option<Vec<u32>>,
}

/// A message as it was sent to a client.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) n: u64,
    pub(super) retain: bool,
    /// Subscription Identifiers, sorted.
    pub(super) ids: Vec<u32>,
}

/// A message, by the number in its payload.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) publisher: Rc<str>,
    pub(super) topic: Rc<str>,
    pub(super) qos: QoS,
    pub(super) is_will: bool,
}

/// Whose messages have an order among each other: who gets them, from whom, to which topic, published and
/// delivered at which QoS.
type Stream = (Rc<str>, Rc<str>, Rc<str>, QoS, QoS);

/// All that was promised.
#[derive(Clone, Debug, Default)]
pub(super) struct Promises {
    pub(super) origins: BTreeMap<u64, Origin>,
    by_message: BTreeMap<u64, Vec<Promise>>,
    /// Groups whose copy came, and groups that are excused: a member's session ended.
    pub(super) served: BTreeSet<u64>,
    pub(super) excused: BTreeSet<u64>,
    pub(super) groups: u64,
    /// The share name and the filter of each.
    pub(super) shares: BTreeMap<u64, (Rc<str>, Rc<str>)>,
    /// The latest message of a publisher to a topic that came at a QoS.
    latest: BTreeMap<Stream, u64>,
    /// Promises made in the present input, which the next batch makes durable.
    fresh: Vec<(u64, usize)>,
    /// Clients whose memory is not that of their session any more.
    pub(super) muddled: BTreeSet<Rc<str>>,
    /// Client Identifiers that several clients have: what these publish has no order.
    pub(super) twins: BTreeSet<Rc<str>>,
    /// Messages that the broker accepted, and is to keep.
    pub(super) accepted: BTreeMap<u64, Option<u64>>,
    fresh_accepted: Vec<u64>,
    /// Promises whose PUBACK came since the last batch: the next one has that.
    fresh_over: Vec<(u64, usize)>,
    /// Messages that their publishers sent again, and that were taken for new ones: what came between may come first.
    pub(super) repeated: BTreeSet<u64>,
    /// Clients that may take a new QoS 2 message for an old one: 3.1 does not tell them that their Session is gone.
    pub(super) deaf: BTreeSet<Rc<str>>,
}

impl Promises {
    pub(super) fn add(&mut self, n: u64, promise: Promise) {
        let list = self.by_message.entry(n).or_default();
        self.fresh.push((n, list.len()));
        list.push(promise);
    }

    pub(super) fn accept(&mut self, n: u64) {
        self.accepted.insert(n, None);
        self.fresh_accepted.push(n);
    }

    /// What was promised and has not come, with the numbers of the messages.
    pub(super) fn open(&self) -> impl Iterator<Item = (u64, &Promise)> {
        let all = self.by_message.iter();
        let all = all.flat_map(|(n, list)| list.iter().map(|promise| (*n, promise)));
        all.filter(|(_, promise)| promise.got == 0)
    }

    /// PUBACK of a client came for a message, of which it may have had copies by several ways.
    pub(super) fn acknowledged(&mut self, copy: &Copy, client: &str) {
        let n = copy.n;
        let mut list = self
            .by_message
            .get_mut(&n)
            .into_iter()
            .flatten()
            .enumerate();
        let found = list.find(|(_, promise)| {
            let is_it = *promise.client == *client && promise.qos == QoS::AtLeastOnce;
            let is_it = is_it && promise.retain == copy.retain && promise.ids == copy.ids;
            is_it && promise.got > 0 && promise.over.is_none()
        });
        if let Some((at, promise)) = found
            && !self.twins.contains(client)
        {
            promise.over = Some(Over::Known);
            self.fresh_over.push((n, at));
        }
    }

    /// Another input begins.
    pub(super) fn next_input(&mut self) {
        self.fresh.clear();
        self.fresh_accepted.clear();
    }

    /// The changes of the present input were taken as a batch.
    pub(super) fn taken(&mut self, batch: u64) {
        for (n, at) in self.fresh.drain(..) {
            if let Some(promise) = self
                .by_message
                .get_mut(&n)
                .and_then(|list| list.get_mut(at))
            {
                promise.batch = Some(batch);
            }
        }
        for n in self.fresh_accepted.drain(..) {
            self.accepted.insert(n, Some(batch));
        }
        for (n, at) in self.fresh_over.drain(..) {
            let list = self.by_message.get_mut(&n);
            if let Some(promise) = list.and_then(|list| list.get_mut(at)) {
                promise.over = promise.over.map(|_| Over::Batch(batch));
            }
        }
    }

    /// The broker crashed: what a later batch than this one would have made durable is gone.
    pub(super) fn crashed(&mut self, committed: u64) {
        let promises = self.by_message.values_mut().flatten();
        for promise in promises.filter(|promise| promise.batch.is_some_and(|b| b > committed)) {
            promise.void = true;
        }
        for promise in self.by_message.values_mut().flatten() {
            // What it forgets it may send again.
            promise.over = promise.over.filter(|over| match over {
                Over::Known => false,
                Over::Batch(batch) => *batch <= committed,
            });
        }
        self.fresh_over.clear();
        self.accepted
            .retain(|_, batch| batch.is_none_or(|batch| batch <= committed));
        self.next_input();
    }

    /// How many messages a session may hold: promised and not come. An upper bound.
    pub(super) fn outstanding(&self, client: &str, generation: u64) -> usize {
        let promises = self.by_message.values().flatten();
        let open = promises.filter(|promise| {
            // What was retained may wait at QoS 0, too.
            let may_wait = promise.qos > QoS::AtMostOnce || promise.by == By::Retained;
            *promise.client == *client && promise.generation == generation && may_wait
        });
        open.count()
    }

    /// The broker says that it gave up on a message for a client, for a reason that is allowed.
    pub(super) fn excuse(&mut self, n: u64, client: &str) {
        for promise in self.by_message.get_mut(&n).into_iter().flatten() {
            if *promise.client == *client {
                promise.must = false;
                if let By::Group(group) = promise.by {
                    self.excused.insert(group);
                }
            }
        }
    }

    /// A session ended: it gets nothing more, and groups are excused that may have chosen it. Gives the messages
    /// and the groups: other members may get what it leaves.
    pub(super) fn session_ended(&mut self, client: &str, generation: u64) -> Vec<(u64, u64)> {
        let mut left = Vec::new();
        for (n, list) in &self.by_message {
            for promise in list {
                let By::Group(group) = promise.by else {
                    continue;
                };
                if *promise.client == *client && promise.generation == generation {
                    self.excused.insert(group);
                    left.push((*n, group));
                }
            }
        }
        left
    }

    /// A message came. Checks that it was promised, and its order.
    pub(super) fn receive(&mut self, receipt: &Receipt<'_>) -> Result<(), String> {
        let Receipt {
            client,
            n,
            qos,
            retain,
            dup,
            ..
        } = *receipt;
        let origin = self
            .origins
            .get(&n)
            .ok_or_else(|| format!("nobody published {n}"))?;
        if *origin.topic != *receipt.topic {
            return Err(format!(
                "{n} was published to {}, not {}",
                origin.topic, receipt.topic
            ));
        }
        let list = self.by_message.entry(n).or_default();
        let before = list
            .iter()
            .any(|promise| promise.client == *client && promise.got > 0);
        let fits = |promise: &Promise| {
            promise.client == *client
                && promise.qos == qos
                && promise.retain == retain
                && receipt.ids.as_ref().is_none_or(|ids| promise.ids == *ids)
        };
        let candidates = list.iter().enumerate();
        let candidates =
            candidates.filter(|(_, promise)| promise.got == 0 && !promise.void && fits(promise));
        // What its Session was promised before what an earlier one was, and what must come before what may.
        let candidates = candidates.map(|(at, promise)| {
            let is_old = Some(promise.generation) != receipt.generation;
            (is_old, !promise.must, at, promise.by)
        });
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_unstable();
        let fresh = candidates.into_iter().find(|(.., by)| match by {
            By::Group(group) => free(list, &mut self.served, *group, &mut BTreeSet::new()),
            By::Own | By::Retained => true,
        });
        let fresh = fresh.map(|(_, _, at, _)| at);
        let at = fresh.or_else(|| {
            let again =
                qos == QoS::AtLeastOnce || qos == QoS::ExactlyOnce && self.muddled.contains(client);
            let again = again && dup;
            list.iter().position(|promise| {
                again && promise.got > 0 && promise.over.is_none() && fits(promise)
            })
        });
        // The copy with DUP that was taken for this one was one more of another.
        let several = list
            .iter()
            .filter(|promise| promise.got > 0 && fits(promise));
        // Of two that share a name the one may get it with DUP before the other gets it first, on a slower link.
        let several = several.count() > 1 || self.twins.contains(client);
        let at = at.or_else(|| {
            let taken = |promise: &Promise| promise.by_dup && fits(promise);
            list.iter()
                .position(|promise| several && !dup && taken(promise))
        });
        let Some(at) = at else {
            let said: Vec<_> = list
                .iter()
                .filter(|promise| promise.client == *client)
                .collect();
            return Err(format!(
                "nothing allows {receipt:?}; for this client: {said:?}"
            ));
        };
        let promise = &mut list[at];
        promise.by_dup = dup && (promise.got == 0 || promise.by_dup);
        promise.got += 1;
        if let By::Group(group) = promise.by {
            self.served.insert(group);
        }
        let has_order = !origin.is_will
            && !self.repeated.contains(&n)
            && !self.twins.contains(&origin.publisher);
        if promise.by == By::Own && !before && has_order {
            let publisher = Rc::clone(&origin.publisher);
            let key = (
                Rc::clone(client),
                publisher,
                Rc::clone(&origin.topic),
                origin.qos,
                qos,
            );
            if let Some(latest) = self.latest.get(&key).filter(|latest| **latest > n) {
                return Err(format!("{n} came after {latest}: {receipt:?}"));
            }
            self.latest.insert(key, n);
        }
        Ok(())
    }

    /// What must have come and did not, to sessions that live. `lives` tells which, and `waits` which live and have no client
    /// in the end.
    pub(super) fn missing(
        &self,
        lives: impl Fn(&str, u64) -> bool,
        waits: impl Fn(&str, u64) -> bool,
    ) -> Option<String> {
        for (n, list) in &self.by_message {
            for promise in list {
                let alive = lives(&promise.client, promise.generation);
                if !promise.must || promise.void || promise.got > 0 || !alive {
                    continue;
                }
                if promise.qos == QoS::ExactlyOnce && self.deaf.contains(&promise.client) {
                    continue;
                }
                if let By::Group(group) = promise.by
                    && (self.served.contains(&group) || self.excused.contains(&group))
                {
                    continue;
                }
                // It may wait for another member, who was not let in again.
                let has_it = |other: &&Promise| {
                    let is_group = matches!(other.by, By::Group(_));
                    is_group && other.by == promise.by && waits(&other.client, other.generation)
                };
                if list.iter().any(|other| has_it(&other)) {
                    continue;
                }
                // Nor does anybody know which of a client's Wills it is, where members of groups came and went between.
                let is_group = |promise: &Promise| matches!(promise.by, By::Group(_));
                let is_one = list
                    .iter()
                    .all(|other| !is_group(other) || other.by == promise.by);
                if is_group(promise) && !is_one && self.origins[n].is_will {
                    continue;
                }
                // Copies of several publications look alike where all have the same number.
                let alike = list.iter().filter(|other| {
                    other.client == promise.client
                        && other.qos == promise.qos
                        && other.retain == promise.retain
                        && other.ids == promise.ids
                });
                let (mut count, mut due, mut needed, mut got) = (0, 0, 0, 0);
                for other in alike {
                    let own = !matches!(other.by, By::Group(_));
                    let excused =
                        |by| matches!(by, By::Group(group) if self.excused.contains(&group));
                    count += 1;
                    needed += u32::from(!excused(other.by));
                    due += u32::from(own && other.must && !other.void);
                    got += other.got;
                }
                // A copy that counts for a group may have been the client's own.
                let own = !matches!(promise.by, By::Group(_));
                if count > 1 && got >= if own { due } else { needed } {
                    continue;
                }
                let origin = &self.origins[n];
                return Some(format!("{n} never came: {promise:?} of {origin:?}"));
            }
        }
        None
    }
}

/// Sees to it that the copy of a group is not given out yet, where that is possible: copies look all alike, so
/// what a client got may have been that of another group, or its own.
fn free(
    list: &mut [Promise],
    served: &mut BTreeSet<u64>,
    group: u64,
    tried: &mut BTreeSet<u64>,
) -> bool {
    if !served.contains(&group) {
        return true;
    }
    if !tried.insert(group) {
        return false;
    }
    let holder = list
        .iter()
        .position(|promise| promise.by == By::Group(group) && promise.got > 0);
    let Some(holder) = holder else {
        return false;
    };
    let held = list[holder].clone();
    for other in 0..list.len() {
        let promise = &list[other];
        let alike = promise.client == held.client
            && promise.qos == held.qos
            && promise.retain == held.retain
            && promise.ids == held.ids;
        if promise.got > 0 || promise.void || !alike {
            continue;
        }
        let open = match promise.by {
            By::Group(group) => free(list, served, group, tried),
            By::Own | By::Retained => true,
        };
        if open {
            if let By::Group(group) = list[other].by {
                served.insert(group);
            }
            list[other].got = list[holder].got;
            list[other].by_dup = list[holder].by_dup;
            list[other].over = list[holder].over.take();
            list[holder].got = 0;
            served.remove(&group);
            return true;
        }
    }
    false
}
