//! Reasons that the worker gives in English, in the page's language: the ones that people meet.
//!
//! What is wrong with a line of the lab's language, a rule or a link is said where it is found, far below the page. A
//! reason that is not known here stays as it came: better in English than not told.

use std::fmt::Display;

use super::Texts;

/// Reasons as they come, with places such as `{name}`, and the keys of their texts (behind `why.`). A reason is held
/// against them in this order.
const REASONS: &[(&str, &str)] = &[
    // What somebody does in the lab: crates/client, crates/lab, crates/stage, crates/worker.
    ("the topic is not valid: {topic}", "topic"),
    ("filter {n} is not valid: {topic}", "filter"),
    ("there is no connection: connect first", "not-connected"),
    ("it is not connected", "not-connected"),
    ("it has no connection", "not-connected"),
    ("the broker has no connection of it", "not-connected"),
    ("it has no link, or one that was cut", "no-link"),
    ("it has no link to send bytes on", "no-link"),
    ("it has a connection, or waits for one", "connected"),
    ("it has a connection, or is about to have one", "connected"),
    ("its machine is down", "down"),
    ("its machine is down: start it first", "down"),
    ("the broker is down", "broker-down"),
    ("too many messages wait: publish more slowly", "queue-full"),
    ("too many requests wait for their answer", "requests"),
    ("the packet would be longer than MQTT allows", "too-large"),
    ("nothing is held there", "not-held"),
    (
        "no client of this name is connected to the broker in the tab",
        "not-here",
    ),
    ("{name} cannot be the name of a {of}: {rest}", "name"),
    (
        "{name} means something else: choose another name",
        "name-taken",
    ),
    ("{name} has joined already: {rest}", "joined"),
    ("the client {name} is not known: {rest}", "no-client"),
    (
        "this is a recording: what happened in it has happened",
        "recording",
    ),
    // Links: crates/lab.
    (
        "the link is cut off or damaged: copy all of it",
        "link-damaged",
    ),
    (
        "the link comes from a newer version of this page: load the page again",
        "link-newer",
    ),
    (
        "the link is longer than {n} characters: it is none of ours",
        "link-foreign",
    ),
    (
        "the link holds more than {n} bytes: it is none of ours",
        "link-foreign",
    ),
    ("it leads to more than {n} moments", "link-long"),
    (
        "more was done than fits into a link: drop some roads",
        "link-full",
    ),
    (
        "the roads have {n} moments together, and a link takes {most}: {rest}",
        "link-full",
    ),
    // Recordings: crates/scope.
    ("the recording is empty", "recording-empty"),
    ("the recording is not UTF-8", "recording-foreign"),
    (
        "the recording is not how a recording of Vitrine begins",
        "recording-foreign",
    ),
    ("the recording is larger than {n} MiB", "recording-large"),
    (
        "the recording says version {n}, and this program reads version {most}",
        "recording-version",
    ),
    (
        "the recording says that more entries follow than there are: the end is missing",
        "recording-cut",
    ),
    // What is wrong with one of its lines; `bytes`, `topic` and the like are its own words.
    ("the recording is no JSON object: {rest}", "recording-json"),
    ("the recording is to be a JSON object", "recording-json"),
    ("the recording `{name}` is missing", "recording-missing"),
    (
        "the recording `{name}` does not belong there",
        "recording-extra",
    ),
    ("the recording `{name}` {rest}", "recording-field"),
    (
        "the recording has `{name}` that are no Control Packet: {rest}",
        "recording-field",
    ),
    (
        "the recording tells of an event that is not known: {name}",
        "recording-event",
    ),
    (
        "the recording \"{name}\" is no {of}: {rest}",
        "recording-topic",
    ),
    (
        "the recording has a rule that is none: {rest}",
        "recording-rule",
    ),
    ("the recording {rest}", "recording-line"),
    // Rules and users: the crate that reads TOML, and crates/access.
    ("unclosed table, expected {rest}", "toml-table"),
    ("unclosed array table, expected {rest}", "toml-table"),
    (
        "string values must be quoted, expected {rest}",
        "toml-quotes",
    ),
    ("invalid basic string, expected {rest}", "toml-text"),
    ("invalid literal string, expected {rest}", "toml-text"),
    (
        "invalid multi-line basic string, expected {rest}",
        "toml-text",
    ),
    (
        "invalid multi-line literal string, expected {rest}",
        "toml-text",
    ),
    ("missing escaped value, expected {rest}", "toml-escape"),
    ("key with no value, expected {rest}", "toml-equals"),
    ("invalid unquoted key, expected {rest}", "toml-key"),
    (
        "unquoted keys cannot be empty, expected {rest}",
        "toml-no-key",
    ),
    ("unexpected key or value, expected {rest}", "toml-line"),
    ("duplicate key", "toml-twice"),
    (
        "missing comma between array elements, expected {rest}",
        "toml-comma",
    ),
    ("unclosed array, expected {rest}", "toml-comma"),
    ("invalid boolean, expected {rest}", "true-false"),
    (
        "rules for shared subscriptions name the filter without `$share/name/`",
        "rule-share",
    ),
    (
        "{name} is no Topic Filter: rules for shared subscriptions name the filter without `$share/name/`",
        "rule-share",
    ),
    ("{name} is no Topic Filter: {topic}", "rule-filter"),
    (
        "{name} is not looked at: rules stand below {rest}",
        "rule-elsewhere",
    ),
    ("write true or false", "true-false"),
    ("write \"allow\" or \"deny\"", "allow-deny"),
    ("say what holds where no rule fits: {rest}", "rule-default"),
    (
        "rules are a list: begin each with a line [[access.rules]]",
        "rule-list",
    ),
    ("a rule allows or denies: {rest}", "rule-both"),
    ("a rule needs allow = {rest}", "rule-verdict"),
    ("a rule needs topics, such as {rest}", "rule-topics"),
    ("{name} is no action: there are {rest}", "rule-action"),
    ("{of} has no such key: there are {rest}", "no-key"),
    ("{of} is a table: write key = value", "table"),
    ("the list is empty: write {rest}", "list-empty"),
    ("write {of} in quotes", "in-quotes"),
    (
        "{name} stands in line {n} already: remove one of the two",
        "user-twice",
    ),
    ("{name} needs a password", "user-password"),
    ("a user needs a name", "user-name"),
    ("a user name has no blanks at its ends", "user-blanks"),
    (
        "a user name has no colons and no control characters",
        "user-signs",
    ),
    (
        "a user's line is the name, a colon and the password's hash; {rest}",
        "user-line",
    ),
];

/// What can be wrong with a topic, as crates/packet says it, and the keys of the texts (behind `problem.filter.`).
const TOPICS: &[(&str, &str)] = &[
    ("it is empty", "empty"),
    ("it has more than 65,535 bytes", "too-long"),
    ("the null character must not be in it", "nul"),
    ("`#` must be the last level", "hash-not-last"),
    ("`#` must be a level by itself", "hash-not-alone"),
    ("`+` must be a level by itself", "plus-not-alone"),
    (
        "`+` and `#` may be in a Topic Filter only",
        "wildcard-in-topic",
    ),
    (
        "after `$share/` comes a name, without wildcards",
        "share-name",
    ),
    ("after `$share/name/` comes a filter", "share-filter"),
];

impl Texts {
    /// `reason` in this language, where it is known; else as it came.
    pub(crate) fn why(&self, reason: &str) -> String {
        let reason = reason.trim();
        let found = REASONS
            .iter()
            .find_map(|(template, key)| Some((places(template, reason)?, key)));
        let Some((places, key)) = found else {
            return reason.to_owned();
        };
        let places: Vec<(&str, String)> = places
            .into_iter()
            .map(|(name, value)| match name {
                "topic" => (name, self.of_topic(value)),
                _ => (name, value.to_owned()),
            })
            .collect();
        let places: Vec<(&str, &dyn Display)> = places
            .iter()
            .map(|(name, value)| (*name, value as &dyn Display))
            .collect();
        let key = format!("why.{key}");
        match self.find(&key) {
            Some(_) => self.fill(&key, &places),
            None => reason.to_owned(),
        }
    }

    /// What is wrong with a topic: `` `#` must be the last level (character 6) [MQTT-4.7.1-2]``.
    fn of_topic(&self, reason: &str) -> String {
        let known = || {
            let (words, statement) = reason.rsplit_once(" [")?;
            let (words, at) = match words.split_once(" (character ") {
                Some((words, at)) => (words, Some(at.strip_suffix(')')?)),
                None => (words, None),
            };
            let (_, code) = TOPICS.iter().find(|(known, _)| *known == words)?;
            let words = self.find(&format!("problem.filter.{code}"))?;
            let at = at.map(|at| self.fill("problem.at", &[("n", &at)]) + " ");
            Some(format!("{}{words} [{statement}", at.unwrap_or_default()))
        };
        known().unwrap_or_else(|| reason.to_owned())
    }
}

/// What stands in the places of `template` in `text`; `None` where they do not fit. A place holds as little as it can,
/// and something.
fn places<'a>(template: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (start, mut template) = template.split_at(template.find('{').unwrap_or(template.len()));
    let mut text = text.strip_prefix(start)?;
    let mut found = Vec::new();
    while let Some((name, rest)) = template.strip_prefix('{').and_then(|it| it.split_once('}')) {
        let (between, next) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
        let end = match (between, next) {
            // The last place takes all that is left.
            (between, "") => text.strip_suffix(between)?.len(),
            (between, _) => text.find(between)?,
        };
        if end == 0 {
            return None;
        }
        found.push((name, &text[..end]));
        text = &text[end + between.len()..];
        template = next;
    }
    text.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::of;

    #[test]
    fn every_known_reason_has_a_text_in_every_language_with_its_own_places() {
        for language in ["pt", "en", "es"] {
            let texts = of(language);
            for (template, key) in REASONS {
                let text = texts.find(&format!("why.{key}"));
                let text = text.unwrap_or_else(|| panic!("{language}: why.{key}"));
                for place in text.split('{').skip(1) {
                    let place = place.split_once('}').unwrap().0;
                    let has = template.contains(&format!("{{{place}}}"));
                    assert!(has, "{language}: why.{key} has {place}, {template} has not");
                }
            }
        }
    }

    #[test]
    fn all_that_can_be_wrong_with_a_topic_is_told_in_the_language() {
        use vitrine_packet::topic::{validate_filter, validate_name};

        let long = "x".repeat(65_536);
        let filters = [
            "",
            &long,
            "a\0",
            "#/a",
            "a#",
            "a+",
            "$share/+/a",
            "$share/g",
        ];
        let mut told = filters
            .map(|filter| validate_filter(filter).unwrap_err())
            .to_vec();
        told.push(validate_name("a/#").unwrap_err());
        assert_eq!(told.len(), TOPICS.len());
        for error in told {
            let why = of("es").of_topic(&error.to_string());
            assert!(
                !why.contains("(character") && !why.contains(error.kind.words()),
                "{why}"
            );
            assert!(why.ends_with(&format!(" [{}]", error.statement)), "{why}");
        }
    }

    #[test]
    fn a_reason_is_told_in_the_language_with_what_it_speaks_of() {
        let texts = of("pt");
        let why =
            texts.why("the topic is not valid: `+` and `#` may be in a Topic Filter only (character 5) [MQTT-4.7.0-1]");
        for part in ["caractere 5", "+ e #", "[MQTT-4.7.0-1]"] {
            assert!(why.contains(part), "{why}");
        }
        let why = texts.why(
            "\"a/#/b\" is no Topic Filter: `#` must be the last level (character 3) [MQTT-4.7.1-1]",
        );
        assert!(why.contains("\"a/#/b\"") && why.contains("último"), "{why}");
        let why = texts.why("\"aluno 1\" cannot be the name of a client: letters, and so on");
        assert!(
            why.contains("\"aluno 1\"") && why.contains("espaço"),
            "{why}"
        );
    }

    /// What the crates below say of common mistakes: should they say it otherwise one day, the page must know.
    fn said() -> Vec<String> {
        use vitrine_access::Settings;
        use vitrine_client::Refused;
        use vitrine_lab::{ClientSetup, Link};
        use vitrine_packet::topic::{validate_filter, validate_name};
        use vitrine_scope::Reel;

        let rule = |rule: &str| format!("[access]\ndefault = \"deny\"\n[[access.rules]]\n{rule}\n");
        let toml = [
            "[access\n",
            "[[access.rules]\n",
            "[access]\ndefault = deny\n",
            "[access]\ndefault =\n",
            "[access]\ndefault = \"deny\n",
            "[access]\ndefault = 'deny\n",
            "[access]\ndefault = \"\"\"deny\n",
            "[access]\ndefault = '''deny\n",
            "[access]\ndefault = \"a\\q\"\n",
            "[access]\ndefault: \"deny\"\n",
            "[access]\n// deny\n",
            "[access]\n= \"deny\"\n",
            "[access]\npadrão = \"deny\"\n",
            "[access] default = \"deny\"\n",
            "[access]\ndefault = \"deny\";\n",
            "[access]\ndefault = \"deny\"\ndefault = \"allow\"\n",
            "[[access.rules]]\nallow = [\"publish\" \"receive\"]\n",
            "[[access.rules]]\nallow = [\"publish\"\ntopics = \"a\"\n",
            "[[access.rules]]\nallow = [\"publish\",\n",
            "[access]\nanonymous = True\n",
        ];
        let toml = toml.map(|text| Settings::from_toml(text).unwrap_err().message);
        let elsewhere = Settings::from_own_toml("[acess]\n").unwrap_err().message;
        let recordings = [
            &b""[..],
            b"\xff\n",
            b"\x0a\x0d\x0d\x0a",
            b"<b>no recording</b>",
            b"{\"format\":\"vitrine-recording\",\"version\":9}",
            b"{\"format\":\"vitrine-recording\",\"version\":1,\"written\":0,\"prologue\":1,\"missing\":0}",
            b"{\"format\":\"vitrine-recording\",\"version\":1,\"written\":0,\"prologue\":0,\"missing\":0}\n{\"at\":1,\"ev",
        ];
        let recordings = recordings.map(|file| match Reel::read(file) {
            Ok(_) => panic!("it is none"),
            Err(error) => format!("the recording {}", error.why),
        });
        let rules = [
            "[access]\nanonymous = 1\n".to_owned(),
            "[access]\ndefault = \"maybe\"\n".to_owned(),
            "[access]\nnobody = true\n".to_owned(),
            "[access]\nrules = 1\n".to_owned(),
            "access = 1\n".to_owned(),
            "[access]\n[[access.rules]]\nallow = \"all\"\ntopics = \"a\"\n".to_owned(),
            rule("topics = \"a\""),
            rule("allow = \"all\""),
            rule("allow = \"all\"\ndeny = \"all\"\ntopics = \"a\""),
            rule("allow = \"write\"\ntopics = \"a\""),
            rule("allow = []\ntopics = \"a\""),
            rule("allow = 1\ntopics = \"a\""),
            rule("allow = \"all\"\ntopics = \"a/#/b\""),
            rule("allow = \"all\"\ntopics = \"$share/g/a\""),
        ];
        let rules = rules.map(|text| Settings::from_toml(&text).unwrap_err().message);
        let names = ["client \"a b\"", "client broker", "client a@b"];
        let names = names.map(|line| ClientSetup::parse(line).unwrap_err().why);
        let links = ["x", "1AAAA", "9AAAA"].map(|code| Link::decode(code).unwrap_err().why);
        let refused = [
            Refused::TopicName(validate_name("a/#").unwrap_err()),
            Refused::TopicFilter(0, validate_filter("a/#/b").unwrap_err()),
            Refused::TooLarge,
            Refused::QueueFull,
            Refused::TooManyRequests,
            Refused::NotConnected,
        ];
        let refused = refused.map(|why| why.to_string());
        [
            &toml[..],
            &[elsewhere],
            &recordings[..],
            &rules[..],
            &names[..],
            &links[..],
            &refused[..],
        ]
        .concat()
    }

    #[test]
    fn what_the_crates_below_say_is_known_in_every_language() {
        for language in ["pt", "es"] {
            let texts = of(language);
            for reason in said() {
                let why = texts.why(&reason);
                assert_ne!(why, reason, "{language}");
                assert!(!why.contains('{') && !why.contains("character"), "{why}");
            }
        }
    }

    #[test]
    fn what_is_wrong_in_a_line_of_a_recording_is_told_without_english() {
        use vitrine_scope::Reel;

        let head =
            r#"{"format":"vitrine-recording","version":1,"written":0,"prologue":0,"missing":0}"#;
        let lines = [
            (r#"{"at":1,"ev"#, "JSON"),
            ("[1]", "JSON"),
            (r#"{"event":"access"}"#, "`at`"),
            (r#"{"at":1}"#, "`event`"),
            (r#"{"at":"now","event":"access"}"#, "`at`"),
            (
                r#"{"at":1,"event":"flood","number":1,"cause":1}"#,
                "\"flood\"",
            ),
            (
                r#"{"at":1,"event":"received","number":1,"cause":1,"connection":1,"version":5,"bytes":"ff"}"#,
                "`bytes`",
            ),
            (
                r#"{"at":1,"event":"unsubscribed","number":1,"cause":1,"client":"c","filter":"a/#/b"}"#,
                "\"a/#/b\"",
            ),
            (
                r#"{"at":1,"event":"access","anonymous":true,"default_allow":true,"users":[],"rules":[{"publish":true,"subscribe":false,"receive":false,"name":"r","allow":true,"filter":"a/#/b"}]}"#,
                "reg",
            ),
        ];
        let mut files = lines
            .map(|(line, names)| (format!("{head}\n{line}\n"), names))
            .to_vec();
        files.push((head.replace("\"missing\"", "\"gone\""), "`missing`"));
        files.push((head.replace('}', ",\"more\":1}"), "`more`"));
        for (file, names) in files {
            let why = Reel::read(file.as_bytes()).expect_err(&file).why;
            for language in ["pt", "es"] {
                let told = of(language).why(&format!("the recording {why}"));
                assert!(told.contains(names), "{language}: {told}");
                // What stands in backticks or quotes is the file's.
                let own = told.split(['`', '"']).step_by(2);
                for word in own.flat_map(|it| it.split(|c: char| !c.is_alphabetic())) {
                    let english = [
                        "at", "be", "are", "event", "has", "is", "it", "known", "missing", "not",
                        "object", "of", "rule", "that", "the", "there", "to", "while",
                    ];
                    assert!(!english.contains(&word), "{language}: {word} in {told}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_stays_as_it_came() {
        let texts = of("es");
        for reason in ["", "the moon is full", "filter  is not valid: ", "write "] {
            assert_eq!(texts.why(reason), reason.trim());
        }
    }

    #[test]
    fn a_place_holds_what_stands_between_its_neighbours() {
        assert_eq!(
            places("{a} is {b}: {c}", "x is y: z: w"),
            Some(vec![("a", "x"), ("b", "y"), ("c", "z: w")])
        );
        assert_eq!(places("plain", "plain"), Some(vec![]));
        assert_eq!(places("plain", "plainer"), None);
        assert_eq!(places("{a}!", "!"), None);
        assert_eq!(places("{a}!", "no"), None);
    }
}
