//! How much an operator wants to pay for keeping things.

use core::fmt;
use core::str::FromStr;

/// When what changed is made durable, compared with when it is acknowledged.
///
/// With all but [`Self::None`] nothing that depends on a change leaves the broker before the commit that
/// holds the change is durable: no CONNACK, SUBACK, PUBACK, PUBREC or PUBCOMP, and no QoS 2 PUBLISH that a
/// crash would have the broker forget to have sent. They differ in how many inputs share a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// Nothing is kept: the broker begins empty each time. It need not even collect changes.
    None,
    /// One commit holds all that changed while the one before it was being made durable: a quiet
    /// broker commits each change at once, a busy one many together. A host may let a moment pass between
    /// two commits, so that the second holds more (the native one: 2 ms from beginning to beginning, unless
    /// there is much to commit and nobody says more). It may also wait a moment for subscribers who
    /// are sent QoS 1 messages: what all have acknowledged by then need not be kept at all.
    #[default]
    Batched,
    /// Every input that changed something is a commit of its own, and the next input waits for it.
    Each,
}

impl Durability {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::None, Self::Batched, Self::Each];

    /// The name it has in configuration: `none`, `batched` or `each`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Batched => "batched",
            Self::Each => "each",
        }
    }

    /// Whether anything is kept: what [`vitrine_broker::Config::durable`] is to be.
    #[must_use]
    pub const fn keeps(self) -> bool {
        !matches!(self, Self::None)
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text is none of the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDurability(String);

impl fmt::Display for UnknownDurability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no durability; there are: none, batched, each",
            self.0
        )
    }
}

impl core::error::Error for UnknownDurability {}

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(text: &str) -> Result<Self, UnknownDurability> {
        let named = Self::ALL
            .into_iter()
            .find(|durability| durability.name() == text);
        named.ok_or_else(|| UnknownDurability(text.into()))
    }
}
