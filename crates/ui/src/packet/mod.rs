//! stub
pub(crate) fn problem_words(_t: &crate::text::Texts, p: &vitrine_link::Problem) -> String { p.code.clone() }
