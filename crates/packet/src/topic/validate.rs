//! The rules for Topic Names and Topic Filters.

use super::{TopicError, TopicErrorKind};
use crate::{ProtocolVersion, text};

/// A fault and the byte it is at: [`TopicError`] before characters are counted.
pub(crate) type TopicFault = (TopicErrorKind, usize);

/// Checks that `topic` may be published to: one character at least [MQTT-4.7.3-1], 65,535 bytes at
/// most [MQTT-4.7.3-3], no U+0000 [MQTT-4.7.3-2] and no wildcards [MQTT-4.7.0-1].
///
/// # Errors
/// The first rule it breaks, with the statement of 5.0.
pub fn validate_name(topic: &str) -> Result<(), TopicError> {
    validate_name_for(topic, ProtocolVersion::V5)
}

/// [`validate_name`] with the statements of `version`.
///
/// # Errors
/// The first rule it breaks.
pub fn validate_name_for(topic: &str, version: ProtocolVersion) -> Result<(), TopicError> {
    check_name(topic.as_bytes()).map_err(|fault| describe(fault, topic, version))
}

/// Checks that `filter` may be subscribed to: the rules of [`validate_name`], but `#` may stand as
/// the last level [MQTT-4.7.1-1] and `+` as any [MQTT-4.7.1-2]; after `$share/` come a share name
/// [MQTT-4.8.2-1] and a filter [MQTT-4.8.2-2].
///
/// # Errors
/// The first rule it breaks, with the statement of 5.0.
pub fn validate_filter(filter: &str) -> Result<(), TopicError> {
    validate_filter_for(filter, ProtocolVersion::V5)
}

/// [`validate_filter`] by the rules of `version`: before 5.0 `$share` means nothing.
///
/// # Errors
/// The first rule it breaks.
pub fn validate_filter_for(filter: &str, version: ProtocolVersion) -> Result<(), TopicError> {
    check_filter(filter.as_bytes(), version).map_err(|fault| describe(fault, filter, version))
}

/// The rules for a Topic Name; `topic` is UTF-8.
#[inline]
pub(crate) fn check_name(topic: &[u8]) -> Result<(), TopicFault> {
    check_length(topic)?;
    match text::find_nul_or_wildcard(topic) {
        None => Ok(()),
        Some(at) => Err(bad_in_name(topic, at)),
    }
}

/// A Topic Name has a byte at `at` that it may not have.
#[cold]
fn bad_in_name(topic: &[u8], at: usize) -> TopicFault {
    let kind = match topic[at] {
        0 => TopicErrorKind::Nul,
        _ => TopicErrorKind::WildcardInTopicName,
    };
    (kind, at)
}

/// The rules for a Topic Filter; `filter` is UTF-8.
pub(crate) fn check_filter(filter: &[u8], version: ProtocolVersion) -> Result<(), TopicFault> {
    const SHARE: &[u8] = b"$share/";
    check_length(filter)?;
    let share = version.has_properties() && (filter.starts_with(SHARE) || filter == b"$share");
    if !share {
        return check_levels(filter, 0);
    }
    let name = filter.get(SHARE.len()..).unwrap_or_default();
    let end = name.iter().position(|&b| b == b'/').unwrap_or(name.len());
    if end == 0 {
        return Err((TopicErrorKind::ShareName, SHARE.len().min(filter.len())));
    }
    if let Some(at) = text::find_nul_or_wildcard(&name[..end]) {
        let kind = if name[at] == 0 {
            TopicErrorKind::Nul
        } else {
            TopicErrorKind::ShareName
        };
        return Err((kind, SHARE.len() + at));
    }
    let rest = SHARE.len() + end + 1;
    match filter.get(rest..) {
        None | Some([]) => Err((TopicErrorKind::ShareFilter, filter.len())),
        Some(levels) => check_levels(levels, rest),
    }
}

/// The rules that names and filters have in common.
#[inline]
fn check_length(text: &[u8]) -> Result<(), TopicFault> {
    match text.len() {
        0 => Err((TopicErrorKind::Empty, 0)),
        1..=0xFFFF => Ok(()),
        _ => Err((TopicErrorKind::TooLong, 0xFFFF)),
    }
}

/// The rules for the levels of a filter, which stand at byte `start` of the whole.
fn check_levels(levels: &[u8], start: usize) -> Result<(), TopicFault> {
    let mut from = 0;
    while let Some(found) = text::find_nul_or_wildcard(&levels[from..]) {
        let at = from + found;
        let alone_before = at == 0 || levels[at - 1] == b'/';
        let after = levels.get(at + 1).copied();
        let kind = match levels[at] {
            0 => TopicErrorKind::Nul,
            b'#' if !alone_before => TopicErrorKind::HashNotAlone,
            b'#' => match after {
                None => return Ok(()),
                Some(b'/') => TopicErrorKind::HashNotLast,
                Some(_) => TopicErrorKind::HashNotAlone,
            },
            _ if alone_before && matches!(after, None | Some(b'/')) => {
                from = at + 1;
                continue;
            }
            _ => TopicErrorKind::PlusNotAlone,
        };
        return Err((kind, start + at));
    }
    Ok(())
}

/// Adds what only people need: the character and the statement.
fn describe((kind, at): TopicFault, text: &str, version: ProtocolVersion) -> TopicError {
    // Past 65,535 bytes `at` may lie inside a character.
    let at_byte = (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0);
    TopicError {
        kind,
        at_char: text[..at_byte].chars().count(),
        at_byte,
        statement: kind.statement(version),
    }
}
