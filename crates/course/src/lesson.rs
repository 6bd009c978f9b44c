//! A lesson: what is in its file.

use vitrine_packet::PacketType;

use crate::document::{Document, Table, Value, Written};
use crate::until::Until;
use crate::{Error, Texts};

/// A lesson has at most so many texts.
const MOST_STEPS: usize = 40;
/// A text does at most so much at once.
const MOST_ACTIONS: usize = 20;
/// A lesson names at most so many sections of the standard.
const MOST_SECTIONS: usize = 10;
/// A text points at most at so many things.
const MOST_POINTS: usize = 8;
/// A question offers at most so many answers.
const MOST_OPTIONS: usize = 6;

/// How much of the protocol a lesson shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Publications, from whom and to whom.
    Story,
    /// Every Control Packet, and what is held meanwhile.
    Handshake,
    /// Every byte.
    Bytes,
}

impl Depth {
    /// What it is called in the file and on the page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Handshake => "handshake",
            Self::Bytes => "bytes",
        }
    }
}

/// What is in the file of a lesson, checked as far as that is possible without playing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What it is called.
    pub title: Texts,
    /// What it is about, in one line.
    pub summary: Texts,
    /// The depth in which it is to be seen.
    pub depth: Depth,
    /// Sections of the standard.
    pub standard: Vec<Section>,
    /// Whether it may be shown at QoS 0, 1 and 2 side by side.
    pub compare: bool,
    /// The lines of the world, in the lab's language.
    pub world: Vec<Written>,
    /// What is done before the first text, each line an action.
    pub before: Vec<Written>,
    /// The texts, in their order; two at least.
    pub steps: Vec<Step>,
}

/// A section of the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is called, such as `MQTT 5.0 §4.3.2`.
    pub name: String,
    /// Its address.
    pub at: String,
}

/// A text, and what happens when one goes on from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line on which it begins.
    pub line: u32,
    /// The text.
    pub text: Texts,
    /// What it speaks of: names of clients, `broker`, names of Control Packets.
    pub points: Vec<String>,
    /// A question, to be answered before one goes on.
    pub ask: Option<Ask>,
    /// What is done when one goes on, each an action of the lab's language.
    pub actions: Vec<Written>,
    /// How far one goes; `None` for the last text.
    pub until: Option<(u32, Until)>,
    /// What the lesson claims of the way to the next text, for a machine to check.
    pub counts: Vec<Count>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is asked.
    pub text: Texts,
    /// What may be answered.
    pub options: Vec<Texts>,
    /// Which of them is right, counted from 0.
    pub right: usize,
    /// Why.
    pub because: Texts,
}

/// How often something arrives. A lesson in which it is not so is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The line on which that is claimed.
    pub line: u32,
    /// Where: a client or `broker`.
    pub at: String,
    /// Packets of this type; `None`: messages that a client gives to its application.
    pub packet: Option<PacketType>,
    /// Only of this topic.
    pub topic: Option<String>,
    /// So often.
    pub times: u32,
    /// On the way to the text that is so many further; 1 is the next.
    pub texts: u32,
}

impl Lesson {
    /// Reads a lesson's file.
    ///
    /// # Errors
    /// With the line and what would be right: when it is no TOML, when a key is unknown, missing or of the wrong
    /// kind, when a language is missing. The script's lines are checked by [`crate::play()`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document = Document::new(text)?;
        let table = document.parse()?;
        let keys = [
            "title", "summary", "depth", "standard", "compare", "world", "before", "step",
        ];
        let root = document.root(&table, &keys)?;
        let read = |key: &str, what: &str| {
            let value = root.need(key, &format!("[{key}] with pt, en and es"))?;
            Texts::read(&document, value, what)
        };
        let steps = steps(&document, &root)?;
        Ok(Self {
            title: read("title", "the title")?,
            summary: read("summary", "the summary")?,
            depth: depth(&document, &root)?,
            standard: sections(&document, &root)?,
            compare: match root.get("compare") {
                Some(value) => document.boolean(value)?,
                None => false,
            },
            world: document.block(root.need("world", "world = ''' …lines… '''")?)?,
            before: match root.get("before") {
                Some(value) => document.block(value)?,
                None => Vec::new(),
            },
            steps,
        })
    }
}

fn depth(document: &Document<'_>, root: &Table<'_>) -> Result<Depth, Error> {
    let all = [Depth::Story, Depth::Handshake, Depth::Bytes];
    let value = root.need("depth", "depth = \"story\", \"handshake\" or \"bytes\"")?;
    let written = document.text(value, "story, handshake or bytes")?.text;
    let found = all.into_iter().find(|depth| depth.name() == written);
    found.ok_or_else(|| {
        document.wrong(
            value,
            format!("there is no depth `{written}`: write story, handshake or bytes"),
        )
    })
}

fn sections(document: &Document<'_>, root: &Table<'_>) -> Result<Vec<Section>, Error> {
    let write = "standard = [{ name = \"MQTT 5.0 §4.3.2\", at = \"https://…\" }]";
    let value = root.need("standard", write)?;
    let list = document.list(value, "sections of the standard", MOST_SECTIONS)?;
    let section = |value: &Value<'_>| {
        let table = document.table(value, "a section", &["name", "at"])?;
        let name = document.text(table.need("name", "its name")?, "its name")?;
        let at = table.need("at", "its address")?;
        let address = document.text(at, "its address")?;
        if !address.text.starts_with("https://") {
            return Err(document.wrong(at, "an address begins with https://"));
        }
        Ok(Section {
            name: name.text,
            at: address.text,
        })
    };
    list.iter().map(section).collect()
}

fn steps(document: &Document<'_>, root: &Table<'_>) -> Result<Vec<Step>, Error> {
    let value = root.need("step", "a [[step]] for each text")?;
    let list = document.list(value, "texts: write [[step]] before each", MOST_STEPS)?;
    if list.len() < 2 {
        return Err(document.wrong(value, "a lesson has two texts at least: one, and the end"));
    }
    let last = list.len() - 1;
    let steps = list.iter().enumerate();
    let steps = steps.map(|(at, value)| step(document, value, at == last));
    steps.collect()
}

fn step(document: &Document<'_>, value: &Value<'_>, last: bool) -> Result<Step, Error> {
    let keys = ["text", "point", "do", "until", "ask", "count"];
    let table = document.table(value, "a step", &keys)?;
    let text = table.need("text", "[step.text] with pt, en and es")?;
    let points = strings(
        document,
        &table,
        "point",
        "names of clients and packets",
        MOST_POINTS,
    )?;
    let actions = strings(document, &table, "do", "actions", MOST_ACTIONS)?;
    if let Some(action) = actions
        .iter()
        .find(|action| action.text.trim().is_empty() || action.text.contains('\n'))
    {
        return Err(Error::new(
            action.line,
            "each entry of `do` is one action on one line",
        ));
    }
    let until = match table.get("until") {
        Some(until) if last => {
            let why = "the last text is the end: it has neither `do` nor `until`";
            return Err(document.wrong(until, why));
        }
        Some(until) => {
            let written = document.text(until, "how far one goes, such as quiet,")?;
            let read = Until::parse(&written.text);
            Some((
                written.line,
                read.map_err(|why| document.wrong(until, why))?,
            ))
        }
        None if last && actions.is_empty() => None,
        None if last => {
            let why = "the last text is the end: it has neither `do` nor `until`";
            return Err(Error::new(table.line(), why));
        }
        None => {
            let why = format!(
                "{} has no `until`: write how far one goes, such as until = \"quiet\"",
                table.what()
            );
            return Err(Error::new(table.line(), why));
        }
    };
    let ask = table
        .get("ask")
        .map(|ask| ask_of(document, ask))
        .transpose()?;
    let counts = match table.get("count") {
        Some(value) => counts(document, value)?,
        None => Vec::new(),
    };
    Ok(Step {
        line: table.line(),
        text: Texts::read(document, text, "the text")?,
        points: points.into_iter().map(|point| point.text).collect(),
        ask,
        actions,
        until,
        counts,
    })
}

fn strings(
    document: &Document<'_>,
    table: &Table<'_>,
    key: &str,
    expected: &str,
    most: usize,
) -> Result<Vec<Written>, Error> {
    let Some(value) = table.get(key) else {
        return Ok(Vec::new());
    };
    let list = document.list(value, expected, most)?;
    let read = |value: &Value<'_>| document.text(value, expected);
    list.iter().map(read).collect()
}

fn ask_of(document: &Document<'_>, value: &Value<'_>) -> Result<Ask, Error> {
    let table = document.table(value, "a question", &["text", "option", "right", "because"])?;
    let texts = |key: &str, what: &str| {
        let value = table.need(key, &format!("[step.ask.{key}] with pt, en and es"))?;
        Texts::read(document, value, what)
    };
    let value = table.need(
        "option",
        "a [[step.ask.option]] with pt, en and es for each answer",
    )?;
    let list = document.list(
        value,
        "answers: write [[step.ask.option]] before each",
        MOST_OPTIONS,
    )?;
    if list.len() < 2 {
        return Err(document.wrong(value, "a question has two answers at least"));
    }
    let options = list
        .iter()
        .map(|value| Texts::read(document, value, "an answer"));
    let options = options.collect::<Result<Vec<_>, _>>()?;
    let right = table.need("right", "the number of the right answer, counted from 0")?;
    let most = u32::try_from(options.len() - 1).unwrap_or(0);
    let number = document.number(right, most).map_err(|error| {
        let why = format!(
            "; answers are counted from 0, and there are {}",
            options.len()
        );
        Error::new(error.line, error.why + &why)
    })?;
    Ok(Ask {
        text: texts("text", "what is asked")?,
        options,
        right: number as usize,
        because: texts("because", "the reason")?,
    })
}

fn counts(document: &Document<'_>, value: &Value<'_>) -> Result<Vec<Count>, Error> {
    let list = document.list(
        value,
        "counts, such as { at = \"painel\", times = 2 }",
        MOST_ACTIONS,
    )?;
    let count = |value: &Value<'_>| {
        let keys = ["at", "packet", "topic", "times", "texts"];
        let table = document.table(value, "a count", &keys)?;
        let at = document.text(table.need("at", "a client's name, or broker")?, "a name")?;
        let packet = table.get("packet").map(|value| {
            let name = document.text(value, "the name of a Control Packet")?.text;
            crate::until::packet(&name).map_err(|why| document.wrong(value, why))
        });
        let packet = packet.transpose()?;
        if at.text == "broker" && packet.is_none() {
            return Err(document.wrong(
                value,
                "what arrives at the broker is counted by packet = \"…\"",
            ));
        }
        let topic = table
            .get("topic")
            .map(|value| document.text(value, "a Topic Name"));
        let texts = table.get("texts").map(|value| document.number(value, 40));
        Ok(Count {
            line: at.line,
            at: at.text,
            packet,
            topic: topic.transpose()?.map(|topic| topic.text),
            times: document.number(table.need("times", "how often")?, 1_000)?,
            texts: texts.transpose()?.unwrap_or(1).max(1),
        })
    };
    list.iter().map(count).collect()
}
