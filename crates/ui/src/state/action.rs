//! What can happen to the state.

use vitrine_link::{Anchor, Depth, FlowFilter, Selection};

use super::{Drawer, LabAt, OPEN_DEPTH, Opened, Place, State, Tab, Theme};

/// A part of the page that folds away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The topics.
    Left,
    /// The answers.
    Right,
}

/// Something the user did.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Selected something; the right panel turns to it.
    Select(Selection),
    /// Selected a row of the ladder, which thereby stays where it is: its last row's number.
    SelectRow(u64, Option<u64>),
    /// Turned the right panel.
    Show(Tab),
    /// Turned the phone.
    Go(Place),
    /// Chose a depth.
    Depth(Depth),
    /// Moved the ladder, or let it follow again.
    Anchor(Anchor),
    /// Chose which rows the ladder shows.
    Filter(FlowFilter),
    /// Opened or closed the row of filters.
    Filtering(bool),
    /// Typed a Topic Filter to try.
    TryFilter(String),
    /// Typed a Topic Name to try.
    TryTopic(String),
    /// Chose the QoS of the imagined publication.
    TryQos(u8),
    /// Searched the tree.
    Search(String),
    /// Opened or closed a tree node.
    Toggle(String),
    /// Opened the way to a topic.
    Reveal(String),
    /// Showed or hid `$` topics.
    System(bool),
    /// Gave tree rows a second line, or took it.
    Tall(bool),
    /// Opened, or closed with `None`, what is under the ladder.
    Drawer(Option<Drawer>),
    /// Opened what is under the ladder, for this client.
    Compose(Drawer, String),
    /// Published by hand at this QoS.
    Published(u8),
    /// Folded a panel, or unfolded it.
    Fold(Panel),
    /// Only the stage, or everything again.
    Present(bool),
    /// Opened or closed the table of keys.
    Help(bool),
    /// Opened or closed what holds for the broker.
    Settings(bool),
    /// Opened or closed what is carried away.
    Carry(bool),
    /// Chose light or dark.
    Theme(Theme),
    /// The address changed under the page (back, forward, typed).
    Restore(Box<State>),
    /// The worker told which recording it is.
    Record(String),
    /// Read what was said of the recording.
    ReadNews,
    /// Added a virtual client to the broker in the tab.
    Virtual(String),
    /// Opened or closed the list of lessons.
    Choosing(bool),
    /// Opened something in the lab.
    OpenLab(Opened),
    /// Went back to the broker in the tab.
    LeaveLab,
    /// Had the lab begin anew, where it stood.
    LabAgain,
    /// The lesson that was opened speaks of the topics, or not.
    LessonTopics(bool),
    /// Three QoS stand side by side from now on, or no more, in a window in which that leaves little room to each.
    Columns(bool),
    /// The lab stands at this position.
    LabAt(u64),
    /// This code tells all that was done in the lab up to now; empty when that is nothing.
    LabCode(String),
}

impl State {
    pub(super) fn apply(&mut self, action: Action) {
        match action {
            Action::Select(selection) => self.select(selection),
            Action::SelectRow(number, last) => {
                // The lab goes on only when told: its ladder need not be held.
                if let (Anchor::Newest, Some(last), None) = (self.anchor, last, &self.lab) {
                    self.anchor = Anchor::UpTo(last);
                }
                self.select(Selection::Row(number));
            }
            Action::Show(tab) => {
                self.tab = tab;
                self.place = Place::Panel;
                self.right_folded = false;
                self.unfold_later = false;
            }
            Action::Go(place) => self.place = place,
            Action::Depth(depth) => self.depth = depth,
            Action::Anchor(anchor) => self.anchor = anchor,
            Action::Filter(filter) => {
                self.filter = filter;
                // An index counts the rows that pass: it means nothing under another filter.
                if let Anchor::Index(_) = self.anchor {
                    self.anchor = Anchor::Newest;
                }
            }
            Action::Filtering(open) => self.filtering = open,
            Action::TryFilter(filter) => self.trial.filter = filter,
            Action::TryTopic(topic) => self.trial.topic = topic,
            Action::TryQos(qos) => self.trial.qos = qos.min(2),
            Action::Search(text) => self.search = text,
            Action::Toggle(topic) => {
                if !self.toggled.remove(&topic) {
                    self.toggled.insert(topic);
                }
            }
            Action::Reveal(topic) => self.reveal(&topic),
            Action::System(on) => self.system = on,
            Action::Tall(on) => self.tall = on,
            Action::Drawer(drawer) => {
                self.drawer = drawer;
                self.actor = None;
                if drawer.is_some() {
                    self.place = Place::Flow;
                }
            }
            Action::Compose(drawer, client) => {
                self.drawer = Some(drawer);
                self.actor = Some(client);
                self.composed += 1;
                self.place = Place::Flow;
            }
            Action::Published(qos) => self.publish_qos = qos.min(2),
            Action::Fold(Panel::Left) if self.lab.is_some() => self.lab_topics = !self.lab_topics,
            Action::Fold(Panel::Left) => self.left_folded = !self.left_folded,
            Action::Fold(Panel::Right) => {
                self.right_folded = !self.right_folded;
                self.unfold_later = false;
            }
            Action::LessonTopics(shown) => self.lab_topics = shown,
            Action::Columns(on) => {
                self.unfold();
                if on && !self.right_folded {
                    self.right_folded = true;
                    self.unfold_later = true;
                }
            }
            Action::Present(on) => self.presenting = on,
            Action::Help(open) => self.help = open,
            Action::Settings(open) => self.settings = open,
            Action::Carry(open) => self.carry = open,
            Action::Theme(theme) => self.theme = theme,
            Action::Restore(state) => {
                let here = self.lab.take();
                *self = *state;
                // A step back within what is open goes there, and opens nothing anew.
                match (here, &mut self.lab) {
                    (Some(here), Some(there)) if here.is(there) => {
                        let go = there.moment.filter(|moment| Some(*moment) != here.moment);
                        *there = LabAt { go, ..here };
                    }
                    // What the panel made room for is not on screen any more.
                    _ => self.unfold(),
                }
                if let (Some(record), None) = (self.record.clone(), &self.lab) {
                    self.claim(&record);
                }
            }
            Action::Record(record) => self.recording(record),
            Action::ReadNews => self.news = None,
            Action::Virtual(name) => {
                if !self.virtuals.contains(&name) {
                    self.virtuals.push(name);
                }
            }
            Action::Choosing(open) => self.choosing = open,
            Action::OpenLab(what) => {
                self.unfold();
                self.forget_numbers();
                self.selection = Selection::None;
                self.choosing = false;
                self.drawer = None;
                self.place = Place::Flow;
                // What is in each head is what one opens a lab for; of a recording it follows from the packets.
                if self.tab == Tab::Selected {
                    self.tab = Tab::Memory;
                }
                let visit = self.lab.as_ref().map_or(0, |lab| lab.visit) + 1;
                self.lab = Some(LabAt {
                    what,
                    visit,
                    ..LabAt::default()
                });
            }
            Action::LeaveLab => {
                if self.lab.take().is_some() {
                    self.unfold();
                    self.forget_numbers();
                    self.selection = Selection::None;
                    self.drawer = None;
                    self.filter.hide_pings = true;
                    if self.tab == Tab::Memory {
                        self.tab = Tab::Selected;
                    }
                }
            }
            Action::LabAgain => {
                if let Some(lab) = &mut self.lab {
                    lab.again += 1;
                    lab.go = None;
                    // Three columns are told by the code; where there is none, one column begins anew.
                    if lab.told.is_none() {
                        self.unfold();
                    }
                }
            }
            Action::LabAt(moment) => {
                if let Some(lab) = &mut self.lab {
                    lab.moment = Some(moment);
                    lab.go = None;
                }
            }
            Action::LabCode(code) => {
                if let Some(lab) = &mut self.lab {
                    lab.told = (!code.is_empty()).then_some(code);
                }
            }
        }
    }

    /// The panel comes back that was folded away to make room.
    fn unfold(&mut self) {
        if std::mem::take(&mut self.unfold_later) {
            self.right_folded = false;
        }
    }

    fn reveal(&mut self, topic: &str) {
        for (depth, (end, _)) in topic.match_indices('/').enumerate() {
            let ancestor = &topic[..end];
            if depth < usize::from(OPEN_DEPTH) {
                self.toggled.remove(ancestor);
            } else {
                self.toggled.insert(ancestor.to_owned());
            }
        }
    }

    fn select(&mut self, selection: Selection) {
        let bytes = self.depth == Depth::Bytes;
        self.tab = match (&selection, self.tab) {
            (Selection::None, tab) => tab,
            // Who reads bytes goes on reading bytes.
            (Selection::Row(_), Tab::Packet) => Tab::Packet,
            (Selection::Row(_), _) if bytes => Tab::Packet,
            _ => Tab::Selected,
        };
        // The topic that was chosen is the one that is tried out.
        if let Selection::Topic(topic) = &selection {
            self.trial.topic.clone_from(topic);
        }
        self.selection = selection;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: impl IntoIterator<Item = Action>) -> State {
        let mut state = State::default();
        for action in actions {
            state.apply(action);
        }
        state
    }

    #[test]
    fn selecting_a_row_holds_a_following_ladder() {
        let state = after([Action::SelectRow(7, Some(9))]);
        assert_eq!(state.selection, Selection::Row(7));
        assert_eq!(state.anchor, Anchor::UpTo(9));
        assert_eq!(state.tab, Tab::Selected);
    }

    #[test]
    fn selecting_a_row_leaves_a_paused_ladder_where_it_is() {
        let state = after([
            Action::Anchor(Anchor::UpTo(40)),
            Action::SelectRow(7, Some(99)),
        ]);
        assert_eq!(state.anchor, Anchor::UpTo(40));
    }

    #[test]
    fn at_the_depth_of_bytes_a_row_shows_its_packet() {
        let state = after([Action::Depth(Depth::Bytes), Action::SelectRow(7, None)]);
        assert_eq!(state.tab, Tab::Packet);
    }

    #[test]
    fn a_selected_topic_is_tried_out() {
        let state = after([Action::Select(Selection::Topic("a/b".into()))]);
        assert_eq!(state.trial.topic, "a/b");
    }

    #[test]
    fn an_index_is_forgotten_with_the_filter_it_counted() {
        let state = after([
            Action::Anchor(Anchor::Index(12)),
            Action::Filter(FlowFilter::default()),
        ]);
        assert!(state.following());
    }

    #[test]
    fn the_way_to_a_topic_is_opened() {
        let deep = "1/2/3/4/5/6/7/8/9";
        let state = after([
            Action::Toggle("1/2".into()),
            Action::Toggle("x".into()),
            Action::Reveal(deep.into()),
        ]);
        let toggled: Vec<_> = state.toggled.iter().map(String::as_str).collect();
        assert_eq!(toggled, ["1/2/3/4/5/6/7", "1/2/3/4/5/6/7/8", "x"]);
    }

    #[test]
    fn a_lab_that_begins_anew_is_the_same_one_at_its_moment() {
        let before = after([
            Action::OpenLab(Opened::Lesson("06-qos-1".into())),
            Action::LabAt(12),
            Action::LabCode("1abc-_".into()),
        ]);
        let mut again = before.clone();
        again.apply(Action::LabAgain);
        assert_ne!(again, before);
        let (before, again) = (before.lab.unwrap(), again.lab.unwrap());
        assert_eq!(
            (again.visit, again.moment, again.told.clone()),
            (before.visit, Some(12), Some("1abc-_".into()))
        );
        assert!(again.is(&before));
    }

    #[test]
    fn the_panel_makes_room_for_three_columns_and_comes_back() {
        let on = [Action::Columns(true)];
        assert!(after(on.clone()).right_folded);
        let off = on.clone().into_iter().chain([Action::Columns(false)]);
        assert_eq!(after(off), State::default());
        // Whoever folds or opens it by hand has the last word.
        let by_hand = [
            Action::Fold(Panel::Right),
            Action::Columns(true),
            Action::Columns(false),
        ];
        assert!(after(by_hand).right_folded);
        let opened = [
            Action::Columns(true),
            Action::Show(Tab::Memory),
            Action::Columns(false),
        ];
        assert!(!after(opened).right_folded);
        let closed = on.into_iter().chain([
            Action::Fold(Panel::Right),
            Action::Fold(Panel::Right),
            Action::LeaveLab,
        ]);
        assert!(after(closed).right_folded);
    }

    #[test]
    fn the_panel_comes_back_with_a_step_out_of_the_lab_and_when_one_column_begins_anew() {
        let lesson = |name: &str| Action::OpenLab(Opened::Lesson(name.into()));
        let open = after([lesson("06-qos-1"), Action::Columns(true)]);
        let back_to = |address: &str| {
            let mut state = open.clone();
            let there = crate::state::address::read(address, &state);
            state.apply(Action::Restore(Box::new(there)));
            state
        };
        assert!(!back_to("").right_folded);
        assert!(!back_to("lesson=04-will").right_folded);
        assert!(back_to("lesson=06-qos-1&moment=3").right_folded);

        let mut again = open.clone();
        again.apply(Action::LabAgain);
        assert!(!again.right_folded);
        let mut told = open.clone();
        told.apply(Action::LabCode("1abc-_".into()));
        told.apply(Action::LabAgain);
        assert!(told.right_folded);
        told.apply(Action::Columns(false));
        assert!(!told.right_folded);
    }

    #[test]
    fn asking_again_for_the_same_client_is_noticed() {
        // In the form somebody else may have been chosen meanwhile, of which the state knows nothing.
        let ask = || Action::Compose(Drawer::Subscribe, "aluno".into());
        let (once, twice) = (after([ask()]), after([ask(), ask()]));
        assert_ne!(once, twice);
        assert_eq!((&once.actor, once.drawer), (&twice.actor, twice.drawer));
    }

    #[test]
    fn toggling_twice_changes_nothing() {
        let state = after([Action::Toggle("a".into()), Action::Toggle("a".into())]);
        assert_eq!(state, State::default());
    }
}
