//! Topic Names and Topic Filters (section 4.7 of both standards, 4.8.2 of 5.0): their rules,
//! matching, and the explanation of a match.

mod error;
mod explain;
mod matching;
mod share;
mod validate;

pub use error::{TopicError, TopicErrorKind};
pub use explain::{Explanation, LevelMatch, Verdict, explain};
pub use matching::matches;
pub use share::{parse_share, strip_share};
pub use validate::{validate_filter, validate_filter_for, validate_name, validate_name_for};

pub(crate) use validate::{check_filter, check_name};
