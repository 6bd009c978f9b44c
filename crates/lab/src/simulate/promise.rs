//! What clients may get, and what they must get in the end.
//!
//! Each publication makes promises to clients, and copies of it come to clients. Which copy is for which promise does not always
//! show: a client may be promised several that look alike. So copies are given to promises as it has to be for all of them to
//! be allowed (`Message::place`), and in the end for all to have come that must (`Message::cover`). A group of shared
//! subscriptions is promised one copy, and another one each time that the Session of a member ends to whom it was sent.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, QoS};

use super::copies::{Copy, Message, Slot};

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
    /// The Session's generation: what is promised to one that ended is promised no more.
    pub(super) generation: u64,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) ids: Vec<u32>,
    pub(super) by: By,
    /// Whether it has to happen if the Session lives on. For a group see [`Group::must`].
    pub(super) must: bool,
    /// When it was made, counted as [`Copy::came`] is.
    pub(super) made: u64,
    /// The broker does not know of it since this start, because of a crash.
    pub(super) lost: Option<u64>,
    /// The batch that makes it durable.
    pub(super) batch: Option<u64>,
}

impl Promise {
    /// One that nothing is known of yet but whose it is: it need not be kept.
    pub(super) fn to(client: &Rc<str>, generation: u64) -> Self {
        Self {
            client: Rc::clone(client),
            generation,
            qos: QoS::AtMostOnce,
            retain: false,
            ids: Vec::new(),
            by: By::Own,
            must: false,
            made: 0,
            lost: None,
            batch: None,
        }
    }

    pub(super) fn is_to(&self, client: &str, generation: u64) -> bool {
        *self.client == *client && self.generation == generation
    }
}

/// A copy that is promised to a group of shared subscriptions.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its Topic Filter, `$share/name/` included.
    pub(super) filter: Rc<str>,
    /// The first of those that are one copy handed on from Session to Session: this one, if nobody had it before.
    pub(super) root: u64,
    /// Whether somebody of the group must get it, unless it is excused.
    pub(super) must: bool,
    /// Whether it survives the broker if its holder's Session does not: a member had a lasting Session.
    pub(super) lasting: bool,
    /// Which of the groups with this filter it is: one that lost all its members gets nothing any more.
    pub(super) life: u64,
}

/// What a Session may have held as a member of a group when it ended.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) n: u64,
    /// The first group of those that are one copy handed on, and the latest.
    pub(super) root: u64,
    pub(super) group: u64,
    /// What its RETAIN flag may have been.
    pub(super) retains: BTreeSet<bool>,
    /// Whether it was sent at QoS 1: it may come though it is handed on.
    pub(super) sent: bool,
}

/// How well it is known to the broker that a QoS 1 message was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Until it crashes.
    Known,
    /// For good, once this batch is durable.
    Batch(u64),
}

/// A message by the number in its payload.
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
    by_message: BTreeMap<u64, Message>,
    /// Promises made and copies come.
    count: u64,
    /// That count when what is looked at now began.
    looked: u64,
    /// Sessions that ended since.
    ended: Vec<(Rc<str>, u64)>,
    pub(super) groups: BTreeMap<u64, Group>,
    /// Roots of groups whose copy may be gone for a reason that is allowed.
    excused: BTreeSet<u64>,
    /// Messages that were sent to a Session, and at which QoS.
    begun: BTreeSet<(u64, Rc<str>, u64, QoS)>,
    /// The latest message of a publisher to a topic that came at a QoS.
    latest: BTreeMap<Stream, u64>,
    /// Promises that the next batch makes durable.
    fresh: Vec<(u64, usize)>,
    /// Copies whose PUBACK came since the last batch: the next one has that.
    fresh_over: Vec<(u64, usize)>,
    /// Clients whose memory is not that of their Session any more.
    pub(super) muddled: BTreeSet<Rc<str>>,
    /// Client Identifiers that several clients have: what these publish has no order.
    pub(super) twins: BTreeSet<Rc<str>>,
    /// Messages whose publishers were told that the broker has them.
    told: BTreeSet<u64>,
    /// Messages that the broker refused.
    refused: BTreeSet<u64>,
    /// Messages that a crash had it forget, though somebody is to get them.
    forgotten: BTreeSet<u64>,
    /// Messages that their publishers sent again, and that were taken for new ones, or taken only then: what came between may
    /// come first.
    repeated: BTreeSet<u64>,
    /// Those of them of which nothing was forgotten before.
    doubled: BTreeSet<u64>,
    /// Clients that may take a new QoS 2 message for an old one: 3.1 does not tell them that their Session is gone.
    pub(super) deaf: BTreeSet<Rc<str>>,
}

impl Promises {
    pub(super) fn add(&mut self, n: u64, promise: Promise) {
        self.count += 1;
        let made = self.count;
        let list = &mut self.by_message.entry(n).or_default().promises;
        self.fresh.push((n, list.len()));
        list.push(Promise { made, ..promise });
    }

    /// The broker took a message.
    pub(super) fn accept(&mut self, n: u64, origin: Origin) {
        let again = self.origins.insert(n, origin).is_some();
        if again || self.refused.contains(&n) {
            self.repeated.insert(n);
        }
        if !self.forgotten.remove(&n) && again {
            self.doubled.insert(n);
        }
    }

    /// The broker refused a message, and says so where the version has a way.
    pub(super) fn refuse(&mut self, n: u64) {
        self.refused.insert(n);
        self.forgotten.remove(&n);
    }

    /// A publisher was told that the broker has a message.
    pub(super) fn tell(&mut self, n: u64) -> Result<(), String> {
        self.told.insert(n);
        let is_known = self.origins.contains_key(&n) || self.refused.contains(&n);
        if !is_known || self.is_broken(n) {
            return Err(format!(
                "{n} was acknowledged, and the broker does not have it"
            ));
        }
        Ok(())
    }

    /// Whether a message is forgotten though its publisher was told otherwise. Of one that was taken twice it is not known
    /// which of the two was meant.
    fn is_broken(&self, n: u64) -> bool {
        self.told.contains(&n) && self.forgotten.contains(&n) && !self.doubled.contains(&n)
    }

    /// Adds a group to which a copy is promised, and gives its number. The copy comes from that of `root`, if not from none.
    pub(super) fn add_group(&mut self, root: Option<u64>, group: Group) -> u64 {
        let number = self.groups.len() as u64 + 1;
        let root = root.unwrap_or(number);
        self.groups.insert(number, Group { root, ..group });
        number
    }

    /// Nobody of a group may get the copy in the end.
    pub(super) fn excuse_group(&mut self, group: u64) {
        if let Some(group) = self.groups.get(&group) {
            self.excused.insert(group.root);
        }
    }

    /// A message was sent to a Session.
    pub(super) fn begin(&mut self, n: u64, client: &Rc<str>, generation: u64, qos: QoS) {
        self.begun.insert((n, Rc::clone(client), generation, qos));
    }

    /// What was promised and has not come, with the numbers of the messages.
    pub(super) fn open(&self) -> impl Iterator<Item = (u64, &Promise)> {
        let all = self.by_message.iter();
        all.flat_map(|(n, message)| message.open().map(|(_, promise)| (*n, promise)))
    }

    /// PUBACK of a client came for what was sent to its Session with this identifier.
    pub(super) fn acknowledged(&mut self, n: u64, client: &str, generation: u64, id: PacketId) {
        // One of several may acknowledge what is still on its way to another.
        if self.twins.contains(client) {
            return;
        }
        let message = self.by_message.entry(n).or_default();
        for (at, copy) in message.copies.iter_mut().enumerate() {
            let is_it = copy.is_to(client, generation) && copy.packet_id == Some(id);
            if is_it && copy.qos == QoS::AtLeastOnce && copy.over.is_none() {
                copy.over = Some(Over::Known);
                self.fresh_over.push((n, at));
            }
        }
    }

    /// The changes so far were taken as a batch.
    pub(super) fn taken(&mut self, batch: u64) {
        for (n, at) in self.fresh.drain(..) {
            let list = self.by_message.get_mut(&n);
            if let Some(promise) = list.and_then(|it| it.promises.get_mut(at)) {
                promise.batch = Some(batch);
            }
        }
        for (n, at) in self.fresh_over.drain(..) {
            let list = self.by_message.get_mut(&n);
            if let Some(copy) = list.and_then(|it| it.copies.get_mut(at)) {
                copy.over = copy.over.map(|_| Over::Batch(batch));
            }
        }
    }

    /// The broker crashed: what a later batch than this one would have made durable is gone, and the next start is that of
    /// this number. `survives` tells which Sessions live on, and `is_there` which had a connection in what is left.
    pub(super) fn crashed(
        &mut self,
        committed: u64,
        start: u64,
        survives: impl Fn(&str, u64) -> bool,
        is_there: impl Fn(&str, u64) -> bool,
    ) -> Result<(), String> {
        (self.fresh, self.fresh_over) = Default::default();
        let mut forgotten = Vec::new();
        for (n, message) in &mut self.by_message {
            message.crashed(committed, start);
            let early = message.copies.iter().find(|copy| {
                copy.qos == QoS::ExactlyOnce
                    && survives(&copy.client, copy.generation)
                    && !self.muddled.contains(&copy.client)
                    && !message.knows(copy, start)
            });
            if let Some(early) = early {
                return Err(format!("{n} came, and is forgotten: {early:?}"));
            }
            let groups = &self.groups;
            let is_gone = message.open().any(|(slot, promise)| {
                let must = match slot {
                    Slot::One(_) => promise.must && promise.by == By::Own,
                    Slot::Group(group) => {
                        let Group {
                            root,
                            must,
                            lasting,
                            ..
                        } = groups[&group];
                        let is_first = root == group && must && lasting;
                        let is_first = is_first && message.forgets(root);
                        is_first && !self.excused.contains(&root) && !message.has(groups, root)
                    }
                };
                let is_lost = promise.lost == Some(start);
                must && is_lost && survives(&promise.client, promise.generation)
            });
            if is_gone {
                forgotten.push(*n);
            }
            for promise in message.promises.iter().filter(|it| it.lost.is_none()) {
                let By::Group(group) = promise.by else {
                    continue;
                };
                // What only those had whose Sessions ended with the broker ended with it.
                if !groups[&group].lasting {
                    self.excused.insert(groups[&group].root);
                }
                // Nobody knows whether it was sent.
                let Promise {
                    client,
                    generation,
                    qos,
                    ..
                } = promise;
                if *qos == QoS::ExactlyOnce && is_there(client, *generation) {
                    let begun = (*n, Rc::clone(client), *generation, *qos);
                    self.begun.insert(begun);
                }
            }
        }
        forgotten.into_iter().try_for_each(|n| self.forget(n))
    }

    /// A crash had the broker forget a message.
    pub(super) fn forget(&mut self, n: u64) -> Result<(), String> {
        self.forgotten.insert(n);
        if self.is_broken(n) {
            return Err(format!("{n} was acknowledged, and is forgotten"));
        }
        Ok(())
    }

    /// The broker starts from nothing.
    pub(super) fn wiped(&mut self, start: u64) {
        let promises = self.by_message.values_mut();
        for promise in promises.flat_map(|message| &mut message.promises) {
            promise.lost = promise.lost.or(Some(start));
        }
    }

    /// How many messages a Session may hold: promised and not come. An upper bound.
    pub(super) fn outstanding(&self, client: &str, generation: u64) -> usize {
        let messages = self.by_message.values();
        let all = messages.flat_map(|message| &message.promises);
        let ours = |promise: &&Promise| promise.is_to(client, generation) && promise.lost.is_none();
        // What was retained may wait at QoS 0, too, and what comes after it then waits behind it.
        let at_qos0 = |promise: &&Promise| promise.qos == QoS::AtMostOnce;
        let retained = all.filter(|promise| promise.by == By::Retained);
        let retained = retained.filter(ours).filter(at_qos0);
        let first = retained.map(|promise| promise.made).min();
        let waits = |promise: &&Promise| {
            !at_qos0(promise) || first.is_some_and(|first| first <= promise.made)
        };
        let open = self.open().map(|(_, promise)| promise);
        open.filter(ours).filter(waits).count()
    }

    /// Whether a Session may hold more messages than this, or one of the same client that has just ended.
    pub(super) fn may_hold_more(&self, client: &str, generation: u64, most: usize) -> bool {
        let ended = self.ended.iter().filter(|(ended, _)| **ended == *client);
        let mut generations = ended.map(|(_, generation)| *generation).chain([generation]);
        generations.any(|generation| self.outstanding(client, generation) > most)
    }

    /// The broker says that it gave up on a message for a client, for a reason that is allowed.
    pub(super) fn excuse(&mut self, n: u64, client: &str) {
        let message = self.by_message.entry(n).or_default();
        for promise in &mut message.promises {
            if *promise.client == *client {
                promise.must = false;
                if let By::Group(group) = promise.by {
                    self.excused.insert(self.groups[&group].root);
                }
            }
        }
    }

    /// There was no room for a message that was retained: the broker does not look for the others that a client asked for just
    /// now.
    pub(super) fn excuse_retained(&mut self, n: u64, client: &str) {
        let looked = self.looked;
        let asked = |promise: &Promise| {
            let is_new = promise.made > looked && promise.by == By::Retained;
            is_new && *promise.client == *client
        };
        let message = self.by_message.get(&n);
        if !message.is_some_and(|message| message.promises.iter().any(asked)) {
            return;
        }
        let promises = self.by_message.values_mut();
        for promise in promises.flat_map(|message| &mut message.promises) {
            promise.must &= !asked(promise);
        }
    }

    /// What happened until now was looked at.
    pub(super) fn look(&mut self) {
        self.looked = self.count;
        self.ended.clear();
    }

    /// A Session ended: it gets nothing more. Gives what it may have held as a member of groups, to be handed on.
    pub(super) fn session_ended(&mut self, client: &Rc<str>, generation: u64) -> Vec<Left> {
        self.ended.push((Rc::clone(client), generation));
        let mut left = BTreeMap::<_, Left>::new();
        for (n, message) in &self.by_message {
            let known = message.promises.iter().filter(|it| it.lost.is_none());
            for promise in known {
                let By::Group(group) = promise.by else {
                    continue;
                };
                let root = self.groups[&group].root;
                let found = left.entry((*n, root)).or_insert_with(|| Left {
                    n: *n,
                    root,
                    group,
                    retains: BTreeSet::new(),
                    sent: false,
                });
                found.group = found.group.max(group);
                if promise.is_to(client, generation) {
                    found.retains.insert(promise.retain);
                }
            }
        }
        let mut left: Vec<_> = left.into_values().collect();
        left.retain_mut(|left| {
            let begun = |qos| {
                let key = (left.n, Rc::clone(client), generation, qos);
                self.begun.contains(&key)
            };
            left.sent = begun(QoS::AtLeastOnce);
            // The delivery ends with its Session.
            if !left.retains.is_empty() && begun(QoS::ExactlyOnce) {
                self.excused.insert(left.root);
            }
            !left.retains.is_empty()
        });
        left
    }

    /// Whether a promise was made already.
    pub(super) fn is_made(&self, n: u64, promise: &Promise) -> bool {
        let message = self.by_message.get(&n);
        message.is_some_and(|message| message.promises(promise))
    }

    /// A copy of a message came. Checks that it was promised, and its order.
    pub(super) fn receive(&mut self, n: u64, topic: &str, copy: Copy) -> Result<(), String> {
        let origin = self
            .origins
            .get(&n)
            .ok_or_else(|| format!("nobody published {n}"))?;
        if *origin.topic != *topic {
            return Err(format!(
                "{n} was published to {}, not {topic}",
                origin.topic
            ));
        }
        self.count += 1;
        let copy = Copy {
            came: self.count,
            ..copy
        };
        let message = self.by_message.entry(n).or_default();
        let client = Rc::clone(&copy.client);
        let mut before = message.copies.iter();
        let before = before.any(|before| before.client == client);
        let is_twin = self.twins.contains(&client);
        let may_come_again = copy.qos == QoS::AtLeastOnce
            || copy.qos == QoS::ExactlyOnce && self.muddled.contains(&client);
        message.take(copy.clone(), may_come_again, is_twin)?;
        let has_order = !origin.is_will
            && !self.repeated.contains(&n)
            && !self.twins.contains(&origin.publisher);
        if has_order && !before && message.is_own(&copy) {
            let publisher = Rc::clone(&origin.publisher);
            let topic = Rc::clone(&origin.topic);
            let key = (client, publisher, topic, origin.qos, copy.qos);
            if let Some(latest) = self.latest.get(&key).filter(|latest| **latest > n) {
                return Err(format!("{n} came after {latest}: {copy:?}"));
            }
            self.latest.insert(key, n);
        }
        Ok(())
    }

    /// What must have come and did not, to Sessions that live. `lives` tells which have a client in the end, and `waits` which
    /// have none.
    pub(super) fn missing(
        &self,
        lives: impl Fn(&str, u64) -> bool,
        waits: impl Fn(&str, u64) -> bool,
    ) -> Option<String> {
        let (lives, waits) = (
            |promise: &Promise| lives(&promise.client, promise.generation),
            |promise: &Promise| waits(&promise.client, promise.generation),
        );
        // Who may have taken a new message for an old one need not have told of it: what the one of two that share a name released
        // the other still knows.
        let is_deaf = |promise: &Promise| {
            let client = &promise.client;
            let confuses = self.deaf.contains(client) || self.twins.contains(client);
            promise.qos == QoS::ExactlyOnce && confuses
        };
        for (n, message) in &self.by_message {
            let mut due = Vec::new();
            let mut roots = BTreeMap::<u64, Vec<usize>>::new();
            for (at, promise) in message.promises.iter().enumerate() {
                match promise.by {
                    By::Group(group) => {
                        roots.entry(self.groups[&group].root).or_default().push(at);
                    }
                    By::Own | By::Retained => {
                        let must = promise.must && promise.lost.is_none();
                        if must && lives(promise) && !is_deaf(promise) {
                            due.push(Vec::from([at]));
                        }
                    }
                }
            }
            for (root, promises) in roots {
                let of_group = || promises.iter().map(|at| &message.promises[*at]);
                let known = || of_group().filter(|promise| promise.lost.is_none());
                let is_first = |promise: &&Promise| promise.by == By::Group(root);
                let must = self.groups[&root].must && !self.excused.contains(&root);
                let must = must && known().any(|promise| is_first(&promise));
                // It may wait for one who was not let in again.
                let may_wait = known().any(|promise| waits(promise) || is_deaf(promise));
                if must && !may_wait && known().any(lives) {
                    due.push(promises);
                }
            }
            if let Some(missing) = message.cover(&due) {
                let promises = due[missing].iter();
                let promises: Vec<_> = promises.map(|at| &message.promises[*at]).collect();
                let origin = &self.origins.get(n);
                return Some(format!("{n} never came: {promises:?} of {origin:?}"));
            }
        }
        None
    }
}
