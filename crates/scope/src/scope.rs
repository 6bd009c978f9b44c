//! The view model itself: all that is known of the broker, kept up by its observations.

use alloc::rc::Rc;

use vitrine_broker::{Access, ConnectionId, Judge, Observation};
use vitrine_link::Totals;

use crate::connections::Connections;
use crate::epoch::Epoch;
use crate::holds::Holds;
use crate::ladder::{Kind, Ladder, Row};
use crate::limits::Limits;
use crate::lines::{LineId, Lines};
use crate::outside::Links;
use crate::sessions::Sessions;
use crate::stories::Stories;
use crate::totals::Counts;
use crate::tree::Tree;

/// Turns the broker's observations into what a page shows.
///
/// One scope serves many pages; each has its own [`crate::Lens`]. Observations are to be given in the
/// order in which they were made, and all kinds of them ([`vitrine_broker::ObservationMask::ALL`]);
/// what is missing from them is missing on the page, and nothing worse.
///
/// A copy is a snapshot: it goes on by itself, and shares with its original what neither has changed since.
#[derive(Clone)]
pub struct Scope {
    pub(crate) limits: Limits,
    pub(crate) tree: Tree,
    pub(crate) lines: Lines,
    pub(crate) connections: Connections,
    pub(crate) sessions: Sessions,
    pub(crate) ladder: Ladder,
    pub(crate) stories: Stories,
    pub(crate) holds: Holds,
    pub(crate) counts: Counts,
    /// What the broker judges by.
    pub(crate) judge: Judge,
    /// A delivery of which it is known already why it will be discarded.
    pub(crate) withheld: Option<Withheld>,
    pub(crate) links: Links,
    pub(crate) epoch: Epoch,
    version: u64,
}

/// A delivery that a rule keeps from a client.
#[derive(Clone)]
pub(crate) struct Withheld {
    pub(crate) line: LineId,
    pub(crate) publication: u64,
    pub(crate) rule: Rc<str>,
}

/// Rows of a connection that move to its client's line when its CONNECT is accepted. No client needs
/// that many until then.
const ROWS_TO_MOVE: usize = 1_024;

/// Where an observation comes from.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// Microseconds since the Unix epoch.
    pub(crate) at: u64,
    /// The broker's input that led to it.
    pub(crate) input: u64,
}

impl Scope {
    /// A scope that has seen nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            tree: Tree::new(&limits),
            lines: Lines::default(),
            connections: Connections::default(),
            sessions: Sessions::default(),
            ladder: Ladder::new(&limits),
            stories: Stories::new(),
            holds: Holds::new(limits.holds),
            counts: Counts::default(),
            judge: Judge::new(Rc::default()),
            withheld: None,
            links: Links::default(),
            epoch: Epoch::default(),
            version: 0,
            limits,
        }
    }

    /// Takes in what the broker did.
    pub fn observe(&mut self, observation: &Observation) {
        self.version += 1;
        let moment = Moment {
            at: observation.at.as_micros(),
            input: self.epoch.input(observation.cause),
        };
        self.observe_connections(&observation.event, moment);
        self.observe_packets(&observation.event, moment);
        self.observe_sessions(&observation.event, moment);
        self.observe_routing(&observation.event, moment);
    }

    /// The broker judges by this from now on: to be told between the observations that were made before and
    /// those that come after.
    pub fn set_access(&mut self, access: Rc<Access>) {
        self.version += 1;
        self.judge = Judge::new(access);
        self.sessions.judge_anew();
    }

    /// Forgets the recorded packets. Topics, sessions and Retained Messages stay.
    pub fn clear_flow(&mut self) {
        self.version += 1;
        self.ladder.recording_mut().begin_clearing();
        while let Some(row) = self.ladder.recording_mut().clear_one() {
            self.forget(&row);
        }
        self.forget_rest();
    }

    /// Something changed.
    pub(crate) fn count_up(&mut self) {
        self.version += 1;
    }

    /// The number of the newest row of the ladder, filtered or not; 0 where there is none.
    #[must_use]
    pub fn newest_row(&self) -> u64 {
        self.ladder.recording().newest()
    }

    /// Counts up with everything that may change a frame.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The figures of the page's head at `now` (microseconds).
    pub(crate) fn totals(&self, now: u64) -> Totals {
        let (published_per_second, delivered_per_second) = self.counts.rates(now);
        Totals {
            connected: self.sessions.connected(),
            sessions: self.sessions.len() as u32,
            topics: self.tree.ordinary_topics() as u32,
            retained: self.tree.retained() as u32,
            published_per_second,
            delivered_per_second,
            published: self.counts.published,
            packets: self.counts.packets,
        }
    }

    /// Records a row, forgets what is over the bounds, and gives the row's number.
    pub(crate) fn record(
        &mut self,
        moment: Moment,
        line: Option<LineId>,
        publication: Option<u64>,
        kind: Kind,
    ) -> u64 {
        let Moment { at, input } = moment;
        let number = self.ladder.push(Row {
            at,
            input,
            line,
            publication,
            kind,
        });
        if let Some(line) = line {
            self.lines.count_in(line);
        }
        if let Some(publication) = publication {
            self.stories.begin(publication).rows.push_back(number);
        }
        let mut forgot = false;
        while let Some(row) = self.ladder.recording_mut().forget_surplus() {
            self.forget(&row);
            forgot = true;
        }
        if forgot {
            self.forget_rest();
        }
        number
    }

    /// Records a row of a connection.
    pub(crate) fn record_on(
        &mut self,
        connection: ConnectionId,
        moment: Moment,
        publication: Option<u64>,
        kind: Kind,
    ) -> (LineId, u64) {
        let line = self.line_of(connection);
        let number = self.record(moment, Some(line), publication, kind);
        if let Some(known) = self.connections.get_mut(connection)
            && !known.accepted
            && known.rows.len() < ROWS_TO_MOVE
        {
            known.rows.push(number);
        }
        (line, number)
    }

    /// The row that a row without a cause among the packets has: of what follows from a Will, the row
    /// that tells of the Will.
    pub(crate) fn origin(&self, number: u64, row: &Row) -> Option<u64> {
        if matches!(&row.kind, Kind::Packet(packet) if packet.to_broker) {
            return None;
        }
        let first = *self.stories.get(row.publication?)?.rows.front()?;
        let cause = self.ladder.recording().get(first)?;
        (first < number && cause.input == row.input).then_some(first)
    }

    fn forget(&mut self, row: &Row) {
        if let Some(line) = row.line {
            let gone = self.lines.count_out(line);
            self.let_go(line, gone);
        }
        if let Some(publication) = row.publication {
            self.stories.forget_row(publication);
        }
    }

    /// Of a line that is gone nothing is held any more.
    pub(crate) fn let_go(&mut self, line: LineId, gone: bool) {
        if gone {
            self.holds.end_all(line, self.ladder.recording().newest());
        }
    }

    fn forget_rest(&mut self) {
        self.ladder.forgot();
        self.holds.forget_before(self.ladder.recording().first());
    }
}
