//! What is known of the one thing that is selected.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_link::{
    ClientDetail, Delivery, Detail, Outcome, PacketDetail, Refusal, RowKind, Selection, Story,
    TopicDetail,
};
use vitrine_packet::topic;

use crate::dissection;
use crate::ladder::{Kind, Row, tell_row};
use crate::limits::{ANSWERED_CLIENT_HOLDS, ANSWERED_RECEIVERS, ANSWERED_STORY_ROWS};
use crate::matching;
use crate::missed::{Published, missed};
use crate::receivers::{Imagined, Receivers};
use crate::scope::Scope;
use crate::sessions;
use crate::stories;
use crate::time::milliseconds;
use crate::tree::{self, Marks, TreeLens};

/// Refusals are looked for among so many rows behind a packet.
const REFUSALS_WITHIN: u64 = 20;

/// Messages of a topic's history in one answer.
const HISTORY: usize = 20;

/// What is kept for the selection of one page.
#[derive(Default)]
pub(crate) struct DetailLens {
    receivers: Receivers,
    marks: Marks,
}

impl DetailLens {
    /// What is known of the selection.
    pub(crate) fn tell(
        &mut self,
        selection: &Selection,
        scope: &Scope,
        tree: &TreeLens,
        now: u64,
    ) -> Detail {
        let known = match selection {
            Selection::None => return Detail::None,
            Selection::Row(number) => {
                tell_packet(scope, *number).map(|detail| Detail::Packet(Box::new(detail)))
            }
            Selection::Publication(publication) => {
                tell_story(scope, *publication).map(|story| Detail::Story(Box::new(story)))
            }
            Selection::Topic(name) => (self.tell_topic(name, scope, tree, now))
                .map(|detail| Detail::Topic(Box::new(detail))),
            Selection::Client(client) => (self.tell_client(client, None, scope))
                .map(|detail| Detail::Client(Box::new(detail))),
            Selection::Subscription { client, filter } => {
                (self.tell_client(client, Some(filter), scope))
                    .map(|detail| Detail::Client(Box::new(detail)))
            }
        };
        known.unwrap_or(Detail::Gone)
    }

    fn tell_topic(
        &mut self,
        name: &str,
        scope: &Scope,
        tree: &TreeLens,
        now: u64,
    ) -> Option<TopicDetail> {
        let id = scope.tree.find(name)?;
        let messages = scope
            .tree
            .node(id)
            .topic
            .as_ref()
            .map(|topic| &topic.messages);
        let newest = messages.into_iter().flatten().rev().take(HISTORY);
        let imagined = Imagined {
            topic: name.into(),
            qos: 2,
            publisher: String::new(),
        };
        Some(TopicDetail {
            row: tree::row(&scope.tree, id, tree.marks(), tree.is_open(id), now),
            history: newest.map(|message| message.tell()).collect(),
            receivers: self
                .receivers
                .of(imagined, &scope.sessions, &scope.lines, &scope.judge)
                .0
                .to_vec(),
        })
    }

    fn tell_client(
        &mut self,
        client: &str,
        filter: Option<&String>,
        scope: &Scope,
    ) -> Option<ClientDetail> {
        let line = scope.lines.of_client(client)?;
        let session = scope.sessions.get(line)?;
        if filter.is_some_and(|filter| !session.subscriptions.contains_key(filter.as_str())) {
            return None;
        }
        self.marks
            .update(filter.map_or("", String::as_str), &scope.tree);
        Some(ClientDetail {
            row: sessions::tell(
                line,
                session,
                &scope.lines,
                &scope.holds,
                scope.limits.preview,
            ),
            holds: scope.holds.of_line(line, ANSWERED_CLIENT_HOLDS),
            filter: filter.cloned(),
            topics: self.marks.names(&scope.tree).to_vec(),
        })
    }
}

/// A row taken apart.
fn tell_packet(scope: &Scope, number: u64) -> Option<PacketDetail> {
    let row = scope.ladder.recording().get(number)?;
    let told = tell_row(scope, number, true)?;
    let (bytes, version, size) = match &row.kind {
        Kind::Packet(packet) | Kind::Lost(packet) => {
            (&packet.bytes[..], packet.version, packet.size as usize)
        }
        Kind::Malformed(bytes, version, _) => (&bytes[..], *version, bytes.len()),
        Kind::Opened(_)
        | Kind::Closed(_)
        | Kind::Queued(_)
        | Kind::Discarded(_)
        | Kind::Refused(_)
        | Kind::WillPublished
        | Kind::SessionEnded(_)
        | Kind::Dropped
        | Kind::Outside(_)
        | Kind::Reserved => (&[][..], vitrine_packet::ProtocolVersion::V3_1_1, 0),
    };
    let problem = if let RowKind::Malformed(problem) = &told.kind {
        Some(problem.clone())
    } else {
        None
    };
    Some(PacketDetail {
        client: name_of(scope, row),
        bytes: bytes.to_vec(),
        cut: bytes.len() < size,
        fields: dissection::fields(bytes, version, scope.limits.preview),
        problem,
        story: row
            .publication
            .and_then(|publication| tell_story(scope, publication)),
        refused: refused(scope, number, row),
        row: told,
    })
}

/// What of a client's packet was refused: the rows of refusals that follow from it.
fn refused(scope: &Scope, number: u64, row: &Row) -> Vec<Refusal> {
    if !row.packet().is_some_and(|packet| packet.to_broker) {
        return Vec::new();
    }
    let follows = |at: &u64| {
        let refusal = scope.ladder.recording().get(*at);
        refusal.is_some_and(|row| scope.ladder.cause(*at, row) == Some(number))
    };
    let told = (number + 1..=number + REFUSALS_WITHIN)
        .filter(follows)
        .filter_map(|at| match tell_row(scope, at, false)?.kind {
            // That a message is withheld from somebody is told with its story.
            RowKind::Refused(refusal) if refusal.what != "delivery" => Some(*refusal),
            RowKind::Refused(_)
            | RowKind::Packet(_)
            | RowKind::Malformed(_)
            | RowKind::Opened { .. }
            | RowKind::Closed(_)
            | RowKind::Queued { .. }
            | RowKind::Discarded { .. }
            | RowKind::WillPublished { .. }
            | RowKind::SessionEnded { .. }
            | RowKind::Dropped
            | RowKind::Lost(_)
            | RowKind::Outside(_) => None,
        });
    told.collect()
}

fn name_of(scope: &Scope, row: &Row) -> String {
    let line = row.line.and_then(|line| scope.lines.get(line));
    line.map_or_else(String::new, |line| line.name.as_str().into())
}

/// The story of a publication.
fn tell_story(scope: &Scope, publication: u64) -> Option<Story> {
    let story = scope.stories.get(publication)?;
    let published = story.published.as_ref()?;
    let topic = published.topic.as_ref();
    let deliveries = story.deliveries.iter().take(ANSWERED_RECEIVERS);
    let client = |client: &vitrine_broker::ClientId| String::from(client.as_str());
    let publisher = published.publisher.as_ref();
    let missed = missed(
        &Published {
            topic,
            publisher: publisher.map_or("", |client| client.as_str()),
            reached: story.deliveries.iter().map(|it| it.line).collect(),
            groups: (story.deliveries.iter())
                .filter(|it| it.outcome != Outcome::Discarded)
                .map(|it| &*it.filter)
                .filter(|filter| topic::parse_share(filter).is_some())
                .collect(),
        },
        &scope.sessions,
        &scope.lines,
    );
    Some(Story {
        missed,
        publication,
        topic: topic.into(),
        payload: published.payload.tell(),
        publisher: publisher.map_or_else(String::new, client),
        qos: published.qos,
        retain: published.retain,
        will: published.will,
        at: milliseconds(published.at),
        rows: story
            .rows
            .iter()
            .take(ANSWERED_STORY_ROWS)
            .copied()
            .collect(),
        deliveries: deliveries
            .map(|delivery| tell_delivery(delivery, topic))
            .collect(),
        deliveries_left_out: story.deliveries.len().saturating_sub(ANSWERED_RECEIVERS) as u32,
    })
}

fn tell_delivery(delivery: &stories::Delivery, topic: &str) -> Delivery {
    Delivery {
        client: delivery.client.as_str().into(),
        filter: delivery.filter.as_ref().into(),
        granted: delivery.granted,
        qos: delivery.qos,
        retained: delivery.retained,
        outcome: delivery.outcome,
        why: delivery.why.map(String::from),
        sent: delivery.sent,
        rule: delivery.rule.as_deref().map(String::from),
        levels: matching::levels(&delivery.filter, topic),
    }
}
