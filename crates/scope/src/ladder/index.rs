//! Which rows pass a page's filter, kept up as rows come.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_link::{Anchor, Depth, FlowFilter};
use vitrine_packet::{PacketType, topic};

use crate::ladder::Ladder;
use crate::ladder::row::{Kind, Row};
use crate::lines::{LineId, Lines};
use crate::stories::Stories;

/// The numbers of the rows that pass one filter at one depth.
#[derive(Default)]
pub(crate) struct Index {
    wanted: Option<(FlowFilter, Depth)>,
    /// [`Lines::epoch`] for which rows were told by their client.
    epoch: u64,
    /// [`Ladder::revision`] for which rows were looked at.
    revision: u64,
    passing: VecDeque<u64>,
    /// The next row to look at.
    next: u64,
}

/// The part of the passing rows that is on screen, as indexes among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) first: usize,
    pub(crate) end: usize,
}

impl Index {
    /// Makes this the index of the rows as they are now. Costs one test per row that is new; a new
    /// filter looks at all rows.
    pub(crate) fn update(
        &mut self,
        filter: &FlowFilter,
        depth: Depth,
        ladder: &Ladder,
        lines: &Lines,
        stories: &Stories,
    ) {
        let same = self
            .wanted
            .as_ref()
            .is_some_and(|(f, d)| f == filter && *d == depth);
        let renamed = !filter.clients.is_empty() && self.epoch != lines.epoch();
        let revised = self.revision != ladder.revision();
        if !same || renamed || revised {
            self.wanted = Some((filter.clone(), depth));
            self.passing.clear();
            self.next = 0;
        }
        self.epoch = lines.epoch();
        self.revision = ladder.revision();
        let recording = ladder.recording();
        while self
            .passing
            .front()
            .is_some_and(|number| *number < recording.first())
        {
            self.passing.pop_front();
        }
        let mut sieve = Sieve::new(filter, depth, lines);
        for number in self.next.max(recording.first())..=recording.newest() {
            if recording
                .get(number)
                .is_some_and(|row| sieve.passes(row, stories))
            {
                self.passing.push_back(number);
            }
        }
        self.next = recording.newest() + 1;
    }

    /// How many rows pass.
    pub(crate) fn len(&self) -> usize {
        self.passing.len()
    }

    /// The row numbers of a window.
    pub(crate) fn numbers(&self, window: Window) -> Vec<u64> {
        self.passing
            .range(window.first..window.end)
            .copied()
            .collect()
    }

    /// Where a window of `rows` rows stands. It is full if there are rows enough, except that a paused
    /// ladder shows nothing newer than what it was paused at.
    pub(crate) fn window(&self, anchor: Anchor, rows: usize) -> Window {
        let len = self.passing.len();
        let last = len.saturating_sub(rows);
        let from = |first: usize| Window {
            first,
            end: (first + rows).min(len),
        };
        match anchor {
            Anchor::Newest => from(last),
            Anchor::Index(index) => from(usize::try_from(index).unwrap_or(usize::MAX).min(last)),
            Anchor::Around(number) => {
                let place = self.passing.partition_point(|passing| *passing < number);
                from(place.saturating_sub(rows / 2).min(last))
            }
            Anchor::UpTo(number) => {
                let end = self.passing.partition_point(|passing| *passing <= number);
                Window {
                    first: end.saturating_sub(rows),
                    end,
                }
            }
        }
    }
}

/// A filter made ready for testing rows.
pub(crate) struct Sieve<'a> {
    filter: &'a FlowFilter,
    depth: Depth,
    lines: Option<BTreeSet<LineId>>,
    topic: Option<&'a str>,
    /// The publication tested last, and whether its topic matched: rows of one publication mostly
    /// come together.
    known: Option<(u64, bool)>,
}

impl<'a> Sieve<'a> {
    pub(crate) fn new(filter: &'a FlowFilter, depth: Depth, lines: &Lines) -> Self {
        let named = |name: &str| filter.clients.iter().any(|client: &String| client == name);
        let chosen = (!filter.clients.is_empty()).then(|| {
            lines
                .iter()
                .filter(|(_, line)| named(&line.name))
                .map(|(id, _)| id)
                .collect()
        });
        let topic = Some(filter.topic.as_str())
            .filter(|topic| topic::validate_filter(topic).is_ok())
            .map(topic::strip_share);
        Self {
            filter,
            depth,
            lines: chosen,
            topic,
            known: None,
        }
    }

    /// Whether a lifeline passes.
    pub(crate) fn passes_line(&self, line: Option<LineId>) -> bool {
        match (&self.lines, line) {
            (None, _) => true,
            (Some(lines), Some(line)) => lines.contains(&line),
            (Some(_), None) => false,
        }
    }

    /// Whether what belongs to this publication passes.
    pub(crate) fn passes_publication(&mut self, publication: u64, stories: &Stories) -> bool {
        if self
            .filter
            .publication
            .is_some_and(|wanted| wanted != publication)
        {
            return false;
        }
        if self.topic.is_none() && !self.hides_system() {
            return true;
        }
        match self.known {
            Some((known, passes)) if known == publication => passes,
            _ => {
                let topic = stories.topic(publication).map(Rc::as_ref);
                let passes = self.passes_topic(topic);
                self.known = Some((publication, passes));
                passes
            }
        }
    }

    fn hides_system(&self) -> bool {
        self.filter.hide_system && self.filter.publication.is_none()
    }

    /// Whether what was published to this topic passes.
    fn passes_topic(&self, topic: Option<&str>) -> bool {
        match self.topic {
            Some(filter) => topic.is_some_and(|topic| topic::matches(filter, topic)),
            None => !topic.is_some_and(|topic| topic.starts_with("$SYS/") && self.hides_system()),
        }
    }

    /// Whether something that belongs to no publication passes; packets pass less than other things.
    fn passes_without_publication(&self, is_packet: bool) -> bool {
        self.filter.publication.is_none() && !(is_packet && self.topic.is_some())
    }

    /// Whether a row passes.
    pub(crate) fn passes(&mut self, row: &Row, stories: &Stories) -> bool {
        let is_packet = row.packet().is_some() || row.lost().is_some();
        let kind_passes = match &row.kind {
            Kind::Packet(packet) | Kind::Lost(packet) => self.passes_type(packet.packet_type),
            Kind::Opened(_)
            | Kind::Closed(_)
            | Kind::Malformed(..)
            | Kind::Queued(_)
            | Kind::Discarded(_)
            | Kind::Refused(_)
            | Kind::WillPublished
            | Kind::SessionEnded(_)
            | Kind::Dropped
            | Kind::Outside(_) => self.filter.types == 0,
            Kind::Reserved => false,
        };
        kind_passes
            && self.passes_line(row.line)
            && match row.publication {
                Some(publication) => self.passes_publication(publication, stories),
                None => match row.lost() {
                    // It never became a publication.
                    Some(packet) if packet.packet_type == PacketType::Publish => {
                        self.filter.publication.is_none() && self.passes_topic(packet.topic())
                    }
                    _ => self.passes_without_publication(is_packet),
                },
            }
    }

    fn passes_type(&self, packet_type: PacketType) -> bool {
        let ping = matches!(packet_type, PacketType::PingReq | PacketType::PingResp);
        let by_depth = self.depth != Depth::Story || packet_type == PacketType::Publish;
        let by_type = self.filter.types == 0 || self.filter.types & (1 << packet_type as u8) != 0;
        by_depth && by_type && !(ping && self.filter.hide_pings)
    }
}
