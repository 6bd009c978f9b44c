//! Shared Subscriptions' filters (5.0 section 4.8.2): `$share/{ShareName}/{filter}`.

/// The share name and the filter of a Shared Subscription's Topic Filter; `None` when it is not one.
///
/// The filter is as valid as the whole is: see [`super::validate_filter`]. Before 5.0 `$share/` means
/// nothing in particular, so that `$share//b` and `$share/+/b` are valid there without being shared.
pub fn parse_share(filter: &str) -> Option<(&str, &str)> {
    let (name, path) = filter.strip_prefix("$share/")?.split_once('/')?;
    let shared = !name.is_empty() && !name.contains(['+', '#']) && !path.is_empty();
    shared.then_some((name, path))
}

/// `filter` without `$share/{ShareName}/`: what topics are held against.
pub fn strip_share(filter: &str) -> &str {
    parse_share(filter).map_or(filter, |(_, filter)| filter)
}
