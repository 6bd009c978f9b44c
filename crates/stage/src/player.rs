//! A lesson at play: which text is on screen, and what was answered.

use vitrine_course::{Ask, Lesson, Texts};
use vitrine_link::{LessonFrame, Mark, Question};

/// A lesson.
pub(crate) struct Player {
    /// The name of its file, without its ending.
    pub(crate) name: String,
    lesson: Lesson,
    /// At which position of the lesson's road each text begins.
    marks: Vec<u64>,
    /// What was answered to the question of each text.
    answers: Vec<Option<u32>>,
    /// The last text that was reached.
    reached: usize,
}

/// Where one is in a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The text.
    pub(crate) text: usize,
    /// Whether one has left the lesson's road.
    pub(crate) astray: bool,
}

impl Player {
    /// A lesson whose texts begin at these positions.
    pub(crate) fn new(name: &str, lesson: Lesson, marks: Vec<u64>) -> Self {
        Self {
            name: name.into(),
            answers: vec![None; lesson.steps.len()],
            marks,
            lesson,
            reached: 0,
        }
    }

    /// What it is called.
    pub(crate) fn title(&self, language: &str) -> String {
        self.lesson.title.get(language).into()
    }

    /// Whether it may be shown at all three QoS.
    pub(crate) fn compares(&self) -> bool {
        self.lesson.compare
    }

    /// Where one is, at a position of a road that is the lesson's up to `leaves_at`.
    pub(crate) fn place(&self, position: u64, leaves_at: Option<u64>) -> Place {
        let astray = leaves_at.is_some_and(|at| position > at);
        let on_lesson = position.min(leaves_at.unwrap_or(u64::MAX));
        let after = self.marks.partition_point(|mark| *mark <= on_lesson);
        Place {
            text: after.saturating_sub(1),
            astray,
        }
    }

    /// One has come to a position: what was passed is told from now on.
    pub(crate) fn came_to(&mut self, place: Place) {
        if !place.astray {
            self.reached = self.reached.max(place.text);
        }
    }

    /// The position of a text.
    pub(crate) fn begins(&self, text: usize) -> Option<u64> {
        self.marks.get(text).copied()
    }

    /// Whether a text begins at a position of a road that is the lesson's up to `leaves_at`.
    pub(crate) fn begins_at(&self, position: u64, leaves_at: Option<u64>) -> bool {
        leaves_at.is_none_or(|at| position <= at) && self.marks.binary_search(&position).is_ok()
    }

    /// The last position before this one at which a text begins, on such a road.
    pub(crate) fn last_before(&self, position: u64, leaves_at: Option<u64>) -> Option<u64> {
        let marks = self.marks.iter().copied();
        let marks =
            marks.take_while(|mark| *mark < position && leaves_at.is_none_or(|at| *mark <= at));
        marks.last()
    }

    /// The next position after this one at which a question stands that was not answered.
    pub(crate) fn asks_at(&self, position: u64) -> Option<u64> {
        let open = |text: &usize| {
            self.marks[*text] > position && self.ask(*text).is_some() && !self.is_told(*text)
        };
        (0..self.marks.len())
            .find(open)
            .map(|text| self.marks[text])
    }

    /// Chooses an answer to the question on screen.
    pub(crate) fn answer(&mut self, place: Place, answer: u32) -> Result<(), String> {
        let ask = self.ask(place.text).filter(|_| !place.astray);
        let options = ask.map_or(0, |ask| ask.options.len());
        if options == 0 {
            return Err("no question is on screen".into());
        }
        if answer as usize >= options {
            return Err(format!(
                "there is no answer {answer}: there are {options}, counted from 0"
            ));
        }
        // The first answer counts: the right one is told with it.
        self.answers[place.text].get_or_insert(answer);
        Ok(())
    }

    /// What the page is told.
    pub(crate) fn frame(&self, place: Place, language: &str) -> LessonFrame {
        let Place { text, astray } = place;
        let step = &self.lesson.steps[text.min(self.lesson.steps.len() - 1)];
        let standard = self.lesson.standard.iter();
        let mut frame = LessonFrame {
            name: self.name.clone(),
            step: text as u32,
            steps: self.lesson.steps.len() as u32,
            standard: standard
                .map(|section| (section.name.clone(), section.at.clone()))
                .collect(),
            depth: self.lesson.depth.name().into(),
            pings: self.speaks_of_pings(),
            topics: self.lesson.topics,
            free: text + 1 == self.lesson.steps.len(),
            astray,
            ..LessonFrame::default()
        };
        if !astray {
            frame.text = step.text.get(language).into();
            frame.points.clone_from(&step.points);
            frame.question = self.ask(text).map(|ask| self.question(text, ask, language));
        }
        frame
    }

    /// Whether a text points at one.
    fn speaks_of_pings(&self) -> bool {
        let mut points = self.lesson.steps.iter().flat_map(|step| &step.points);
        points.any(|point| point == "PINGREQ" || point == "PINGRESP")
    }

    /// Where texts begin, up to this position.
    pub(crate) fn text_marks(&self, leaves_at: Option<u64>) -> Vec<Mark> {
        let marks = self.marks.iter().enumerate();
        let marks = marks.filter(|(_, mark)| leaves_at.is_none_or(|at| **mark <= at));
        marks
            .map(|(text, mark)| Mark {
                moment: *mark,
                kind: "text".into(),
                what: text.to_string(),
            })
            .collect()
    }

    fn ask(&self, text: usize) -> Option<&Ask> {
        self.lesson.steps.get(text)?.ask.as_ref()
    }

    /// Whether the right answer to the question of a text is told.
    fn is_told(&self, text: usize) -> bool {
        self.answers[text].is_some() || text < self.reached
    }

    fn question(&self, text: usize, ask: &Ask, language: &str) -> Question {
        let of = |texts: &Texts| String::from(texts.get(language));
        let told = self.is_told(text);
        Question {
            text: of(&ask.text),
            options: ask.options.iter().map(of).collect(),
            answered: self.answers[text],
            right: told.then_some(ask.right as u32),
            because: if told {
                of(&ask.because)
            } else {
                String::new()
            },
        }
    }
}
