//! A lesson's text: pieces between `*` stand out, pieces between backticks are code, an empty line parts paragraphs.

use yew::prelude::*;

/// How a piece of a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Plain,
    Strong,
    Code,
}

/// Cuts a text at its marks. A mark without its other half is a character like any other.
fn cut(text: &str) -> Vec<(Set, &str)> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(at) = rest[from..].find(['*', '`']).map(|at| at + from) {
        let mark = &rest[at..=at];
        let inner = &rest[at + 1..];
        let Some(end) = inner.find(mark).filter(|end| *end > 0) else {
            from = at + 1;
            continue;
        };
        if at > 0 {
            pieces.push((Set::Plain, &rest[..at]));
        }
        let set = if mark == "*" { Set::Strong } else { Set::Code };
        pieces.push((set, &inner[..end]));
        rest = &inner[end + 1..];
        from = 0;
    }
    if !rest.is_empty() {
        pieces.push((Set::Plain, rest));
    }
    pieces
}

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) text: String,
}

/// The text on one line.
#[component]
pub(super) fn Marked(props: &Props) -> Html {
    cut(&props.text)
        .into_iter()
        .map(|(set, piece)| match set {
            Set::Plain => html! { { piece.to_owned() } },
            Set::Strong => html! { <strong>{ piece.to_owned() }</strong> },
            Set::Code => html! { <code>{ piece.to_owned() }</code> },
        })
        .collect()
}

/// The text in its paragraphs.
#[component]
pub(super) fn Paragraphs(props: &Props) -> Html {
    props
        .text
        .split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| html! { <p><Marked text={text.to_owned()} /></p> })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_in_pairs() {
        assert_eq!(
            cut("a *b c* `d*` e"),
            [
                (Set::Plain, "a "),
                (Set::Strong, "b c"),
                (Set::Plain, " "),
                (Set::Code, "d*"),
                (Set::Plain, " e"),
            ]
        );
        assert_eq!(cut("2 * 3"), [(Set::Plain, "2 * 3")]);
        assert_eq!(cut("**"), [(Set::Plain, "**")]);
        assert_eq!(cut("é`x"), [(Set::Plain, "é`x")]);
        assert!(cut("").is_empty());
    }
}
