//! Commands about the lab, and about what is carried away.

use vitrine_link::{Command, Format, LabCommand, Meddle};
use yew::prelude::*;

use super::Send;
use crate::app::use_send;

/// A way to ask the lab for something. What comes of it is in [`super::Latest`].
#[derive(Clone, PartialEq)]
pub(crate) struct Lab(Send);

/// A way to ask the lab for something.
#[hook]
pub(crate) fn use_lab() -> Lab {
    Lab(use_send())
}

impl Lab {
    /// The way that commands go.
    pub(crate) fn new(send: Send) -> Self {
        Self(send)
    }

    /// What a press asks for.
    pub(crate) fn on<E: 'static>(&self, command: LabCommand) -> Callback<E> {
        let lab = self.clone();
        Callback::from(move |_| lab.ask(command.clone()))
    }

    /// Asks for something in the lab; [`super::Latest::lab_problem`] says when that cannot be.
    pub(crate) fn ask(&self, command: LabCommand) {
        self.0.emit(Command::Lab(Box::new(command)));
    }

    /// Somebody acts, now, in the lab's own language.
    pub(crate) fn act(&self, words: impl Into<String>) {
        self.ask(LabCommand::Act(words.into()));
    }

    /// Asks for the session on screen as a file: [`super::Latest::exported`].
    pub(crate) fn export(&self, format: Format) {
        self.0.emit(Command::Export(format));
    }

    /// No more of the file that the broker's worker makes.
    pub(crate) fn stop_export(&self) {
        self.0.emit(Command::ExportStop);
    }

    /// Does something to a client of the broker in the tab.
    pub(crate) fn meddle(&self, meddle: Meddle) {
        self.0.emit(Command::Meddle(meddle));
    }
}
