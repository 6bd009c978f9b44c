//! Reading users and rules, in the simplest way there is: one rule after the other, and Topic Filters by trying them on
//! topics. It shares nothing with the broker but the data.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_broker::{Access, Actions, Rule};
use vitrine_packet::{Connect, ReasonCode};

use super::filter::{matches, shared};

/// Who wants something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who<'a> {
    /// Who it logged in as.
    pub(super) user: Option<&'a str>,
    /// The Client Identifier.
    pub(super) client: &'a str,
}

/// Whether somebody may publish to a topic, or receive from it.
///
/// # Errors
/// The name of the rule that says no.
pub(super) fn may(
    access: &Access,
    who: Who<'_>,
    action: Actions,
    topic: &str,
) -> Result<(), Rc<str>> {
    first(access, who, |rule, filter| {
        rule.actions.contains(action) && matches(filter, topic)
    })
}

/// Whether somebody may subscribe to a filter, which may be shared.
///
/// # Errors
/// The name of the rule that says no.
pub(super) fn may_subscribe(access: &Access, who: Who<'_>, filter: &str) -> Result<(), Rc<str>> {
    let filter = shared(filter).map_or(filter, |(_, filter)| filter);
    first(access, who, |rule, ours| {
        if !rule.actions.contains(Actions::SUBSCRIBE) {
            return false;
        }
        let topics = topics(filter, ours);
        let mut fits = topics.iter().map(|topic| matches(ours, topic));
        // What also judges messages need not be careful when it allows; what does not must be, and so on.
        if rule.allow == rule.actions.contains(Actions::RECEIVE) {
            fits.any(|fits| fits)
        } else {
            fits.all(|fits| fits)
        }
    })
}

/// What the first rule says that is for somebody and fits.
fn first(access: &Access, who: Who<'_>, fits: impl Fn(&Rule, &str) -> bool) -> Result<(), Rc<str>> {
    for rule in &access.rules {
        let is_user = match (&rule.user, who.user) {
            (None, _) => true,
            (Some(pattern), Some(user)) => is_like(user, pattern),
            (Some(_), None) => false,
        };
        let client = rule.client.as_ref();
        if !is_user || !client.is_none_or(|pattern| is_like(who.client, pattern)) {
            continue;
        }
        let Some(filter) = filter_for(&rule.filter, who) else {
            continue;
        };
        if fits(rule, &filter) {
            return rule.allow.then_some(()).ok_or_else(|| rule.name.clone());
        }
    }
    access
        .default_allow
        .then_some(())
        .ok_or_else(|| "default".into())
}

/// A rule's filter for somebody, with the names for `%u` and `%c`; `None` where one of them is none that could be meant.
fn filter_for(filter: &str, who: Who<'_>) -> Option<String> {
    let mut read = String::new();
    let mut signs = filter.chars().peekable();
    while let Some(sign) = signs.next() {
        let name = match (sign, signs.peek()) {
            ('%', Some('u')) => who.user?,
            ('%', Some('c')) => who.client,
            _ => {
                read.push(sign);
                continue;
            }
        };
        signs.next();
        if name.is_empty() || name.starts_with('$') || name.contains(['+', '#', '/']) {
            return None;
        }
        read.push_str(name);
    }
    Some(read)
}

/// Whether a name is like a pattern, in which `*` stands for anything.
fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|left| {
            let ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            ends.into_iter().any(|at| is_like(&left[at..], rest))
        }),
    }
}

/// Topics that a filter matches: as many as it takes to tell whether another one matches some of them, or all.
fn topics(filter: &str, other: &str) -> Vec<String> {
    let levels = other
        .split('/')
        .filter(|level| !matches!(*level, "+" | "#"));
    // And one that no filter names.
    let words: Vec<&str> = levels.chain(["~"]).collect();
    let longest = other.split('/').count() + 1;
    let mut topics: Vec<Vec<&str>> = vec![Vec::new()];
    for level in filter.split('/') {
        match level {
            "#" => {
                // Nothing behind it, one level, two.
                let mut last = topics.clone();
                while last.first().is_some_and(|topic| topic.len() < longest) {
                    last = extended(&last, &words);
                    topics.extend_from_slice(&last);
                }
            }
            "+" => topics = extended(&topics, &words),
            level => topics.iter_mut().for_each(|topic| topic.push(level)),
        }
    }
    let named = topics.iter().filter(|topic| !topic.is_empty());
    named.map(|topic| topic.join("/")).collect()
}

/// Each topic with each of the words behind it.
fn extended<'a>(topics: &[Vec<&'a str>], words: &[&'a str]) -> Vec<Vec<&'a str>> {
    let longer = topics.iter().flat_map(|topic| {
        words.iter().map(|word| {
            let mut topic = topic.clone();
            topic.push(*word);
            topic
        })
    });
    longer.collect()
}

/// Who a CONNECT without enhanced authentication is from; `None` for somebody without a name.
///
/// # Errors
/// The Reason Code that refuses it.
pub(super) fn log_in(access: &Access, connect: &Connect<'_>) -> Result<Option<Rc<str>>, u8> {
    let asks = !access.anonymous || !access.users.is_empty();
    let Some(name) = connect.username.filter(|_| asks) else {
        let refused = ReasonCode::NotAuthorized.as_u8();
        return access.anonymous.then_some(None).ok_or(refused);
    };
    let user = access.users.get(name);
    let password = user.and_then(|user| user.password.as_deref());
    let right = password.is_some() && password.map(str::as_bytes) == connect.password;
    let refused = ReasonCode::BadUserNameOrPassword.as_u8();
    right.then(|| Some(name.into())).ok_or(refused)
}

/// An exchange by SCRAM-SHA-256 that has begun.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Who the client says it is.
    pub(super) user: Rc<str>,
    /// The password that proves it, as it was when the exchange began; `None`: nothing does.
    password: Option<Rc<str>>,
}

impl Exchange {
    /// Begins with the client's first message: `n,,n=NAME,r=…`.
    pub(super) fn begin(access: &Access, data: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(data).ok()?;
        let user: Rc<str> = text.strip_prefix("n,,n=")?.split(',').next()?.into();
        let password = password(access, &user);
        Some(Self { user, password })
    }

    /// Whether a client that knows this password has proved who it is. What counted at the beginning must count still.
    pub(super) fn is_proved(&self, access: &Access, known: Option<&[u8]>) -> bool {
        let counts = self.password == password(access, &self.user);
        let right = self.password.as_deref().map(str::as_bytes);
        counts && right.is_some() && right == known
    }
}

/// The password that a user may prove.
fn password(access: &Access, user: &str) -> Option<Rc<str>> {
    let user = access.users.get(user).filter(|user| user.scram.is_some());
    user.and_then(|user| user.password.clone())
}
