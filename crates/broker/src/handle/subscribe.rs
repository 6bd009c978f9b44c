//! SUBSCRIBE (3.1.1 and 5.0, section 3.8).

use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::mem;
use core::ops::{Bound, ControlFlow};

use vitrine_packet::{
    Packet, Properties, ProtocolVersion, ReasonCode, RetainHandling, SubAck, Subscribe,
    SubscriptionOptions, topic,
};

use crate::broker::Broker;
use crate::changes::{Change, SavedSubscription};
use crate::session::{Session, filter_cost};
use crate::trie::is_shared;
use crate::{Config, Event, ObservationMask};

impl Broker {
    pub(crate) fn subscribe(&mut self, at: usize, session: usize, subscribe: &Subscribe<'_>) {
        let identifier = subscribe.properties.subscription_identifiers().next();
        let v5 = self.connections[at].version == ProtocolVersion::V5;
        let mut codes = Vec::new();
        // The subscriptions whose Retained Messages are to be sent.
        let mut retained = Vec::new();
        for (number, (filter, options)) in subscribe.filters.iter().enumerate() {
            let subscribed = if number < self.config.max_filters_per_subscribe {
                self.subscribe_one(session, filter, options, identifier)
            } else {
                Err(ReasonCode::QuotaExceeded)
            };
            let code = match subscribed {
                Ok((subscription, existed)) => {
                    let wanted = match options.retain_handling {
                        RetainHandling::Send => true,
                        RetainHandling::SendIfNew => !existed,
                        RetainHandling::DoNotSend => false,
                    };
                    // Once is enough, also for a filter that the packet has twice.
                    if wanted && !is_shared(filter) && !retained.contains(&subscription) {
                        retained.push(subscription);
                    }
                    options.qos.as_u8()
                }
                Err(reason) => {
                    let client = &self.sessions[session].client;
                    self.observer
                        .note(ObservationMask::SESSIONS, || Event::SubscribeRefused {
                            client: client.clone(),
                            filter: filter.into(),
                            reason,
                        });
                    // The only code for it before 5.0 [MQTT-3.9.3-2].
                    if v5 {
                        reason.as_u8()
                    } else {
                        ReasonCode::UnspecifiedError.as_u8()
                    }
                }
            };
            codes.push(code);
        }
        let packet_id = subscribe.packet_id;
        let suback = SubAck {
            packet_id,
            properties: Properties::EMPTY,
            codes: &codes,
        };
        self.send(at, None, &Packet::SubAck(suback));
        if self.connections[at].session() != Some(session) {
            return;
        }
        for subscription in retained {
            if self.send_retained(session, subscription).is_break() {
                return;
            }
        }
    }

    /// Makes or replaces a subscription. Gives it, and whether there was one with the same filter.
    fn subscribe_one(
        &mut self,
        at: usize,
        filter: &str,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> Result<(usize, bool), ReasonCode> {
        if !self.levels_allowed(filter) {
            return Err(ReasonCode::TopicFilterInvalid);
        }
        let session = &mut self.sessions[at];
        let existing = session.subscriptions.get_key_value(filter);
        let existing = existing.map(|(filter, subscription)| (Rc::clone(filter), *subscription));
        let (filter, subscription, replaced) = match existing {
            Some((filter, subscription)) => {
                self.router.replace(subscription, options, identifier);
                (filter, subscription, true)
            }
            None => {
                let bytes = session.filter_bytes + filter_cost(filter);
                if session.subscriptions.len() >= self.config.max_subscriptions
                    || self.router.len() >= self.config.max_subscriptions_total
                    || bytes > self.config.max_subscription_bytes
                    || self.router.levels() > self.config.max_subscription_levels_total
                    || !shares_allowed(&self.config, session, filter)
                {
                    return Err(ReasonCode::QuotaExceeded);
                }
                session.filter_bytes = bytes;
                let filter: Rc<str> = filter.into();
                let subscription = self.router.add(at, Rc::clone(&filter), options, identifier);
                session
                    .subscriptions
                    .insert(Rc::clone(&filter), subscription);
                (filter, subscription, false)
            }
        };
        let saved = Rc::clone(&filter);
        self.observer
            .note(ObservationMask::SESSIONS, || Event::Subscribed {
                client: session.client.clone(),
                filter,
                options,
                granted: options.qos,
                identifier,
                replaced,
            });
        self.change_session(at, |_, client| Change::Subscribed {
            client,
            filter: saved,
            subscription: SavedSubscription {
                options,
                identifier,
            },
        });
        Ok((subscription, replaced))
    }

    /// Sends the Retained Messages that a subscription asks for [MQTT-3.3.1-9]. Breaks off when the
    /// session's queue takes no more: then the rest is lost, and looking for it not worth the time.
    fn send_retained(&mut self, session: usize, subscription: usize) -> ControlFlow<()> {
        if self.queue_is_full(session) {
            return ControlFlow::Break(());
        }
        let wanted = self.router.get(subscription);
        let filter = topic::strip_share(&wanted.filter).to_string();
        let own = wanted.options.no_local;
        let own = own.then(|| self.sessions[session].client.clone());
        let now = self.now();
        // Nothing that is delivered changes what is retained.
        let retained = mem::take(&mut self.retained);
        let ended = retained.matching(&filter, &mut |message| {
            let is_own = own.is_some() && message.publisher == own;
            if is_own || message.is_expired(now) {
                return ControlFlow::Continue(());
            }
            self.deliver_retained(session, subscription, message)
        });
        self.retained = retained;
        ended
    }
}

/// Whether a session may have a further subscription to this filter, which it has not: of those that are
/// shared only some.
fn shares_allowed(config: &Config, session: &Session, filter: &str) -> bool {
    let Some((_, path)) = topic::parse_share(filter) else {
        return true;
    };
    // No more than the limit, so it is quick to go through them.
    let range = (Bound::Included("$share/"), Bound::Excluded("$share0"));
    let shared = session.subscriptions.range::<str, _>(range);
    let shared = shared.filter_map(|(filter, _)| topic::parse_share(filter));
    let (mut all, mut same) = (0, 0);
    for (_, other) in shared {
        all += 1;
        same += usize::from(other == path);
    }
    all < config.max_shared_subscriptions && same < config.max_shared_per_filter
}
