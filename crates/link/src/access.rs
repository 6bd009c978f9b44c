//! Who may connect, publish, subscribe and receive, as the page shows and changes it.

use serde::{Deserialize, Serialize};

/// What the broker judges by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessState {
    /// The configuration's TOML text with the table `[access]`, as it counts now.
    pub rules: String,
    /// The password file's text, as it counts now: hashes, no passwords.
    pub passwords: String,
    /// Who may log in.
    pub users: Vec<String>,
    /// Whether clients may connect without a User Name.
    pub anonymous: bool,
    /// Whether that is allowed which no rule fits.
    pub default_allow: bool,
    /// How many rules there are, one for each user, client and topic that was named.
    pub count: u32,
    /// Counts up with every change.
    pub revision: u32,
    /// What was wrong with what the page asked for last: nothing was changed then.
    pub problem: Option<AccessProblem>,
}

/// What is wrong with a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessProblem {
    /// Whether it is the text with the users, else that with the rules.
    pub in_passwords: bool,
    /// The line, from 1; 0 for what is in none.
    pub line: u32,
    /// The key, such as `access.rules[2].allow`.
    pub key: Option<String>,
    /// What is wrong and what to do. In English.
    pub message: String,
}

/// What the page asks for. It counts at once, for clients that are connected too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessChange {
    /// This text with the table `[access]` counts from now on.
    Rules(String),
    /// This password file counts from now on.
    Passwords(String),
    /// A user may log in with this password; one of the same name has another password from now on.
    SetUser {
        /// The User Name.
        name: String,
        /// The password.
        password: String,
    },
    /// A user may log in no more.
    RemoveUser(String),
}
