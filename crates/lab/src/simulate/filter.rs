//! Matching a Topic Filter (3.1.1 and 5.0, section 4.7), level by level, without any haste.

use alloc::vec::Vec;

/// Whether `filter`, which is not shared, matches `topic`.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    let filter: Vec<&str> = filter.split('/').collect();
    let topic: Vec<&str> = topic.split('/').collect();
    if topic[0].starts_with('$') && (filter[0] == "+" || filter[0] == "#") {
        return false;
    }
    for (at, level) in filter.iter().enumerate() {
        match *level {
            "#" => return true,
            "+" if at < topic.len() => {}
            level if at < topic.len() && topic[at] == level => {}
            _ => return false,
        }
        // `a/#` takes in `a`.
        if at + 1 == topic.len() && filter.get(at + 1) == Some(&"#") {
            return true;
        }
    }
    filter.len() == topic.len()
}

/// The share name and the filter behind it. Clients before 5.0 may share too: the broker lets them.
pub(super) fn shared(filter: &str) -> Option<(&str, &str)> {
    filter.strip_prefix("$share/")?.split_once('/')
}
