//! Which recording the page's numbers belong to.
//!
//! Rows and publications are counted anew by every worker: a number from an address, or from before another tab became
//! the host, names something else in another recording. Such numbers are let go, and the ladder is live.

use vitrine_link::{Anchor, Selection};

use super::State;

/// What is to be said of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The address pointed into a recording that is gone.
    AddressGone,
    /// The broker began anew while the page was open: the tab that hosted it is gone.
    HostGone,
}

impl State {
    /// The worker has this recording.
    pub(super) fn recording(&mut self, record: String) {
        match &self.record {
            // The lab goes on, so its numbers stay.
            Some(before) if *before != record && self.lab.is_some() => {}
            Some(before) if *before != record => {
                self.forget_numbers();
                self.news = Some(News::HostGone);
            }
            Some(_) => {}
            // What an address says of the lab holds whatever the broker in the tab recorded.
            None if self.lab.is_some() => self.claimed = None,
            None => self.claim(&record),
        }
        self.record = Some(record);
    }

    /// Keeps the address' numbers if they are of `record`.
    pub(super) fn claim(&mut self, record: &str) {
        if self.claimed.take().as_deref() != Some(record) && self.forget_numbers() {
            self.news = Some(News::AddressGone);
        }
    }

    /// Whether the state says anything that holds for one recording only.
    #[must_use]
    pub fn has_numbers(&self) -> bool {
        self.anchor != Anchor::Newest
            || self.filter.publication.is_some()
            || matches!(
                self.selection,
                Selection::Row(_) | Selection::Publication(_)
            )
    }

    /// Lets go what holds for one recording only. True if there was any.
    pub(super) fn forget_numbers(&mut self) -> bool {
        let had = self.has_numbers();
        self.anchor = Anchor::Newest;
        self.filter.publication = None;
        if let Selection::Row(_) | Selection::Publication(_) = self.selection {
            self.selection = Selection::None;
        }
        had
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, address};
    use super::*;

    fn opened(at: &str, record: &str) -> State {
        let mut state = address::read(at, &State::default());
        state.apply(Action::Record(record.into()));
        state
    }

    #[test]
    fn an_address_of_the_same_recording_keeps_its_moment() {
        let state = opened("row=7&until=9&record=aa", "aa");
        assert_eq!(state.selection, Selection::Row(7));
        assert_eq!(state.anchor, Anchor::UpTo(9));
        assert_eq!(state.news, None);
        assert_eq!(
            address::write(&state),
            "row=7&until=9&record=aa&depth=handshake"
        );
    }

    #[test]
    fn an_address_of_another_recording_comes_up_live() {
        for at in [
            "row=7&until=9&record=bb",
            "until=9",
            "publication=1&record=bb",
            "only-publication=3&record=bb",
        ] {
            let state = opened(at, "aa");
            assert!(!state.has_numbers(), "{at}");
            assert!(state.following(), "{at}");
            assert_eq!(state.news, Some(News::AddressGone), "{at}");
            assert_eq!(address::write(&state), "", "{at}");
        }
    }

    #[test]
    fn what_holds_for_every_recording_is_kept() {
        let state = opened("topic=a/b&only-client=x&until=3&record=bb", "aa");
        assert_eq!(state.selection, Selection::Topic("a/b".into()));
        assert_eq!(state.filter.clients, ["x"]);
        let state = opened("topic=a/b", "aa");
        assert_eq!(state.news, None);
    }

    #[test]
    fn a_host_that_begins_anew_is_news() {
        let mut state = opened("row=7&until=9&record=aa", "aa");
        state.apply(Action::Record("aa".into()));
        assert!(state.has_numbers());
        state.apply(Action::Record("bb".into()));
        assert!(!state.has_numbers());
        assert_eq!(state.news, Some(News::HostGone));
        state.apply(Action::ReadNews);
        assert_eq!(state.news, None);
    }

    #[test]
    fn a_step_back_does_not_lead_into_a_recording_that_is_gone() {
        let mut state = opened("", "bb");
        let back = address::read("row=7&record=aa", &state);
        state.apply(Action::Restore(Box::new(back)));
        assert_eq!(state.selection, Selection::None);
        let back = address::read("row=7&record=bb", &state);
        state.apply(Action::Restore(Box::new(back)));
        assert_eq!(state.selection, Selection::Row(7));
    }
}
