//! A head in signs and a few words, for the place beside a lifeline: one line for each kind of thing.

use vitrine_link::{Fact, Head, Selection};
use yew::prelude::*;

use super::say::{change, icon, id, sentence, span};
use crate::app::use_page;
use crate::flow::packet_name;
use crate::sign::Icon;
use crate::state::{Action, Tab};
use crate::text::{Texts, use_texts};

/// The kinds in the order in which they matter: what a handshake needs comes first.
const KINDS: [&str; 10] = [
    "message",
    "packet-id",
    "request",
    "queued",
    "will",
    "timer",
    "retained",
    "subscription",
    "alias",
    "session",
];
/// About the width of a letter; of the signs around the words with the box's edges.
const LETTER: f64 = 8.0;
const EDGES: f64 = 44.0;
/// Sentences in the hint at most.
const TOLD: usize = 12;

/// One line of the box.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    kind: &'static str,
    words: String,
    /// What the last step did to one of the things in it.
    change: &'static str,
    /// How many things it stands for.
    things: usize,
}

/// The lines of a head where `letters` of them fit side by side, and how many things are in those that do not fit among
/// `most`.
fn lines(texts: &Texts, facts: &[Fact], letters: usize, most: usize) -> (Vec<Line>, usize) {
    let mut lines: Vec<Line> = KINDS
        .into_iter()
        .filter_map(|kind| {
            let here: Vec<&Fact> = facts.iter().filter(|fact| fact.kind == kind).collect();
            (!here.is_empty()).then(|| line(texts, kind, &here, letters))
        })
        .collect();
    let rest = lines.split_off(lines.len().min(most));
    (lines, rest.iter().map(|line| line.things).sum())
}

fn line(texts: &Texts, kind: &'static str, facts: &[&Fact], letters: usize) -> Line {
    let change = |what: &'static str| facts.iter().any(|fact| fact.change == what).then_some(what);
    let times = || texts.fill("unit.times", &[("n", &texts.whole(facts.len() as u64))]);
    let fits = |words: &String| words.chars().count() <= letters;
    let words = match kind {
        "message" | "packet-id" | "request" => {
            let ids = facts.iter().filter_map(|fact| fact.packet_id);
            let ids = ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ");
            let waits = match facts {
                [fact] => packet_name(fact.waits_for),
                _ => "",
            };
            let long = format!("{ids} … {waits}");
            [
                (!waits.is_empty()).then_some(long),
                (!ids.is_empty()).then_some(ids),
            ]
            .into_iter()
            .flatten()
            .find(fits)
            .unwrap_or_else(times)
        }
        "timer" => {
            let next = facts.iter().filter_map(|fact| fact.fires_in);
            let next = next.fold(f64::INFINITY, f64::min);
            if next.is_finite() {
                short(texts, next)
            } else {
                times()
            }
        }
        "session" => texts.get("memory.session.short"),
        _ => match facts {
            [fact] if fits(&fact.name) && !fact.name.is_empty() => fact.name.clone(),
            _ => times(),
        },
    };
    Line {
        kind,
        words,
        change: change("new")
            .or_else(|| change("gone"))
            .or_else(|| change("changed"))
            .unwrap_or_default(),
        things: facts.len(),
    }
}

/// A span of time, from milliseconds, in one unit.
fn short(texts: &Texts, milliseconds: f64) -> String {
    let seconds = (milliseconds / 1000.0).round() as u64;
    let (key, n) = match seconds {
        0..10 => return span(texts, milliseconds),
        10..120 => ("span.seconds", seconds),
        120..7200 => ("span.minutes", seconds / 60),
        7200..172_800 => ("span.hours", seconds / 3600),
        _ => ("span.days", seconds / 86_400),
    };
    texts.fill(key, &[("n", &texts.whole(n))])
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) head: Head,
    /// How wide the box may be, in pixels.
    pub(crate) width: f64,
    /// How many lines it may have.
    #[prop_or(4)]
    pub(crate) lines: usize,
}

/// The box. Pressing it opens the whole head.
#[component]
pub(crate) fn Compact(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let head = &props.head;
    // On the projector everything is larger.
    let scale = if state.presenting { 1.2 } else { 1.0 };
    let letters = ((props.width - EDGES * scale) / (LETTER * scale)).max(1.0) as usize;
    let (shown, left_out) = lines(&texts, &head.facts, letters, props.lines);
    let who = if head.who == "broker" {
        texts.get("word.broker")
    } else {
        head.who.clone()
    };
    let mut told = vec![format!(
        "{who}: {}",
        texts.get(&format!("memory.state.{}", head.state))
    )];
    let facts = head.facts.iter().take(TOLD);
    told.extend(facts.map(|fact| match change(&fact.change) {
        Some((sign, word)) => format!("{sign} {}: {}", texts.get(word), sentence(&texts, fact)),
        None => sentence(&texts, fact),
    }));
    if head.facts.len() > TOLD {
        told.push(texts.count("memory.more", (head.facts.len() - TOLD) as u64));
    }
    let told = told.join("\n");
    let onclick = {
        let (broker, id) = (head.who == "broker", id(head).to_owned());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if !broker {
                state.dispatch(Action::Select(Selection::Client(id.clone())));
            }
            state.dispatch(Action::Show(Tab::Memory));
        })
    };
    html! {
        <button type="button" class={classes!("compact", (!head.up).then_some("down"))} {onclick}
            title={told.clone()} data-testid="head-compact" data-who={head.who.clone()}>
            <span class="unseen">{ told }</span>
            { for shown.iter().map(|line| html! {
                <span key={line.kind} aria-hidden="true" class={classes!("line", line.change)} data-kind={line.kind}>
                    <Icon name={icon(line.kind)} class={classes!((line.kind == "message").then_some("full"))} />
                    <span>{ &line.words }</span>
                    if let Some((sign, _)) = change(line.change) { <b class="change">{ sign }</b> }
                </span>
            }) }
            if left_out > 0 {
                <span class="rest" aria-hidden="true">{ format!("+{left_out}") }</span>
            }
            if head.facts.is_empty() {
                <span class="line nothing" aria-hidden="true">{ "–" }</span>
            }
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::super::say::tests::{fact, texts};
    use super::*;

    fn told(facts: &[Fact], letters: usize, most: usize) -> (Vec<String>, usize) {
        let (lines, left_out) = lines(&texts("en"), facts, letters, most);
        let words = lines.iter();
        let words = words.map(|line| format!("{} {}{}", line.kind, line.words, line.change));
        (words.collect(), left_out)
    }

    fn message(id: u16, change: &str) -> Fact {
        Fact {
            packet_id: Some(id),
            waits_for: 4,
            change: change.into(),
            ..fact("message")
        }
    }

    #[test]
    fn one_message_says_what_it_waits_for_where_that_fits() {
        assert_eq!(
            told(&[message(7, "new")], 12, 4).0,
            ["message 7 … PUBACKnew"]
        );
        assert_eq!(told(&[message(7, "")], 6, 4).0, ["message 7"]);
    }

    #[test]
    fn many_are_counted() {
        let many: Vec<_> = (1..=9).map(|id| message(1000 + id, "")).collect();
        assert_eq!(told(&many, 12, 4).0, ["message 9×"]);
        assert_eq!(told(&many[..2], 12, 4).0, ["message 1001 1002"]);
    }

    #[test]
    fn the_timer_that_fires_next_is_told() {
        let timer = |milliseconds| Fact {
            fires_in: Some(milliseconds),
            ..fact("timer")
        };
        assert_eq!(told(&[timer(9000.0), timer(4000.0)], 9, 4).0, ["timer 4 s"]);
        assert_eq!(told(&[fact("timer")], 9, 4).0, ["timer 1×"]);
        for (milliseconds, words) in [
            (800.0, "800 ms"),
            (59_900.0, "60 s"),
            (89_000.0, "89 s"),
            (150_000.0, "2 min"),
            (5_400_000.0, "90 min"),
            (9_000_000.0, "2 h"),
            (1e9, "11 d"),
        ] {
            assert_eq!(short(&texts("en"), milliseconds), words);
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut facts = vec![message(1, "")];
        facts.extend(["subscription", "subscription", "session", "queued"].map(fact));
        let (lines, left_out) = told(&facts, 9, 2);
        assert_eq!(lines, ["message 1", "queued 1×"]);
        assert_eq!(left_out, 3);
    }
}
