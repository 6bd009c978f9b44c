//! The state as the part of an address behind `#`, and back: reload and share keep what one sees.
//!
//! Only what differs from [`State::default`] is written. What is not understood is left out: an
//! address is typed by people.

use vitrine_link::{Anchor, Depth, Selection};

use super::{LabAt, Opened, State, Tab};

/// Writes `state`, without the `#`.
#[must_use]
pub fn write(state: &State) -> String {
    let mut out = Writer(String::new());
    if let Some(lab) = &state.lab {
        write_lab(lab, &mut out);
    }
    match &state.selection {
        Selection::None => {}
        Selection::Row(number) => out.put("row", &number.to_string()),
        Selection::Publication(number) => out.put("publication", &number.to_string()),
        Selection::Topic(topic) => out.put("topic", topic),
        Selection::Client(client) => out.put("client", client),
        Selection::Subscription { client, filter } => {
            out.put("client", client);
            out.put("subscription", filter);
        }
    }
    match state.anchor {
        Anchor::Newest => {}
        Anchor::Index(index) => out.put("from", &index.to_string()),
        Anchor::UpTo(number) => out.put("until", &number.to_string()),
        Anchor::Around(number) => out.put("around", &number.to_string()),
    }
    if state.has_numbers() && state.lab.is_none() {
        let record = state.record.as_deref().or(state.claimed.as_deref());
        out.put("record", record.unwrap_or_default());
    }
    for client in &state.filter.clients {
        out.put("only-client", client);
    }
    out.put("only-topic", &state.filter.topic);
    if state.filter.types != 0 {
        out.put("only-types", &state.filter.types.to_string());
    }
    if let Some(publication) = state.filter.publication {
        out.put("only-publication", &publication.to_string());
    }
    if !state.filter.hide_pings {
        out.put("pings", "1");
    }
    if state.filter.hide_system {
        out.put("no-sys", "1");
    }
    if state.tab != usual_tab(state.lab.is_some()) {
        out.put("tab", state.tab.key());
    }
    out.put("filter", &state.trial.filter);
    out.put("try", &state.trial.topic);
    if state.trial.qos != 2 {
        out.put("qos", &state.trial.qos.to_string());
    }
    out.put("search", &state.search);
    if state.system {
        out.put("system", "1");
    }
    match state.depth {
        Depth::Story => out.put("depth", "story"),
        // Said only beside something else, so that the plain page has the plain address.
        Depth::Handshake if out.0.is_empty() => {}
        Depth::Handshake => out.put("depth", "handshake"),
        Depth::Bytes => out.put("depth", "bytes"),
    }
    out.0
}

/// The tab that an address need not name: what is in each head is what the lab is for.
fn usual_tab(in_lab: bool) -> Tab {
    if in_lab { Tab::Memory } else { Tab::Selected }
}

/// A lab's link without the `#`: the code tells everything but the texts, which are the lesson's.
#[must_use]
pub fn lab_link(code: &str, lesson: Option<&str>) -> String {
    let mut out = Writer(String::new());
    out.put("lab", code);
    out.put("lesson", lesson.unwrap_or_default());
    out.0
}

fn write_lab(lab: &LabAt, out: &mut Writer) {
    match (&lab.told, &lab.what) {
        // No address leads to a file on somebody's machine.
        (_, Opened::Recording(_)) => {}
        (Some(code), what) => out.0.push_str(&lab_link(code, what.lesson())),
        (None, Opened::Link { code, lesson }) => {
            out.0.push_str(&lab_link(code, lesson.as_deref()));
        }
        (None, Opened::Lesson(name)) => {
            out.put("lesson", name);
            if let Some(road) = lab.road {
                out.put("road", &road.to_string());
            }
            if let Some(moment) = lab.moment {
                out.put("moment", &moment.to_string());
            }
        }
    }
}

/// Reads an address' part behind `#` into a copy of `base`, whose addressed choices are reset first.
#[must_use]
pub fn read(address: &str, base: &State) -> State {
    let fresh = State::default();
    let in_lab = address
        .split('&')
        .any(|part| part.starts_with("lab=") || part.starts_with("lesson="));
    let mut state = State {
        selection: fresh.selection,
        anchor: fresh.anchor,
        filter: fresh.filter,
        trial: fresh.trial,
        search: fresh.search,
        system: fresh.system,
        tab: usual_tab(in_lab),
        claimed: fresh.claimed,
        lab: fresh.lab,
        ..base.clone()
    };
    let (mut code, mut lesson, mut road, mut moment) = (None, None, None, None);
    let mut client = None;
    let mut subscription = None;
    for part in address.split('&') {
        let Some((key, value)) = part.split_once('=') else {
            continue;
        };
        let value = decode(value);
        match key {
            "depth" => match value.as_str() {
                "story" => state.depth = Depth::Story,
                "handshake" => state.depth = Depth::Handshake,
                "bytes" => state.depth = Depth::Bytes,
                _ => {}
            },
            "row" => number(&value, |n| state.selection = Selection::Row(n)),
            "publication" => number(&value, |n| state.selection = Selection::Publication(n)),
            "topic" => state.selection = Selection::Topic(value),
            "client" => client = Some(value),
            "subscription" => subscription = Some(value),
            "from" => number(&value, |n| state.anchor = Anchor::Index(n)),
            "until" => number(&value, |n| state.anchor = Anchor::UpTo(n)),
            "around" => number(&value, |n| state.anchor = Anchor::Around(n)),
            "record" => state.claimed = Some(value),
            "only-client" => state.filter.clients.push(value),
            "only-topic" => state.filter.topic = value,
            "only-types" => state.filter.types = value.parse().unwrap_or(0),
            "only-publication" => number(&value, |n| state.filter.publication = Some(n)),
            "no-sys" => state.filter.hide_system = value == "1",
            "pings" => state.filter.hide_pings = value != "1",
            "tab" => {
                if let Some(tab) = Tab::ALL.into_iter().find(|tab| tab.key() == value) {
                    state.tab = tab;
                }
            }
            "filter" => state.trial.filter = value,
            "try" => state.trial.topic = value,
            "qos" => state.trial.qos = value.parse().unwrap_or(2).min(2),
            "lab" => code = Some(value),
            "lesson" => lesson = Some(value),
            "road" => road = value.parse().ok(),
            "moment" => moment = value.parse().ok(),
            "search" => state.search = value,
            "system" => state.system = value == "1",
            _ => {}
        }
    }
    match (client, subscription) {
        (Some(client), Some(filter)) => {
            state.selection = Selection::Subscription { client, filter };
        }
        (Some(client), None) => state.selection = Selection::Client(client),
        (None, _) => {}
    }
    let what = match (code, lesson) {
        (Some(code), lesson) => Some(Opened::Link { code, lesson }),
        (None, Some(name)) => Some(Opened::Lesson(name)),
        (None, None) => None,
    };
    let deep = address.split('&').any(|part| part.starts_with("depth="));
    state.lab = what.map(|what| LabAt {
        what,
        road,
        moment,
        told: None,
        go: None,
        deep: deep && base.lab.is_none(),
        visit: base.lab.as_ref().map_or(0, |lab| lab.visit) + 1,
        again: 0,
    });
    state.filtering |= state.filtered();
    state
}

fn number(value: &str, use_it: impl FnOnce(u64)) {
    if let Ok(number) = value.parse() {
        use_it(number);
    }
}

struct Writer(String);

impl Writer {
    fn put(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(key);
        self.0.push('=');
        for byte in value.bytes() {
            // `/`, `$` and `:` are legal behind `#`, and a topic stays readable with them.
            if byte.is_ascii_alphanumeric() || b"-._~/$:".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                self.0.push('%');
                for digit in [byte >> 4, byte & 15] {
                    self.0
                        .push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%'
            && let [high, low, tail @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high << 4 | low);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::{FlowFilter, MatchView};

    fn there_and_back(state: &State) {
        assert_eq!(&read(&write(state), &State::default()), state);
    }

    #[test]
    fn the_default_has_the_empty_address() {
        assert_eq!(write(&State::default()), "");
        there_and_back(&State::default());
    }

    #[test]
    fn every_choice_comes_back() {
        there_and_back(&State {
            selection: Selection::Subscription {
                client: "painel & cia = 100%".into(),
                filter: "area/+/sensor/#".into(),
            },
            depth: Depth::Bytes,
            anchor: Anchor::UpTo(u64::MAX),
            filter: FlowFilter {
                clients: vec!["a".into(), "é/☃".into()],
                topic: "+/#".into(),
                types: 1 << 3 | 1 << 14,
                publication: Some(7),
                hide_pings: false,
                hide_system: true,
            },
            filtering: true,
            trial: MatchView {
                filter: "+".into(),
                topic: "$SYS/x".into(),
                qos: 0,
                ..MatchView::default()
            },
            search: "tem p".into(),
            system: true,
            tab: Tab::Clients,
            ..State::default()
        });
    }

    #[test]
    fn each_selection_comes_back() {
        for selection in [
            Selection::Row(1),
            Selection::Publication(2),
            Selection::Topic("a//b".into()),
            Selection::Client("".into()),
            Selection::Client("#".into()),
        ] {
            let state = State {
                selection: selection.clone(),
                ..State::default()
            };
            // A client without a name cannot be addressed.
            if selection != Selection::Client(String::new()) {
                there_and_back(&state);
            }
        }
    }

    #[test]
    fn the_lab_comes_back_at_its_moment() {
        let state = read("lesson=06-qos-1&moment=12&row=3", &State::default());
        let lab = state.lab.clone().unwrap();
        assert_eq!(lab.what, Opened::Lesson("06-qos-1".into()));
        assert_eq!((lab.road, lab.moment), (None, Some(12)));
        assert_eq!(state.selection, Selection::Row(3));
        assert_eq!(
            write(&state),
            "lesson=06-qos-1&moment=12&row=3&depth=handshake"
        );
    }

    #[test]
    fn what_was_done_in_the_lab_is_in_the_address() {
        let mut state = read("lesson=06-qos-1&moment=12", &State::default());
        state.lab.as_mut().unwrap().told = Some("1abc-_".into());
        let address = write(&state);
        assert_eq!(address, "lab=1abc-_&lesson=06-qos-1&depth=handshake");
        let there = read(&address, &State::default()).lab.unwrap();
        assert_eq!(
            there.what,
            Opened::Link {
                code: "1abc-_".into(),
                lesson: Some("06-qos-1".into())
            }
        );
        let gone = read("", &state);
        assert_eq!(gone.lab, None);
    }

    #[test]
    fn a_topic_stays_readable() {
        let state = State {
            selection: Selection::Topic("area/10/sensor/5000/temperatura".into()),
            ..State::default()
        };
        assert_eq!(
            write(&state),
            "topic=area/10/sensor/5000/temperatura&depth=handshake"
        );
    }

    #[test]
    fn nonsense_is_left_out() {
        let state = read(
            "x&depth=deep&row=seven&tab=&qos=9&%=%G1&until=-1",
            &State::default(),
        );
        assert_eq!(state, State::default());
        assert_eq!(decode("%"), "%");
        assert_eq!(decode("%4"), "%4");
        assert_eq!(decode("%C3"), "\u{fffd}");
    }
}
