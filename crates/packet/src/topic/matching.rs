//! Holding a Topic Filter against a Topic Name.

/// Whether the valid Topic Filter `filter` matches the valid Topic Name `topic`: level by level,
/// byte by byte, nothing normalized [MQTT-4.7.3-4]; a filter that begins with a wildcard does not
/// match a topic that begins with `$` [MQTT-4.7.2-1].
///
/// `filter` is taken as it stands: take `$share/{ShareName}/` off with
/// [`strip_share`](super::strip_share) first.
pub fn matches(filter: &str, topic: &str) -> bool {
    let (mut filter, mut topic) = (filter.as_bytes(), topic.as_bytes());
    if topic.first() == Some(&b'$') && matches!(filter.first(), Some(b'+' | b'#')) {
        return false;
    }
    loop {
        match filter.first() {
            Some(b'#') => return true,
            Some(b'+') => {
                let level = topic.iter().position(|&b| b == b'/').unwrap_or(topic.len());
                topic = &topic[level..];
                filter = &filter[1..];
            }
            _ => {
                let level = filter
                    .iter()
                    .position(|&b| b == b'/')
                    .unwrap_or(filter.len());
                match topic.strip_prefix(&filter[..level]) {
                    Some(rest) => topic = rest,
                    None => return false,
                }
                filter = &filter[level..];
            }
        }
        // Both stand at the end of a level now, or `topic` in the middle of a longer one.
        match (filter.split_first(), topic.split_first()) {
            (None, None) => return true,
            (Some((b'/', f)), Some((b'/', t))) => (filter, topic) = (f, t),
            // `sport/#` takes in `sport` too.
            (Some((_, rest)), None) => return rest == b"#",
            _ => return false,
        }
    }
}
