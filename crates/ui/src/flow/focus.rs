//! What stands out of the ladder: all that belongs to the one selection.

use std::collections::BTreeSet;

use vitrine_link::{Detail, FlowRow, PacketType, RowKind, Selection, Story};

/// What the selection is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Focus {
    /// The selected row.
    pub(crate) row: Option<u64>,
    /// The publication whose story it is.
    pub(crate) publication: Option<u64>,
    /// The topic.
    pub(crate) topic: Option<String>,
    /// The client.
    pub(crate) client: Option<String>,
    /// Everyone in the story, the publisher too.
    pub(crate) actors: BTreeSet<String>,
    /// The story's rows, in order.
    pub(crate) rows: Vec<u64>,
}

/// How a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    /// Nothing is said of it.
    Plain,
    /// It belongs to the selection.
    Lit,
    /// It does not.
    Faded,
}

impl Focus {
    /// What `selection` is about, as far as `detail` answers for it already.
    pub(crate) fn new(selection: &Selection, detail: &Detail) -> Self {
        let mut focus = Self::default();
        match selection {
            Selection::None => {}
            Selection::Row(number) => focus.row = Some(*number),
            Selection::Publication(number) => focus.publication = Some(*number),
            Selection::Topic(topic) => focus.topic = Some(topic.clone()),
            Selection::Client(client) | Selection::Subscription { client, .. } => {
                focus.client = Some(client.clone());
            }
        }
        match (selection, detail) {
            (Selection::Row(number), Detail::Packet(packet)) if packet.row.number == *number => {
                focus.publication = packet.row.publication;
                match &packet.story {
                    Some(story) => focus.tell(story),
                    None => {
                        focus.actors.insert(packet.client.clone());
                    }
                }
            }
            (Selection::Publication(number), Detail::Story(story))
                if story.publication == *number =>
            {
                focus.tell(story);
            }
            _ => {}
        }
        focus
    }

    fn tell(&mut self, story: &Story) {
        self.topic = Some(story.topic.clone());
        self.rows.clone_from(&story.rows);
        self.actors.insert(story.publisher.clone());
        self.actors.extend(
            story
                .deliveries
                .iter()
                .map(|delivery| delivery.client.clone()),
        );
    }

    /// How a row shows whose client is `name`.
    pub(crate) fn light(&self, row: &FlowRow, name: &str) -> Light {
        if self.row == Some(row.number) {
            return Light::Lit;
        }
        if self.publication.is_some() {
            return if row.publication == self.publication {
                Light::Lit
            } else {
                Light::Faded
            };
        }
        if let Some(client) = &self.client {
            return if client == name {
                Light::Lit
            } else {
                Light::Faded
            };
        }
        match (&self.topic, &row.kind) {
            (Some(topic), RowKind::Packet(packet))
                if packet.packet_type == PacketType::Publish.as_u8() =>
            {
                if packet.topic.as_ref() == Some(topic) {
                    Light::Lit
                } else {
                    Light::Plain
                }
            }
            _ => Light::Plain,
        }
    }

    /// The row of the story after `from` (or before it).
    pub(crate) fn step(&self, from: u64, forward: bool) -> Option<u64> {
        if forward {
            self.rows.iter().copied().find(|row| *row > from)
        } else {
            self.rows.iter().copied().rev().find(|row| *row < from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::{Delivery, PacketDetail, PacketRow};

    fn row(number: u64, publication: Option<u64>) -> FlowRow {
        FlowRow {
            number,
            at: 0.0,
            lifeline: Some(1),
            publication,
            cause: None,
            kind: RowKind::Packet(PacketRow {
                packet_type: 3,
                topic: Some("a/b".into()),
                ..PacketRow::default()
            }),
        }
    }

    fn story() -> Story {
        Story {
            publication: 4,
            topic: "a/b".into(),
            publisher: "p".into(),
            rows: vec![10, 11, 14],
            deliveries: vec![Delivery {
                client: "s".into(),
                ..Delivery::default()
            }],
            ..Story::default()
        }
    }

    #[test]
    fn a_selected_row_lights_its_whole_story() {
        let detail = Detail::Packet(Box::new(PacketDetail {
            row: row(10, Some(4)),
            client: "p".into(),
            bytes: vec![],
            cut: false,
            fields: vec![],
            problem: None,
            story: Some(story()),
            refused: vec![],
        }));
        let focus = Focus::new(&Selection::Row(10), &detail);
        assert_eq!(focus.light(&row(11, Some(4)), "s"), Light::Lit);
        assert_eq!(focus.light(&row(12, Some(5)), "s"), Light::Faded);
        assert_eq!(focus.light(&row(13, None), "s"), Light::Faded);
        assert!(focus.actors.contains("s") && focus.actors.contains("p"));
        assert_eq!(focus.step(11, true), Some(14));
        assert_eq!(focus.step(11, false), Some(10));
        assert_eq!(focus.step(14, true), None);
    }

    #[test]
    fn an_answer_for_what_was_selected_before_counts_for_nothing() {
        let detail = Detail::Story(Box::new(story()));
        let focus = Focus::new(&Selection::Publication(5), &detail);
        assert_eq!(focus.topic, None);
        assert!(focus.rows.is_empty());
    }

    #[test]
    fn a_selected_client_lights_its_rows_and_fades_the_others() {
        let focus = Focus::new(&Selection::Client("s".into()), &Detail::None);
        assert_eq!(focus.light(&row(1, None), "s"), Light::Lit);
        assert_eq!(focus.light(&row(2, None), "p"), Light::Faded);
    }

    #[test]
    fn a_selected_topic_fades_nothing() {
        let focus = Focus::new(&Selection::Topic("a/b".into()), &Detail::None);
        assert_eq!(focus.light(&row(1, None), "p"), Light::Lit);
        let focus = Focus::new(&Selection::Topic("a/c".into()), &Detail::None);
        assert_eq!(focus.light(&row(1, None), "p"), Light::Plain);
    }
}
