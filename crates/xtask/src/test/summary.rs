//! Reads the counts that test runners print at their end.

use super::Count;

/// The sum over all summaries in what a runner printed: cargo's, nextest's, wasm-bindgen's or Node's. `None` when there
/// is no summary: then the tests did not run.
pub(super) fn parse(output: &str) -> Option<Count> {
    let mut found = None;
    for line in output.lines() {
        if let Some(count) = cargo(line).or_else(|| nextest(line)).or_else(|| node(line)) {
            found.get_or_insert_with(Count::default).add(count);
        }
    }
    found
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`
fn cargo(line: &str) -> Option<Count> {
    let rest = line.trim_start().strip_prefix("test result: ")?;
    let (_, numbers) = rest.split_once(". ")?;
    Some(Count {
        passed: number_before(numbers, "passed")?,
        failed: number_before(numbers, "failed")?,
    })
}

/// `Summary [ 0.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped`
fn nextest(line: &str) -> Option<Count> {
    let rest = line.trim_start().strip_prefix("Summary [")?;
    let (_, numbers) = rest.split_once(" run: ")?;
    let failed = ["failed", "timed out", "exec failed"];
    Some(Count {
        passed: number_before(numbers, "passed").unwrap_or(0),
        failed: failed
            .iter()
            .filter_map(|word| number_before(numbers, word))
            .sum(),
    })
}

/// `# pass 3`, `ℹ fail 1`, `ℹ cancelled 0`: one line a number.
fn node(line: &str) -> Option<Count> {
    let rest = line
        .strip_prefix("# ")
        .or_else(|| line.strip_prefix("ℹ "))?;
    let (word, number) = rest.split_once(' ')?;
    let number = number.trim().parse().ok()?;
    match word {
        "pass" => Some(Count {
            passed: number,
            failed: 0,
        }),
        "fail" | "cancelled" => Some(Count {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

/// The number in front of `word`, where `word` ends its clause: `12` in `…, 12 passed; …`.
fn number_before(text: &str, word: &str) -> Option<u32> {
    text.split([',', ';']).find_map(|clause| {
        let (number, rest) = clause.trim().split_once(' ')?;
        let rest = rest.split(" (").next()?;
        (rest == word).then(|| number.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u32, failed: u32) -> Option<Count> {
        Some(Count { passed, failed })
    }

    #[test]
    fn cargo_summaries_add_up() {
        let output = "running 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(parse(output), count(4, 2));
    }

    #[test]
    fn nextest_summaries() {
        let ok = "     Summary [   0.005s] 12 tests run: 12 passed (1 slow), 0 skipped\n";
        assert_eq!(parse(ok), count(12, 0));
        let bad =
            "     Summary [   1.005s] 5/7 tests run: 2 passed, 2 failed, 1 timed out, 3 skipped\n";
        assert_eq!(parse(bad), count(2, 3));
        assert_eq!(
            parse("     Summary [   0.000s] 0 tests run: 0 passed, 4 skipped\n"),
            count(0, 0)
        );
    }

    #[test]
    fn node_summaries() {
        let tap = "# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n# duration_ms 86.4\n";
        assert_eq!(parse(tap), count(2, 2));
        assert_eq!(parse("ℹ pass 5\nℹ fail 0\n"), count(5, 0));
    }

    #[test]
    fn no_summary_is_not_a_success() {
        assert_eq!(parse("error: could not compile\n"), None);
        assert_eq!(parse("# passing thought\nfail 3\n"), None);
    }
}
