//! Asking an [`Access`] what it would say, without a broker: for those who explain.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::pattern::Who;
use super::{Access, Actions, Rules};

/// An [`Access`], made ready to be asked.
#[derive(Clone, Debug)]
pub struct Judge(Rules);

impl Judge {
    /// Makes an access ready to be asked.
    #[must_use]
    pub fn new(access: Rc<Access>) -> Self {
        Self(Rules::new(access, 0))
    }

    /// What it judges by.
    #[must_use]
    pub fn access(&self) -> &Rc<Access> {
        self.0.access()
    }

    /// Whether a client may publish to a topic ([`Actions::PUBLISH`]) or be sent its messages
    /// ([`Actions::RECEIVE`]). `user` is who it was authenticated as; `None` for an anonymous client.
    ///
    /// # Errors
    /// The name of the rule that forbids it; `default` where none fits.
    pub fn may(
        &self,
        user: Option<&str>,
        client: &str,
        action: Actions,
        topic: &str,
    ) -> Result<(), Rc<str>> {
        if self.0.is_open() {
            return Ok(());
        }
        let who = Who { user, client };
        let list: Vec<u32> = self.0.indices(who).collect();
        self.0
            .judge(&list, who, action, topic)
            .map_err(|rule| self.0.name(rule))
    }
}
