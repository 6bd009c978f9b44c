//! A wire within the worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::hub::{Ending, Wire};

/// Something for the client.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Bytes of the connection.
    Bytes(Vec<u8>),
    /// The broker took so many of the client's bytes.
    Taken(usize),
    /// The connection has ended.
    End,
}

/// What is on its way to a client. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Mailbox(Rc<RefCell<VecDeque<Mail>>>);

impl Mailbox {
    /// The oldest that is there.
    pub(super) fn take(&self) -> Option<Mail> {
        self.0.borrow_mut().pop_front()
    }

    fn put(&self, mail: Mail) {
        self.0.borrow_mut().push_back(mail);
    }
}

impl Wire for Mailbox {
    fn send(&self, bytes: &[u8]) {
        self.put(Mail::Bytes(bytes.to_vec()));
    }

    fn credit(&self, bytes: usize) {
        self.put(Mail::Taken(bytes));
    }

    fn end(&self, _: Ending) {
        self.put(Mail::End);
    }
}
