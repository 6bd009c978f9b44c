//! Who may do what: the texts that say so, and what they mean.

use std::rc::Rc;

use vitrine_access::{Cost, Error, MIN_ITERATIONS, SALT_LENGTH, Settings, passwords};
use vitrine_broker::{Access, User};
use vitrine_link::{AccessChange, AccessProblem, AccessState};

/// See the module.
#[derive(Default)]
pub(crate) struct Guard {
    rules: String,
    passwords: String,
    access: Rc<Access>,
    revision: u32,
}

impl Guard {
    /// What the texts say that the page remembered. Where they are wrong nobody gets in by mistake: the texts are kept
    /// for the page to show, and nothing is allowed until they are mended.
    pub(crate) fn new(rules: String, passwords: String) -> (Self, Option<AccessProblem>) {
        let mut guard = Self::default();
        let problem = guard.take(rules.clone(), passwords.clone()).err();
        if problem.is_some() {
            let access = Access {
                anonymous: false,
                default_allow: false,
                ..Access::default()
            };
            guard = Self {
                rules,
                passwords,
                access: Rc::new(access),
                revision: 1,
            };
        }
        (guard, problem)
    }

    /// What the broker is to judge by.
    pub(crate) fn access(&self) -> &Rc<Access> {
        &self.access
    }

    /// What a page is told.
    pub(crate) fn tell(&self, problem: Option<AccessProblem>) -> AccessState {
        let Access {
            anonymous,
            users,
            rules,
            default_allow,
        } = &*self.access;
        AccessState {
            rules: self.rules.clone(),
            passwords: self.passwords.clone(),
            users: users.keys().map(|name| String::from(&**name)).collect(),
            anonymous: *anonymous,
            default_allow: *default_allow,
            count: u32::try_from(rules.len()).unwrap_or(u32::MAX),
            revision: self.revision,
            problem,
        }
    }

    /// Does what a page asks for, or says what is wrong with it and changes nothing. `salt` is random. Takes as long as
    /// a password's hash does.
    pub(crate) fn change(
        &mut self,
        change: AccessChange,
        salt: &[u8; SALT_LENGTH],
    ) -> Result<(), AccessProblem> {
        let in_passwords = |error: Error| problem(error, true);
        let (rules, passwords) = match change {
            AccessChange::Rules(rules) => (rules, self.passwords.clone()),
            AccessChange::Passwords(passwords) => (self.rules.clone(), passwords),
            AccessChange::SetUser { name, password } => {
                let user = User {
                    password: Some(
                        vitrine_access::hash(password.as_bytes(), salt, Cost::default()).into(),
                    ),
                    // A password with characters that SCRAM forbids is good for the other way all the same.
                    scram: vitrine_access::scram_keys(&password, salt, MIN_ITERATIONS).ok(),
                };
                let set = passwords::set(&self.passwords, &name, &user).map_err(in_passwords)?;
                (self.rules.clone(), set)
            }
            AccessChange::RemoveUser(name) => {
                let left = passwords::remove(&self.passwords, &name).map_err(in_passwords)?;
                let left = left.unwrap_or_else(|| self.passwords.clone());
                (self.rules.clone(), left)
            }
        };
        self.take(rules, passwords)
    }

    fn take(&mut self, rules: String, passwords: String) -> Result<(), AccessProblem> {
        let settings = Settings::from_own_toml(&rules).map_err(|error| problem(error, false))?;
        let users = passwords::parse(&passwords).map_err(|error| problem(error, true))?;
        self.access = Rc::new(settings.into_access(users));
        (self.rules, self.passwords) = (rules, passwords);
        self.revision += 1;
        Ok(())
    }
}

fn problem(error: Error, in_passwords: bool) -> AccessProblem {
    AccessProblem {
        in_passwords,
        line: u32::try_from(error.line).unwrap_or(u32::MAX),
        key: error.key,
        message: error.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; SALT_LENGTH] = [7; SALT_LENGTH];

    fn guard(rules: &str) -> Guard {
        let (guard, problem) = Guard::new(rules.into(), String::new());
        assert_eq!(problem, None);
        guard
    }

    #[test]
    fn a_user_gets_in_with_the_password_that_was_set_last() {
        let mut guard = guard("");
        for password in ["first", "second"] {
            let change = AccessChange::SetUser {
                name: "ana".into(),
                password: password.into(),
            };
            guard.change(change, &SALT).unwrap();
        }
        assert_eq!(guard.tell(None).users, ["ana"]);
        let hash = guard.access().users["ana"].password.clone();
        assert!(vitrine_access::verify(b"second", hash.as_deref()));
        assert!(!vitrine_access::verify(b"first", hash.as_deref()));
        assert!(!guard.tell(None).passwords.contains("second"));
        // The same texts mean the same.
        let (again, problem) = Guard::new(String::new(), guard.tell(None).passwords);
        assert_eq!(problem, None);
        assert_eq!(again.access(), guard.access());

        guard
            .change(AccessChange::RemoveUser("ana".into()), &SALT)
            .unwrap();
        assert!(guard.access().users.is_empty());
    }

    #[test]
    fn what_is_wrong_changes_nothing_and_says_where() {
        let rules = "[access]\nanonymous = false\n";
        let mut guard = guard(rules);
        let wrong = AccessChange::Rules("[access]\n\nanonymous = 1\n".into());
        let problem = guard.change(wrong, &SALT).unwrap_err();
        assert_eq!(problem.line, 3);
        assert_eq!(problem.key.as_deref(), Some("access.anonymous"));
        assert!(!problem.in_passwords);
        let told = guard.tell(None);
        assert_eq!((told.rules.as_str(), told.anonymous), (rules, false));

        let wrong = AccessChange::Passwords("# people\nana\n".into());
        let problem = guard.change(wrong, &SALT).unwrap_err();
        assert_eq!((problem.line, problem.in_passwords), (2, true));
    }

    #[test]
    fn rules_that_would_not_count_are_not_taken_for_rules() {
        let mut guard = guard("# none yet\n");
        let wrong = AccessChange::Rules("# ours\n[acess]\ndefault = \"deny\"\n".into());
        let problem = guard.change(wrong, &SALT).unwrap_err();
        assert_eq!(problem.line, 2);
        assert!(problem.message.contains("\"acess\""), "{problem:?}");
        assert_eq!(guard.tell(None).rules, "# none yet\n");
        // Of a server's whole file the rest is not looked at.
        let whole = AccessChange::Rules("store = \"a\"\n[access]\nanonymous = false\n".into());
        guard.change(whole, &SALT).unwrap();
        assert!(!guard.access().anonymous);
    }

    #[test]
    fn texts_that_were_remembered_and_are_wrong_let_nobody_in() {
        let (guard, problem) = Guard::new("[access".into(), String::new());
        assert_eq!(problem.map(|problem| problem.line), Some(1));
        let access = guard.access();
        assert_eq!((access.anonymous, access.default_allow), (false, false));
        assert_eq!(guard.tell(None).rules, "[access");
    }
}
