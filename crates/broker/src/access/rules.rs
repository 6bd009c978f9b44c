//! An [`Access`], put into a form that is quick to ask.

use alloc::collections::BTreeSet;
use alloc::rc::Rc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;

use super::pattern::{self, Pattern, Who};
use super::{Access, Actions};
use crate::hash;

/// The name of what refuses where no rule fits.
const DEFAULT: &str = "default";

/// So many lists of rules are known for sharing.
const MAX_LISTS: usize = 1_024;

/// Which rule refused: its place in [`Access::rules`], or the number of rules for the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleIndex(u32);

/// The places of the rules that are for a client.
pub(crate) type RuleList = Rc<[u32]>;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    access: Rc<Access>,
    patterns: Vec<Pattern>,
    pub(super) hasher: FixedState,
    /// Whether everything is allowed to everybody.
    open: bool,
    /// The lists of rules in use, so that clients with the same share one.
    lists: BTreeSet<RuleList>,
}

impl Rules {
    pub(crate) fn new(access: Rc<Access>, seed: u64) -> Self {
        let patterns = access.rules.iter().map(Pattern::new).collect();
        let open = access.default_allow && access.rules.iter().all(|rule| rule.allow);
        Self {
            access,
            patterns,
            hasher: hash::state(seed),
            open,
            lists: BTreeSet::new(),
        }
    }

    pub(crate) fn access(&self) -> &Rc<Access> {
        &self.access
    }

    /// Whether everything is allowed to everybody.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// The rules that are for somebody.
    pub(crate) fn list_for(&mut self, who: Who<'_>) -> RuleList {
        if self.open {
            return Rc::default();
        }
        let list: RuleList = self.indices(who).collect();
        if let Some(known) = self.lists.get(&list) {
            return Rc::clone(known);
        }
        if self.lists.len() >= MAX_LISTS {
            self.lists.clear();
        }
        self.lists.insert(Rc::clone(&list));
        list
    }

    /// The places of the rules that are for somebody.
    pub(super) fn indices(&self, who: Who<'_>) -> impl Iterator<Item = u32> {
        let rules = (0..).zip(&self.access.rules);
        rules.filter_map(move |(index, rule)| {
            let is_user = match (&rule.user, who.user) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(wanted), Some(user)) => pattern::fits(wanted, user),
            };
            let client = rule.client.as_ref();
            let is_client = client.is_none_or(|wanted| pattern::fits(wanted, who.client));
            (is_user && is_client).then_some(index)
        })
    }

    /// Whether somebody with these rules may publish to or receive from a topic; else the rule that
    /// refuses.
    pub(crate) fn judge(
        &self,
        list: &[u32],
        who: Who<'_>,
        action: Actions,
        topic: &str,
    ) -> Result<(), RuleIndex> {
        self.first(list, |index| {
            let rule = &self.access.rules[index];
            rule.actions.contains(action) && self.patterns[index].matches(topic, who, !rule.allow)
        })
    }

    /// Whether somebody with these rules may subscribe to a filter, given without `$share/name/`.
    pub(crate) fn judge_filter(
        &self,
        list: &[u32],
        who: Who<'_>,
        filter: &str,
    ) -> Result<(), RuleIndex> {
        self.first(list, |index| {
            let rule = &self.access.rules[index];
            if !rule.actions.contains(Actions::SUBSCRIBE) {
                return false;
            }
            let Some(wanted) = self.patterns[index].filter_for(who) else {
                return false;
            };
            let judges_deliveries = rule.actions.contains(Actions::RECEIVE);
            if rule.allow == judges_deliveries {
                pattern::overlaps(&wanted, filter, !rule.allow)
            } else {
                pattern::covers(&wanted, filter, !rule.allow)
            }
        })
    }

    /// What the first rule says that fits.
    fn first(&self, list: &[u32], fits: impl Fn(usize) -> bool) -> Result<(), RuleIndex> {
        let found = list.iter().copied().find(|index| fits(*index as usize));
        let (allow, index) = match found {
            Some(index) => (self.access.rules[index as usize].allow, index),
            None => (self.access.default_allow, self.access.rules.len() as u32),
        };
        if allow { Ok(()) } else { Err(RuleIndex(index)) }
    }

    /// What people call a rule.
    pub(crate) fn name(&self, RuleIndex(index): RuleIndex) -> Rc<str> {
        let rule = self.access.rules.get(index as usize);
        rule.map_or_else(|| DEFAULT.into(), |rule| Rc::clone(&rule.name))
    }
}
