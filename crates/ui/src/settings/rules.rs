//! The rules' text: what is told of it, and the one change that a switch makes in it.

/// `text` with `anonymous` in its table `[access]`, which is made if there is none. All else stays as it is.
pub(super) fn with_anonymous(text: &str, anonymous: bool) -> String {
    let line = format!("anonymous = {anonymous}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let Some(table) = lines.iter().position(|line| line.trim() == "[access]") else {
        let begin = format!("[access]\n{line}\n");
        return if text.trim().is_empty() {
            begin
        } else {
            format!("{begin}\n{}\n", text.trim_end())
        };
    };
    let end = lines[table + 1..]
        .iter()
        .position(|line| line.trim_start().starts_with('['))
        .map_or(lines.len(), |length| table + 1 + length);
    let is_key = |line: &String| {
        line.split_once('=')
            .is_some_and(|(key, _)| key.trim() == "anonymous")
    };
    match lines[table + 1..end].iter().position(is_key) {
        Some(at) => lines[table + 1 + at] = line,
        None => lines.insert(table + 1, line),
    }
    lines.join("\n") + "\n"
}

/// Where a line (from 1) begins and ends, counted in UTF-16 as a text field does.
pub(super) fn line_range(text: &str, line: u32) -> Option<(u32, u32)> {
    let length = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut begin = 0;
    for (number, one) in (1..).zip(text.split('\n')) {
        let end = begin + length(one);
        if number == line {
            return Some((begin, end));
        }
        begin = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_changes_its_own_line_only() {
        for (text, with) in [
            ("", "[access]\nanonymous = false\n"),
            ("[access]\n", "[access]\nanonymous = false\n"),
            (
                "# mine\n[access]\ndefault = \"deny\" # else\nanonymous=true # all\n",
                "# mine\n[access]\ndefault = \"deny\" # else\nanonymous = false\n",
            ),
            (
                "[[access.rules]]\nallow = \"all\"\n",
                "[access]\nanonymous = false\n\n[[access.rules]]\nallow = \"all\"\n",
            ),
            (
                "[access]\ndefault = \"deny\"\n[other]\nanonymous = 1\n",
                "[access]\nanonymous = false\ndefault = \"deny\"\n[other]\nanonymous = 1\n",
            ),
        ] {
            assert_eq!(with_anonymous(text, false), with, "{text:?}");
            assert_eq!(with_anonymous(with, false), with, "{text:?}");
        }
    }

    #[test]
    fn lines_are_found_as_a_field_counts() {
        assert_eq!(line_range("a\né☃𝄞\nb", 2), Some((2, 6)));
        assert_eq!(line_range("a\né☃𝄞\nb", 3), Some((7, 8)));
        assert_eq!(line_range("a", 2), None);
        assert_eq!(line_range("", 1), Some((0, 0)));
    }
}
