//! Subscribing: Topic Filters with their options, read and written.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use vitrine_packet::{QoS, RetainHandling, SubscriptionOptions};

use crate::Action;
use crate::script::line::Line as Written;
use crate::script::problem::unknown;
use crate::script::value::Setting;
use crate::script::words::Word;

/// Words that mean something behind `subscribe`.
const FLAGS: [&str; 2] = ["no-local", "retain-as-published"];

/// In one SUBSCRIBE or UNSUBSCRIBE.
const MOST_FILTERS: usize = 1_000;

pub(super) fn subscribe(node: usize, words: &[Word]) -> Result<Action, String> {
    let mut filters: Vec<(Rc<str>, SubscriptionOptions)> = Vec::new();
    let mut identifier = None;
    for word in words {
        if let Some("id") = word.key.as_deref() {
            let setting = Setting::of(word)?;
            if identifier.is_some() {
                return Err("id stands there twice: one SUBSCRIBE has one identifier".to_string());
            }
            identifier = Some(setting.number(1, 268_435_455)? as u32);
            continue;
        }
        let is_option = word.key.is_some() || word.bare().is_some_and(|word| FLAGS.contains(&word));
        if !is_option {
            filters.push((filter(word)?, SubscriptionOptions::default()));
            continue;
        }
        let setting = Setting::of(word)?;
        let Some((_, options)) = filters.last_mut() else {
            return Err(format!(
                "{} stands before any Topic Filter: it belongs behind its own",
                setting.key
            ));
        };
        match setting.key {
            "qos" => options.qos = setting.qos()?,
            "no-local" => options.no_local = setting.yes()?,
            "retain-as-published" => options.retain_as_published = setting.yes()?,
            "retain-handling" => {
                let number = setting.number(0, 2)? as u8;
                options.retain_handling = RetainHandling::from_u8(number).unwrap_or_default();
            }
            key => {
                let known = [
                    "qos",
                    "no-local",
                    "retain-as-published",
                    "retain-handling",
                    "id",
                ];
                return Err(unknown("the setting", key, known));
            }
        }
    }
    if filters.is_empty() || filters.len() > MOST_FILTERS {
        return Err(no_filter("subscribe"));
    }
    Ok(Action::Subscribe(node, filters, identifier))
}

pub(super) fn unsubscribe(node: usize, words: &[Word]) -> Result<Action, String> {
    let filters: Result<Vec<Rc<str>>, String> = words.iter().map(filter).collect();
    let filters = filters?;
    if filters.is_empty() || filters.len() > MOST_FILTERS {
        return Err(no_filter("unsubscribe"));
    }
    Ok(Action::Unsubscribe(node, filters))
}

fn filter(word: &Word) -> Result<Rc<str>, String> {
    let bytes = word.plain().ok_or_else(|| {
        format!(
            "{} is no Topic Filter: put one with = in it in quotes",
            word.shown()
        )
    })?;
    let text = core::str::from_utf8(bytes).map_err(|_| "a Topic Filter must be UTF-8")?;
    Ok(text.into())
}

fn no_filter(verb: &str) -> String {
    format!(
        "{verb} wants from one to {MOST_FILTERS} Topic Filters, such as {verb} area/#; a # alone begins a comment: write \"#\""
    )
}

/// Writes a Topic Filter with its options.
pub(super) fn put_filter(line: &mut Written, filter: &str, options: SubscriptionOptions) {
    let SubscriptionOptions {
        qos,
        no_local,
        retain_as_published,
        retain_handling,
    } = options;
    line.plain(filter.as_bytes(), &FLAGS)
        .unless("qos", &qos, &QoS::AtMostOnce)
        .when(no_local, "no-local")
        .when(retain_as_published, "retain-as-published");
    if retain_handling != RetainHandling::Send {
        let number = retain_handling.as_u8().to_string();
        line.key("", "retain-handling", &number);
    }
}
