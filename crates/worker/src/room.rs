//! What one page has open in the lab, and when it is told.
//!
//! A page that opens a lab starts a worker for it alone, of the same module as the one that hosts the broker: whatever a
//! world costs, and whatever goes wrong in it, whoever is connected to the broker does not notice.

use vitrine_broker::Time;
use vitrine_link::{Command, Event, LabCommand, LabProblem};
use vitrine_scope::Lens;
use vitrine_stage::Lab;
use wasm_bindgen::JsValue;

use crate::page::{Send, greet, tell};

/// See the module.
pub(crate) struct Room {
    build: String,
    lens: Lens,
    /// The page said hello, and its build is ours.
    known: bool,
    /// It said what it looks at.
    looks: bool,
    /// The frame that it has not drawn yet.
    drawing: Option<u64>,
    lab: Option<Lab>,
    /// The language that it reads, for what it opens.
    language: String,
    send: Send,
}

impl Room {
    pub(crate) fn new(build: String, send: Send) -> Self {
        Self {
            build,
            lens: Lens::new(),
            known: false,
            looks: false,
            drawing: None,
            lab: None,
            language: String::new(),
            send,
        }
    }

    /// The page said something. What concerns the broker in the tab is said to its own worker.
    pub(crate) fn command(&mut self, said: JsValue, now: Time) {
        // A command that cannot be read is of another build: its hello has been, or will be, refused.
        let Ok(command) = serde_wasm_bindgen::from_value(said) else {
            return;
        };
        let answer = match command {
            Command::Hello { version, build } => {
                // There is nothing here that another worker could have recorded.
                let (known, answer) = greet(version, &build, &self.build, "");
                self.known = known;
                Some(answer)
            }
            Command::Look(view) => {
                self.looks = true;
                self.lens.look(*view);
                None
            }
            Command::Seen { frame } => {
                self.lens.seen(frame);
                self.drawing = self.drawing.filter(|drawing| *drawing != frame);
                None
            }
            Command::Lab(command) if self.known => self.lab(*command, now),
            Command::Export(format) => Some(match &self.lab {
                Some(lab) => Event::Exported(Box::new(lab.export(format, now))),
                None => nothing_open(),
            }),
            // A file of the lab is given out at once: nobody else waits for this worker.
            Command::ExportMore
            | Command::ExportStop
            | Command::Lab(_)
            | Command::ClearFlow
            | Command::Drop { .. }
            | Command::StopKeeping
            | Command::SetAside
            | Command::Access(_)
            | Command::Meddle(_) => None,
        };
        if let Some(answer) = answer {
            tell(&self.send, &answer);
        }
    }

    fn lab(&mut self, command: LabCommand, now: Time) -> Option<Event> {
        if let LabCommand::Language(language) = &command {
            self.language.clone_from(language);
        }
        match (command, &mut self.lab) {
            (LabCommand::Open(source), _) => match Lab::open(&source) {
                Ok(mut lab) => {
                    lab.command(LabCommand::Language(self.language.clone()), now);
                    self.lab = Some(lab);
                    self.lens.anew();
                    None
                }
                Err(problem) => Some(Event::LabProblem(problem)),
            },
            (LabCommand::Leave, _) => {
                self.lab = None;
                None
            }
            (command, Some(lab)) => lab.command(command, now),
            (LabCommand::Language(_), None) => None,
            (_, None) => Some(nothing_open()),
        }
    }

    /// Tells the page what is new on its screen.
    pub(crate) fn tell(&mut self, now: Time) {
        if !self.ready() {
            return;
        }
        let lab = self.lab.as_mut();
        if let Some(frame) = lab.and_then(|lab| lab.frame(&mut self.lens, now)) {
            self.drawing = Some(frame.number);
            tell(&self.send, &Event::Frame(Box::new(frame)));
        }
    }

    /// When there is something to tell, if the page says nothing until then. A page that has not drawn its last frame
    /// (one in the background) is not waited for.
    pub(crate) fn due(&self, now: Time) -> Option<Time> {
        let lab = self.lab.as_ref()?;
        if !self.ready() || self.drawing.is_some() {
            return None;
        }
        lab.due(&self.lens, now)
    }

    /// Whether the page is to be told what is on its screen.
    fn ready(&self) -> bool {
        self.known && self.looks
    }
}

fn nothing_open() -> Event {
    Event::LabProblem(LabProblem {
        what: "lab".into(),
        why: "nothing is open: open a lesson, a link or a recording first".into(),
        ..LabProblem::default()
    })
}
