//! What is done in the lab, in its own language: what a click sends, and what a link is made of.

/// Which way.
pub(crate) fn way(to_broker: bool) -> &'static str {
    if to_broker { "up" } else { "down" }
}

/// A word as the language wants it: in quotes where it holds more than a plain name does.
pub(crate) fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:$+%@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    quoted(text)
}

/// Words that a line of the language may begin with: no client is called so. The page cannot reach the lab's crate, which has
/// the same; a test holds them together.
const RESERVED: [&str; 19] = [
    "broker",
    "client",
    "start",
    "user",
    "anonymous",
    "rule",
    "default",
    "sleep",
    "clock",
    "wait",
    "pause",
    "ping",
    "auth",
    "end",
    "road",
    "lesson",
    "beside",
    "show",
    "until",
];

/// Whether a client can be called so in the language: its name stands there without quotes.
pub(crate) fn is_name(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\"\\=#@".contains(c);
    !text.is_empty() && text.len() <= 200 && !text.contains(odd) && !RESERVED.contains(&text)
}

/// A client's name as the language wants it.
pub(crate) fn name(text: &str) -> String {
    if is_name(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02X}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A Topic Filter or Topic Name: `#` would begin a comment.
pub(crate) fn topic(text: &str) -> String {
    if text.contains('#') && !text.contains(char::is_whitespace) && !text.contains('"') {
        // `#` begins a comment only where a word begins.
        return if text.starts_with('#') {
            quoted(text)
        } else {
            text.to_owned()
        };
    }
    word(text)
}

/// `painel publish area/10 "21.5" qos=1 retain`.
pub(crate) fn publish(client: &str, called: &str, payload: &str, qos: u8, retain: bool) -> String {
    let retain = if retain { " retain" } else { "" };
    format!(
        "{} publish {} {} qos={qos}{retain}",
        name(client),
        topic(called),
        quoted(payload)
    )
}

/// `painel subscribe area/# qos=1`.
pub(crate) fn subscribe(client: &str, filter: &str, qos: u8) -> String {
    format!("{} subscribe {} qos={qos}", name(client), topic(filter))
}

/// `painel unsubscribe area/#`.
pub(crate) fn unsubscribe(client: &str, filter: &str) -> String {
    format!("{} unsubscribe {}", name(client), topic(filter))
}

/// `painel cut up+1 before`: the link breaks at a packet.
pub(crate) fn cut_at(client: &str, to_broker: bool, index: u32, after: bool) -> String {
    let point = if after { "after" } else { "before" };
    format!("{} cut {}+{index} {point}", name(client), way(to_broker))
}

/// `painel hold down+0`: packets wait from this one on.
pub(crate) fn hold(client: &str, to_broker: bool, index: u32) -> String {
    format!("{} hold {}+{index}", name(client), way(to_broker))
}

/// `painel release down`.
pub(crate) fn release(client: &str, to_broker: bool) -> String {
    format!("{} release {}", name(client), way(to_broker))
}

/// `painel crash memory`, and whatever else is one verb.
pub(crate) fn verb(client: &str, verb: &str) -> String {
    format!("{} {verb}", name(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_reserves_the_same_words() {
        assert_eq!(RESERVED, vitrine_lab::RESERVED);
    }

    #[test]
    fn what_a_click_sends() {
        assert_eq!(
            publish("sensor-5000", "area/10/t", "21.5", 1, true),
            "sensor-5000 publish area/10/t \"21.5\" qos=1 retain"
        );
        assert_eq!(cut_at("painel", true, 0, false), "painel cut up+0 before");
        assert_eq!(cut_at("painel", false, 2, true), "painel cut down+2 after");
        assert_eq!(hold("painel", false, 1), "painel hold down+1");
        assert_eq!(
            subscribe("painel", "area/#", 2),
            "painel subscribe area/# qos=2"
        );
        assert_eq!(subscribe("painel", "#", 0), "painel subscribe \"#\" qos=0");
        assert_eq!(verb("painel", "crash memory"), "painel crash memory");
    }

    #[test]
    fn what_is_no_plain_name_stands_in_quotes() {
        assert_eq!(word("a b"), "\"a b\"");
        assert_eq!(word(""), "\"\"");
        assert_eq!(name("aluno(1)é"), "aluno(1)é");
        for odd in [
            "aluno 1", "a\"b", "a\\b", "a=b", "#", "a@b", "", "broker", "a\nb",
        ] {
            assert!(!is_name(odd), "{odd}");
        }
        assert_eq!(quoted("a\"b\\c\nd\u{1}é"), "\"a\\\"b\\\\c\\nd\\x01é\"");
    }
}
