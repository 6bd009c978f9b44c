//! The statements that the sources speak of, in comments and in what they tell users, exist.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::claims;
use super::statements::{Statements, Version};

/// The statements named in `crates/*/src` that neither version has, with their places.
pub(super) fn unknown(root: &Path, statements: &Statements) -> Result<Vec<String>> {
    let mut files = Vec::new();
    claims::sources(&root.join("crates"), &mut files)?;
    files.sort();
    let mut errors = Vec::new();
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root)?.display();
        for (number, line) in text.lines().enumerate() {
            for id in cited(line) {
                let known = Version::ALL
                    .iter()
                    .any(|version| statements.find(*version, id).is_some());
                if !known {
                    let line = number + 1;
                    errors.push(format!("{name}:{line}: no version has a statement {id}"));
                }
            }
        }
    }
    Ok(errors)
}

/// `MQTT-3.1.0-1` wherever a line has it: a chapter of two or three numbers, and a number.
fn cited(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("MQTT-").filter_map(|(at, _)| {
        let rest = &line[at + "MQTT-".len()..];
        let in_id = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let len = rest.bytes().take_while(|byte| in_id(byte)).count();
        let numbers = rest[..len].trim_end_matches(['.', '-']);
        let (chapter, number) = numbers.rsplit_once('-')?;
        let dots = chapter.matches('.').count();
        let is_id = (1..=2).contains(&dots) && number.parse::<u32>().is_ok();
        is_id.then(|| &line[at..at + "MQTT-".len() + numbers.len()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_any_text() {
        let line = "see [MQTT-3.1.0-1], \"MQTT-4.2-1\", MQTT-3.3.1-13. Not MQTT-1, not MQTT-1-1, nor MQTT-.";
        let found: Vec<_> = cited(line).collect();
        assert_eq!(found, ["MQTT-3.1.0-1", "MQTT-4.2-1", "MQTT-3.3.1-13"]);
    }
}
