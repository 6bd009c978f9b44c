//! Files for the user: what a worker gives out, and how they are called.

use vitrine_link::{Format, LabFrame};
use web_sys::{Blob, BlobPropertyBag};
use yew::prelude::*;

use crate::bridge::{Given, Shared};
use crate::part::live_name;
use crate::save::save;

/// How a format's files end, and what they are called among programs.
fn ending(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Recording => ("vitrine", "application/octet-stream"),
        Format::Pcapng => ("pcapng", "application/x-pcapng"),
        Format::JsonLines => ("jsonl", "application/jsonl"),
    }
}

/// Hands over every file that a worker gives out.
#[hook]
pub(crate) fn use_saving(exported: Shared<Option<Given>>) {
    use_effect_with(exported, |exported| {
        if let Some(exported) = &**exported {
            let (ending, kind) = ending(exported.format);
            let name = file_name(&exported.name, ending);
            let options = BlobPropertyBag::new();
            options.set_type(kind);
            let blob = Blob::new_with_u8_array_sequence_and_options(&exported.parts, &options);
            // The file has them now, and may be as large as all of the page.
            exported.parts.set_length(0);
            if let Ok(blob) = blob {
                let _ = save(&name, &blob);
            }
        }
    });
}

/// A name for a picture of what is on screen: the lesson and the position, or the time of day.
pub(super) fn picture_name(lab: Option<&LabFrame>, ending: &str) -> String {
    let name = match lab {
        Some(lab) => {
            let lesson = lab.lesson.as_ref().map(|lesson| lesson.name.as_str());
            let name = lesson.unwrap_or(&lab.title);
            // A link may bring a world without a name.
            let name = if name.is_empty() { "lab" } else { name };
            format!("{name}-{}", lab.moment)
        }
        None => live_name(),
    };
    file_name(&name, ending)
}

/// `name` as the name of a file that ends in `ending`, on every system.
fn file_name(name: &str, ending: &str) -> String {
    const MOST: usize = 80;
    let mut out = String::new();
    for character in name.chars().take(MOST) {
        let kept = character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
        if kept {
            out.push(character);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_matches(['-', '.']);
    let out = if out.is_empty() { "vitrine" } else { out };
    // A name that has an ending already keeps it.
    match out.rsplit_once('.') {
        Some((_, "svg" | "png" | "vitrine" | "jsonl" | "pcapng")) => out.to_owned(),
        _ => format!("{out}.{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_name_that_every_system_takes() {
        for (name, file) in [
            ("06-qos-1", "06-qos-1.svg"),
            ("QoS 1: a confirmação", "QoS-1-a-confirmação.svg"),
            ("../../etc/passwd", "etc-passwd.svg"),
            ("a.svg", "a.svg"),
            ("a.vitrine.jsonl", "a.vitrine.jsonl"),
            ("5.0", "5.0.svg"),
            ("", "vitrine.svg"),
            ("???", "vitrine.svg"),
            ("con<>|nul\0", "con-nul.svg"),
        ] {
            assert_eq!(file_name(name, "svg"), file);
        }
        assert!(file_name(&"x".repeat(500), "svg").len() < 100);
    }

    #[test]
    fn a_picture_is_named_after_its_moment() {
        let mut lab = LabFrame {
            title: "QoS 1".into(),
            moment: 12,
            ..LabFrame::default()
        };
        assert_eq!(picture_name(Some(&lab), "png"), "QoS-1-12.png");
        lab.title.clear();
        assert_eq!(picture_name(Some(&lab), "png"), "lab-12.png");
        lab.lesson = Some(vitrine_link::LessonFrame {
            name: "06-qos-1".into(),
            ..Default::default()
        });
        assert_eq!(picture_name(Some(&lab), "png"), "06-qos-1-12.png");
    }
}
