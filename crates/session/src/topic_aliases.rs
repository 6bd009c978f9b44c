//! Topic Aliases of the other side (5.0 section 3.3.2.3.4).

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

    /// The highest alias that is accepted.
    #[must_use]
    pub const fn maximum(&self) -> u16 {
        self.maximum
    }
}
