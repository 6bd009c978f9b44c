//! Topic Aliases, those of the other side and our own (5.0 section 3.3.2.3.4).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// What each alias of the other side stands for. Lives as long as the connection [MQTT-3.3.2-7].
///
/// Takes memory for the highest alias used, never for more than the maximum.
#[derive(Clone, Debug)]
pub struct TopicAliases<T> {
    maximum: u16,
    topics: Vec<Option<T>>,
}

impl<T> TopicAliases<T> {
    /// Accepts the aliases from 1 to `maximum`; none when it is 0.
    #[must_use]
    pub const fn new(maximum: u16) -> Self {
        Self {
            maximum,
            topics: Vec::new(),
        }
    }

    /// Lets `alias` stand for `topic` from now on. False when the alias is 0 or above the maximum.
    #[must_use]
    pub fn set(&mut self, alias: u16, topic: T) -> bool {
        if alias == 0 || alias > self.maximum {
            return false;
        }
        let at = usize::from(alias) - 1;
        if at >= self.topics.len() {
            self.topics.resize_with(at + 1, || None);
        }
        self.topics[at] = Some(topic);
        true
    }

    /// What `alias` stands for, if anything.
    #[must_use]
    pub fn get(&self, alias: u16) -> Option<&T> {
        self.topics
            .get(usize::from(alias).checked_sub(1)?)?
            .as_ref()
    }

    /// All aliases that stand for something, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &T)> {
        let topics = (1..).zip(&self.topics);
        topics.filter_map(|(alias, topic)| Some((alias, topic.as_ref()?)))
    }

    /// The highest alias that is accepted.
    #[must_use]
    pub const fn maximum(&self) -> u16 {
        self.maximum
    }
}

/// The aliases that are given to topics sent to the other side. Lives as long as the connection
/// [MQTT-3.3.2-7].
///
/// The first topics get one each, until all are given out; the others go without.
#[derive(Clone, Debug)]
pub struct AliasBook<T> {
    maximum: u16,
    aliases: BTreeMap<T, u16>,
}

impl<T: Ord> AliasBook<T> {
    /// Gives out the aliases from 1 to `maximum`, which is not above the other side's Topic Alias
    /// Maximum [MQTT-3.1.2-26]; none when it is 0.
    #[must_use]
    pub const fn new(maximum: u16) -> Self {
        Self {
            maximum,
            aliases: BTreeMap::new(),
        }
    }

    /// Whether there are any aliases to give.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.maximum > 0
    }

    /// The alias of a topic, if it has one: the topic itself need not be sent.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, topic: &Q) -> Option<u16>
    where
        T: core::borrow::Borrow<Q>,
    {
        self.aliases.get(topic).copied()
    }

    /// All aliases that were given, in the order of their topics.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &T)> {
        self.aliases.iter().map(|(topic, alias)| (*alias, topic))
    }

    /// Gives a topic that has none an alias, if one is left: both are to be sent.
    pub fn give(&mut self, topic: T) -> Option<u16> {
        let alias = u16::try_from(self.aliases.len()).ok()?.checked_add(1)?;
        if alias > self.maximum {
            return None;
        }
        self.aliases.insert(topic, alias);
        Some(alias)
    }
}
