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
            event("opened", IconName::Plug, words, false, false)
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
