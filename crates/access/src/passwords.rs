//! The password file: who may log in.
//!
//! A line for each user: the name, a colon, and how the user is known: an argon2id hash (as a PHC
//! string), keys for SCRAM-SHA-256, or both with a space between them. Lines that are empty or begin with
//! `#` are for people.
//!
//! ```text
//! # The physics lab
//! ann:$argon2id$v=19$m=19456,t=2,p=1$PT0…$9sT…
//! sensor-1:SCRAM-SHA-256$4096:W22Z…=$6dlG…=:wfPL…=
//! ```
//!
//! A name is one to 65,535 bytes without colons and control characters, does not begin with `#`, and has
//! no blanks at its ends. A byte order mark in front of the first line is not looked at, and not written again.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::str::Lines;

use vitrine_broker::User;

use crate::{Error, hash, scram};

/// Reads a password file.
///
/// # Errors
/// Says which line is wrong, and what to do. A user who stands there twice is an error: one of the two
/// passwords would not count.
pub fn parse(text: &str) -> Result<BTreeMap<Rc<str>, User>, Error> {
    let mut users = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for (number, line) in (1..).zip(lines_of(text)) {
        let Some((name, rest)) = entry(line).map_err(|message| Error::new(number, message))? else {
            continue;
        };
        if let Some(before) = lines.insert(name, number) {
            let message =
                format!("{name:?} stands in line {before} already: remove one of the two");
            return Err(Error::new(number, message));
        }
        let user = credentials(rest).map_err(|message| {
            let message = format!("{name:?}: {message}");
            Error::new(number, message)
        })?;
        users.insert(name.into(), user);
    }
    Ok(users)
}

/// The text with a user added at its end or, where one is known by the name, with that user's line
/// replaced. All other lines stay as they are.
///
/// # Errors
/// When the name is none, or no password goes with it (line 0), or the text is no password file.
pub fn set(text: &str, name: &str, user: &User) -> Result<String, Error> {
    check_name(name).map_err(|message| Error::new(0, message))?;
    let password = user.password.as_ref().map(ToString::to_string);
    if let Some(password) = &password {
        hash::check(password).map_err(|message| Error::new(0, message))?;
    }
    let known: Vec<_> = password
        .into_iter()
        .chain(user.scram.as_ref().map(scram::write))
        .collect();
    if known.is_empty() {
        return Err(Error::new(0, format!("{name:?} needs a password")));
    }
    let line = format!("{name}:{}", known.join(" "));
    let mut lines = lines_but(text, name)?;
    match lines.iter_mut().find(|line| line.is_none()) {
        Some(place) => *place = Some(line),
        None => lines.push(Some(line)),
    }
    Ok(join(lines, text))
}

/// The text without a user; `None` where none is known by the name.
///
/// # Errors
/// When the text is no password file.
pub fn remove(text: &str, name: &str) -> Result<Option<String>, Error> {
    let lines = lines_but(text, name)?;
    let known = lines.iter().any(Option::is_none);
    Ok(known.then(|| join(lines, text)))
}

/// The lines of a password file, with nothing where the user's is.
fn lines_but(text: &str, name: &str) -> Result<Vec<Option<String>>, Error> {
    parse(text)?;
    let is_users = |line| entry(line).is_ok_and(|entry| entry.is_some_and(|(who, _)| who == name));
    Ok(lines_of(text)
        .map(|line| (!is_users(line)).then(|| line.to_owned()))
        .collect())
}

/// The lines, without the byte order mark that some editors put in front of the first.
fn lines_of(text: &str) -> Lines<'_> {
    text.strip_prefix('\u{feff}').unwrap_or(text).lines()
}

/// Puts lines together as those of `like` are.
fn join(lines: Vec<Option<String>>, like: &str) -> String {
    let end = if like.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = lines.into_iter().flatten();
    lines.map(|line| line + end).collect()
}

/// The name in a line and what follows it; `None` where it is for people.
fn entry(line: &str) -> Result<Option<(&str, &str)>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((name, rest)) = line.split_once(':') else {
        return Err(
            "a user's line is the name, a colon and the password's hash; \
             add users with `vitrine passwd`"
                .into(),
        );
    };
    check_name(name)?;
    Ok(Some((name, rest.trim())))
}

fn check_name(name: &str) -> Result<(), String> {
    let wrong = if name.is_empty() {
        "a user needs a name"
    } else if name.trim() != name {
        "a user name has no blanks at its ends"
    } else if name.starts_with('#') {
        "a user name does not begin with `#`: such lines are for people"
    } else if name.contains([':']) || name.contains(char::is_control) {
        "a user name has no colons and no control characters"
    } else if name.len() > usize::from(u16::MAX) {
        "a user name has at most 65,535 bytes"
    } else {
        return Ok(());
    };
    Err(wrong.into())
}

/// How a user is known.
fn credentials(text: &str) -> Result<User, String> {
    let mut user = User::default();
    for part in text.split_whitespace() {
        let twice = if part.starts_with(scram::NAME) {
            user.scram.replace(scram::read(part)?).is_some()
        } else {
            hash::check(part)?;
            user.password.replace(part.into()).is_some()
        };
        if twice {
            return Err(
                "the same kind of password stands here twice: remove one of the two".into(),
            );
        }
    }
    if user == User::default() {
        return Err("there is no password: set one with `vitrine passwd`".into());
    }
    Ok(user)
}
