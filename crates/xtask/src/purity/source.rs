//! Reads Rust sources, as far as rustfmt's regular shape allows without parsing them.

/// Names that reach the world, or have an order that differs from run to run.
const FORBIDDEN: [(&str, &str); 17] = [
    ("SystemTime", "reads the clock"),
    ("Instant::now", "reads the clock"),
    ("std::time", "reads the clock; time is an argument"),
    ("std::fs", "touches files"),
    ("std::net", "touches the network"),
    ("std::io", "does input and output"),
    ("std::env", "reads the environment"),
    ("std::process", "touches processes"),
    ("std::thread", "starts threads"),
    ("std::os", "depends on the system"),
    (
        "collections::HashMap",
        "has a random order; use BTreeMap, or hashbrown with a fixed hasher",
    ),
    (
        "collections::HashSet",
        "has a random order; use BTreeSet, or hashbrown with a fixed hasher",
    ),
    ("RandomState", "draws a random number"),
    ("getrandom", "draws a random number"),
    ("thread_rng", "draws a random number"),
    ("web_sys::", "reaches the browser"),
    ("js_sys::", "reaches the browser"),
];

/// True when the crate is `no_std`, other than for its own tests.
pub(super) fn says_no_std(lib: &str) -> bool {
    lib.lines().any(|line| {
        matches!(
            line.trim(),
            "#![no_std]" | "#![cfg_attr(not(test), no_std)]"
        )
    })
}

/// The lines (from 1) outside tests that are not pure, and why.
pub(super) fn impurities(text: &str, no_std: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in without_tests(text) {
        let code = line.split("//").next().unwrap_or_default();
        if no_std
            && (code.contains("std::") && !code.contains("_std::")
                || code.contains("extern crate std"))
        {
            found.push((
                number,
                "uses `std`; the crate is no_std: take it from core or alloc".to_owned(),
            ));
            continue;
        }
        for (name, why) in FORBIDDEN {
            if code.contains(name) {
                found.push((number, format!("`{name}` {why}")));
            }
        }
    }
    found
}

/// The numbered lines that are compiled outside tests: all but the items under `#[cfg(test)]`.
fn without_tests(text: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push((number, line));
            continue;
        }
        // rustfmt closes an item with a brace as far in as the attribute that opened it.
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        for (_, line) in lines.by_ref() {
            let is_attribute = line.trim_start().starts_with("#[");
            let at_indent = line.starts_with(indent) && !line[indent.len()..].starts_with(' ');
            let is_short =
                at_indent && (line.trim_end().ends_with(';') || line.trim_end().ends_with("{}"));
            if line.trim_end() == end || (is_short && !is_attribute) {
                break;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_found() {
        let text = "use core::fmt;\nuse std::time::Instant;\n\nfn f() { std::fs::read(p); }\n";
        let lines: Vec<_> = impurities(text, false)
            .iter()
            .map(|(line, _)| *line)
            .collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(impurities(text, true).len(), 2);
    }

    #[test]
    fn a_random_order_is_found() {
        assert_eq!(
            impurities("use std::collections::HashMap;\n", false).len(),
            1
        );
        assert!(impurities("use std::collections::BTreeMap;\n", false).is_empty());
        assert_eq!(
            impurities("use std::collections::BTreeMap;\n", true).len(),
            1
        );
    }

    #[test]
    fn comments_and_tests_may_say_std() {
        let text = "// std::fs is not for us\nfn f() {} // nor std::net\n\n#[cfg(test)]\nextern crate std;\n\n\
                    #[cfg(test)]\nmod tests {\n    use std::fs;\n\n    fn g() {\n    }\n}\n\nfn h() { std::env::args(); }\n";
        let lines: Vec<_> = impurities(text, true)
            .iter()
            .map(|(line, _)| *line)
            .collect();
        assert_eq!(lines, [15]);
    }

    #[test]
    fn a_crate_says_that_it_is_no_std() {
        assert!(says_no_std("//! Doc.\n#![no_std]\n"));
        assert!(says_no_std("#![cfg_attr(not(test), no_std)]\n"));
        assert!(!says_no_std("#![cfg_attr(feature = \"x\", no_std)]\n"));
        assert!(!says_no_std("// #![no_std]\n"));
    }
}
