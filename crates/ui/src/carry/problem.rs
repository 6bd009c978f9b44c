//! What the lab could not open or do: what, where, and what to do.

use vitrine_link::LabProblem;
use yew::prelude::*;

use crate::bridge::Shared;
use crate::chrome::Notice;
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) problem: Shared<Option<LabProblem>>,
    /// The last one that was there when the user asked for something else.
    pub(crate) past: Shared<Option<LabProblem>>,
}

/// The last problem, until it is closed or the user tries something else.
#[component]
pub(crate) fn LabNotice(props: &Props) -> Html {
    let texts = use_texts();
    let closed = use_state(|| None::<Shared<Option<LabProblem>>>);
    let Some(problem) = props.problem.as_ref() else {
        return Html::default();
    };
    if closed.as_ref() == Some(&props.problem) || props.past == props.problem {
        return Html::default();
    }
    let onclose = {
        let (closed, problem) = (closed.setter(), props.problem.clone());
        Callback::from(move |_: MouseEvent| closed.set(Some(problem.clone())))
    };
    html! { <Notice words={words(&texts, problem)} kind="lab-problem" {onclose} /> }
}

/// The problem in sentences.
pub(crate) fn words(texts: &Texts, problem: &LabProblem) -> String {
    let named = if problem.name.is_empty() {
        ""
    } else {
        ".named"
    };
    let what = format!("lab-problem.{}{named}", problem.what);
    let what = match texts.find(&what) {
        Some(_) => what,
        None => format!("lab-problem{named}"),
    };
    let mut out = texts.fill(&what, &[("name", &problem.name)]);
    if problem.line > 0 {
        out += " ";
        out += &texts.fill("lab-problem.line", &[("line", &problem.line)]);
    }
    out += " ";
    out += &texts.why(&problem.why);
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    if let Some(advice) = texts.find(&format!("lab-problem.{}.do", problem.what)) {
        out += " ";
        out += advice;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::text::LANGUAGES;

    #[test]
    fn a_problem_says_what_where_why_and_what_to_do() {
        for (language, _) in LANGUAGES {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("../../web/locales/{language}.json"));
            let entries: BTreeMap<_, _> =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let texts = Texts::new(language, entries);
            for what in ["lesson", "link", "recording", "act", "something-new"] {
                for name in ["", "06-qos-1"] {
                    for line in [0, 12] {
                        let problem = LabProblem {
                            what: what.into(),
                            name: name.into(),
                            line,
                            why: "no such client".into(),
                        };
                        let words = words(&texts, &problem);
                        assert!(words.contains("no such client."), "{language}: {words}");
                        assert!(words.contains(name), "{language}: {words}");
                        assert_eq!(line > 0, words.contains("12"), "{language}: {words}");
                        assert!(!words.contains("lab-problem"), "{language}: {words}");
                        assert!(!words.contains('{'), "{language}: {words}");
                    }
                }
            }
        }
    }
}
