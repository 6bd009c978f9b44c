//! A row that is no packet: a mark on the line concerned and a few words.

use vitrine_link::RowKind;
use yew::prelude::*;

use crate::sign::IconName;
use crate::text::Texts;

/// How an event shows.
pub(super) struct Event {
    /// Its name in the tests and the styles.
    pub(super) kind: &'static str,
    pub(super) icon: IconName,
    pub(super) words: String,
    /// What can be said in their place where there is little room.
    pub(super) short: Option<String>,
    /// Something went wrong, or was lost.
    pub(super) grave: bool,
    /// It happens at the broker, on the client's side, not on the client's line.
    pub(super) at_broker: bool,
}

/// How a row's event shows; `None` for a packet.
pub(super) fn event(texts: &Texts, kind: &RowKind, client: &str) -> Option<Event> {
    let event = |kind, icon, words, grave, at_broker| {
        Some(Event {
            kind,
            icon,
            words,
            short: None,
            grave,
            at_broker,
        })
    };
    match kind {
        RowKind::Packet(_) => None,
        // In the lab all come by the same door.
        RowKind::Opened { door } if door == "lab" => {
            let words = texts.get("event.opened.lab");
            event("opened", IconName::Plug, words, false, false)
        }
        RowKind::Opened { door } => {
            let door = texts.get(&format!("door.{door}"));
            let words = texts.fill("event.opened", &[("door", &door)]);
            Some(Event {
                short: Some(texts.get("event.opened.lab")),
                ..event("opened", IconName::Plug, words, false, false)?
            })
        }
        RowKind::Closed(ending) => {
            let mut words = texts.get(&format!("ending.{}", ending.why));
            if let Some(reason) = ending.reason.filter(|reason| *reason != 0) {
                words = format!("{words} · 0x{reason:02X}");
            }
            let icon = if ending.cut {
                IconName::Cut
            } else {
                IconName::Stop
            };
            event("closed", icon, words, ending.cut, false)
        }
        RowKind::Malformed(problem) => {
            let words = texts.fill(
                "event.malformed",
                &[
                    ("problem", &crate::packet::problem_words(texts, problem)),
                    ("offset", &problem.offset),
                ],
            );
            event("malformed", IconName::Warning, words, true, false)
        }
        RowKind::Queued { length } => {
            let words = texts.fill("event.queued", &[("client", &client), ("n", length)]);
            event("queued", IconName::Queue, words, false, true)
        }
        RowKind::Discarded { why } => {
            let words = texts.get(&format!("discarded.{why}"));
            event("discarded", IconName::Trash, words, true, true)
        }
        RowKind::Refused(refusal) => {
            let mut words = crate::access::refusal_words(texts, refusal);
            if let Some(reason) = refusal.reason {
                words = format!("{words} · 0x{reason:02X}");
            }
            let at_broker = refusal.what != "connect";
            event("refused", IconName::Shield, words, true, at_broker)
        }
        RowKind::WillPublished { topic } => {
            let words = texts.fill("event.will", &[("topic", topic)]);
            event("will", IconName::Envelope, words, false, false)
        }
        RowKind::SessionEnded { why } => {
            let words = texts.get(&format!("session-ended.{why}"));
            event("session-ended", IconName::Box, words, false, false)
        }
        RowKind::Lost(packet) => {
            let words = texts.fill(
                "event.lost",
                &[("packet", &crate::lab::words::packet(packet))],
            );
            event("lost", IconName::Cut, words, true, false)
        }
        RowKind::Outside(outside) => {
            let (icon, grave) = match outside.what.as_str() {
                "cut" => (IconName::Cut, true),
                "hold" => (IconName::Hand, false),
                "release" => (IconName::Play, false),
                "client-crashed" | "broker-crashed" => (IconName::Bolt, true),
                "client-started" | "broker-started" => (IconName::Power, false),
                "reconnecting" => (IconName::Redeliver, false),
                "gave-up" => (IconName::Cross, true),
                _ => (IconName::Clock, false),
            };
            let words = crate::lab::words::outside(texts, outside);
            event("outside", icon, words, grave, false)
        }
        RowKind::Dropped => event(
            "dropped",
            IconName::Cross,
            texts.get("event.dropped"),
            true,
            false,
        ),
    }
}

/// Words beside a mark.
#[derive(Debug, PartialEq)]
pub(super) struct Beside {
    /// One line, or two.
    pub(super) lines: Vec<String>,
    /// They stand to the right of the mark.
    pub(super) rightward: bool,
}

impl Event {
    /// The words of a mark on a client's line at `x`, in a ladder that reaches `from` one side `to` the other: between the
    /// line and the broker's, or else beyond it, on one line or else on two. What fits nowhere whole ends
    /// where its room ends, before the broker's line, and is in the row's title; but [`FEWEST`] letters are shown even where
    /// they reach across that line. `scale` is by how much the type is larger than on a desk.
    pub(super) fn beside(&self, x: f64, broker: f64, from: f64, to: f64, scale: f64) -> Beside {
        let left = x < broker;
        let inward = (left, (broker - x).abs() - 28.0);
        let outward = (!left, if left { x - from } else { to - x } - 20.0);
        let letters = |room: f64| (room / (CHARACTER * scale)) as usize;
        for most in [1, 2] {
            for (rightward, room) in [inward, outward] {
                for words in [Some(&self.words), self.short.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    let lines = broken(words, letters(room), most);
                    if let Some(lines) = lines {
                        return Beside { lines, rightward };
                    }
                }
            }
        }
        let (rightward, room) = if inward.1 < outward.1 {
            outward
        } else {
            inward
        };
        Beside {
            lines: cut(&self.words, letters(room)),
            rightward,
        }
    }

    /// The words of a mark at the broker's line, in `room` pixels on its client's side.
    pub(super) fn at_broker(&self, rightward: bool, room: f64, scale: f64) -> Beside {
        let letters = (room / (CHARACTER * scale)) as usize;
        let lines = [1, 2]
            .into_iter()
            .find_map(|most| broken(&self.words, letters, most));
        Beside {
            lines: lines.unwrap_or_else(|| cut(&self.words, letters)),
            rightward,
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) lines: Vec<String>,
    pub(super) icon: IconName,
    pub(super) grave: bool,
    /// Where the mark stands.
    pub(super) x: f64,
    pub(super) y: f64,
    /// The words stand to the right of the mark.
    pub(super) rightward: bool,
    /// By how much the type is larger than on a desk.
    pub(super) scale: f64,
}

/// The mark on the line, and its words.
#[component]
pub(super) fn Mark(props: &Props) -> Html {
    let Props { x, y, scale, .. } = props;
    let (at, anchor) = if props.rightward {
        (x + 16.0, "start")
    } else {
        (x - 16.0, "end")
    };
    let above = (props.lines.len() - 1) as f64 * LINE * scale / 2.0;
    let text = |(n, line): (usize, &String)| {
        let y = y + 5.0 * scale - above + n as f64 * LINE * scale;
        html! { <text x={at.to_string()} y={y.to_string()} text-anchor={anchor}>{ line.clone() }</text> }
    };
    html! {
        <g class={classes!("mark", props.grave.then_some("grave"))}>
            <circle cx={x.to_string()} cy={y.to_string()} r="11" />
            <svg x={(x - 7.0).to_string()} y={(y - 7.0).to_string()} width="14" height="14" viewBox="0 0 20 20">
                <crate::sign::Strokes name={props.icon} />
            </svg>
            { for props.lines.iter().enumerate().map(text) }
        </g>
    }
}

/// Room that a character needs, in pixels: a little more than the mean of words with a topic in them.
const CHARACTER: f64 = 7.7;
/// From line to line, in pixels: two fit into a row.
const LINE: f64 = 17.0;
/// However little room there is, so many characters are shown.
const FEWEST: usize = 8;

/// The words in at most `most` lines of `letters` each, broken at blanks, or else also where a topic's levels end; `None`
/// where they need more. Of words far too long for that only the beginning is looked at: a topic may have 65,535 bytes.
fn broken(words: &str, letters: usize, most: usize) -> Option<Vec<String>> {
    // Each line, and the blank at its end.
    if words.chars().nth(most * (letters + 1)).is_some() {
        return None;
    }
    let at_blanks = broken_at(&[' '], words, letters, most);
    at_blanks.or_else(|| broken_at(&[' ', '/'], words, letters, most))
}

fn broken_at(signs: &[char], words: &str, letters: usize, most: usize) -> Option<Vec<String>> {
    let count = |text: &str| text.chars().count();
    let mut lines = Vec::new();
    let mut rest = words;
    while count(rest) > letters {
        let ends = rest
            .char_indices()
            .filter(|(_, sign)| signs.contains(sign))
            .map(|(at, sign)| at + sign.len_utf8());
        let end = ends
            .take_while(|end| count(rest[..*end].trim_end()) <= letters)
            .last()?;
        let (line, next) = rest.split_at(end);
        lines.push(line.trim_end().to_owned());
        rest = next;
        if lines.len() == most {
            return None;
        }
    }
    lines.push(rest.to_owned());
    Some(lines)
}

/// As many of the words as there is room for on two lines.
fn cut(words: &str, letters: usize) -> Vec<String> {
    let letters = letters.max(FEWEST);
    let most = words.chars().take(2 * (letters + 1)).count();
    let kept = (0..most).rev().find_map(|kept| {
        let begin: String = words.chars().take(kept).collect();
        broken(&format!("{}…", begin.trim_end()), letters, 2)
    });
    kept.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Event {
        Event {
            kind: "opened",
            icon: IconName::Plug,
            words: "conexão aberta (desta página)".into(),
            short: Some("conexão aberta".into()),
            grave: false,
            at_broker: false,
        }
    }

    fn will() -> Event {
        Event {
            words: "Will publicado em area/10/sensor/5000/estado".into(),
            short: None,
            ..opened()
        }
    }

    #[test]
    fn words_stand_between_client_and_broker_or_beyond_the_client() {
        let event = opened();
        let beside = |x| {
            let beside = event.beside(x, 600.0, 90.0, 1_200.0, 1.0);
            assert_eq!(beside.lines.len(), 1, "{x}");
            (beside.lines[0].len() > 20, beside.rightward)
        };
        // Wide, narrow, and no room between a client and the broker, left and right of it.
        assert_eq!(beside(300.0), (true, true));
        assert_eq!(beside(450.0), (false, true));
        assert_eq!(beside(550.0), (true, false));
        assert_eq!(beside(650.0), (true, true));
        assert_eq!(beside(750.0), (false, false));
        assert_eq!(beside(900.0), (true, false));
        // Larger type needs more room.
        let large = event.beside(450.0, 600.0, 90.0, 1_200.0, 1.5);
        assert_eq!(
            (large.lines[0].as_str(), large.rightward),
            ("conexão aberta (desta página)", false)
        );
    }

    /// Except where a client's line is so near the broker's that the fewest letters need more room, which a narrow stage has.
    #[test]
    fn no_words_cross_the_brokers_line() {
        for event in [opened(), will()] {
            // The width of a page with both sides folded, of a desk's, and of a phone.
            for (broker, from, to) in [
                (600.0, 90.0, 1_200.0),
                (300.0, 0.0, 606.0),
                (180.0, 0.0, 360.0),
            ] {
                for x in ((from as u32 + 30)..(to as u32 - 30)).map(f64::from) {
                    if (x - broker).abs() < 50.0 {
                        continue;
                    }
                    let beside = event.beside(x, broker, from, to, 1.0);
                    assert!((1..=2).contains(&beside.lines.len()), "{beside:?}");
                    let letters = beside.lines.iter().map(|line| line.chars().count());
                    let letters = letters.max().unwrap_or_default();
                    let reach = 16.0 + letters as f64 * CHARACTER;
                    let end = if beside.rightward {
                        x + reach
                    } else {
                        x - reach
                    };
                    let least = letters <= FEWEST;
                    assert!(
                        least || (end < broker) == (x < broker),
                        "{x} of {broker}: {beside:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_on_one_line_goes_on_two_and_what_does_not_fit_there_is_cut() {
        let lines = |x: f64| will().beside(x, 300.0, 0.0, 606.0, 1.0).lines;
        assert_eq!(
            lines(30.0),
            ["Will publicado em", "area/10/sensor/5000/estado"]
        );
        assert_eq!(
            lines(100.0),
            ["Will publicado em", "area/10/sensor/5000/e…"]
        );
        let at = |room| will().at_broker(true, room, 1.0).lines;
        assert_eq!(at(400.0), ["Will publicado em area/10/sensor/5000/estado"]);
        assert_eq!(
            at(200.0),
            ["Will publicado em area/", "10/sensor/5000/estado"]
        );
        assert_eq!(at(90.0), ["Will", "publicado…"]);
        // A word that has no end to break at.
        assert_eq!(cut("linhacortadademais", 8), ["linhaco…"]);
        // Of a topic as long as one may be, no more is looked at than could be shown.
        for topic in ["area/10/", "area", "area/10 sensor "] {
            let words = |times| format!("Will publicado em {}", topic.repeat(times));
            let long = words(65_535 / topic.len());
            assert_eq!(cut(&long, 20), cut(&words(20), 20), "{topic}");
            assert_eq!(broken(&long, 20, 2), None, "{topic}");
        }
    }
}
