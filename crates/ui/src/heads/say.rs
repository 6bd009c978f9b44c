//! What a fact is called, what goes together, and what is shown where not everything fits.

use vitrine_link::{Fact, Head, PacketType};

use crate::flow::packet_name;
use crate::sign::IconName;
use crate::text::Texts;

/// What stands together, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Handshakes that are under way.
    Handshakes,
    /// What waits for its turn.
    Queue,
    /// Sessions, subscriptions, aliases.
    Session,
    /// Retained Messages.
    Retained,
    /// Wills.
    Wills,
    /// Timers.
    Timers,
}

impl Group {
    pub(super) const ALL: [Self; 6] = [
        Self::Handshakes,
        Self::Queue,
        Self::Session,
        Self::Retained,
        Self::Wills,
        Self::Timers,
    ];

    /// Its name in the keys of the texts.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Handshakes => "handshakes",
            Self::Queue => "queue",
            Self::Session => "session",
            Self::Retained => "retained",
            Self::Wills => "wills",
            Self::Timers => "timers",
        }
    }

    pub(super) fn of(fact: &Fact) -> Self {
        match fact.kind.as_str() {
            "queued" => Self::Queue,
            "session" | "subscription" | "alias" => Self::Session,
            "retained" => Self::Retained,
            "will" => Self::Wills,
            "timer" => Self::Timers,
            // `message`, `packet-id`, `request`, and whatever a later worker may tell.
            _ => Self::Handshakes,
        }
    }
}

/// The Client Identifier of a head, by which the page selects it; of a broker that nobody can stop each is called so.
pub(super) fn id(head: &Head) -> &str {
    if head.id.is_empty() {
        &head.who
    } else {
        &head.id
    }
}

/// The sign before a fact.
pub(super) fn icon(kind: &str) -> IconName {
    match kind {
        "queued" => IconName::Queue,
        "request" => IconName::Redeliver,
        "session" => IconName::Clients,
        "subscription" => IconName::Match,
        "retained" => IconName::Pin,
        "will" => IconName::Envelope,
        "timer" => IconName::Clock,
        "alias" => IconName::Tag,
        _ => IconName::Box,
    }
}

/// The key of the sentence that tells the fact. Its places: `id` (with the words around it), `packet`, `name`, `value`,
/// `span`.
pub(super) fn key(texts: &Texts, fact: &Fact) -> String {
    let until = if fact.waits_for == 0 {
        "connection"
    } else {
        "packet"
    };
    match fact.kind.as_str() {
        kind @ ("message" | "packet-id") => format!("memory.{kind}.{until}"),
        // Not every head knows what was asked for.
        "request" if fact.name.is_empty() => "memory.request".to_owned(),
        "request" => match PacketType::from_bits(fact.waits_for) {
            Some(PacketType::SubAck) => "memory.request.subscribe".to_owned(),
            Some(PacketType::UnsubAck) => "memory.request.unsubscribe".to_owned(),
            _ => "memory.request".to_owned(),
        },
        "session" => match fact.value.parse() {
            Ok(0_u32) => "memory.session.ends".to_owned(),
            Ok(u32::MAX) => "memory.session.never".to_owned(),
            Ok(_) => "memory.session.span".to_owned(),
            Err(_) => "memory.session".to_owned(),
        },
        "timer" => {
            let key = format!("memory.timer.{}", fact.name);
            match (texts.find(&key), fact.fires_in) {
                (_, None) => "memory.timer.stopped".to_owned(),
                (Some(_), _) => key,
                (None, _) => "memory.timer".to_owned(),
            }
        }
        // Live nobody tells which topic it has.
        "will" if fact.name.is_empty() => "memory.will.armed".to_owned(),
        kind @ ("queued" | "subscription" | "retained" | "will" | "alias") => {
            format!("memory.{kind}")
        }
        _ => "memory.other".to_owned(),
    }
}

/// The fact in one plain sentence.
pub(super) fn sentence(texts: &Texts, fact: &Fact) -> String {
    let id = fact.packet_id.map(|id| id.to_string()).unwrap_or_default();
    let message = match fact.packet_id {
        Some(id) => texts.fill("memory.the-message", &[("id", &id)]),
        None => texts.get("memory.a-message"),
    };
    let mut out = texts.fill(
        &key(texts, fact),
        &[
            ("message", &message),
            ("id", &id),
            ("packet", &packet_name(fact.waits_for)),
            ("name", &fact.name),
            ("value", &fact.value),
            ("span", &spans(texts, fact)),
        ],
    );
    if !fact.of.is_empty() {
        let whose = format!("memory.{}", direction(fact));
        out = format!("{} {out}", texts.fill(&whose, &[("client", &fact.of)]));
    }
    out
}

/// How long until the timer fires, or how long the session lasts.
pub(super) fn spans(texts: &Texts, fact: &Fact) -> String {
    match (fact.fires_in, fact.value.parse::<u32>()) {
        (Some(milliseconds), _) => span(texts, milliseconds),
        (None, Ok(seconds)) => span(texts, f64::from(seconds) * 1000.0),
        (None, Err(_)) => String::new(),
    }
}

/// How a fact of the broker's relates to its client: `to` for what goes there, `of` for what came from there or is its.
pub(super) fn direction(fact: &Fact) -> &'static str {
    match (fact.kind.as_str(), PacketType::from_bits(fact.waits_for)) {
        // PUBREL ends what the broker received.
        ("message" | "packet-id", Some(PacketType::PubRel)) => "of",
        ("message" | "packet-id" | "queued" | "request", _) => "to",
        _ => "of",
    }
}

/// A topic in little room: whole, or its last levels.
pub(super) fn tail(topic: &str) -> String {
    const ROOM: usize = 18;
    let mut out = topic;
    while out.chars().count() > ROOM {
        match out.split_once('/') {
            Some((_, rest)) => out = rest,
            None => {
                // One long level: its end says no more than its beginning.
                let cut: String = out.chars().take(ROOM).collect();
                return format!("{cut}…");
            }
        }
    }
    if out.len() == topic.len() {
        out.to_owned()
    } else {
        format!("…/{out}")
    }
}

/// What the last step did to a fact: the sign, and the word's key.
pub(super) fn change(change: &str) -> Option<(&'static str, &'static str)> {
    match change {
        "new" => Some(("+", "memory.new")),
        "changed" => Some(("≠", "memory.changed")),
        "gone" => Some(("−", "memory.gone")),
        _ => None,
    }
}

/// Which of `facts` are shown where `room` of them fit: what the last step changed goes before the rest, and all keep
/// their order.
pub(super) fn fitting<'a>(facts: &[&'a Fact], room: usize) -> Vec<&'a Fact> {
    let mut places: Vec<usize> = (0..facts.len()).collect();
    places.sort_by_key(|at| facts[*at].change.is_empty());
    places.truncate(room);
    places.sort_unstable();
    places.into_iter().map(|at| facts[at]).collect()
}

/// A span of time until something happens, from milliseconds: as exact as somebody wants to know.
pub(super) fn span(texts: &Texts, milliseconds: f64) -> String {
    let milliseconds = milliseconds.max(0.0);
    if milliseconds < 999.5 {
        return texts.fill("span.milliseconds", &[("n", &milliseconds.round())]);
    }
    let seconds = milliseconds / 1000.0;
    if seconds < 59.95 {
        let whole = (seconds - seconds.round()).abs() < 0.05;
        let n = texts.decimal(seconds, usize::from(!whole));
        return texts.fill("span.seconds", &[("n", &n)]);
    }
    let seconds = seconds.round() as u64;
    let (large, small, parts) = match seconds {
        0..3600 => ("span.minutes", "span.seconds", 60),
        3600..86_400 => ("span.hours", "span.minutes", 3600),
        _ => ("span.days", "span.hours", 86_400),
    };
    let rest = (seconds % parts)
        / match parts {
            60 => 1,
            3600 => 60,
            _ => 3600,
        };
    let first = texts.fill(large, &[("n", &texts.whole(seconds / parts))]);
    match rest {
        0 => first,
        rest => format!("{first} {}", texts.fill(small, &[("n", &rest)])),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::text::LANGUAGES;

    pub(in crate::heads) fn texts(language: &str) -> Texts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../web/locales/{language}.json"));
        let entries: BTreeMap<_, _> =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Texts::new(language, entries)
    }

    pub(in crate::heads) fn fact(kind: &str) -> Fact {
        Fact {
            kind: kind.into(),
            ..Fact::default()
        }
    }

    #[test]
    fn every_fact_has_a_sentence_in_every_language() {
        let kinds = [
            "message",
            "packet-id",
            "queued",
            "request",
            "session",
            "subscription",
            "retained",
            "will",
            "timer",
            "alias",
            "something-new",
        ];
        let timers = [
            "ConnectTimeout",
            "KeepAlive",
            "WillDelay",
            "SessionExpiry",
            "MessageExpiry",
            "Linger",
            "Sys",
            "PingTimeout",
            "Resend",
            "Reconnect",
            "Unheard",
        ];
        for (language, _) in LANGUAGES {
            let texts = texts(language);
            for kind in kinds {
                for waits_for in 0..=15 {
                    for value in ["", "0", "30", "4294967295"] {
                        for name in timers {
                            for fires_in in [None, Some(1.0)] {
                                let fact = Fact {
                                    waits_for,
                                    value: value.into(),
                                    name: name.into(),
                                    fires_in,
                                    ..fact(kind)
                                };
                                let key = key(&texts, &fact);
                                assert!(texts.find(&key).is_some(), "{language}: {key}");
                            }
                        }
                    }
                }
            }
            for group in Group::ALL {
                let key = format!("memory.group.{}", group.key());
                assert!(texts.find(&key).is_some(), "{language}: {key}");
            }
            for state in [
                "connected",
                "connecting",
                "waiting",
                "offline",
                "down",
                "up",
                "held.up",
                "held.down",
            ] {
                let key = format!("memory.state.{state}");
                assert!(texts.find(&key).is_some(), "{language}: {key}");
            }
            for timer in &timers[..10] {
                let key = format!("memory.timer.{timer}");
                let text = texts.find(&key).unwrap();
                assert!(text.contains("{span}"), "{language}: {key}: {text}");
            }
        }
    }

    #[test]
    fn a_sentence_names_all_that_belongs_to_it() {
        let texts = texts("pt");
        let message = Fact {
            of: "painel".into(),
            packet_id: Some(7),
            waits_for: 4,
            ..fact("message")
        };
        assert_eq!(
            sentence(&texts, &message),
            "para painel: guarda a mensagem 7 até receber PUBACK"
        );
        let timer = Fact {
            name: "KeepAlive".into(),
            fires_in: Some(42_000.0),
            ..fact("timer")
        };
        assert!(sentence(&texts, &timer).contains("42 s"));
        let will = Fact {
            of: "painel".into(),
            ..fact("will")
        };
        assert!(!sentence(&texts, &will).contains('{'));
    }

    #[test]
    fn what_changed_is_shown_before_what_did_not() {
        let facts: Vec<_> = ["", "", "new", "", "gone"]
            .iter()
            .enumerate()
            .map(|(at, change)| Fact {
                name: at.to_string(),
                change: (*change).into(),
                ..fact("queued")
            })
            .collect();
        let all: Vec<_> = facts.iter().collect();
        let names = |room| {
            fitting(&all, room)
                .iter()
                .map(|fact| fact.name.clone())
                .collect::<String>()
        };
        assert_eq!(names(9), "01234");
        assert_eq!(names(3), "024");
        assert_eq!(names(2), "24");
        assert_eq!(names(0), "");
    }

    #[test]
    fn a_span_is_as_exact_as_it_is_near() {
        let texts = texts("pt");
        for (milliseconds, words) in [
            (-3.0, "0 ms"),
            (5.0, "5 ms"),
            (999.9, "1 s"),
            (1500.0, "1,5 s"),
            (42_000.0, "42 s"),
            (59_990.0, "1 min"),
            (90_000.0, "1 min 30 s"),
            (3_600_000.0, "1 h"),
            (5_400_000.0, "1 h 30 min"),
            (90_000_000.0, "1 d 1 h"),
        ] {
            assert_eq!(span(&texts, milliseconds), words, "{milliseconds}");
        }
    }

    #[test]
    fn a_topic_keeps_its_last_levels() {
        assert_eq!(tail("area/10/estado"), "area/10/estado");
        assert_eq!(
            tail("area/10/sensor/5000/temperatura"),
            "…/5000/temperatura"
        );
        assert_eq!(tail(&"é".repeat(30)), format!("{}…", "é".repeat(18)));
        assert_eq!(tail(""), "");
    }

    #[test]
    fn pubrel_ends_what_the_broker_received_and_all_else_what_it_sends() {
        let broker = |waits_for| Fact {
            waits_for,
            ..fact("packet-id")
        };
        assert_eq!(direction(&broker(6)), "of");
        assert_eq!(direction(&broker(7)), "to");
        assert_eq!(direction(&fact("subscription")), "of");
    }
}
