//! Who would receive a message now, by which filter, at which QoS, and why.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use vitrine_broker::{Actions, Judge};
use vitrine_link::Receiver;
use vitrine_packet::topic;

use crate::limits::ANSWERED_RECEIVERS;
use crate::lines::Lines;
use crate::matching;
use crate::sessions::{Session, Sessions, Subscription};

/// An imagined publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imagined {
    /// A valid Topic Name.
    pub(crate) topic: String,
    pub(crate) qos: u8,
    /// Empty for somebody without a session.
    pub(crate) publisher: String,
}

/// The receivers of one imagined publication, asked for again only when that may have changed.
#[derive(Default)]
pub(crate) struct Receivers {
    known: Option<(Imagined, u64)>,
    receivers: Vec<Receiver>,
    left_out: usize,
}

impl Receivers {
    /// The receivers as they are now, and how many more there are.
    pub(crate) fn of(
        &mut self,
        imagined: Imagined,
        sessions: &Sessions,
        lines: &Lines,
        judge: &Judge,
    ) -> (&[Receiver], usize) {
        let wanted = Some((imagined, sessions.version()));
        if self.known != wanted {
            self.receivers.clear();
            self.left_out = 0;
            if let Some((imagined, _)) = &wanted {
                self.ask(imagined, sessions, lines, judge);
            }
            self.known = wanted;
        }
        (&self.receivers, self.left_out)
    }

    fn ask(&mut self, imagined: &Imagined, sessions: &Sessions, lines: &Lines, judge: &Judge) {
        for (line, session) in sessions.iter() {
            let mut matching: Vec<_> = (session.matching(&imagined.topic))
                .map(|(filter, subscription)| (filter.as_ref(), subscription))
                .collect();
            if matching.is_empty() {
                continue;
            }
            let client = lines.get(line).map_or("", |line| line.name.as_str());
            let user = session.user.as_deref();
            let rule = judge
                .may(user, client, Actions::RECEIVE, &imagined.topic)
                .err();
            let from_itself = imagined.publisher == client && !client.is_empty();
            // The subscription that counts comes first: of those that may get it the highest grant,
            // and among equals the one that the broker meets first.
            let excluded = |s: &Subscription| s.no_local && from_itself;
            matching.sort_by_cached_key(|(filter, s)| {
                (excluded(s), Reverse(s.granted), broker_order(filter))
            });
            let (shared, own): (Vec<_>, Vec<_>) = matching
                .into_iter()
                .partition(|(filter, _)| topic::parse_share(filter).is_some());
            if let Some((first, others)) = own.split_first() {
                let mut receiver = tell(imagined, session, client, *first);
                receiver.also = others.iter().map(|(filter, _)| (*filter).into()).collect();
                if excluded(&first.1) {
                    receiver.outcome = "no-local".into();
                }
                forbid(&mut receiver, rule.as_deref());
                self.add(receiver);
            }
            for subscription in shared {
                let mut receiver = tell(imagined, session, client, subscription);
                receiver.outcome = "share".into();
                forbid(&mut receiver, rule.as_deref());
                self.add(receiver);
            }
        }
    }

    fn add(&mut self, receiver: Receiver) {
        if self.receivers.len() < ANSWERED_RECEIVERS {
            self.receivers.push(receiver);
        } else {
            self.left_out += 1;
        }
    }
}

/// It would match, but a rule withholds it.
fn forbid(receiver: &mut Receiver, rule: Option<&str>) {
    if let Some(rule) = rule {
        receiver.outcome = "forbidden".into();
        receiver.rule = Some(rule.into());
    }
}

/// The order in which the broker meets the filters that match a topic: level by level `#` before the
/// level's own name or the end of the filter, and that before `+`.
fn broker_order(filter: &str) -> Vec<u8> {
    let rank = |level| match level {
        "#" => 0,
        "+" => 2,
        _ => 1,
    };
    filter.split('/').map(rank).chain([1]).collect()
}

fn tell(
    imagined: &Imagined,
    session: &Session,
    client: &str,
    (filter, subscription): (&str, Subscription),
) -> Receiver {
    let connected = session.connection.is_some();
    let qos = imagined.qos.min(subscription.granted);
    let outcome = match (connected, qos) {
        (true, _) => "now",
        (false, 0) => "nothing",
        (false, _) => "queued",
    };
    Receiver {
        client: client.into(),
        connected,
        filter: filter.into(),
        also: Vec::new(),
        granted: subscription.granted,
        qos,
        outcome: outcome.into(),
        rule: None,
        levels: matching::levels(filter, &imagined.topic),
    }
}
