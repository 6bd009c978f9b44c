//! Who may do what: the lines `user`, `anonymous`, `rule` and `default`, which make the broker's [`Access`].
//!
//! - `user NAME password="…" [scram]`: may log in. With `scram` also by SCRAM-SHA-256. The world's host knows the
//!   password itself: no hash is computed, so that a world is the same everywhere and quick.
//! - `anonymous no`: nobody without a user name. Default `yes`.
//! - `rule NAME [user=…] [client=…] allow=… topics=…`: as in `[access]` of the configuration file. `allow` or `deny`
//!   have one or several of `publish`, `subscribe`, `receive`, or `all`, with commas between; so has `topics` its
//!   filters (`topic=` takes one, with commas in it). The first rule that fits decides.
//! - `default deny`: what holds where no rule fits. Default `allow`.
//!
//! All of it may change while the broker runs: `broker access` with the same words, each line one setting, such as
//! `broker access user="ana password=segredo" anonymous=no rule="sensors user=ana allow=publish topics=area/#" default=deny`.
//! What is not said is as it is without such a line. `scram` may only be said of a user who has it from the beginning,
//! with the same password.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use vitrine_broker::{Access, Actions, Rule, User};

use super::client::read_name;
use super::line::Line;
use super::problem::unknown;
use super::value::Setting;
use super::words::{Word, split};
use crate::scram;

/// More users or rules are refused: every rule may be held against every message.
const MOST: usize = 1_000;
/// More users with keys for SCRAM are refused: deriving them is slow on purpose.
const MOST_SCRAM: usize = 32;

const WHAT: [(&str, Actions); 3] = [
    ("publish", Actions::PUBLISH),
    ("subscribe", Actions::SUBSCRIBE),
    ("receive", Actions::RECEIVE),
];

/// Reads what stands behind `broker access`. `before` is what holds as the world begins.
pub(super) fn read_all(words: &[Word], before: &Access) -> Result<Access, String> {
    let mut access = Access::default();
    let mut seen = Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        let key = setting.key;
        if matches!(key, "anonymous" | "default") {
            if seen.contains(&key) {
                return Err(format!("{key} stands there twice"));
            }
            seen.push(key);
        }
        match key {
            "user" => take_user(&split(setting.text()?)?, &mut access, Some(before))?,
            "rule" => read_rule(&split(setting.text()?)?, &mut access)?,
            "anonymous" => access.anonymous = setting.yes()?,
            "default" => {
                access.default_allow = match setting.text()? {
                    "allow" => true,
                    "deny" => false,
                    _ => return Err("default is allow or deny: default=deny".to_string()),
                };
            }
            key => {
                let known = ["user", "anonymous", "rule", "default"];
                return Err(unknown("the setting", key, known));
            }
        }
    }
    Ok(access)
}

pub(super) fn read_user(words: &[Word], access: &mut Access) -> Result<(), String> {
    take_user(words, access, None)
}

/// Reads a user. One of a world that runs has the keys that there were `before`: deriving others, whenever a script says
/// so, would keep a page busy.
fn take_user(words: &[Word], access: &mut Access, before: Option<&Access>) -> Result<(), String> {
    let wants = "a user needs a name and a password: user ana password=\"segredo\"";
    let (name, rest) = words.split_first().ok_or(wants)?;
    let bytes = name.plain().ok_or(wants)?;
    let name = core::str::from_utf8(bytes).map_err(|_| "a user's name must be UTF-8")?;
    if name.is_empty() || access.users.contains_key(name) {
        return Err(format!(
            "there is a user {name:?} already, or it is no name"
        ));
    }
    if access.users.len() >= MOST {
        return Err(format!("there are more than {MOST} users"));
    }
    let (mut password, mut with_scram) = (None, false);
    for setting in Setting::each(rest) {
        let setting = setting?;
        match setting.key {
            "password" => password = Some(setting.text()?),
            "scram" => with_scram = setting.yes()?,
            key => return Err(unknown("the setting", key, ["password", "scram"])),
        }
    }
    let password = password.ok_or(wants)?;
    let others = access.users.values().filter(|user| user.scram.is_some());
    if with_scram && others.count() >= MOST_SCRAM {
        return Err(format!("there are more than {MOST_SCRAM} users with scram"));
    }
    let keys = match before {
        _ if !with_scram => None,
        None => Some(scram::keys(name, password)),
        Some(before) => {
            let known = before.users.get(name);
            let known = known.filter(|user| user.password.as_deref() == Some(password));
            let known = known.and_then(|user| user.scram.clone());
            Some(known.ok_or_else(|| {
                format!("{name} has no scram with this password from the beginning")
            })?)
        }
    };
    let user = User {
        password: Some(password.into()),
        scram: keys,
    };
    access.users.insert(name.into(), user);
    Ok(())
}

pub(super) fn read_rule(words: &[Word], access: &mut Access) -> Result<(), String> {
    let wants = "a rule is such as: rule sensors user=ana allow=publish topics=area/#";
    let (name, rest) = words.split_first().ok_or(wants)?;
    let name = read_name(name, "rule")?;
    let mut rule = Rule {
        name: name.into(),
        allow: false,
        user: None,
        client: None,
        actions: Actions::NONE,
        filter: "".into(),
    };
    let mut filters: Vec<&str> = Vec::new();
    for setting in Setting::each(rest) {
        let setting = setting?;
        match setting.key {
            "user" => rule.user = Some(setting.text()?.into()),
            "client" => rule.client = Some(setting.text()?.into()),
            "allow" | "deny" if rule.actions != Actions::NONE => {
                return Err("a rule allows or denies, not both".to_string());
            }
            "allow" | "deny" => {
                rule.allow = setting.key == "allow";
                rule.actions = read_actions(&setting)?;
            }
            "topics" => filters.extend(setting.text()?.split(',')),
            "topic" => filters.push(setting.text()?),
            key => {
                let known = ["user", "client", "allow", "deny", "topics", "topic"];
                return Err(unknown("the setting", key, known));
            }
        }
    }
    if rule.actions == Actions::NONE || filters.is_empty() {
        return Err(wants.to_string());
    }
    for filter in filters {
        let rule = Rule {
            filter: filter.into(),
            ..rule.clone()
        };
        if let Err(error) = rule.check() {
            return Err(format!("{filter:?} is no Topic Filter: {error}"));
        }
        if access.rules.len() >= MOST {
            return Err(format!("there are more than {MOST} rules"));
        }
        access.rules.push(rule);
    }
    Ok(())
}

fn read_actions(setting: &Setting<'_>) -> Result<Actions, String> {
    let mut actions = Actions::NONE;
    for word in setting.text()?.split(',') {
        let found = WHAT.iter().find(|(name, _)| *name == word);
        actions |= match found {
            Some((_, action)) => *action,
            None if word == "all" => Actions::ALL,
            None => {
                let known = WHAT.iter().map(|(name, _)| *name).chain(["all"]);
                return Err(unknown("the action", word, known));
            }
        };
    }
    Ok(actions)
}

/// One of two words, such as `yes` and `no`.
pub(super) fn read_choice(words: &[Word], line: &str, choice: [&str; 2]) -> Result<bool, String> {
    let [good, bad] = choice;
    match words {
        [word] if word.bare() == Some(good) => Ok(true),
        [word] if word.bare() == Some(bad) => Ok(false),
        _ => Err(format!("{line} is {good} or {bad}: {line} {bad}")),
    }
}

pub(super) fn write(access: &Access, lines: &mut Vec<String>) {
    for (name, user) in &access.users {
        lines.push(format!("user {}", write_user(name, user)));
    }
    if !access.anonymous {
        lines.push("anonymous no".to_string());
    }
    for rule in &access.rules {
        lines.push(format!("rule {}", write_rule(rule)));
    }
    if !access.default_allow {
        lines.push("default deny".to_string());
    }
}

/// Writes what stands behind `broker access`.
pub(super) fn put_all(line: &mut Line, access: &Access) {
    for (name, user) in &access.users {
        line.bytes("user", write_user(name, user).as_bytes());
    }
    if !access.anonymous {
        line.key("", "anonymous", "no");
    }
    for rule in &access.rules {
        line.bytes("rule", write_rule(rule).as_bytes());
    }
    if !access.default_allow {
        line.key("", "default", "deny");
    }
}

fn write_user(name: &str, user: &User) -> String {
    let mut line = Line::default();
    line.plain(name.as_bytes(), &[]);
    let password = user.password.as_deref().unwrap_or_default();
    line.bytes("password", password.as_bytes());
    line.when(user.scram.is_some(), "scram").finish()
}

fn write_rule(rule: &Rule) -> String {
    let mut line = Line::default();
    line.plain(rule.name.as_bytes(), &[]);
    for (key, value) in [("user", &rule.user), ("client", &rule.client)] {
        if let Some(value) = value {
            line.bytes(key, value.as_bytes());
        }
    }
    let words: Vec<&str> = if rule.actions == Actions::ALL {
        ["all"].into()
    } else {
        let spoken = WHAT
            .iter()
            .filter(|(_, action)| rule.actions.contains(*action));
        spoken.map(|(name, _)| *name).collect()
    };
    let key = if rule.allow { "allow" } else { "deny" };
    line.key("", key, &words.join(","));
    let key = if rule.filter.contains(',') {
        "topic"
    } else {
        "topics"
    };
    line.bytes(key, rule.filter.as_bytes()).finish()
}
