//! A lesson: what is in its file.

use std::rc::Rc;

use vitrine_lab::{Action, Setup};
use vitrine_packet::PacketType;

use crate::document::{Document, Table, Value};
use crate::step::steps;
use crate::until::Until;
use crate::{Error, Texts, script};

/// A lesson names at most so many sections of the standard.
const MOST_SECTIONS: usize = 10;

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
    /// Whether it speaks of the tree of topics, which then stands beside the ladder.
    pub topics: bool,
    /// How the world begins.
    pub setup: Rc<Setup>,
    /// What is done before the first text.
    pub before: Vec<Deed>,
    /// The texts, in their order; two at least.
    pub steps: Vec<Step>,
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The line on which it stands.
    pub line: u32,
    /// How it is written.
    pub text: String,
    /// What it is.
    pub action: Action,
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
    /// What is done when one goes on.
    pub actions: Vec<Deed>,
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
    /// Only at this QoS.
    pub qos: Option<u8>,
    /// Only with DUP, or only without.
    pub dup: Option<bool>,
    /// Only with RETAIN, or only without.
    pub retain: Option<bool>,
    /// Only packets with this Reason Code (in 3.x return code), be it one of several.
    pub reason: Option<u8>,
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
    /// kind, when a language is missing, when a line of the script is wrong or names nobody. Whether it can be
    /// played to its end is told by [`Self::lay_out`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document = Document::new(text)?;
        let table = document.parse()?;
        let keys = [
            "title", "summary", "depth", "standard", "compare", "topics", "world", "before", "step",
        ];
        let root = document.root(&table, &keys)?;
        let read = |key: &str, what: &str| {
            let value = root.need(key, &format!("[{key}] with pt, en and es"))?;
            Texts::read(&document, value, what)
        };
        let flag = |key: &str| {
            root.get(key)
                .map_or(Ok(false), |value| document.boolean(value))
        };
        let world = document.block(root.need("world", "world = ''' …lines… '''")?)?;
        let setup = Rc::new(script::setup(&world)?);
        let before = match root.get("before") {
            Some(value) => document.block(value)?,
            None => Vec::new(),
        };
        let before = before
            .into_iter()
            .filter(|line| !script::is_empty(&line.text));
        let before = before.map(|line| script::deed(&setup, line));
        let before = before.collect::<Result<_, _>>()?;
        let steps = steps(&document, &root, &setup)?;
        Ok(Self {
            title: read("title", "the title")?,
            summary: read("summary", "the summary")?,
            depth: depth(&document, &root)?,
            standard: sections(&document, &root)?,
            compare: flag("compare")?,
            topics: flag("topics")?,
            setup,
            before,
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
