//! The latest frame, in parts that a component can compare at once.

use std::ops::Deref;
use std::rc::Rc;

use vitrine_link::{
    AccessState, ClientsFrame, Detail, FlowFrame, Frame, LabFrame, LabProblem, MatchFrame, Storage,
    Totals, TreeFrame,
};

use super::{Bench, Given, Making};

/// A value that equals another only when it is the very same: comparing costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Shared<T>(Rc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T: PartialEq> Shared<T> {
    /// The old value when the new one says the same, so that nothing is drawn again.
    pub(super) fn renew(&mut self, value: T) {
        if *self.0 != value {
            self.0 = Rc::new(value);
        }
    }

    /// Takes a value that counts as another one even when it says the same: the answer to another question.
    fn put(&mut self, value: T) {
        self.0 = Rc::new(value);
    }
}

/// The latest frame. A part that is no longer on screen keeps what it last was.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Latest {
    /// [`Frame::now`].
    pub(crate) now: f64,
    /// Whether a frame has come yet.
    pub(crate) known: bool,
    pub(crate) totals: Totals,
    pub(crate) tree: Shared<TreeFrame>,
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) matches: Shared<MatchFrame>,
    pub(crate) clients: Shared<ClientsFrame>,
    pub(crate) detail: Shared<Detail>,
    pub(crate) storage: Shared<Storage>,
    pub(crate) access: Shared<AccessState>,
    /// How the lab's worker is.
    pub(crate) bench: Bench,
    /// The lab, while one is open.
    pub(crate) lab: Shared<Option<LabFrame>>,
    /// The file of the broker in the tab that is being made.
    pub(crate) making: Option<Making>,
    /// The last answer to [`vitrine_link::Command::Export`], once it is whole; another one each time.
    pub(crate) exported: Shared<Option<Given>>,
    /// The last answer to [`vitrine_link::LabCommand::Share`]; another one each time.
    pub(crate) shared: Shared<Option<String>>,
    /// What the lab could not do last; another one each time. It stays when something else went well: whoever shows it
    /// remembers which one was closed.
    pub(crate) lab_problem: Shared<Option<LabProblem>>,
}

impl Latest {
    /// Takes a frame in.
    pub(crate) fn take(&mut self, frame: Frame) {
        self.now = frame.now;
        self.known = true;
        self.totals = frame.totals;
        if let Some(tree) = frame.tree {
            self.tree.renew(tree);
        }
        if let Some(flow) = frame.flow {
            self.flow.renew(flow);
        }
        if let Some(matches) = frame.matches {
            self.matches.renew(matches);
        }
        if let Some(clients) = frame.clients {
            self.clients.renew(clients);
        }
        self.detail.renew(frame.detail);
        self.lab.renew(frame.lab.map(|lab| *lab));
    }

    /// The lab is left: nothing of it stays on screen. Until the broker's worker says how it is now, there stands what was
    /// on screen before the lab, but for what was selected then. What was answered stays, since another answer is told by
    /// its being another one.
    pub(super) fn leave_lab(&mut self, before: Self) {
        *self = Self {
            detail: Shared::default(),
            matches: Shared::default(),
            storage: self.storage.clone(),
            access: self.access.clone(),
            bench: Bench::default(),
            lab: Shared::default(),
            making: self.making.clone(),
            exported: self.exported.clone(),
            shared: self.shared.clone(),
            lab_problem: self.lab_problem.clone(),
            ..before
        };
    }

    /// Takes the session that was asked for as a file.
    pub(super) fn take_exported(&mut self, exported: Given) {
        self.exported.put(Some(exported));
    }

    /// Takes the code that was asked for.
    pub(super) fn take_shared(&mut self, code: String) {
        self.bench.unshared = false;
        self.shared.put(Some(code));
    }

    /// Takes what the lab could not do.
    pub(super) fn take_problem(&mut self, problem: LabProblem) {
        self.bench.unshared |= problem.what == "share";
        self.lab_problem.put(Some(problem));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(lab: Option<LabFrame>) -> Frame {
        Frame {
            number: 1,
            now: 0.0,
            totals: Totals::default(),
            tree: None,
            flow: None,
            matches: None,
            clients: None,
            detail: Detail::None,
            lab: lab.map(Box::new),
        }
    }

    #[test]
    fn a_lab_that_stands_still_is_drawn_once_and_one_that_is_left_is_gone() {
        let mut latest = Latest::default();
        latest.take(frame(Some(LabFrame::default())));
        let before = latest.lab.clone();
        assert!(before.is_some());
        latest.take(frame(Some(LabFrame::default())));
        assert!(latest.lab == before);
        latest.take(frame(Some(LabFrame {
            moment: 1,
            ..LabFrame::default()
        })));
        assert!(latest.lab != before);
        latest.take(frame(None));
        assert!(latest.lab.is_none());
    }

    #[test]
    fn what_the_lab_showed_is_gone_when_it_is_left_and_what_was_answered_is_not() {
        let mut latest = Latest::default();
        latest.take(Frame {
            flow: Some(FlowFrame {
                total: 7,
                ..FlowFrame::default()
            }),
            detail: Detail::Gone,
            ..frame(None)
        });
        let live = latest.clone();
        latest.take(Frame {
            flow: Some(FlowFrame::default()),
            ..frame(Some(LabFrame::default()))
        });
        latest.bench.shown = true;
        latest.take_shared("code".into());
        latest.take_problem(LabProblem {
            what: "share".into(),
            ..LabProblem::default()
        });
        assert!(latest.bench.unshared);
        let before = latest.clone();
        latest.leave_lab(live.clone());
        assert!(latest.lab.is_none() && latest.known);
        assert!(latest.flow == live.flow && latest.flow != before.flow);
        assert_eq!(*latest.detail, Detail::None);
        assert_eq!(latest.bench, Bench::default());
        assert!(latest.shared == before.shared && latest.storage == before.storage);
        // Where nothing was on screen before.
        latest.leave_lab(Latest::default());
        assert!(!latest.known);
    }

    #[test]
    fn the_same_answer_twice_is_two_answers() {
        let mut latest = Latest::default();
        latest.take_shared("code".into());
        let before = latest.shared.clone();
        latest.take_shared("code".into());
        assert!(latest.shared != before);
        latest.take_problem(LabProblem::default());
        let before = latest.lab_problem.clone();
        latest.take_problem(LabProblem::default());
        assert!(latest.lab_problem != before);
    }
}
