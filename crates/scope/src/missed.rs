//! Who a publication did not go to though it subscribes to something, and why not.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use vitrine_link::{LevelVerdict, Missed, Verdict};
use vitrine_packet::topic;

use crate::lines::{LineId, Lines};
use crate::matching;
use crate::sessions::{Session, Sessions};

/// Clients in one answer.
const ANSWERED: usize = 5;
/// Subscriptions that are looked at for one answer, so that thousands of them take no time.
const LOOKED_AT: usize = 2_000;

/// What is asked for.
pub(crate) struct Published<'a> {
    /// The Topic Name.
    pub(crate) topic: &'a str,
    /// Its publisher; empty for the broker.
    pub(crate) publisher: &'a str,
    /// Whom it went to, or would have gone to.
    pub(crate) reached: BTreeSet<LineId>,
    /// The filters of the groups of Shared Subscriptions of which somebody got it, or will.
    pub(crate) groups: BTreeSet<&'a str>,
}

/// The clients with a Subscription that it did not go to, those first whose Subscription came nearest. They are
/// judged by what they subscribe to now.
pub(crate) fn missed(published: &Published<'_>, sessions: &Sessions, lines: &Lines) -> Vec<Missed> {
    let mut left = LOOKED_AT;
    let mut found: Vec<(Reverse<usize>, Missed)> = Vec::new();
    for (line, session) in sessions.iter() {
        if left == 0 {
            break;
        }
        if published.reached.contains(&line) {
            continue;
        }
        let client = lines.get(line).map_or("", |line| line.name.as_str());
        if let Some((near, mut one)) = nearest(published, session, client, &mut left) {
            one.client = client.into();
            found.push((Reverse(near), one));
        }
    }
    // Among equals the order of the clients stays.
    found.sort_by_key(|(near, _)| *near);
    found.truncate(ANSWERED);
    found.into_iter().map(|(_, one)| one).collect()
}

/// The Subscription of a session that came nearest, and how near.
fn nearest(
    published: &Published<'_>,
    session: &Session,
    client: &str,
    left: &mut usize,
) -> Option<(usize, Missed)> {
    let mut best: Option<(usize, Missed)> = None;
    for (filter, subscription) in &session.subscriptions {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let levels = matching::levels(filter, published.topic);
        let passed = levels.iter().take_while(|level| passes(level)).count();
        let matches = topic::matches(topic::strip_share(filter), published.topic);
        let (near, why) = if !matches {
            (passed, "filter")
        } else if subscription.no_local && client == published.publisher {
            (usize::MAX, "no-local")
        } else if topic::parse_share(filter).is_none() {
            // It came after the message.
            (usize::MAX, "later")
        } else if published.groups.contains(&**filter) {
            (usize::MAX, "share")
        } else {
            // The group came after the message, or none of it could have it: nobody said which.
            (usize::MAX, "share-none")
        };
        if best.as_ref().is_none_or(|(known, _)| near > *known) {
            let one = Missed {
                client: String::new(),
                filter: filter.as_ref().into(),
                why: why.into(),
                levels,
            };
            best = Some((near, one));
        }
    }
    best
}

fn passes(level: &LevelVerdict) -> bool {
    matches!(level.verdict, Verdict::Same | Verdict::Plus | Verdict::Hash)
}
