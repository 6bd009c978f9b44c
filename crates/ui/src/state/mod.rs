//! What the user chose. One value for the whole page, changed only by [`Action`]s.

mod action;
pub mod address;
mod lab;
pub mod memory;
mod record;

use std::collections::BTreeSet;
use std::rc::Rc;

use vitrine_link::{Anchor, Depth, FlowFilter, MatchView, Selection};
use yew::Reducible;

pub use action::{Action, Panel};
pub use lab::{LabAt, Opened};
pub use record::News;

/// Tree nodes less deep than this are open until closed by hand (the top level has depth 0).
pub const OPEN_DEPTH: u16 = 6;

/// Which view answers in the right panel; on a phone also which view fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// What is known of the selection.
    #[default]
    Selected,
    /// A Topic Filter tried out.
    Matches,
    /// The sessions.
    Clients,
    /// The selected packet, byte by byte.
    Packet,
    /// What is in each head.
    Memory,
}

impl Tab {
    /// All tabs, in the order in which they stand.
    pub const ALL: [Self; 5] = [
        Self::Selected,
        Self::Matches,
        Self::Clients,
        Self::Packet,
        Self::Memory,
    ];

    /// The tab's name in the address and in the keys of its texts.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::Matches => "matches",
            Self::Clients => "clients",
            Self::Packet => "packet",
            Self::Memory => "memory",
        }
    }
}

/// Which column a phone shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The tree.
    Topics,
    /// The ladder.
    #[default]
    Flow,
    /// The right panel, at [`State::tab`].
    Panel,
}

/// What is open under the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawer {
    /// Publishing.
    Publish,
    /// Connecting a client.
    Connect,
    /// Subscribing one of the page's clients, which exists already, to more.
    Subscribe,
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name in the document and in storage.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one after it, when one button goes round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

/// Everything the user chose.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The one selection of the page.
    pub selection: Selection,
    /// How much is told.
    pub depth: Depth,
    /// Where the ladder stands; [`Anchor::Newest`] follows.
    pub anchor: Anchor,
    /// Which rows the ladder shows.
    pub filter: FlowFilter,
    /// Whether the row of filters is open.
    pub filtering: bool,
    /// The filter and topic tried out. The tree marks what the filter matches.
    pub trial: MatchView,
    /// What the tree is searched for.
    pub search: String,
    /// Tree nodes that were opened or closed by hand.
    pub toggled: BTreeSet<String>,
    /// Whether `$` topics are shown.
    pub system: bool,
    /// Whether a tree row has a second line.
    pub tall: bool,
    /// The right panel's view.
    pub tab: Tab,
    /// What of the lab is open; `None` for the broker in the tab.
    pub lab: Option<LabAt>,
    /// The list of lessons is open.
    pub choosing: bool,
    /// The topics stand beside the lab's stage. They are folded away there until asked for: a lesson wants the room.
    pub lab_topics: bool,
    /// What a phone shows.
    pub place: Place,
    /// What is open under the ladder.
    pub drawer: Option<Drawer>,
    /// Virtual clients that were added to the broker in the tab by this page.
    pub virtuals: Vec<String>,
    /// Who is to act in it, where that was chosen with it.
    pub actor: Option<String>,
    /// How often somebody was chosen to act: also the same one again, when the form has turned to another.
    pub composed: u64,
    /// The QoS at which was published by hand last, which is offered first.
    pub publish_qos: u8,
    /// The tree is folded away.
    pub left_folded: bool,
    /// The right panel is folded away.
    pub right_folded: bool,
    /// It was folded away to make room, and comes back when that is no longer needed.
    pub unfold_later: bool,
    /// Only the stage is shown, larger.
    pub presenting: bool,
    /// The table of keys is open.
    pub help: bool,
    /// What holds for the broker is open: what it keeps, and who may do what.
    pub settings: bool,
    /// What is carried away is open: links, files, pictures.
    pub carry: bool,
    /// Light or dark.
    pub theme: Theme,
    /// The recording that the page shows, once it is known.
    pub record: Option<String>,
    /// The recording that the address' numbers of rows and publications belong to, until it is known
    /// whether that is the one.
    pub claimed: Option<String>,
    /// What is to be said of the recording, until the user closes it.
    pub news: Option<News>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            selection: Selection::None,
            depth: Depth::Handshake,
            anchor: Anchor::Newest,
            filter: FlowFilter {
                hide_pings: true,
                ..FlowFilter::default()
            },
            filtering: false,
            trial: MatchView {
                qos: 2,
                ..MatchView::default()
            },
            search: String::new(),
            toggled: BTreeSet::new(),
            system: false,
            tall: false,
            tab: Tab::Selected,
            lab: None,
            choosing: false,
            lab_topics: false,
            place: Place::Flow,
            drawer: None,
            virtuals: Vec::new(),
            actor: None,
            composed: 0,
            publish_qos: 0,
            left_folded: false,
            right_folded: false,
            unfold_later: false,
            presenting: false,
            help: false,
            settings: false,
            carry: false,
            theme: Theme::Auto,
            record: None,
            claimed: None,
            news: None,
        }
    }
}

impl State {
    /// Whether the ladder follows the newest row.
    #[must_use]
    pub fn following(&self) -> bool {
        self.anchor == Anchor::Newest
    }

    /// Whether this is open under the ladder where it can be seen: on a `narrow` screen only one place is shown at a time.
    #[must_use]
    pub fn shows(&self, drawer: Drawer, narrow: bool) -> bool {
        self.drawer == Some(drawer) && (!narrow || self.place == Place::Flow)
    }

    /// Whether the topics are folded away, in the lab or outside of it.
    #[must_use]
    pub fn topics_folded(&self) -> bool {
        match self.lab {
            Some(_) => !self.lab_topics,
            None => self.left_folded,
        }
    }

    /// Whether the ladder leaves out anything but pings.
    #[must_use]
    pub fn filtered(&self) -> bool {
        !self.filter.clients.is_empty()
            || !self.filter.topic.is_empty()
            || self.filter.types != 0
            || self.filter.publication.is_some()
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        next.apply(action);
        if next == *self { self } else { Rc::new(next) }
    }
}
