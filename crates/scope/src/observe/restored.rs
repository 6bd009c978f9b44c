//! What a broker found when it started: nobody observed how it came about.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_broker::{ClientId, PersistentState, WillInfo};
use vitrine_packet::QoS;

use crate::holds::kept;
use crate::kept::{Kept, KeptSession};
use crate::lines::LineId;
use crate::preview::Preview;
use crate::scope::Scope;
use crate::sessions::{Session, Subscription};
use crate::tree::Retained;

impl Scope {
    /// Takes in what a broker goes on from, before its first observation. `now` is the broker's time in
    /// microseconds.
    pub fn restore(&mut self, state: &PersistentState, now: u64) {
        self.count_up();
        self.take_up(&Kept::from(state), now, None);
    }

    /// The broker goes on from this. It holds it since `row`, where that is given.
    pub(crate) fn take_up(&mut self, kept: &Kept, now: u64, row: Option<u64>) {
        for message in &kept.retained {
            let payload = Rc::from(message.payload.as_slice());
            let retained = Retained {
                payload: Preview::of(&payload, self.limits.preview),
                qos: message.qos,
                publication: self.epoch.known(message.publication),
            };
            self.tree.retain(&message.topic.as_str().into(), retained);
        }
        for saved in &kept.sessions {
            let line = self.lines.client(&ClientId::from(saved.client.as_str()));
            self.lines.set_session(line, true);
            self.sessions
                .change(line, |session| take_up(session, saved, now));
            if let Some(row) = row {
                let kept = kept::of_session(saved, &self.epoch);
                self.holds.take_up(line, &kept, row);
            }
        }
    }

    /// At `row` the broker lost all but this.
    pub(crate) fn forget_unkept(&mut self, kept: &Kept, row: u64) {
        let sessions = kept.sessions.iter();
        let sessions: BTreeMap<&str, _> = sessions.map(|it| (it.client.as_str(), it)).collect();
        let lines: Vec<LineId> = self.lines.iter().map(|(id, _)| id).collect();
        for line in lines {
            let name = self.lines.get(line).map(|line| line.name.clone());
            match name.and_then(|name| sessions.get(name.as_str())) {
                Some(saved) => {
                    let kept = kept::of_session(saved, &self.epoch);
                    self.holds.forget_unkept(line, &kept, row);
                    if let Some(session) = self.sessions.count(line) {
                        session.queued = u32::try_from(saved.queued.len()).unwrap_or(u32::MAX);
                    }
                }
                None => self.end_session(line, row),
            }
        }
        let topics = kept.retained.iter().map(|message| message.topic.as_str());
        let topics: BTreeSet<&str> = topics.collect();
        self.tree.release_all_but(&topics);
    }
}

fn take_up(session: &mut Session, saved: &KeptSession, now: u64) {
    session.connection = None;
    session.expiry = saved.expiry;
    session.since = saved.left.unwrap_or(now);
    session.user = saved.user.as_deref().map(Rc::from);
    session.username.clone_from(&session.user);
    session.queued = u32::try_from(saved.queued.len()).unwrap_or(u32::MAX);
    session.will = saved.will.as_ref().map(|will| WillInfo {
        topic: will.topic.as_str().into(),
        payload: crate::hex::read(&will.payload).unwrap_or_default().into(),
        qos: QoS::from_bits(will.qos).unwrap_or(QoS::AtMostOnce),
        retain: will.retain,
        delay: will.delay,
    });
    let subscriptions = saved.subscriptions.iter().map(|saved| {
        let known = session.subscriptions.get(saved.filter.as_str());
        let subscription = Subscription {
            granted: saved.qos,
            no_local: saved.no_local,
            matched: known.map_or(0, |known| known.matched),
        };
        (saved.filter.as_str().into(), subscription)
    });
    session.subscriptions = subscriptions.collect();
}
