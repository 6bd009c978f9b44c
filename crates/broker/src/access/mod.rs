//! Who may connect, and who may publish, subscribe to and receive what.
//!
//! An [`Access`] is data: it is put together elsewhere, given to the broker with
//! [`Config::access`](crate::Config::access) and replaced as a whole with
//! [`Command::SetAccess`](crate::Command::SetAccess). Rules apply from that moment, also to what is
//! queued, to subscriptions that were made before, and to Wills that wait.
//!
//! # Users
//!
//! A CONNECT without a User Name is anonymous, and accepted where [`Access::anonymous`] says so. One with
//! a User Name is accepted when the password is right; the broker asks the host for that
//! ([`Output::Authenticate`](crate::Output::Authenticate)), because a good password hash is slow on
//! purpose. Where there are no users at all and anonymous clients are welcome, a User Name is taken for
//! decoration: nobody checked it, so the rules take such a client for anonymous.
//!
//! A user with [`ScramKeys`] may log in by enhanced authentication (5.0) with the method `SCRAM-SHA-256`
//! instead: the password does not leave the client, and the server proves that it is the server. It needs
//! [`Config::secret`](crate::Config::secret). The User Name is the one in the exchange; the one in CONNECT
//! is not looked at.
//!
//! A Session is its user's: a CONNECT of somebody else with the same Client Identifier is refused (0x85) as
//! long as that user may log in, and begins anew afterwards.
//!
//! # Rules
//!
//! The first [`Rule`] that fits decides; [`Access::default_allow`] where none does. What is judged:
//!
//! - **publish**: the Topic Name of every PUBLISH, and of a Will, at CONNECT and again when it fires.
//! - **receive**: the Topic Name of every message before it goes to a client or into its queue, when it
//!   leaves the queue, and when it is sent again; Retained Messages too.
//! - **subscribe**: the Topic Filter of a SUBSCRIBE, of a Shared Subscription without its `$share/name/`.
//!   See [`Rule`] for filters that are wider than a rule's.
//!
//! Topics that begin with `$` are the broker's: no rule lets a client publish there. A rule that allows
//! opens them only when its filter names the first level, such as `$SYS/#`; one that denies `#` denies
//! them as well.

mod allowed;
mod ask;
mod judge;
mod owner;
mod pattern;
mod pending;
mod rules;
pub(crate) mod scram;
mod secret;
mod set;

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{BitOr, BitOrAssign};

pub(crate) use allowed::Allowed;
pub use ask::Judge;
pub(crate) use owner::Claim;
pub use pattern::PatternError;
pub(crate) use pattern::{Who, personal};
pub use pending::Credentials;
pub(crate) use pending::{Pending, Step};
pub(crate) use rules::{RuleIndex, RuleList, Rules};
pub use secret::Secret;

/// Who may connect, and do what. The default lets everybody in and allows everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether clients may connect without a User Name. Default true.
    pub anonymous: bool,
    /// Those who may log in, by User Name. Default none.
    pub users: BTreeMap<Rc<str>, User>,
    /// The first that fits decides. Default none.
    pub rules: Vec<Rule>,
    /// Whether that is allowed which no rule fits. Default true.
    pub default_allow: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            anonymous: true,
            users: BTreeMap::new(),
            rules: Vec::new(),
            default_allow: true,
        }
    }
}

impl Access {
    /// The rules for a user that is none, or for one where there are none, which fit nobody who may log in. Each is judged alone:
    /// where a list of users was made into a rule for each of them, others of the list may well be users.
    pub fn rules_for_nobody(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| match &rule.user {
            Some(wanted) => !self.users.keys().any(|user| pattern::fits(wanted, user)),
            None => rule.filter.contains("%u") && self.users.is_empty(),
        })
    }
}

/// A user who may log in, by one way or both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct User {
    /// For CONNECT with a password: its hash, in a form that only the host understands.
    pub password: Option<Rc<str>>,
    /// For enhanced authentication with SCRAM-SHA-256.
    pub scram: Option<ScramKeys>,
}

impl fmt::Debug for User {
    /// Keeps what could be attacked out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("password", &self.password.is_some())
            .field("scram", &self.scram.is_some())
            .finish()
    }
}

/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, section 3). The password cannot be
/// read from it, but whoever has it can pretend to be the server.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// The salt.
    pub salt: Rc<[u8]>,
    /// The iteration count.
    pub iterations: u32,
    /// StoredKey.
    pub stored_key: [u8; 32],
    /// ServerKey.
    pub server_key: [u8; 32],
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys")
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Allows or denies some [`Actions`] on some topics to some clients.
///
/// # Filters
///
/// A rule's filter is a Topic Filter. `%u` in it stands for the User Name and `%c` for the Client
/// Identifier, as a level or a part of one. Names that are empty, hold `+`, `#` or `/` or begin with `$`
/// stand for nothing: a rule that needs one fits nothing, as one with `%u` does for anonymous clients. A
/// filter that is no valid one ([`Rule::check`]) fits nothing where the rule allows, and everything where
/// it denies.
///
/// # Subscriptions that are wider than a rule
///
/// A rule for subscribe *and* receive lets a client subscribe to any filter that has topics in common
/// with its own, `#` for instance: the Subscription is granted, and what comes of it is judged message by
/// message. Denying, it refuses only filters that lie inside its own.
///
/// A rule for subscribe *without* receive has only the filter to go by, and is careful: it allows filters
/// that lie inside its own, and denies all that have topics in common with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How people know it: shown where it refuses something.
    pub name: Rc<str>,
    /// Whether it allows; else it denies.
    pub allow: bool,
    /// Users that it is for; `*` in it stands for any characters, also none. `None` for everybody,
    /// anonymous clients too.
    pub user: Option<Rc<str>>,
    /// Client Identifiers that it is for, with `*` as above. `None` for all.
    pub client: Option<Rc<str>>,
    /// What it speaks of.
    pub actions: Actions,
    /// The topics that it speaks of.
    pub filter: Rc<str>,
}

/// What rules speak of; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(u8);

impl Actions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Publishing, also by a Will.
    pub const PUBLISH: Self = Self(1);
    /// Making a Subscription.
    pub const SUBSCRIBE: Self = Self(2);
    /// Being sent a message.
    pub const RECEIVE: Self = Self(4);
    /// All of them.
    pub const ALL: Self = Self(7);

    /// Whether all of `other` are among them.
    #[inline]
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Actions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Actions {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
