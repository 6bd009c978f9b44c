//! `docs/conformance.md`, and its summary.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Verdict;
use super::claims::{Kind, Test};
use super::statements::{Statement, Statements, Version};

const HEAD: &str = "\
# Conformance

What the two standards ask, statement by statement, and the tests that prove that it is so. `cargo xtask conformance`
runs these tests and writes this page from the comments above them; `cargo xtask test` fails when a statement that binds
a server has neither a test nor a reason, and when this page is not what the tests say.

What a statement asks is said in our words, and shortly: the [standards](https://mqtt.org/mqtt-specification/) are what
counts. MQTT 3.1 has no numbered statements; its clients are served as those of 3.1.1 are.
";

type Named<'a> = BTreeMap<(Version, &'a str), Vec<usize>>;

fn named(tests: &[Test]) -> Named<'_> {
    let mut named = Named::new();
    for (place, test) in tests.iter().enumerate() {
        for (version, id) in &test.claims {
            named.entry((*version, id)).or_default().push(place);
        }
    }
    named
}

/// The page. `verdicts` are those of `tests`, in their order.
pub(super) fn render(statements: &Statements, tests: &[Test], verdicts: &[Verdict]) -> String {
    let named = named(tests);
    let mut page = HEAD.to_owned();
    for version in Version::ALL {
        let count = summary(statements, tests, version);
        write!(page, "\n## MQTT {version}\n\n{count}\n").expect("a String takes all");
        for (binds_server, heading) in [
            (true, "What binds a server"),
            (false, "What binds only clients"),
        ] {
            page.push_str(&format!("\n### {heading}\n\n"));
            if !binds_server {
                page.push_str(
                    "A broker need not prove these. Where a test is named, it shows what the broker says to a client \
                     that breaks the rule, or what our own client does.\n\n",
                );
            }
            page.push_str(
                "| statement | what it asks | proved by | |\n| --- | --- | --- | --- |\n",
            );
            let lines = statements.all().filter(|statement| {
                statement.version == version && statement.binds_server == binds_server
            });
            for statement in lines {
                let places = named
                    .get(&(version, &*statement.id))
                    .map_or(&[][..], |places| places);
                page.push_str(&row(statement, places, tests, verdicts));
            }
        }
    }
    page
}

fn row(statement: &Statement, places: &[usize], tests: &[Test], verdicts: &[Verdict]) -> String {
    let id = &statement.id;
    let words = &statement.words;
    if places.is_empty() {
        let reason = match &*statement.reason {
            "" if statement.binds_server => "**nothing**".to_owned(),
            reason => reason.to_owned(),
        };
        return format!("| {id} | {words} | {reason} | |\n");
    }
    let links: Vec<_> = places.iter().map(|place| link(&tests[*place])).collect();
    let all = |verdict| places.iter().all(|place| verdicts[*place] == verdict);
    let any = |verdict| places.iter().any(|place| verdicts[*place] == verdict);
    let verdict = if any(Verdict::Failed) {
        "**fails**"
    } else if all(Verdict::Passed) {
        "pass"
    } else {
        "not run"
    };
    format!("| {id} | {words} | {} | {verdict} |\n", links.join("<br>"))
}

/// A test, linked to its file.
fn link(test: &Test) -> String {
    let file = test.file.trim_start_matches("crates/");
    let shown = match test.kind {
        Kind::Native | Kind::Wasm => {
            let place = file.trim_end_matches(".rs").trim_end_matches("/mod");
            let place = place.replace("/tests/", "/").replace("/src/", "/");
            format!("`{}::{}`", place.replace('/', "::"), test.name)
        }
        Kind::Script | Kind::Server | Kind::Browser => {
            format!("{file}: {}", test.name.replace('|', "\\|"))
        }
    };
    format!("[{shown}](../{})", test.file)
}

/// Whether the page, as it was written, names the test and says nowhere that it did not pass.
pub(super) fn lists(page: &str, test: &Test) -> bool {
    let link = link(test);
    let mut rows = page.lines().filter(|line| line.contains(&link)).peekable();
    rows.peek().is_some() && rows.all(|line| line.ends_with("| pass |"))
}

/// How many statements there are, and what became of them.
pub(super) fn summary(statements: &Statements, tests: &[Test], version: Version) -> String {
    let named = named(tests);
    let of_version = |statement: &&Statement| statement.version == version;
    let is_named = |statement: &&Statement| named.contains_key(&(version, &*statement.id));
    let binding: Vec<_> = statements
        .all()
        .filter(of_version)
        .filter(|statement| statement.binds_server)
        .collect();
    let proved = binding
        .iter()
        .copied()
        .filter(|statement| is_named(statement))
        .count();
    let open = binding
        .iter()
        .filter(|statement| !is_named(statement))
        .filter(|statement| statement.reason.is_empty())
        .count();
    let left_out = binding.len() - proved - open;
    format!(
        "{version}: {} statements bind a server. Proved: {proved}; left out for a reason: {left_out}; without a test: \
         {open}.",
        binding.len()
    )
}

/// The first lines that differ, to be shown.
pub(super) fn difference(written: &str, expected: &str) -> String {
    let mut text = String::new();
    let old: Vec<_> = written.lines().collect();
    let new: Vec<_> = expected.lines().collect();
    let gone = old.iter().filter(|line| !new.contains(line)).take(5);
    gone.for_each(|line| text.push_str(&format!("- {line}\n")));
    let added = new.iter().filter(|line| !old.contains(line)).take(5);
    added.for_each(|line| text.push_str(&format!("+ {line}\n")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, id: &str) -> Test {
        Test {
            kind: Kind::Native,
            file: "crates/broker/tests/rules/mod.rs".into(),
            name: name.into(),
            claims: vec![(Version::V5, id.into())],
        }
    }

    #[test]
    fn a_statement_shows_its_tests_and_how_they_ended() {
        let statements = Statements::read().unwrap();
        let tests = [test("one", "MQTT-3.12.4-1"), test("two", "MQTT-3.12.4-1")];
        let line = |verdicts: [Verdict; 2]| {
            let page = render(&statements, &tests, &verdicts);
            let line = page.lines().find(|line| line.contains("::one`"));
            line.unwrap().to_owned()
        };
        let good = line([Verdict::Passed; 2]);
        assert!(
            good.contains("[`broker::rules::two`](../crates/broker/tests/rules/mod.rs) | pass |"),
            "{good}"
        );
        assert!(line([Verdict::Passed, Verdict::Failed]).ends_with("| **fails** |"));
        let not_run = line([Verdict::NotRun, Verdict::Passed]);
        assert!(not_run.ends_with("| not run |"));
        assert!(lists(&good, &tests[0]) && !lists(&not_run, &tests[0]) && !lists("", &tests[0]));
    }
}
