//! A page that has a lab open.

use std::time::Duration;

use vitrine_broker::Time;
use vitrine_lab::Script;
use vitrine_link::{
    Anchor, ClientsView, Event, Fact, FlowView, Frame, Head, LabCommand, LabFrame, LabProblem,
    MatchView, RowKind, TreeView, View,
};
use vitrine_scope::Lens;
use vitrine_stage::Lab;

/// Two areas' worth of world: a sensor, a panel that keeps its Session, and a publication that is under way.
pub(crate) const WORLD: &str = r#"
broker durable commit=5ms
client sensor-5000 version=3.1.1 keep-alive=60
client painel clean=no expiry=3600 reconnect=1s..30s
painel connect
wait 1s
painel subscribe area/10/# qos=2
wait 1s
sensor-5000 connect
wait 1s
sensor-5000 publish area/10/sensor/5000/temperatura "21.5" qos=1
wait 1s
"#;

/// A page.
pub(crate) struct Page {
    pub(crate) lab: Lab,
    pub(crate) lens: Lens,
    pub(crate) now: Time,
    /// The last frame.
    pub(crate) frame: Option<Frame>,
}

impl Page {
    /// A page that looks at everything in a world.
    pub(crate) fn of(script: &str) -> Self {
        let script = Script::parse(script).unwrap();
        Self::with(Lab::of_script(&script).unwrap())
    }

    pub(crate) fn with(lab: Lab) -> Self {
        let mut page = Self {
            lab,
            lens: Lens::new(),
            now: Time::from_secs(2_000_000_000),
            frame: None,
        };
        page.lens.look(View {
            tree: Some(TreeView {
                rows: 100,
                ..TreeView::default()
            }),
            flow: Some(FlowView {
                anchor: Anchor::Newest,
                rows: 500,
                ..FlowView::default()
            }),
            matches: Some(MatchView::default()),
            clients: Some(ClientsView {
                first: 0,
                rows: 100,
            }),
            ..View::default()
        });
        page.draw();
        page
    }

    /// Says something, and draws what comes of it.
    pub(crate) fn say(&mut self, command: LabCommand) -> Option<Event> {
        let answer = self.lab.command(command, self.now);
        self.draw();
        answer
    }

    /// Says something that is to be done.
    pub(crate) fn does(&mut self, command: LabCommand) -> &LabFrame {
        let said = format!("{command:?}");
        let answer = self.say(command);
        assert_eq!(answer, None, "{said}");
        self.lab_frame()
    }

    /// Says something that is refused, and changes nothing.
    pub(crate) fn refused(&mut self, command: LabCommand) -> LabProblem {
        let before = (self.lab_frame().clone(), self.rows());
        let answer = self.say(command);
        let Some(Event::LabProblem(problem)) = answer else {
            panic!("no problem but {answer:?}");
        };
        assert_eq!((self.lab_frame().clone(), self.rows()), before);
        problem
    }

    pub(crate) fn act(&mut self, line: &str) -> &LabFrame {
        self.does(LabCommand::Act(line.into()))
    }

    /// Takes the next frame, if there is one, and draws it.
    pub(crate) fn draw(&mut self) -> bool {
        let Some(frame) = self.lab.frame(&mut self.lens, self.now) else {
            return false;
        };
        self.lens.seen(frame.number);
        self.frame = Some(frame);
        true
    }

    /// So much time passes by the host's clock, with a frame whenever one is due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.lab.due(&self.lens, self.now)
            && due <= end
        {
            self.now = self.now.max(due);
            self.draw();
        }
        self.now = end;
    }

    pub(crate) fn whole(&self) -> &Frame {
        self.frame.as_ref().unwrap()
    }

    pub(crate) fn lab_frame(&self) -> &LabFrame {
        self.whole().lab.as_ref().unwrap()
    }

    /// The frame but for its number, which counts what was drawn.
    pub(crate) fn sight(&self) -> Frame {
        Frame {
            number: 0,
            ..self.whole().clone()
        }
    }

    pub(crate) fn moment(&self) -> u64 {
        self.lab_frame().moment
    }

    /// The ladder, in words.
    pub(crate) fn rows(&self) -> Vec<String> {
        let flow = self.whole().flow.as_ref().unwrap();
        words(flow)
    }

    pub(crate) fn head(&self, who: &str) -> &Head {
        let heads = &self.lab_frame().heads;
        heads.iter().find(|head| head.who == who).unwrap()
    }
}

/// A ladder in words.
pub(crate) fn words(flow: &vitrine_link::FlowFrame) -> Vec<String> {
    flow.rows
        .iter()
        .map(|row| {
            let who = row
                .lifeline
                .and_then(|id| flow.lifelines.iter().find(|line| line.id == id));
            let who = who.map_or("broker", |line| &line.name);
            match &row.kind {
                RowKind::Packet(packet) => {
                    let way = if packet.to_broker { ">" } else { "<" };
                    format!("{who} {way} {} {:?}", packet.packet_type, packet.fate)
                }
                RowKind::Lost(packet) => format!("{who} lost {}", packet.packet_type),
                RowKind::Outside(outside) => format!("{who} {}", outside.what),
                RowKind::Opened { .. } => format!("{who} opened"),
                RowKind::Closed(ending) => format!("{who} closed {}", ending.why),
                other @ (RowKind::Malformed(_)
                | RowKind::Queued { .. }
                | RowKind::Discarded { .. }
                | RowKind::Refused(_)
                | RowKind::WillPublished { .. }
                | RowKind::SessionEnded { .. }
                | RowKind::Dropped) => format!("{who} {other:?}"),
            }
        })
        .collect()
}

/// Facts in words.
pub(crate) fn facts(head: &Head) -> Vec<String> {
    let told = |fact: &Fact| {
        format!(
            "{}{} {} {} {}",
            fact.change,
            fact.kind,
            fact.of,
            fact.packet_id.map_or(String::new(), |id| id.to_string()),
            fact.name
        )
    };
    let facts = head.facts.iter().filter(|fact| fact.kind != "timer");
    facts.map(told).collect()
}

/// Two frames that are to be the same. Says where they are not.
#[track_caller]
pub(crate) fn same(a: &Frame, b: &Frame, what: &str) {
    if a == b {
        return;
    }
    let (a, b) = (format!("{a:#?}"), format!("{b:#?}"));
    let pairs = a.lines().zip(b.lines()).enumerate();
    let unlike: Vec<_> = pairs.filter(|(_, (a, b))| a != b).take(5).collect();
    let at = unlike.first().map_or(0, |(at, _)| *at);
    let before: Vec<_> = a.lines().skip(at.saturating_sub(12)).take(12).collect();
    panic!("{what}: {unlike:#?}\nafter {before:#?}");
}
