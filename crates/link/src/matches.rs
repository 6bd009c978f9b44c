//! A Topic Filter tried out, and who would receive a message.

use serde::{Deserialize, Serialize};

/// What is being tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchView {
    /// The filter as typed; may be invalid.
    pub filter: String,
    /// The topic to hold against the filter and to ask receivers for; empty for none.
    pub topic: String,
    /// The QoS of the imagined publication.
    pub qos: u8,
    /// The Client Identifier of its imagined publisher; empty for somebody else.
    #[serde(default)]
    pub publisher: String,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchFrame {
    /// What the filter is worth.
    pub check: FilterCheck,
    /// The topics (of the tree) that it matches: the first 200, in the tree's order.
    pub topics: Vec<String>,
    /// How many topics it matches in all.
    pub matched: u32,
    /// How many topics there are, those that begin with `$` included.
    pub of: u32,
    /// The filter against the topic, when both are valid and given.
    pub explanation: Option<Explanation>,
    /// Why the topic is no valid Topic Name, when it is not.
    pub topic_problem: Option<FilterProblem>,
    /// Who would receive a message on the topic now: every session with a subscription that matches,
    /// once for its own subscriptions together and once for each Shared Subscription. In the order in
    /// which the clients were first seen; at most 500.
    pub receivers: Vec<Receiver>,
    /// The rule by which `publisher`, who has a session, may not publish to the topic at all.
    #[serde(default)]
    pub publisher_forbidden: Option<String>,
    /// How many receivers more there are.
    #[serde(default)]
    pub receivers_left_out: u32,
}

/// A filter's validity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterCheck {
    /// True when the filter may be subscribed to.
    pub valid: bool,
    /// Why not.
    pub problem: Option<FilterProblem>,
    /// The share name, for `$share/name/filter`.
    pub share: Option<String>,
}

/// Why a filter or topic is invalid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterProblem {
    /// A key for the page's texts: `empty`, `too-long`, `nul`, `hash-not-last`, `hash-not-alone`,
    /// `plus-not-alone`, `wildcard-in-topic`, `share-name`, `share-filter`.
    pub code: String,
    /// Where, counted in characters from 0.
    pub at: u32,
    /// The statement of the standard.
    pub statement: String,
}

/// A filter held against a topic, level by level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The filter.
    pub filter: String,
    /// The topic.
    pub topic: String,
    /// The result.
    pub matches: bool,
    /// The levels, as far as they were compared.
    pub levels: Vec<LevelVerdict>,
}

/// One level compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LevelVerdict {
    /// The filter's level; `None` when the filter has ended.
    pub filter: Option<String>,
    /// The topic's level (for `#` all the levels it takes in, joined by `/`); `None` when the topic
    /// has ended.
    pub topic: Option<String>,
    /// The result.
    pub verdict: Verdict,
}

/// The result for one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The same text.
    #[default]
    Same,
    /// `+` takes any one level.
    Plus,
    /// `#` takes this level and all below, or none.
    Hash,
    /// Different text: no match.
    Different,
    /// The topic has fewer levels: no match.
    TopicEnded,
    /// The filter has fewer levels: no match.
    FilterEnded,
    /// The topic begins with `$` and the filter with a wildcard: no match.
    DollarRule,
}

/// A session that would receive a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receiver {
    /// The Client Identifier.
    pub client: String,
    /// Whether it is connected.
    pub connected: bool,
    /// The filter whose granted QoS counts.
    pub filter: String,
    /// Further filters of the same session that match too.
    pub also: Vec<String>,
    /// The QoS granted to `filter`.
    pub granted: u8,
    /// The QoS the message would be delivered with: the lower of publication and grant.
    pub qos: u8,
    /// `now`, `queued` (offline, QoS above 0), `nothing` (offline, QoS 0), `no-local`,
    /// `share` (one of the group gets it), `forbidden` (a rule withholds it).
    pub outcome: String,
    /// The rule that withholds it; `default` where none fits.
    #[serde(default)]
    pub rule: Option<String>,
    /// `filter` against the topic.
    pub levels: Vec<LevelVerdict>,
}
