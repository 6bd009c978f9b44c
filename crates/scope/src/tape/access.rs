//! The lines of what the broker judges by, written and read. Of users only the names: not what could be attacked.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;
use vitrine_broker::{Access, Actions, Rule, User};

use crate::tape::fields::Fields;
use crate::tape::line::{Line, list};

const ACTIONS: [(&str, Actions); 3] = [
    ("publish", Actions::PUBLISH),
    ("subscribe", Actions::SUBSCRIBE),
    ("receive", Actions::RECEIVE),
];

pub(crate) fn write(line: &mut Line, access: &Access, at: u64) {
    line.number("at", at)
        .text("event", "access")
        .flag("anonymous", access.anonymous)
        .flag("default_allow", access.default_allow);
    let users = access
        .users
        .keys()
        .map(|name| Value::from(name.as_ref()).to_string());
    line.raw("users", &list(users));
    line.raw("rules", &list(access.rules.iter().map(rule)));
}

fn rule(rule: &Rule) -> String {
    let mut line = Line::new();
    line.text("name", &rule.name)
        .flag("allow", rule.allow)
        .maybe_text("user", rule.user.as_deref())
        .maybe_text("client", rule.client.as_deref());
    for (name, action) in ACTIONS {
        line.flag(name, rule.actions.contains(action));
    }
    line.text("filter", &rule.filter);
    line.finish()
}

pub(crate) fn read(from: &mut Fields) -> Result<Access, String> {
    let anonymous = from.flag("anonymous")?;
    let default_allow = from.flag("default_allow")?;
    let mut users: BTreeMap<Rc<str>, User> = BTreeMap::new();
    for user in from.list("users")? {
        let Value::String(name) = user else {
            return Err("`users` are to be texts".into());
        };
        users.insert(name.into(), User::default());
    }
    let mut rules = Vec::new();
    for value in from.list("rules")? {
        let mut fields = Fields::of_value(value, "rules")?;
        let mut actions = Actions::NONE;
        for (name, action) in ACTIONS {
            if fields.flag(name)? {
                actions |= action;
            }
        }
        let rule = Rule {
            name: fields.text("name")?.into(),
            allow: fields.flag("allow")?,
            user: fields.take("user")?,
            client: fields.take("client")?,
            actions,
            filter: fields.text("filter")?.into(),
        };
        fields.done()?;
        rule.check()
            .map_err(|error| format!("has a rule that is none: {error}"))?;
        rules.push(rule);
    }
    Ok(Access {
        anonymous,
        users,
        rules,
        default_allow,
    })
}
