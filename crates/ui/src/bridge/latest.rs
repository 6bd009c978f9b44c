//! The latest frame, in parts that a component can compare at once.

use std::ops::Deref;
use std::rc::Rc;

use vitrine_link::{
    AccessState, ClientsFrame, Detail, FlowFrame, Frame, MatchFrame, Storage, Totals, TreeFrame,
};

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

impl<T: PartialEq> Shared<T> {
    /// The old value when the new one says the same, so that nothing is drawn again.
    pub(super) fn renew(&mut self, value: T) {
        if *self.0 != value {
            self.0 = Rc::new(value);
        }
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
    }
}
