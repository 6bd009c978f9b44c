use std::collections::BTreeMap;

use proptest::prelude::*;
use vitrine_access::Settings;
use vitrine_broker::{Access, Actions, Rule};

fn settings(access: &str) -> Settings {
    Settings::from_toml(&format!("[access]\n{access}")).unwrap()
}

/// The error without its `line 2: `, which is that of the first line of `access`.
fn error(access: &str) -> String {
    Settings::from_toml(&format!("[access]\n{access}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn without_a_table_everybody_may_do_everything() {
    for text in ["", "tcp = '1883'\n[limits]\nx = 3", "[access]"] {
        let settings = Settings::from_toml(text).unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.into_access(BTreeMap::new()), Access::default());
    }
}

/// Editors on Windows put one in front.
#[test]
fn a_byte_order_mark_says_nothing() {
    let text = "[access]\ndefault = 'deny'\nrules = [{ allow = 'all', topics = 'a' }]\n";
    let marked = Settings::from_toml(&format!("\u{feff}{text}")).unwrap();
    assert_eq!(marked, Settings::from_toml(text).unwrap());
    assert_eq!(marked.rules.len(), 1);
    let wrong = Settings::from_toml("\u{feff}[access]\ndefault = 'maybe'").unwrap_err();
    assert_eq!(wrong.line, 2);
}

#[test]
fn with_a_password_file_nobody_is_anonymous_unless_it_is_said() {
    let with = settings("password_file = 'users'");
    assert_eq!(with.password_file.as_deref(), Some("users"));
    assert!(!with.anonymous);
    assert!(settings("password_file = 'users'\nanonymous = true").anonymous);
    assert!(!settings("anonymous = false").anonymous);
}

#[test]
fn rules_keep_their_order_and_are_one_for_each_of_what_they_name() {
    let text = "default = 'deny'\n\
                [[access.rules]]\nname = 'corner'\nuser = ['ann', 'b*']\nallow = 'all'\n\
                topics = ['home/%u/#', 'x']\n\
                [[access.rules]]\nclient = 'c'\ndeny = ['publish', 'receive']\ntopics = '#'\n";
    let settings = settings(text);
    assert!(!settings.default_allow);
    let rule = |name: &str, user: Option<&str>, filter: &str| Rule {
        name: name.into(),
        allow: true,
        user: user.map(Into::into),
        client: None,
        actions: Actions::ALL,
        filter: filter.into(),
    };
    let last = Rule {
        allow: false,
        client: Some("c".into()),
        actions: Actions::PUBLISH | Actions::RECEIVE,
        ..rule("rules[1]", None, "#")
    };
    assert_eq!(
        settings.rules,
        [
            rule("corner", Some("ann"), "home/%u/#"),
            rule("corner", Some("b*"), "home/%u/#"),
            rule("corner", Some("ann"), "x"),
            rule("corner", Some("b*"), "x"),
            last,
        ]
    );
}

#[test]
fn what_is_wrong_is_told_with_line_and_key() {
    for (access, told) in [
        ("x = ", "line 2: "),
        (
            "\nanonymus = true",
            "line 3: `access.anonymus`: access has no such key: there are anonymous",
        ),
        (
            "anonymous = 'yes'",
            "line 2: `access.anonymous`: write true or false",
        ),
        (
            "password_file = 3",
            "line 2: `access.password_file`: write a path in quotes",
        ),
        (
            "password_file = ''",
            "line 2: `access.password_file`: write a path in quotes",
        ),
        (
            "default = 'no'",
            "line 2: `access.default`: write \"allow\" or \"deny\"",
        ),
        ("rules = 3", "`access.rules`: rules are a list"),
        ("rules = [3]", "`access.rules[0]`: a rule is a table"),
        (
            "rules = [{}]",
            "`access.rules[0]`: a rule needs allow = […] or deny",
        ),
        (
            "rules = [{ allow = 'all' }]",
            "`access.rules[0]`: a rule needs topics",
        ),
        (
            "rules = [{ allow = 'all', topics = '#' }]",
            "line 1: `access`: say what holds where no rule",
        ),
        (
            "rules = [\n{ allow = 'all', deny = 'all', topics = '#' }]",
            "line 3: `access.rules[0].deny`: a rule allows or denies",
        ),
        (
            "rules = [{ allow = ['all', 'write'] }]",
            "`access.rules[0].allow[1]`: \"write\" is no action",
        ),
        (
            "rules = [{ allow = [] }]",
            "`access.rules[0].allow`: the list is empty",
        ),
        (
            "rules = [{ allow = 1 }]",
            "`access.rules[0].allow`: write an action in quotes",
        ),
        (
            "rules = [{ allow = 'all', topics = ['a', 'a#'] }]",
            "`access.rules[0].topics[1]`: \"a#\" is no Topic Filter",
        ),
        (
            "rules = [{ allow = 'all', topics = '$share/g/a' }]",
            "name the filter without `$share/name/`",
        ),
        (
            "rules = [{ allow = 'all', topics = '' }]",
            "is no Topic Filter",
        ),
        (
            "rules = [{ user = [1] }]",
            "`access.rules[0].user[0]`: write a user name in quotes",
        ),
        (
            "rules = [{ topic = 'a' }]",
            "`access.rules[0].topic`: a rule has no such key: there are name, allow",
        ),
    ] {
        let error = error(access);
        assert!(error.contains(told), "{access}\n{error}");
    }
    let error = Settings::from_toml("\naccess = 1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: `access`: access is a table: write key = value"
    );
    assert_eq!(
        error.at("vitrine.toml"),
        "vitrine.toml:2: `access`: access is a table: write key = value"
    );
}

#[test]
fn there_may_be_so_many_rules_and_no_more() {
    let rules = |count| {
        let users = vec!["'u'"; count].join(",");
        format!(
            "[access]\ndefault = 'deny'\nrules = [{{ user = [{users}], allow = 'all', topics = 'a' }}]"
        )
    };
    let most = Settings::from_toml(&rules(10_000)).unwrap();
    assert_eq!(most.rules.len(), 10_000);
    let error = Settings::from_toml(&rules(10_001)).unwrap_err();
    assert!(error.message.starts_with("there are more than 10000 rules"));
}

proptest! {
    /// Whatever the text: settings, or an error with one of its lines.
    #[test]
    fn any_text_is_read_or_refused(
        lines in proptest::collection::vec(prop_oneof![
            Just("[access]".to_owned()),
            Just("[[access.rules]]".to_owned()),
            ("(anonymous|default|rules|name|allow|deny|user|client|topics|x)",
             "(true|'allow'|'deny'|'all'|\\['publish','receive'\\]|'a/%u/#'|\\['#'\\]|\\[\\]|\\{\\}|1)")
                .prop_map(|(key, value)| format!("{key} = {value}")),
            "\\PC{0,20}",
        ], 0..12)
    ) {
        let text = lines.join("\n");
        match Settings::from_toml(&text) {
            Ok(settings) => {
                for rule in settings.rules {
                    prop_assert!(rule.check().is_ok());
                    prop_assert!(rule.actions != Actions::NONE);
                }
            }
            Err(error) => prop_assert!(error.line >= 1 && error.line <= lines.len().max(1), "{}", error),
        }
    }
}
