//! SUBSCRIBE (3.1.1 and 5.0, section 3.8).

use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::mem;
use core::ops::{Bound, ControlFlow};

use vitrine_packet::{
    Packet, ProtocolVersion, ReasonCode, RetainHandling, SubAck, Subscribe, SubscriptionOptions,
    topic,
};

use crate::broker::Broker;
use crate::changes::{Change, SavedSubscription};
use crate::limits::{Limit, Refused};
use crate::router::Router;
use crate::session::{Session, filter_cost};
use crate::sys::is_sys;
use crate::trie::is_shared;
use crate::{Config, Event, ObservationMask};

impl Broker {
    pub(crate) fn subscribe(&mut self, at: usize, session: usize, subscribe: &Subscribe<'_>) {
        let identifier = subscribe.properties.subscription_identifiers().next();
        let v5 = self.connections[at].version == ProtocolVersion::V5;
        if v5 && let Err(refused) = self.config.subscribe_offered(subscribe) {
            return self.violation_with(at, refused, Some("MQTT-4.13.1-1"));
        }
        if subscribe.filters.iter().any(|(filter, _)| is_sys(filter)) {
            self.watch_sys();
        }
        let mut codes = Vec::new();
        let mut text = "";
        // The subscriptions whose Retained Messages are to be sent.
        let mut retained = Vec::new();
        for (number, (filter, mut options)) in subscribe.filters.iter().enumerate() {
            options.qos = options.qos.min(self.config.maximum_qos);
            let subscribed = if number < self.config.max_filters_per_subscribe {
                self.subscribe_one(session, filter, options, identifier)
            } else {
                Err(self.refusals.refuse(Limit::FiltersPerSubscribe))
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
                Err(refused) => {
                    let reason = refused.reason;
                    text = if text.is_empty() { refused.text } else { text };
                    let client = &self.sessions[session].client;
                    self.observer.note(
                        ObservationMask::SESSIONS | ObservationMask::REFUSALS,
                        || Event::SubscribeRefused {
                            client: client.clone(),
                            filter: filter.into(),
                            reason,
                            rule: self.access.name_of(refused),
                        },
                    );
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
        let explanation = self.explanation(at, text);
        self.send_explained(at, None, &explanation, |properties| {
            Packet::SubAck(SubAck {
                packet_id,
                properties,
                codes: &codes,
            })
        });
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
    ) -> Result<(usize, bool), Refused> {
        if !self.levels_allowed(filter) {
            let text = self.refusals.refuse(Limit::TopicLevels).text;
            return Err(Refused::new(ReasonCode::TopicFilterInvalid, text));
        }
        self.config.filter_offered(filter)?;
        self.may_subscribe(at, filter)?;
        let session = &mut self.sessions[at];
        let existing = session.subscriptions.get_key_value(filter);
        let existing = existing.map(|(filter, subscription)| (Rc::clone(filter), *subscription));
        let (filter, subscription, replaced) = match existing {
            Some((filter, subscription)) => {
                self.router.replace(subscription, options, identifier);
                (filter, subscription, true)
            }
            None => {
                if let Some(limit) = no_room(&self.config, &self.router, session, filter) {
                    return Err(self.refusals.refuse(limit));
                }
                session.filter_bytes += filter_cost(filter);
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
        // Those of a store that is older than the choice to have none stay where they are.
        let mut ended = ControlFlow::Continue(());
        if self.config.retain_available {
            ended = retained.matching(&filter, &mut |message| {
                let is_own = own.is_some() && message.publisher == own;
                if is_own || message.is_expired(now) {
                    return ControlFlow::Continue(());
                }
                self.deliver_retained(session, subscription, message)
            });
        }
        if is_sys(&filter) && ended.is_continue() {
            let values = mem::take(&mut self.sys.values);
            ended = values.matching(&filter, &mut |message| {
                // An operator may have published the same topic.
                if retained.get(&message.topic).is_some() {
                    return ControlFlow::Continue(());
                }
                self.deliver_retained(session, subscription, message)
            });
            self.sys.values = values;
        }
        self.retained = retained;
        ended
    }
}

/// The limit that keeps a session from a further subscription to this filter, which it has not.
fn no_room(config: &Config, router: &Router, session: &Session, filter: &str) -> Option<Limit> {
    if session.subscriptions.len() >= config.max_subscriptions {
        Some(Limit::Subscriptions)
    } else if router.len() >= config.max_subscriptions_total {
        Some(Limit::SubscriptionsTotal)
    } else if session.filter_bytes + filter_cost(filter) > config.max_subscription_bytes {
        Some(Limit::SubscriptionBytes)
    } else if router.levels() > config.max_subscription_levels_total {
        Some(Limit::SubscriptionLevelsTotal)
    } else {
        no_room_for_share(config, session, filter)
    }
}

/// The same for a shared subscription, of which a session may have only some.
fn no_room_for_share(config: &Config, session: &Session, filter: &str) -> Option<Limit> {
    let (_, path) = topic::parse_share(filter)?;
    // No more than the limit, so it is quick to go through them.
    let range = (Bound::Included("$share/"), Bound::Excluded("$share0"));
    let shared = session.subscriptions.range::<str, _>(range);
    let shared = shared.filter_map(|(filter, _)| topic::parse_share(filter));
    let (mut all, mut same) = (0, 0);
    for (_, other) in shared {
        all += 1;
        same += usize::from(other == path);
    }
    if all >= config.max_shared_subscriptions {
        Some(Limit::SharedSubscriptions)
    } else {
        (same >= config.max_shared_per_filter).then_some(Limit::SharedPerFilter)
    }
}
