//! What happens in the lab, in sentences.

use vitrine_link::{Coming, Outside, PacketRow};

use crate::flow::packet_name;
use crate::text::Texts;

/// Time since the world began, from milliseconds: `1:02.500`.
pub(crate) fn since(milliseconds: f64) -> String {
    let whole = milliseconds.max(0.0).round() as u64;
    let (seconds, thousandths) = (whole / 1000, whole % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes {
        0..60 => format!("{minutes}:{seconds:02}.{thousandths:03}"),
        _ => {
            let (hours, minutes) = (minutes / 60, minutes % 60);
            format!("{hours}:{minutes:02}:{seconds:02}.{thousandths:03}")
        }
    }
}

/// How long something lasts, from milliseconds, in one unit.
pub(crate) fn lasts(texts: &Texts, milliseconds: f64) -> String {
    let ms = milliseconds.max(0.0);
    if ms < 1000.0 {
        return texts.fill("lab.span.ms", &[("n", &(ms.round() as u64))]);
    }
    if ms < 60_000.0 && (ms / 1000.0).fract() > 0.05 {
        return texts.fill("span.seconds", &[("n", &texts.decimal(ms / 1000.0, 1))]);
    }
    let seconds = (ms / 1000.0).round() as u64;
    match seconds {
        0..120 => texts.fill("span.seconds", &[("n", &seconds)]),
        120..3600 => texts.fill("span.minutes", &[("n", &(seconds / 60))]),
        3600..172_800 => {
            let decimals = usize::from(!seconds.is_multiple_of(3600));
            let hours = texts.decimal(seconds as f64 / 3600.0, decimals);
            texts.fill("span.hours", &[("n", &hours)])
        }
        _ => texts.fill("span.days", &[("n", &(seconds / 86_400))]),
    }
}

/// A packet by its name, with what tells it from others.
pub(crate) fn packet(packet: &PacketRow) -> String {
    let name = packet_name(packet.packet_type);
    match packet.packet_id {
        Some(id) => format!("{name} {id}"),
        None => name.to_owned(),
    }
}

/// Why something fires by itself, in the words of the texts; the code's own word where there are none.
pub(crate) fn timer(texts: &Texts, reason: &str) -> String {
    texts
        .find(&format!("timer.{reason}"))
        .unwrap_or(reason)
        .to_owned()
}

/// What the next step will be.
pub(crate) fn coming(texts: &Texts, next: &Coming) -> String {
    let client = &next.client;
    match next.kind.as_str() {
        "arrival" => {
            let what = next
                .packet
                .as_ref()
                .map_or_else(|| texts.get("coming.bytes"), |arriving| packet(arriving));
            let key = if next.to_broker {
                "coming.arrival-broker"
            } else {
                "coming.arrival-client"
            };
            texts.fill(key, &[("packet", &what), ("client", client)])
        }
        "opening" => texts.fill("coming.opening", &[("client", client)]),
        "closing" if next.to_broker => texts.fill("coming.closing-broker", &[("client", client)]),
        "closing" => texts.fill("coming.closing-client", &[("client", client)]),
        "broker-deadline" | "client-deadline" => {
            // What is silence to the broker is the client's time to speak.
            let reason = match (next.kind.as_str(), next.what.as_str()) {
                ("client-deadline", "KeepAlive") => texts.get("timer.client-keep-alive"),
                (_, what) => timer(texts, what),
            };
            if client.is_empty() {
                texts.fill("coming.deadline-broker", &[("timer", &reason)])
            } else {
                texts.fill("coming.deadline", &[("timer", &reason), ("client", client)])
            }
        }
        "commit" => texts.get("coming.commit"),
        "entry" => texts.get("coming.entry"),
        "act" => act(texts, &next.what),
        _ => next.what.clone(),
    }
}

/// What was or will be done by somebody, told in the lab's language, in words where those are known.
pub(crate) fn act(texts: &Texts, what: &str) -> String {
    let words: Vec<_> = what.split_whitespace().collect();
    let [who, verb, rest @ ..] = words.as_slice() else {
        return what.to_owned();
    };
    // `sleep 1h`, `clock +10s`, `wait 2s`: the first word is no name.
    if rest.is_empty()
        && let Some(words) = texts.find(&format!("act-alone.{who}"))
    {
        return words.replace("{n}", verb);
    }
    let first = rest.first().copied().unwrap_or_default();
    let key = match (*verb, first) {
        ("cut", "") => "done.cut".to_owned(),
        ("cut", _) if rest.contains(&"after") => "done.cut-after".to_owned(),
        ("cut", _) if first.starts_with("up") || first.starts_with("down") => {
            "done.cut-before".to_owned()
        }
        ("crash", "memory" | "flush") => format!("done.crash-{first}"),
        ("start", "empty") => "done.start-empty".to_owned(),
        (verb @ ("hold" | "release"), way) if way.starts_with("up") => format!("done.{verb}-up"),
        (verb @ ("hold" | "release"), way) if way.starts_with("down") => {
            format!("done.{verb}-down")
        }
        (verb, _) => format!("done.{verb}"),
    };
    match texts.find(&key) {
        Some(_) => texts.fill(&key, &[("client", who), ("what", &first)]),
        None => what.to_owned(),
    }
}

/// What happened outside of the broker.
pub(crate) fn outside(texts: &Texts, outside: &Outside) -> String {
    let key = match (outside.what.as_str(), outside.to_broker, outside.kept) {
        (what @ ("hold" | "release"), Some(true), _) => format!("outside.{what}-up"),
        (what @ ("hold" | "release"), _, _) => format!("outside.{what}-down"),
        (what @ ("client-crashed" | "broker-started"), _, true) => format!("outside.{what}-kept"),
        (what, ..) => format!("outside.{what}"),
    };
    let time = if outside.time < 0.0 {
        format!("−{}", lasts(texts, -outside.time))
    } else {
        lasts(texts, outside.time)
    };
    if texts.find(&key).is_some() {
        texts.fill(&key, &[("time", &time)])
    } else {
        outside.what.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn texts() -> Texts {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/locales/en.json");
        let text = std::fs::read_to_string(path).unwrap();
        let entries: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        Texts::new("en", entries)
    }

    #[test]
    fn time_since_the_beginning() {
        assert_eq!(since(0.0), "0:00.000");
        assert_eq!(since(62_500.4), "1:02.500");
        assert_eq!(since(3_600_000.0 * 26.0 + 1.0), "26:00:00.001");
    }

    #[test]
    fn a_span_is_told_in_one_unit() {
        let texts = texts();
        for (milliseconds, words) in [
            (60.0, "60 ms"),
            (1500.0, "1.5 s"),
            (90_000.0, "90 s"),
            (600_000.0, "10 min"),
            (3_600_000.0, "1 h"),
            (5_400_000.0, "1.5 h"),
            (259_200_000.0, "3 d"),
        ] {
            assert_eq!(lasts(&texts, milliseconds), words);
        }
    }

    #[test]
    fn every_act_that_the_page_sends_has_words() {
        let texts = texts();
        for what in [
            "painel connect",
            "painel disconnect",
            "painel subscribe area/10/# qos=1",
            "painel unsubscribe area/10/#",
            "painel publish area/10 \"21.5\" qos=1",
            "painel cut",
            "painel cut up+0 before",
            "painel cut down+1 after",
            "painel hold up+0",
            "painel hold down",
            "painel release up",
            "painel release down",
            "painel crash",
            "painel crash memory",
            "painel start",
            "broker crash",
            "broker crash flush",
            "broker start",
            "broker start empty",
            "sleep 1h",
            "clock +10s",
            "wait 2s",
        ] {
            let words = act(&texts, what);
            assert_ne!(words, what);
            assert!(!words.contains('{'), "{words}");
        }
        assert_eq!(
            act(&texts, "something else entirely"),
            "something else entirely"
        );
    }

    #[test]
    fn everything_that_happens_outside_has_words() {
        let texts = texts();
        for what in [
            "cut",
            "hold",
            "release",
            "client-crashed",
            "client-started",
            "broker-crashed",
            "broker-started",
            "skipped",
            "clock",
            "reconnecting",
            "gave-up",
        ] {
            for kept in [false, true] {
                for to_broker in [None, Some(true), Some(false)] {
                    let words = outside(
                        &texts,
                        &Outside {
                            what: what.into(),
                            kept,
                            time: 5000.0,
                            to_broker,
                        },
                    );
                    assert_ne!(words, what);
                    assert!(!words.contains('{'), "{words}");
                }
            }
        }
    }

    #[test]
    fn the_next_step_names_packet_and_client() {
        let texts = texts();
        let next = Coming {
            kind: "arrival".into(),
            client: "sensor-5000".into(),
            packet: Some(Box::new(PacketRow {
                packet_type: 4,
                packet_id: Some(7),
                ..PacketRow::default()
            })),
            ..Coming::default()
        };
        let words = coming(&texts, &next);
        assert!(
            words.contains("PUBACK 7") && words.contains("sensor-5000"),
            "{words}"
        );
    }
}
