//! Reading the texts of a lesson, their questions, and what they claim.

use vitrine_lab::Setup;

use crate::document::{Document, Table, Value, Written};
use crate::lesson::{Ask, Count, Step};
use crate::until::Until;
use crate::{Error, Texts, script};

/// A lesson has at most so many texts.
const MOST_STEPS: usize = 40;
/// A text does at most so much at once.
const MOST_ACTIONS: usize = 20;
/// A text points at most at so many things.
const MOST_POINTS: usize = 8;
/// A question offers at most so many answers.
const MOST_OPTIONS: usize = 6;

/// What is wrong where a last text goes on.
const THE_END: &str = "the last text is the end: it has neither `do` nor `until`";

/// The texts of a lesson.
pub(crate) fn steps(
    document: &Document<'_>,
    root: &Table<'_>,
    setup: &Setup,
) -> Result<Vec<Step>, Error> {
    let value = root.need("step", "a [[step]] for each text")?;
    let list = document.list(value, "texts: write [[step]] before each", MOST_STEPS)?;
    if list.len() < 2 {
        return Err(document.wrong(value, "a lesson has two texts at least: one, and the end"));
    }
    let last = list.len() - 1;
    let steps = list.iter().enumerate();
    let steps = steps.map(|(at, value)| step(document, value, setup, at == last));
    steps.collect()
}

fn step(
    document: &Document<'_>,
    value: &Value<'_>,
    setup: &Setup,
    last: bool,
) -> Result<Step, Error> {
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
    for point in &points {
        script::is_there(setup, &point.text).map_err(|why| Error::new(point.line, why))?;
    }
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
            return Err(document.wrong(until, THE_END));
        }
        Some(until) => {
            let written = document.text(until, "how far one goes, such as quiet,")?;
            let read = Until::parse(&written.text);
            let read = read.and_then(|read| match read.client() {
                Some(who) => script::client(setup, who).map(|_| read),
                None => Ok(read),
            });
            Some((
                written.line,
                read.map_err(|why| document.wrong(until, why))?,
            ))
        }
        None if last && actions.is_empty() => None,
        None if last => {
            return Err(Error::new(table.line(), THE_END));
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
        Some(value) => counts(document, value, setup)?,
        None => Vec::new(),
    };
    let actions = actions.into_iter().map(|line| script::deed(setup, line));
    Ok(Step {
        line: table.line(),
        text: Texts::read(document, text, "the text")?,
        points: points.into_iter().map(|point| point.text).collect(),
        ask,
        actions: actions.collect::<Result<_, _>>()?,
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

fn counts(document: &Document<'_>, value: &Value<'_>, setup: &Setup) -> Result<Vec<Count>, Error> {
    let list = document.list(
        value,
        "counts, such as { at = \"painel\", times = 2 }",
        MOST_ACTIONS,
    )?;
    let count = |value: &Value<'_>| {
        let keys = [
            "at", "packet", "topic", "qos", "dup", "retain", "reason", "times", "texts",
        ];
        let table = document.table(value, "a count", &keys)?;
        let flag = |key| {
            let value = table.get(key);
            value.map(|value| document.boolean(value)).transpose()
        };
        let byte = |key, most: u8| {
            let value = table.get(key);
            let number = value.map(|value| document.number(value, most.into()));
            number
                .transpose()
                .map(|number| number.and_then(|number| u8::try_from(number).ok()))
        };
        let at = document.text(table.need("at", "a client's name, or broker")?, "a name")?;
        let packet = table.get("packet").map(|value| {
            let name = document.text(value, "the name of a Control Packet")?.text;
            crate::until::packet(&name).map_err(|why| document.wrong(value, why))
        });
        let packet = packet.transpose()?;
        if at.text != "broker" {
            script::client(setup, &at.text).map_err(|why| Error::new(at.line, why))?;
        }
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
            qos: byte("qos", 2)?,
            dup: flag("dup")?,
            retain: flag("retain")?,
            reason: byte("reason", u8::MAX)?,
            times: document.number(table.need("times", "how often")?, 1_000)?,
            texts: texts.transpose()?.unwrap_or(1).max(1),
        })
    };
    list.iter().map(count).collect()
}
