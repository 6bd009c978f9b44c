//! XML as text: whatever is written stays what it is.

/// A piece of a document.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// Begins an element.
    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push('>');
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str("/>\n");
    }

    /// Ends an element.
    pub(super) fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push_str(">\n");
    }

    /// Text, as text.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            self.character(character);
        }
    }

    /// What was written elsewhere.
    pub(super) fn append(&mut self, other: Self) {
        self.0.push_str(&other.0);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '"' => self.0.push_str("&quot;"),
            '\t' | '\n' | '\r' => self.0.push(character),
            // No document may hold these, not even escaped: https://www.w3.org/TR/xml/#charsets
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
            _ => self.0.push(character),
        }
    }
}

/// A number, with two digits behind the point where it has some.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_stays_text() {
        let mut out = Xml::default();
        out.open("text", &[("x", "1\" onload=\"alert(1)")]);
        out.text("</text><script>alert('&')</script>\0\u{1b}é☃");
        out.close("text");
        assert_eq!(
            out.into_string(),
            "<text x=\"1&quot; onload=&quot;alert(1)\">&lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;\u{fffd}\u{fffd}é☃</text>\n"
        );
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (1.0, "1"),
            (0.5, "0.5"),
            (-0.001, "0"),
            (12.346, "12.35"),
            (100.0, "100"),
            (-3.1, "-3.1"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
