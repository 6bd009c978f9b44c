//! Who is to get what: publications, subscriptions, and what they find retained.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::Actions;
use vitrine_packet::{ProtocolVersion, QoS, ReasonCode, RetainHandling, SubscriptionOptions};
use vitrine_session::Time;

use super::filter::{matches, shared};
use super::guard::{Who, may, may_subscribe};
use super::promise::{By, Origin, Promise};
use super::scenario::number;
use super::state::{Kept, Model, Publication, Subscription};

impl Model {
    /// Whether somebody may publish this.
    ///
    /// # Errors
    /// The Reason Code that refuses it.
    pub(super) fn check(
        &self,
        user: Option<&str>,
        client: &str,
        topic: &str,
        payload: &[u8],
        retain: bool,
    ) -> Result<(), u8> {
        let allowed = may(&self.access, Who { user, client }, Actions::PUBLISH, topic);
        if topic.starts_with('$') || allowed.is_err() {
            return Err(ReasonCode::NotAuthorized.as_u8());
        }
        if self.is_full(topic, payload, retain) {
            return Err(ReasonCode::QuotaExceeded.as_u8());
        }
        Ok(())
    }

    /// Whether there is no room for another Retained Message.
    fn is_full(&self, topic: &str, payload: &[u8], retain: bool) -> bool {
        retain
            && !payload.is_empty()
            && !self.state.retained.contains_key(topic)
            && self.state.retained.len() >= self.config.max_retained_messages
    }

    /// A publication. Says whether it matches a subscription of somebody who may have it.
    ///
    /// # Errors
    /// The Reason Code that refuses it.
    pub(super) fn publish(&mut self, publication: &Publication<'_>, now: Time) -> Result<bool, u8> {
        let Publication {
            publisher,
            user,
            topic,
            payload,
            qos,
            retain,
            expiry,
            is_will,
        } = *publication;
        let n = number(payload);
        if let Err(code) = self.check(user, publisher, topic, payload, retain) {
            n.into_iter().for_each(|n| self.promises.refuse(n));
            return Err(code);
        }
        if let Some(n) = n {
            let publisher = Rc::clone(publisher);
            let origin = Origin {
                publisher,
                topic: topic.into(),
                qos,
                is_will,
            };
            self.promises.accept(n, origin);
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
        let must = counted && expiry.is_none();
        let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
        let mut matched = false;
        for (client, session) in &self.state.sessions {
            let user = session.user.as_deref();
            if may(&self.access, Who { user, client }, Actions::RECEIVE, topic).is_err() {
                continue;
            }
            let mut granted = None;
            let (mut ids, mut as_published) = (Vec::new(), false);
            for subscription in &session.subscriptions {
                let Subscription {
                    filter,
                    options,
                    identifier,
                } = subscription;
                if let Some((_, shared)) = shared(filter) {
                    if !matches(shared, topic) {
                        continue;
                    }
                    matched = true;
                    let group = *groups.entry(&**filter).or_insert_with(|| {
                        let group = self.state.group(filter, must);
                        self.promises.add_group(None, group)
                    });
                    let qos = qos.min(options.qos);
                    if qos == QoS::AtMostOnce {
                        // It may be given to this one, and be lost.
                        self.promises.excuse_group(group);
                    }
                    let promise = Promise {
                        qos,
                        retain: retain && options.retain_as_published,
                        ids: identifier.iter().copied().collect(),
                        by: By::Group(group),
                        ..Promise::to(client, session.generation)
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
            matched = true;
            ids.sort_unstable();
            let qos = qos.min(granted);
            let promise = Promise {
                qos,
                retain: retain && as_published,
                ids,
                by: By::Own,
                must: must && qos > QoS::AtMostOnce,
                ..Promise::to(client, session.generation)
            };
            self.promises.add(n, promise);
        }
        Ok(matched)
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
        let user = session.user.clone();
        let user = user.as_deref();
        if may_subscribe(&self.access, Who { user, client }, filter).is_err() {
            return if v5 { 0x87 } else { 0x80 };
        }
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
                let who = Who { user, client };
                let withheld = may(&self.access, who, Actions::RECEIVE, topic).is_err();
                if expired || withheld || own || !matches(filter, topic) {
                    continue;
                }
                let qos = kept.qos.min(options.qos);
                let promise = Promise {
                    qos,
                    retain: true,
                    ids: identifier.iter().copied().collect(),
                    by: By::Retained,
                    must: qos > QoS::AtMostOnce && kept.expires.is_none() && !may_be_full,
                    ..Promise::to(client, generation)
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
        self.state.left(filter);
    }

    /// What an ended Session leaves of shared subscriptions goes to another member, if it was that one's, and if there is one.
    pub(super) fn hand_on(&mut self, client: &Rc<str>, generation: u64) {
        for left in self.promises.session_ended(client, generation) {
            let n = left.n;
            let (Some(before), Some(origin)) = (
                self.promises.groups.get(&left.group).cloned(),
                self.promises.origins.get(&n).cloned(),
            ) else {
                continue;
            };
            let filter = &before.filter;
            let now = self.state.group(filter, before.must);
            let is_there = now.life == before.life;
            let group = if left.sent {
                self.promises.add_group(Some(left.root), now)
            } else {
                let latest = self.promises.groups.get_mut(&left.group);
                latest.into_iter().for_each(|it| it.lasting &= now.lasting);
                left.group
            };
            let (mut somebody, mut may_lose) = (false, false);
            for (client, session) in &self.state.sessions {
                let user = session.user.as_deref();
                let who = Who { user, client };
                let may_have = may(&self.access, who, Actions::RECEIVE, &origin.topic).is_ok();
                let mut subscriptions = session.subscriptions.iter();
                let subscription = subscriptions.find(|it| it.filter == *filter);
                let Some(Subscription {
                    options,
                    identifier,
                    ..
                }) = subscription.filter(|_| may_have && is_there)
                else {
                    continue;
                };
                let qos = origin.qos.min(options.qos);
                (somebody, may_lose) = (true, may_lose || qos == QoS::AtMostOnce);
                let retains = left.retains.iter();
                let retains = retains.map(|retain| *retain && options.retain_as_published);
                for retain in retains.collect::<BTreeSet<_>>() {
                    let promise = Promise {
                        qos,
                        retain,
                        ids: identifier.iter().copied().collect(),
                        by: By::Group(group),
                        ..Promise::to(client, session.generation)
                    };
                    if !self.promises.is_made(n, &promise) {
                        self.promises.add(n, promise);
                    }
                }
            }
            if !somebody || may_lose {
                self.promises.excuse_group(group);
            }
        }
    }
}
