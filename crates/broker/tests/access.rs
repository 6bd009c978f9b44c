//! Who may connect, and who may publish, subscribe to and receive what.

mod connecting;
mod delivering;
mod model;
mod owner;
mod rules;

use std::rc::Rc;

use vitrine_broker::{Access, Actions, Command, Config, ConnectionId, Rule, User};

use crate::harness::*;

const P: Actions = Actions::PUBLISH;
const S: Actions = Actions::SUBSCRIBE;
const R: Actions = Actions::RECEIVE;

/// A rule for everybody, named by what it says.
fn rule(allow: bool, actions: Actions, filter: &str) -> Rule {
    let word = if allow { "allow" } else { "deny" };
    Rule {
        name: format!("{word} {filter}").into(),
        allow,
        user: None,
        client: None,
        actions,
        filter: filter.into(),
    }
}

fn allow(actions: Actions, filter: &str) -> Rule {
    rule(true, actions, filter)
}

fn deny(actions: Actions, filter: &str) -> Rule {
    rule(false, actions, filter)
}

/// What these rules allow and nothing else.
fn only(rules: impl Into<Vec<Rule>>) -> Access {
    Access {
        rules: rules.into(),
        default_allow: false,
        ..Access::default()
    }
}

/// The users `ann` and `bob`, whose passwords are their names, and nobody else.
fn users() -> Access {
    let user = |name: &str| {
        let password = Some(name.into());
        let scram = None;
        (Rc::from(name), User { password, scram })
    };
    Access {
        anonymous: false,
        users: [user("ann"), user("bob")].into(),
        ..Access::default()
    }
}

impl World {
    pub(crate) fn guarded(access: Access) -> Self {
        Self::with(Config {
            access: access.into(),
            ..Config::default()
        })
    }

    fn set_access(&mut self, access: Access) {
        self.command(Command::SetAccess(access.into()));
    }

    /// Answers for all passwords that are to be checked.
    fn check_passwords(&mut self) {
        for connection in std::mem::take(&mut self.asked) {
            let Some(credentials) = self.broker.credentials(connection) else {
                continue;
            };
            let hash = credentials.hash.as_ref().map(|hash| hash.as_bytes());
            let accepted = hash.is_some() && hash == credentials.password.as_deref();
            self.verdict(connection, accepted);
        }
    }

    fn verdict(&mut self, connection: ConnectionId, accepted: bool) {
        self.command(Command::Authenticated {
            connection,
            accepted,
        });
    }

    /// Connects a user with the right password.
    fn log_in(&mut self, hello: Hello<'_>, name: &str) -> ConnectionId {
        let connection = self.say(&Hello {
            username: Some(name),
            password: Some(name),
            ..hello
        });
        self.check_passwords();
        let answers = self.take(connection);
        assert!(answers[0].starts_with("CONNACK 00"), "{answers:?}");
        connection
    }
}

/// A client of both versions.
fn both(client: &str) -> [Hello<'_>; 2] {
    [Hello::v3(client), Hello::v5(client)]
}
