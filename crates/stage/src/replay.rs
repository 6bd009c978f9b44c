//! A session that was saved: played again with its own timing.
//!
//! A moment is an entry of the recording. One stops before each that gives the ladder a row, so that with a row comes
//! all that it led to.

use core::time::Duration;
use std::collections::BTreeMap;

use vitrine_link::{
    Anchor, Coming, FlowView, Format, LabCommand, LabFrame, Outside, RoadRow, RowKind, View,
};
use vitrine_scope::{Entry, Lens, Limits, Reel, Scope};

use crate::heads::millis;
use crate::marks::Positions;
use crate::show::{Done, Show};

/// Snapshots that are kept; more are thinned to every second.
const MOST_SNAPSHOTS: usize = 32;

/// Entries between two snapshots at first.
const FIRST_SPACING: usize = 256;

/// Entries that are looked through at most for the next row.
const MOST_UNSEEN: usize = 1_000;

/// Entries that are played at once at most while time goes on by itself.
const MOST_AT_ONCE: u32 = 20_000;

/// See the module.
pub(crate) struct Replay {
    name: String,
    reel: Reel,
    /// By entry, when it came, in microseconds since the first. A clock that jumped back stands still here.
    times: Vec<u64>,
    scope: Scope,
    /// The first position that is shown.
    begin: usize,
    position: usize,
    /// Time that has passed since.
    elapsed: Duration,
    /// Positions before an entry that gives the ladder a row, as far as that is known, and how far it is.
    stops: Positions,
    looked: usize,
    snapshots: BTreeMap<usize, Scope>,
    spacing: usize,
    /// What comes next, and at which position.
    next: Option<(usize, Option<Coming>)>,
}

impl Replay {
    /// A recording at its beginning.
    pub(crate) fn new(name: &str, reel: Reel) -> Self {
        let times = times(&reel);
        let mut replay = Self {
            name: name.into(),
            times,
            scope: Scope::new(Limits::default()),
            begin: 0,
            position: 0,
            elapsed: Duration::ZERO,
            stops: Positions::default(),
            looked: 0,
            snapshots: BTreeMap::new(),
            spacing: FIRST_SPACING,
            next: None,
            reel,
        };
        replay.go(0);
        // The beginning is before the first row.
        replay.go_to_row();
        replay.begin = replay.position;
        replay
    }

    fn entries(&self) -> &[Entry] {
        self.reel.entries()
    }

    fn end(&self) -> usize {
        self.entries().len()
    }

    /// When the last entry before the position came.
    fn at(&self) -> u64 {
        let last = self.position.checked_sub(1);
        last.and_then(|last| self.times.get(last))
            .copied()
            .unwrap_or(0)
    }

    /// Plays one entry. Whether that gave the ladder a row.
    fn play(&mut self) -> bool {
        let Some(entry) = self.reel.entries().get(self.position) else {
            return false;
        };
        if self.position.is_multiple_of(self.spacing)
            && !self.snapshots.contains_key(&self.position)
        {
            self.snapshots.insert(self.position, self.scope.clone());
            while self.snapshots.len() > MOST_SNAPSHOTS {
                self.spacing *= 2;
                let spacing = self.spacing;
                self.snapshots.retain(|at, _| at.is_multiple_of(spacing));
            }
        }
        let rows = self.scope.newest_row();
        self.scope.play(entry);
        let shown = self.scope.newest_row() > rows;
        if shown && self.looked <= self.position {
            self.stops.set(self.position as u64);
        }
        self.position += 1;
        self.looked = self.looked.max(self.position);
        shown
    }

    fn go(&mut self, position: usize) {
        let least = self.begin.max(self.reel.prologue());
        let position = position.clamp(least, self.end());
        let from = self.snapshots.range(..=position).next_back();
        let (at, scope) = from.map_or((0, None), |(at, scope)| (*at, Some(scope)));
        if position < self.position || at > self.position {
            self.scope = scope.map_or_else(|| Scope::new(Limits::default()), Scope::clone);
            self.position = at;
        }
        while self.position < position {
            self.play();
        }
        self.elapsed = Duration::ZERO;
    }

    /// On to before the row after the next one.
    fn step(&mut self) {
        self.elapsed = Duration::ZERO;
        while self.position < self.end() && !self.play() {}
        self.go_to_row();
    }

    /// On to before the next entry that gives the ladder a row, or to the end.
    fn go_to_row(&mut self) {
        // The first position counts as a stop in any case, but nobody comes back here from it.
        while self.position < self.looked {
            if self.stops.has(self.position as u64) {
                return;
            }
            self.play();
        }
        // One copy for all that is looked through: it is as large as all that is shown.
        let (position, scope) = (self.position, self.scope.clone());
        while self.position < self.end() {
            if self.play() {
                let stop = self.position - 1;
                (self.position, self.scope) = (position, scope);
                while self.position < stop {
                    self.play();
                }
                return;
            }
        }
    }

    /// What the next row tells. It is looked for once for each position.
    fn coming(&mut self) -> Option<Coming> {
        let after = millis(self.until_next()?.as_micros());
        let known = self.next.take().filter(|(at, _)| *at == self.position);
        let (_, told) = known.unwrap_or_else(|| (self.position, self.look_ahead()));
        self.next = Some((self.position, told.clone()));
        Some(Coming { after, ..told? })
    }

    fn look_ahead(&self) -> Option<Coming> {
        let mut ahead = self.scope.clone();
        let rows = ahead.newest_row();
        let mut left = self.entries()[self.position..].iter().take(MOST_UNSEEN);
        while ahead.newest_row() == rows {
            match left.next() {
                Some(entry) => ahead.play(entry),
                None => break,
            }
        }
        let mut lens = Lens::new();
        lens.look(View {
            flow: Some(FlowView {
                anchor: Anchor::Around(rows + 1),
                rows: 1,
                ..FlowView::default()
            }),
            ..View::default()
        });
        let flow = ahead.frame(&mut lens, 0)?.flow?;
        let row = flow.rows.into_iter().find(|row| row.number > rows);
        Some(row.map_or_else(Coming::default, |row| {
            let line = flow
                .lifelines
                .iter()
                .find(|line| Some(line.id) == row.lifeline);
            let client = line.map_or_else(String::new, |line| line.name.clone());
            coming(row.kind, client)
        }))
    }

    /// Back to before the last row.
    fn back(&mut self) {
        if self.elapsed > Duration::ZERO {
            self.elapsed = Duration::ZERO;
            return;
        }
        if let Some(before) = self.stops.before(self.position as u64) {
            self.go(before as usize);
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.at() + micros(self.elapsed) + micros(time);
        while self
            .times
            .get(self.position)
            .is_some_and(|next| *next <= until)
        {
            self.play();
        }
        self.elapsed = Duration::from_micros(until.saturating_sub(self.at()));
    }
}

impl Show for Replay {
    fn scope(&self) -> (&Scope, u64) {
        let last = self.position.checked_sub(1);
        let at = last
            .and_then(|last| self.entries().get(last))
            .map_or(0, Entry::at);
        (&self.scope, at + micros(self.elapsed))
    }

    fn since_start(&self) -> f64 {
        millis(u128::from(self.at()) + self.elapsed.as_micros())
    }

    fn command(&mut self, command: LabCommand) -> Result<Done, String> {
        Ok(match command {
            LabCommand::Step | LabCommand::Next => {
                self.step();
                Done::ON
            }
            LabCommand::Back | LabCommand::Previous => {
                self.back();
                Done::AWAY
            }
            LabCommand::Go { moment } => {
                self.go(usize::try_from(moment).unwrap_or(usize::MAX));
                Done::AWAY
            }
            LabCommand::Wait { seconds } => {
                if !(seconds > 0.0 && seconds <= 1e9) {
                    return Err(format!("{seconds} s cannot be waited: more than 0"));
                }
                self.wait(Duration::from_secs_f64(seconds));
                Done::ON
            }
            LabCommand::Act(_)
            | LabCommand::Undo
            | LabCommand::Road(_)
            | LabCommand::DropRoad(_)
            | LabCommand::Beside(_)
            | LabCommand::Answer(_) => {
                return Err("this is a recording: what happened in it has happened".into());
            }
            LabCommand::Open(_)
            | LabCommand::Leave
            | LabCommand::Until { .. }
            | LabCommand::Language(_)
            | LabCommand::Run { .. }
            | LabCommand::Share => Done::SAID,
        })
    }

    fn advance(&mut self, time: Duration) -> bool {
        let until = self.at() + micros(self.elapsed + time);
        for _ in 0..MOST_AT_ONCE {
            match self.times.get(self.position) {
                None => {
                    self.elapsed = Duration::ZERO;
                    return false;
                }
                Some(next) if *next > until => break,
                Some(_) => {
                    self.play();
                }
            }
        }
        self.elapsed = Duration::from_micros(until.saturating_sub(self.at()));
        true
    }

    fn until_next(&self) -> Option<Duration> {
        let next = self.times.get(self.position)?;
        Some(Duration::from_micros(next.saturating_sub(self.at())).saturating_sub(self.elapsed))
    }

    fn moves(&self) -> bool {
        false
    }

    fn frame(&mut self, _: &View, _: &str) -> LabFrame {
        let (moment, end) = (self.position as u64, self.end() as u64);
        LabFrame {
            kind: "recording".into(),
            title: self.name.clone(),
            moment,
            end,
            time: self.since_start(),
            next: self.coming(),
            roads: vec![RoadRow {
                id: 1,
                moment,
                end,
                ..RoadRow::default()
            }],
            road: 1,
            ..LabFrame::default()
        }
    }

    fn share(&self) -> Result<String, String> {
        Err("a recording does not fit into a link: give its file to others".into())
    }

    fn export(&self, format: Format, now: u64) -> Vec<u8> {
        match format {
            Format::Recording | Format::JsonLines => self.reel.write(now),
            Format::Pcapng => self.reel.pcapng(),
        }
    }

    fn name(&self) -> String {
        let name = self
            .name
            .rsplit_once('.')
            .map_or(&*self.name, |(name, _)| name);
        if name.is_empty() { "recording" } else { name }.into()
    }
}

/// What a row that comes next will tell.
fn coming(row: RowKind, client: String) -> Coming {
    let (kind, to_broker, packet) = match row {
        RowKind::Packet(packet) => ("arrival", packet.to_broker, Some(Box::new(packet))),
        RowKind::Opened { .. } => ("opening", true, None),
        RowKind::Closed(_) => ("closing", true, None),
        RowKind::Malformed(_) => ("arrival", true, None),
        RowKind::Outside(outside) => {
            return Coming {
                kind: "act".into(),
                what: deed(&outside, &client),
                client,
                ..Coming::default()
            };
        }
        RowKind::Queued { .. }
        | RowKind::Discarded { .. }
        | RowKind::Refused(_)
        | RowKind::WillPublished { .. }
        | RowKind::SessionEnded { .. }
        | RowKind::Dropped
        | RowKind::Lost(_) => ("row", false, None),
    };
    Coming {
        kind: kind.into(),
        client,
        to_broker,
        packet,
        ..Coming::default()
    }
}

/// What happened outside of the broker, in the lab's language as far as it has words for it.
fn deed(outside: &Outside, client: &str) -> String {
    let way = if outside.to_broker == Some(true) {
        "up"
    } else {
        "down"
    };
    let seconds = outside.time / 1_000.0;
    match outside.what.as_str() {
        what @ ("hold" | "release") => format!("{client} {what} {way}"),
        "client-crashed" if outside.kept => format!("{client} crash memory"),
        "client-crashed" => format!("{client} crash"),
        "client-started" => format!("{client} start"),
        "broker-crashed" => "broker crash".into(),
        "broker-started" if outside.kept => "broker start".into(),
        "broker-started" => "broker start empty".into(),
        "skipped" => format!("sleep {seconds}s"),
        "clock" => format!("clock {seconds:+}s"),
        what => format!("{client} {what}"),
    }
}

/// By entry, when it came since the first one that happened.
fn times(reel: &Reel) -> Vec<u64> {
    let entries = reel.entries();
    let mut clock = entries.get(reel.prologue()).map_or(0, Entry::at);
    let mut time = 0;
    let times = entries.iter().enumerate().map(|(place, entry)| {
        if place >= reel.prologue() {
            time += entry.at().saturating_sub(clock);
            clock = entry.at();
        }
        time
    });
    times.collect()
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
