//! Shared Subscriptions' filters (5.0 section 4.8.2): `$share/{ShareName}/{filter}`.

/// The share name and the filter of a Shared Subscription's Topic Filter; `None` when it is not
/// one, or lacks the `/` after the share name.
///
/// The parts are as valid as `filter` is: see [`super::validate_filter`].
pub fn parse_share(filter: &str) -> Option<(&str, &str)> {
    filter.strip_prefix("$share/")?.split_once('/')
}

/// `filter` without `$share/{ShareName}/`: what topics are held against.
pub fn strip_share(filter: &str) -> &str {
    parse_share(filter).map_or(filter, |(_, filter)| filter)
}
