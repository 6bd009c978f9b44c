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
pub(super) struct Beside<'a> {
    pub(super) words: &'a str,
    /// They stand to the right of the mark.
    pub(super) rightward: bool,
    /// How much room they have.
    pub(super) room: f64,
}

impl Event {
    /// The words of a mark on a client's line at `x`, in a ladder that reaches `from` one side `to` the other: between the
    /// line and the broker's, or else beyond it. Words that fit nowhere whole go on across the broker's line.
    pub(super) fn beside(&self, x: f64, broker: f64, from: f64, to: f64) -> Beside<'_> {
        let left = x < broker;
        let inward = (left, (broker - x).abs() - 28.0);
        let outward = (!left, if left { x - from } else { to - x } - 20.0);
        let fits = |words: &str, room: f64| width(words) <= room;
        for (rightward, room) in [inward, outward] {
            for words in [Some(&self.words), self.short.as_ref()]
                .into_iter()
                .flatten()
            {
                if fits(words, room) {
                    return Beside {
                        words,
                        rightward,
                        room,
                    };
                }
            }
        }
        let rightward = x - from < to - x;
        let room = if rightward { to - x } else { x - from } - 20.0;
        Beside {
            words: &self.words,
            rightward,
            room,
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) words: String,
    pub(super) icon: IconName,
    pub(super) grave: bool,
    /// Where the mark stands.
    pub(super) x: f64,
    pub(super) y: f64,
    /// The words stand to the right of the mark.
    pub(super) rightward: bool,
    /// How much room the words have.
    pub(super) room: f64,
}

/// The mark on the line, and its words.
#[component]
pub(super) fn Mark(props: &Props) -> Html {
    let Props { x, y, .. } = props;
    let (at, anchor) = if props.rightward {
        (x + 16.0, "start")
    } else {
        (x - 16.0, "end")
    };
    let words = fitting(&props.words, props.room);
    html! {
        <g class={classes!("mark", props.grave.then_some("grave"))}>
            <circle cx={x.to_string()} cy={y.to_string()} r="11" />
            <svg x={(x - 7.0).to_string()} y={(y - 7.0).to_string()} width="14" height="14" viewBox="0 0 20 20">
                <crate::sign::Strokes name={props.icon} />
            </svg>
            <text x={at.to_string()} y={(y + 5.0).to_string()} text-anchor={anchor}>{ words }</text>
        </g>
    }
}

/// Room that a character needs, in pixels: a little more than the mean of words with a topic in them.
const CHARACTER: f64 = 7.7;

/// How wide words are.
fn width(words: &str) -> f64 {
    words.chars().count() as f64 * CHARACTER
}

/// As many of the words as there is room for: what does not fit is in the row's title.
fn fitting(words: &str, room: f64) -> String {
    let fit = ((room / CHARACTER) as usize).max(8);
    if words.chars().count() <= fit {
        return words.to_string();
    }
    let cut: String = words.chars().take(fit - 1).collect();
    format!("{}…", cut.trim_end())
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

    #[test]
    fn words_stand_between_client_and_broker_or_beyond_the_client() {
        let event = opened();
        let beside = |x| {
            let beside = event.beside(x, 600.0, 90.0, 1_200.0);
            (beside.words.len() > 20, beside.rightward)
        };
        // Wide, narrow, and no room between a client and the broker, left and right of it.
        assert_eq!(beside(300.0), (true, true));
        assert_eq!(beside(450.0), (false, true));
        assert_eq!(beside(550.0), (true, false));
        assert_eq!(beside(650.0), (true, true));
        assert_eq!(beside(750.0), (false, false));
        assert_eq!(beside(900.0), (true, false));
    }

    #[test]
    fn no_words_cross_the_brokers_line_that_fit_beside_it() {
        let event = opened();
        for x in (100..1_200).map(f64::from) {
            let Beside {
                words,
                rightward,
                room,
            } = event.beside(x, 600.0, 90.0, 1_200.0);
            let reaches = if rightward {
                x + 16.0 + width(words)
            } else {
                x - 16.0 - width(words)
            };
            assert!(width(words) <= room, "{x}");
            assert_eq!(reaches < 600.0, x < 600.0, "{x}");
        }
        // On a phone there may be no room at all.
        let beside = event.beside(100.0, 180.0, 0.0, 360.0);
        assert_eq!((beside.rightward, beside.room), (true, 240.0));
    }

    #[test]
    fn words_end_where_their_room_ends() {
        let words = "nenhuma regra permite publicar em area/20/sensor/4000/temperatura · 0x87";
        let whole = words.chars().count() as f64 * CHARACTER;
        assert_eq!(fitting(words, whole + 1.0), words);
        for room in [153.0, 300.0, 472.0] {
            let cut = fitting(words, room);
            assert!(cut.ends_with('…') && words.starts_with(cut.trim_end_matches('…')));
            assert!(cut.chars().count() as f64 * CHARACTER <= room, "{cut}");
        }
        assert_eq!(fitting("linha cortada", -20.0), "linha c…");
        assert_eq!(fitting("não há", -20.0), "não há");
    }
}
