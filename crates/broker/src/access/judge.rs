//! Judging what clients want.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{ReasonCode, topic};

use super::pattern::Who;
use super::{Actions, RuleIndex};
use crate::broker::Broker;
use crate::limits::Refused;
use crate::publication::Publisher;
use crate::session::Session;

impl Session {
    pub(crate) fn who(&self) -> Who<'_> {
        Who {
            user: self.user.as_deref(),
            client: &self.client,
        }
    }
}

impl Broker {
    /// Whether somebody may publish to a topic.
    #[inline]
    pub(crate) fn may_publish(&self, publisher: &Publisher, topic: &str) -> Result<(), Refused> {
        if self.access.is_open() {
            return Ok(());
        }
        self.judge_publishing(publisher, topic)
            .map_err(not_authorized)
    }

    fn judge_publishing(&self, publisher: &Publisher, topic: &str) -> Result<(), RuleIndex> {
        match publisher {
            Publisher::Own => Ok(()),
            Publisher::Session(at) => {
                let session = &self.sessions[*at];
                if session.allowed.holds(&self.access.hasher, topic) {
                    return Ok(());
                }
                let (list, who) = (&session.rules, session.who());
                self.access.judge(list, who, Actions::PUBLISH, topic)
            }
            Publisher::Will { client, user } => {
                let user = user.as_deref();
                self.access.judge_anew(Who { user, client }, topic)
            }
        }
    }

    /// A publication was accepted: its topic need not be judged again for whoever published it.
    #[inline]
    pub(crate) fn note_allowed(&mut self, publisher: &Publisher, topic: &str) {
        if let Publisher::Session(at) = publisher
            && !self.access.is_open()
        {
            let allowed = &mut self.sessions[*at].allowed;
            let shared = || self.router.shared_topic(topic);
            allowed.note(&self.access.hasher, topic, shared);
        }
    }

    /// Whether a client may subscribe to a filter.
    pub(crate) fn may_subscribe(&self, session: usize, filter: &str) -> Result<(), Refused> {
        if self.access.is_open() {
            return Ok(());
        }
        let session = &self.sessions[session];
        let filter = topic::strip_share(filter);
        self.access
            .judge_filter(&session.rules, session.who(), filter)
            .map_err(not_authorized)
    }

    /// Whether a client may receive messages of a topic.
    #[inline]
    pub(crate) fn may_receive(&self, session: usize, topic: &str) -> Result<(), RuleIndex> {
        if self.access.is_open() {
            return Ok(());
        }
        self.access.judge_receiving(&self.sessions[session], topic)
    }
}

fn not_authorized(rule: RuleIndex) -> Refused {
    Refused {
        rule: Some(rule),
        ..Refused::new(ReasonCode::NotAuthorized, "a rule forbids it")
    }
}

impl super::Rules {
    /// The name of the rule that refused something.
    pub(crate) fn name_of(&self, refused: Refused) -> Option<Rc<str>> {
        refused.rule.map(|rule| self.name(rule))
    }

    /// Whether the client of a session may receive messages of a topic.
    pub(crate) fn judge_receiving(&self, session: &Session, topic: &str) -> Result<(), RuleIndex> {
        self.judge(&session.rules, session.who(), Actions::RECEIVE, topic)
    }

    /// Whether somebody whose rules are not at hand may publish to a topic.
    fn judge_anew(&self, who: Who<'_>, topic: &str) -> Result<(), RuleIndex> {
        let list: Vec<u32> = self.indices(who).collect();
        self.judge(&list, who, Actions::PUBLISH, topic)
    }
}
