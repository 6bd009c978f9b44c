//! `$SYS`: what the broker tells of itself, under the names that Mosquitto's users know.
//!
//! The values are Retained Messages of the broker's own, kept apart from those of clients: they take
//! nothing from limits and are never made durable. They are of QoS 0, as each is soon followed by the
//! next one. They are made when somebody subscribes to `$SYS`, and while somebody is subscribed those
//! that changed are published every [`crate::Config::sys_interval`]; with nobody there is no work, no
//! deadline and nothing to observe.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use vitrine_packet::{Properties, QoS, topic};

use crate::broker::Broker;
use crate::deliver::FanOut;
use crate::publication::{Publication, Publisher};
use crate::retained::RetainedStore;
use crate::statistics::Load;
use crate::timers::TimerKey;
use crate::{Event, ObservationMask, PublicationId, Time};

/// What the broker's own values need.
#[derive(Clone, Debug)]
pub(crate) struct Sys {
    /// When the broker started.
    started: Time,
    pub(crate) load: Load,
    /// When the load is to be brought up to date.
    pub(crate) next_sample: Time,
    /// The values as they were last published.
    pub(crate) values: RetainedStore,
    /// For when [`TimerKey::Sys`] is set.
    timer: Option<Time>,
}

impl Sys {
    pub(crate) fn new(seed: u64, now: Time) -> Self {
        Self {
            started: now,
            load: Load::new(now),
            next_sample: now,
            values: RetainedStore::new(seed),
            timer: None,
        }
    }
}

/// Whether a valid Topic Filter is one for the broker's own values.
pub(crate) fn is_sys(filter: &str) -> bool {
    let rest = topic::strip_share(filter).strip_prefix("$SYS");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Broker {
    /// Brings the averages up to date, however little is asked of the broker.
    #[cold]
    pub(crate) fn sample_load(&mut self) {
        let now = self.now();
        if self.config.sys_interval.is_zero() {
            self.sys.next_sample = Time::NEVER;
            return;
        }
        self.sys.load.update(&self.statistics, now);
        self.sys.next_sample = now + self.config.sys_interval;
    }

    /// Somebody is about to subscribe to `$SYS`: what is there to be sent is to be true.
    pub(crate) fn watch_sys(&mut self) {
        if self.config.sys_interval.is_zero() || self.sys.timer.is_some() {
            return;
        }
        self.publish_sys();
        self.schedule_sys();
    }

    /// The time has come to publish what changed, if anybody still wants to know.
    pub(crate) fn sys_due(&mut self) {
        self.sys.timer = None;
        if self.router.sys_len() > 0 {
            self.publish_sys();
            self.schedule_sys();
        }
    }

    /// Sets the timer, unless it is off.
    pub(crate) fn schedule_sys(&mut self) {
        if self.config.sys_interval.is_zero() || self.sys.timer.is_some() {
            return;
        }
        let due = self.now() + self.config.sys_interval;
        self.sys.timer = Some(due);
        self.timers.set(due, TimerKey::Sys);
    }

    /// Publishes all values that are not what they were.
    fn publish_sys(&mut self) {
        self.sample_load();
        for (topic, value) in self.sys_values() {
            let before = self.sys.values.get(&topic);
            if before.is_none_or(|before| *before.payload != *value.as_bytes()) {
                self.publish_value(&topic, value.as_bytes());
            }
        }
    }

    fn publish_value(&mut self, topic: &str, payload: &[u8]) {
        let publication = Publication {
            publisher: Publisher::Own,
            topic,
            properties: Properties::EMPTY,
            payload,
            qos: QoS::AtMostOnce,
            retain: true,
            expiry: None,
        };
        self.publications += 1;
        let id = PublicationId(self.publications);
        self.note_published(id, &publication);
        let (access, sessions) = (&self.access, &self.sessions);
        let route = self.router.route_once(topic, |session| {
            access.judge_receiving(&sessions[session], topic).err()
        });
        let mut fan_out = FanOut {
            id,
            publication: &publication,
            properties: publication.properties,
            expires: None,
            message: None,
        };
        let message = self.message(&mut fan_out);
        self.observer
            .note(ObservationMask::ROUTING, || Event::Retained {
                topic: Rc::clone(&message.topic),
                publication: id,
                qos: message.qos,
                payload: Rc::clone(&message.payload),
            });
        self.sys.values.set(message);
        self.fan_out(&route, &mut fan_out);
    }

    /// All topics with their values, in no order that matters.
    fn sys_values(&self) -> Vec<(String, String)> {
        let mut values = Vec::new();
        let mut tell = |name: &str, value: String| {
            values.push((format!("$SYS/broker/{name}"), value));
        };
        tell("version", self.config.version.to_string());
        let uptime = self.now().since(self.sys.started).as_secs();
        tell("uptime", format!("{uptime} seconds"));
        let (mut in_flight, mut waiting) = (0, 0);
        for (_, session) in &self.sessions {
            in_flight += session.outgoing.len();
            waiting += session.queue.len();
        }
        let counted = &self.statistics;
        let (sessions, connected) = (self.sessions.len(), counted.connected);
        let stored = waiting + in_flight + self.retained.len();
        let stored_bytes = self.queued_bytes + self.retained.bytes();
        let shared = self.router.shared_len();
        let counts: [(&str, u64); 24] = [
            ("clients/total", sessions as u64),
            ("clients/connected", connected as u64),
            ("clients/active", connected as u64),
            ("clients/disconnected", (sessions - connected) as u64),
            ("clients/inactive", (sessions - connected) as u64),
            ("clients/maximum", counted.most_connected as u64),
            ("clients/expired", counted.expired),
            ("messages/received", counted.packets_received),
            ("messages/sent", counted.packets_sent),
            ("messages/inflight", in_flight as u64),
            ("messages/stored", stored as u64),
            ("store/messages/count", stored as u64),
            ("store/messages/bytes", stored_bytes as u64),
            ("publish/messages/received", counted.publish_received),
            ("publish/messages/sent", counted.publish_sent),
            ("publish/messages/dropped", counted.publish_dropped),
            ("publish/bytes/received", counted.publish_bytes_received),
            ("publish/bytes/sent", counted.publish_bytes_sent),
            ("bytes/received", counted.bytes_received),
            ("bytes/sent", counted.bytes_sent),
            ("subscriptions/count", (self.router.len() - shared) as u64),
            ("shared_subscriptions/count", shared as u64),
            ("retained messages/count", self.retained.len() as u64),
            ("connections/socket/count", self.connections.len() as u64),
        ];
        for (name, count) in counts {
            tell(name, count.to_string());
        }
        for (name, minutes, average) in self.sys.load.averages() {
            tell(
                &format!("load/{name}/{minutes}min"),
                format!("{average:.2}"),
            );
        }
        for state in self.limits() {
            let name = format!("limits/{}/refused", state.limit.key());
            tell(&name, state.refused.to_string());
        }
        values
    }
}
