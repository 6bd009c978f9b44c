use proptest::prelude::*;
use vitrine_access::{Cost, hash, passwords, scram_keys};
use vitrine_broker::User;

const CHEAP: Cost = Cost {
    memory: 8,
    passes: 1,
};

fn user(password: &str, scram: bool) -> User {
    User {
        password: Some(hash(password.as_bytes(), &[7; 16], CHEAP).into()),
        scram: scram.then(|| scram_keys(password, &[8; 16], 4_096).unwrap()),
    }
}

fn error(text: &str) -> String {
    passwords::parse(text).unwrap_err().to_string()
}

#[test]
fn a_line_for_each_user_and_others_for_people() {
    let (ann, bob) = (user("a", false), user("b", true));
    let text = passwords::set("# The lab\r\n\r\n", "ann", &ann).unwrap();
    let text = passwords::set(&text, "bob and eve", &bob).unwrap();
    assert!(text.starts_with("# The lab\r\n\r\nann:$argon2id$"));
    assert!(text.ends_with("=\r\n"));
    assert_eq!(text.lines().count(), 4);
    let users = passwords::parse(&text).unwrap();
    assert_eq!(users.len(), 2);
    assert_eq!((&users["ann"], &users["bob and eve"]), (&ann, &bob));
    assert!(passwords::parse("").unwrap().is_empty());
}

#[test]
fn changing_a_user_leaves_the_rest_as_it_is() {
    let line = |name: &str, user: &User| passwords::set("", name, user).unwrap();
    let (old, new) = (user("old", true), user("new", false));
    let [ann, bob, changed] =
        [("ann", &old), ("bob", &old), ("ann", &new)].map(|(name, user)| line(name, user));
    let text = format!("# ann: left\n\n{ann}  # in between\n{bob}# the end");
    let after = passwords::set(&text, "ann", &new).unwrap();
    assert_eq!(
        after,
        format!("# ann: left\n\n{changed}  # in between\n{bob}# the end\n")
    );
    let after = passwords::remove(&after, "ann").unwrap().unwrap();
    assert_eq!(
        after,
        format!("# ann: left\n\n  # in between\n{bob}# the end\n")
    );
    assert_eq!(passwords::remove(&after, "ann").unwrap(), None);
    assert_eq!(passwords::remove(&after, "# ann").unwrap(), None);
}

/// Editors on Windows put one in front.
#[test]
fn a_byte_order_mark_is_no_part_of_a_name() {
    let ann = user("a", false);
    let line = passwords::set("", "ann", &ann).unwrap();
    for text in [
        format!("\u{feff}{line}"),
        format!("\u{feff}# The lab\n{line}"),
    ] {
        let users = passwords::parse(&text).unwrap();
        assert_eq!((users.len(), &users["ann"]), (1, &ann), "{text:?}");
        let after = passwords::set(&text, "bob", &ann).unwrap();
        assert_eq!(passwords::parse(&after).unwrap().len(), 2, "{after:?}");
        let after = passwords::remove(&text, "ann").unwrap().unwrap();
        assert!(passwords::parse(&after).unwrap().is_empty(), "{after:?}");
    }
    let wrong = passwords::parse("\u{feff}\nann").unwrap_err();
    assert_eq!(wrong.line, 2);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let ann = passwords::set("", "ann", &user("x", false)).unwrap();
    for (text, told) in [
        (
            "\n# x\nann\n".to_owned(),
            "line 3: a user's line is the name",
        ),
        (
            format!("{ann}\n{ann}"),
            "line 3: \"ann\" stands in line 1 already",
        ),
        ("ann:".into(), "line 1: \"ann\": there is no password"),
        ("ann:pencil".into(), "do not stand here as they are"),
        ("ann:$7$101$abc$def".into(), "one of Mosquitto's"),
        ("ann:$2b$12$abcdefghijklmnopqrstuv".into(), "bcrypt"),
        (
            "ann:$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA".into(),
            "not argon2i",
        ),
        (
            "ann:$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ".into(),
            "is cut off",
        ),
        (
            "ann:$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA".into(),
            "takes more than 1048576 KiB",
        ),
        (format!("{} {}", ann.trim(), &ann[4..]), "stands here twice"),
        (":x".into(), "a user needs a name"),
        ("ann :x".into(), "no blanks"),
        (
            "ann:SCRAM-SHA-256$4096:AAAA".into(),
            "these are no SCRAM-SHA-256 keys",
        ),
        (
            format!("ann:SCRAM-SHA-256$100:AAAA${0}:{0}", "A".repeat(43) + "="),
            "100 iterations are not between 4096 and 1000000",
        ),
    ] {
        let error = error(&text);
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let ann = user("x", false);
    for name in [
        "",
        "#x",
        " x",
        "x ",
        "a:b",
        "a\nb",
        "a\0",
        &"x".repeat(65_536),
    ] {
        assert!(passwords::set("", name, &ann).is_err(), "{name:?}");
    }
    assert!(passwords::set("", "ann", &User::default()).is_err());
    let plain = User {
        password: Some("pencil".into()),
        scram: None,
    };
    assert!(passwords::set("", "ann", &plain).is_err());
    assert!(passwords::set("no such file", "ann", &ann).is_err());
    assert!(passwords::remove("no such file", "ann").is_err());
}

proptest! {
    /// Whatever stands in the file: an error with a line of it, or users that can be written again.
    #[test]
    fn any_text_is_read_or_refused(text in "([#:$ \\na-z0-9=]|argon2id|SCRAM-SHA-256|\\PC){0,80}") {
        match passwords::parse(&text) {
            Ok(users) => {
                for (name, user) in users {
                    let again = passwords::set("", &name, &user).unwrap();
                    prop_assert_eq!(&passwords::parse(&again).unwrap()[&name], &user);
                }
            }
            Err(error) => prop_assert!((1..=text.lines().count()).contains(&error.line)),
        }
    }

    /// Users that are set, changed and removed in any order are those that are read.
    #[test]
    fn what_is_written_is_read(steps in proptest::collection::vec((0_usize..6, 0_u8..3), 0..20)) {
        let names = ["ann", "bob", "ö", "a b", "%u", "x#"];
        let mut text = String::from("# top\n\n# middle");
        let mut expected = std::collections::BTreeMap::new();
        for (name, what) in steps {
            let name = names[name];
            if what == 0 {
                let without = passwords::remove(&text, name).unwrap();
                prop_assert_eq!(without.is_some(), expected.remove(name).is_some());
                text = without.unwrap_or(text);
            } else {
                let keys = vitrine_broker::ScramKeys {
                    salt: [what; 9].into(),
                    iterations: 4_096,
                    stored_key: [what; 32],
                    server_key: [0xff; 32],
                };
                let user = User { password: None, scram: Some(keys) };
                text = passwords::set(&text, name, &user).unwrap();
                expected.insert(name.into(), user);
            }
            prop_assert_eq!(&passwords::parse(&text).unwrap(), &expected);
            prop_assert_eq!(text.matches("# top\n\n# middle").count(), 1);
        }
    }
}
