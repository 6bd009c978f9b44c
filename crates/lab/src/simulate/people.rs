//! Drawing who there is, how they log in, and what rules they live under.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_broker::{Access, Actions, Rule, User};
use vitrine_client::Options;
use vitrine_packet::ProtocolVersion;

use crate::Random;
use crate::scram::{self, METHOD};

/// Users and their passwords. The last has a name that stands for nothing in a filter.
const USERS: [(&str, &str); 3] = [("ana", "segredo"), ("rui", "chave"), ("r/u", "barra")];
/// A user who may prove the password, too.
const PROVER: (&str, &str) = ("eva", "prova");

const FILTERS: [&str; 16] = [
    "#",
    "+",
    "+/#",
    "+/+",
    "a",
    "a/#",
    "a/b",
    "+/b",
    "b/#",
    "area/+/light",
    "of/#",
    "of/%u",
    "of/%c",
    "of/%c/#",
    "will/#",
    "will/+",
];

/// The users and rules of a scenario.
#[derive(Clone, Debug)]
pub(super) struct People {
    /// What counts at the beginning, and what may count later.
    pub(super) accesses: Vec<Rc<Access>>,
}

impl People {
    /// Every other scenario has some.
    pub(super) fn draw(random: &mut Random) -> Self {
        if random.one_in(2) {
            return Self {
                accesses: vec![Rc::default()],
            };
        }
        let mut users = BTreeMap::new();
        if !random.one_in(4) {
            for (name, password) in USERS {
                users.insert(name.into(), user(password));
            }
        }
        if random.one_in(3) {
            let (name, password) = PROVER;
            let scram = Some(scram::keys(name, password));
            users.insert(
                name.into(),
                User {
                    scram,
                    ..user(password)
                },
            );
        }
        let mut accesses: Vec<Rc<Access>> = Vec::new();
        for later in 0..1 + random.index(4) {
            let mut users = users.clone();
            if later > 0 && random.one_in(3) {
                // Somebody goes, or gets another password.
                let name = random.pick(&["ana", "rui", "eva"]);
                let before = users.remove(name);
                if before.is_some() && random.one_in(2) {
                    users.insert(name.into(), user("nova"));
                }
            }
            let count = random.index(6);
            let access = Access {
                anonymous: !random.one_in(4),
                users,
                rules: (0..count).map(|at| draw_rule(random, at)).collect(),
                default_allow: !random.one_in(3),
            };
            accesses.push(access.into());
        }
        Self { accesses }
    }

    /// Whether anything is forbidden to anybody, now or later.
    pub(super) fn has_rules(&self) -> bool {
        self.accesses.len() > 1 || *self.accesses[0] != Access::default()
    }

    /// Whether anybody may log in by SCRAM-SHA-256.
    pub(super) fn proves(&self) -> bool {
        let mut users = self.accesses[0].users.values();
        users.any(|user| user.scram.is_some())
    }

    /// Draws how a client logs in: as nobody, rightly or wrongly.
    pub(super) fn log_in(&self, random: &mut Random, options: &mut Options) {
        options.username = None;
        options.password = None;
        options.authentication = None;
        let is_short = options.max_packet_size < 1 << 20;
        let v5 = options.version == ProtocolVersion::V5;
        if !self.has_rules() || random.one_in(3) {
            return;
        }
        if v5 && !is_short && self.proves() && random.one_in(2) {
            let (name, password) = PROVER;
            options.username = Some(if random.one_in(8) { "ana" } else { name }.into());
            let password = if random.one_in(5) { "falsa" } else { password };
            options.password = Some(password.as_bytes().into());
            options.authentication = Some((METHOD.into(), Rc::default()));
            return;
        }
        let (name, password) = random.pick(&USERS);
        let name = if random.one_in(8) { "ninguem" } else { name };
        let password = if random.one_in(6) { "falsa" } else { password };
        options.username = Some(name.into());
        options.password = Some(password.as_bytes().into());
    }
}

fn user(password: &str) -> User {
    User {
        password: Some(password.into()),
        scram: None,
    }
}

fn draw_rule(random: &mut Random, at: usize) -> Rule {
    let actions = random.pick(&[
        Actions::ALL,
        Actions::PUBLISH,
        Actions::SUBSCRIBE,
        Actions::RECEIVE,
        Actions::SUBSCRIBE | Actions::RECEIVE,
        Actions::PUBLISH | Actions::RECEIVE,
    ]);
    let user = random.pick(&[None, None, None, Some("ana"), Some("r*"), Some("*")]);
    let client = random.pick(&[None, None, None, Some("c0"), Some("c*"), Some("*1")]);
    Rule {
        name: format!("r{at}").into(),
        allow: random.one_in(2),
        user: user.map(Rc::from),
        client: client.map(Rc::from),
        actions,
        filter: random.pick(&FILTERS).into(),
    }
}
