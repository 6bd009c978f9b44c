//! Topic Names and Topic Filters: section 4.7 of both standards, 4.8.2 of 5.0.

use proptest::prelude::*;
use vitrine_packet::ProtocolVersion::{V3_1_1, V5};
use vitrine_packet::topic::{
    Verdict, explain, matches, parse_share, strip_share, validate_filter, validate_filter_for,
    validate_name, validate_name_for,
};

use crate::body;

/// Section 4.7 and its examples.
#[test]
fn matching() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("a", &["a"], &["A", "a/", "/a", "aa", "a/b"]),
        (
            "sport/tennis/player1/#",
            &[
                "sport/tennis/player1",
                "sport/tennis/player1/ranking",
                "sport/tennis/player1/score/wimbledon",
                "sport/tennis/player1/",
            ],
            &[
                "sport/tennis/player2",
                "sport/tennis/player10",
                "sport/tennis",
            ],
        ),
        (
            "sport/#",
            &["sport", "sport/", "sport/a/b"],
            &["sports", "/sport", "a/sport"],
        ),
        ("#", &["a", "/", "//", "a/b/c", "/finance"], &[]),
        ("/#", &["/", "/a", "//"], &["a", "a/b"]),
        (
            "sport/tennis/+",
            &["sport/tennis/player1", "sport/tennis/"],
            &["sport/tennis", "sport/tennis/a/b"],
        ),
        ("sport/+", &["sport/", "sport/a"], &["sport", "sport/a/"]),
        ("+", &["finance", "a"], &["/finance", "a/", "/"]),
        (
            "+/+",
            &["/finance", "/", "a/b"],
            &["finance", "a/b/c", "//"],
        ),
        ("/+", &["/finance", "/"], &["finance", "/a/b"]),
        (
            "+/tennis/#",
            &["a/tennis", "/tennis", "a/tennis/b/c"],
            &["tennis", "a/b/tennis"],
        ),
        ("a//b", &["a//b"], &["a/b", "a/x/b"]),
        ("a/+/b", &["a//b", "a/x/b"], &["a/b", "a/x/y/b"]),
        ("+/+/+", &["//", "a/b/c"], &["/", "a/b", "a/b/c/d"]),
        ("a/+/#", &["a/b", "a/", "a/b/c"], &["a", "b/a"]),
        ("área/+", &["área/ú"], &["area/u"]),
    ];
    for (filter, hits, misses) in table {
        for topic in *hits {
            assert!(matches(filter, topic), "{filter} matches {topic}");
            assert!(explain(filter, topic).matches, "{filter} matches {topic}");
        }
        for topic in *misses {
            assert!(!matches(filter, topic), "{filter} does not match {topic}");
            assert!(
                !explain(filter, topic).matches,
                "{filter} does not match {topic}"
            );
        }
    }
}

/// 3.1.1: [MQTT-4.7.2-1]
/// 5.0: [MQTT-4.7.2-1]
#[test]
fn leading_wildcards_do_not_match_topics_with_a_dollar() {
    for filter in ["#", "+", "+/#", "+/monitor/Clients", "+/+"] {
        for topic in ["$SYS", "$SYS/monitor/Clients", "$", "$share/a"] {
            assert!(!matches(filter, topic), "{filter} {topic}");
            let explanation = explain(filter, topic);
            assert_eq!(explanation.levels.len(), 1);
            assert_eq!(explanation.levels[0].verdict, Verdict::DollarRule);
        }
    }
    assert!(matches("$SYS/#", "$SYS/monitor/Clients"));
    assert!(matches("$SYS/#", "$SYS"));
    assert!(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
    assert!(matches("+/$SYS", "a/$SYS"), "only the first level counts");
    assert!(matches("#", "a/$SYS"));
}

/// Byte for byte.
///
/// 3.1.1: [MQTT-4.7.3-4]
/// 5.0: [MQTT-4.7.3-4]
#[test]
fn nothing_is_normalized() {
    assert!(!matches("Accounts", "ACCOUNTS"));
    // U+00E9, and `e` with U+0301.
    assert!(!matches("caf\u{E9}", "cafe\u{301}"));
    assert!(!matches("a", "a "));
    assert!(!matches("\u{FEFF}a", "a"));
}

#[test]
fn explanations_go_as_far_as_they_decide() {
    use Verdict::{Different, FilterEnded, Hash, Plus, Same, TopicEnded};
    type Level = (Option<&'static str>, Option<&'static str>, Verdict);
    let table: &[(&str, &str, &[Level])] = &[
        (
            "area/+/#",
            "area/10/sensor/5000",
            &[
                (Some("area"), Some("area"), Same),
                (Some("+"), Some("10"), Plus),
                (Some("#"), Some("sensor/5000"), Hash),
            ],
        ),
        (
            "a/#",
            "a",
            &[(Some("a"), Some("a"), Same), (Some("#"), None, Hash)],
        ),
        (
            "a/b/c",
            "a/x/c",
            &[
                (Some("a"), Some("a"), Same),
                (Some("b"), Some("x"), Different),
            ],
        ),
        (
            "a/+",
            "a",
            &[(Some("a"), Some("a"), Same), (Some("+"), None, TopicEnded)],
        ),
        (
            "a",
            "a/b",
            &[(Some("a"), Some("a"), Same), (None, Some("b"), FilterEnded)],
        ),
        (
            "+/+",
            "/b",
            &[(Some("+"), Some(""), Plus), (Some("+"), Some("b"), Plus)],
        ),
    ];
    for (filter, topic, levels) in table {
        let explanation = explain(filter, topic);
        let got: Vec<_> = explanation
            .levels
            .iter()
            .map(|level| (level.filter, level.topic, level.verdict))
            .collect();
        assert_eq!(&got, levels, "{filter} {topic}");
    }
}

/// 3.1.1: [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
/// 5.0: [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
#[test]
fn filters() {
    for good in [
        "#",
        "+",
        "/",
        "//",
        "/#",
        "/+",
        "+/+",
        "a/#",
        "a/+/#",
        "+/a/+",
        "a b",
        "é/+",
        "$SYS/#",
        "$share/g/#",
        "$share/g//",
        "$share/g/a/b",
        "$shared/x",
        "$share2",
        "share/+/#",
    ] {
        assert_eq!(validate_filter(good), Ok(()), "{good}");
    }
    let bad = [
        ("", "empty", 0, 0, "MQTT-4.7.3-1"),
        ("a\0b", "nul", 1, 1, "MQTT-4.7.3-2"),
        ("a/#/b", "hash-not-last", 2, 2, "MQTT-4.7.1-1"),
        ("#/", "hash-not-last", 0, 0, "MQTT-4.7.1-1"),
        ("#/#", "hash-not-last", 0, 0, "MQTT-4.7.1-1"),
        ("sport/tennis#", "hash-not-alone", 12, 12, "MQTT-4.7.1-1"),
        ("#a", "hash-not-alone", 0, 0, "MQTT-4.7.1-1"),
        ("##", "hash-not-alone", 0, 0, "MQTT-4.7.1-1"),
        ("+#", "plus-not-alone", 0, 0, "MQTT-4.7.1-2"),
        ("sport+", "plus-not-alone", 5, 5, "MQTT-4.7.1-2"),
        ("é/ü/a+/b", "plus-not-alone", 5, 7, "MQTT-4.7.1-2"),
        ("+a", "plus-not-alone", 0, 0, "MQTT-4.7.1-2"),
        ("a/++/b", "plus-not-alone", 2, 2, "MQTT-4.7.1-2"),
        ("$share", "share-name", 6, 6, "MQTT-4.8.2-1"),
        ("$share/", "share-name", 7, 7, "MQTT-4.8.2-1"),
        ("$share//a", "share-name", 7, 7, "MQTT-4.8.2-1"),
        ("$share/+/a", "share-name", 7, 7, "MQTT-4.8.2-1"),
        ("$share/g#/a", "share-name", 8, 8, "MQTT-4.8.2-1"),
        ("$share/g\0/a", "nul", 8, 8, "MQTT-4.7.3-2"),
        ("$share/g", "share-filter", 8, 8, "MQTT-4.8.2-2"),
        ("$share/g/", "share-filter", 9, 9, "MQTT-4.8.2-2"),
        ("$share/é/a#", "hash-not-alone", 10, 11, "MQTT-4.7.1-1"),
    ];
    for (filter, code, at_char, at_byte, statement) in bad {
        let error = validate_filter(filter).expect_err(filter);
        assert_eq!(
            (
                error.kind.code(),
                error.at_char,
                error.at_byte,
                error.statement
            ),
            (code, at_char, at_byte, statement),
            "{filter}"
        );
    }
    let told = |filter| validate_filter(filter).expect_err(filter).to_string();
    assert_eq!(
        told("é/#/b"),
        "`#` must be the last level (character 3) [MQTT-4.7.1-1]"
    );
    assert_eq!(told(""), "it is empty [MQTT-4.7.3-1]");
    let statement = |filter| validate_filter_for(filter, V3_1_1).map_err(|error| error.statement);
    assert_eq!(statement("a#"), Err("MQTT-4.7.1-2"));
    assert_eq!(statement("a+"), Err("MQTT-4.7.1-3"));
    assert_eq!(statement("$share/g"), Ok(()));
}

/// 3.1.1: [MQTT-4.7.1-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
/// 5.0: [MQTT-4.7.0-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
#[test]
fn names() {
    for good in [
        "a",
        "/",
        "//",
        " ",
        "a/b/",
        "$SYS/x",
        "$share/g/a",
        "\u{10FFFF}",
    ] {
        assert_eq!(validate_name(good), Ok(()), "{good}");
    }
    for (name, code, at_char, old, new) in [
        ("", "empty", 0, "MQTT-4.7.3-1", "MQTT-4.7.3-1"),
        ("éé\0", "nul", 2, "MQTT-4.7.3-2", "MQTT-4.7.3-2"),
        (
            "a/+/b",
            "wildcard-in-topic",
            2,
            "MQTT-4.7.1-1",
            "MQTT-4.7.0-1",
        ),
        ("é#", "wildcard-in-topic", 1, "MQTT-4.7.1-1", "MQTT-4.7.0-1"),
    ] {
        for (version, statement) in [(V3_1_1, old), (V5, new)] {
            let error = validate_name_for(name, version).expect_err(name);
            assert_eq!(
                (error.kind.code(), error.at_char, error.statement),
                (code, at_char, statement)
            );
        }
    }
}

/// 3.1.1: [MQTT-4.7.3-3]
/// 5.0: [MQTT-4.7.3-3]
#[test]
fn lengths() {
    let longest = "x".repeat(65_535);
    assert_eq!(validate_name(&longest), Ok(()));
    assert_eq!(validate_filter(&longest), Ok(()));
    // Two bytes a character: the limit falls inside one.
    let longer = "é".repeat(32_768);
    for error in [validate_name(&longer), validate_filter(&longer)] {
        let error = error.expect_err("it is too long");
        assert_eq!(
            (error.kind.code(), error.statement),
            ("too-long", "MQTT-4.7.3-3")
        );
        assert_eq!((error.at_char, error.at_byte), (32_767, 65_534));
    }
}

#[test]
fn share_names() {
    assert_eq!(parse_share("$share/group/a/+"), Some(("group", "a/+")));
    assert_eq!(parse_share("$share/group//"), Some(("group", "/")));
    assert_eq!(parse_share("share/group/a"), None);
    assert_eq!(parse_share("$share/group"), None);
    for unshared in ["$share//b", "$share/+/b", "$share/#/b", "$share/group/"] {
        assert_eq!(parse_share(unshared), None);
        assert_eq!(strip_share(unshared), unshared);
    }
    assert_eq!(strip_share("$share/group/a/+"), "a/+");
    assert_eq!(strip_share("a/+"), "a/+");
}

fn levels(level: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(level, 1..5).prop_map(|levels| levels.join("/"))
}

proptest! {
    /// Matching and explaining say what a plain comparison of levels says.
    #[test]
    fn matching_is_what_the_standard_says(
        filter in levels(r"[ab+]|\+|#|\$|"),
        topic in levels(r"[ab]|\$a|é|"),
    ) {
        let bytes = [filter.as_bytes(), topic.as_bytes()].concat();
        body::topics_at(&bytes, filter.len());
    }

    /// Text is accepted as a Topic Name unless it has U+0000 or a wildcard, wherever it stands.
    #[test]
    fn names_are_text_without_nul_and_wildcards(topic in "[a-c/]{0,20}[\0+#é]?[a-c/]{0,20}") {
        let valid = !topic.is_empty() && !topic.contains(['\0', '+', '#']);
        prop_assert_eq!(validate_name(&topic).is_ok(), valid);
        if let Err(error) = validate_name(&topic) {
            prop_assert_eq!(topic.find(['\0', '+', '#']).unwrap_or(0), error.at_byte);
        }
    }
}
