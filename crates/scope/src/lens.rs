//! A page's eye: what one page looks at, and what is kept so that looking is cheap.

use alloc::string::String;

use vitrine_broker::Actions;
use vitrine_link::{Frame, MatchFrame, MatchView, View};
use vitrine_packet::topic;

use crate::clients;
use crate::detail::DetailLens;
use crate::ladder::FlowLens;
use crate::matching;
use crate::receivers::{Imagined, Receivers};
use crate::scope::Scope;
use crate::time::milliseconds;
use crate::tree::{Marks, TreeLens};

/// How often a rate is told anew while nothing else changes, in microseconds.
const RATE_INTERVAL: u64 = 1_000_000;

/// What one page looks at. It belongs to one [`Scope`]; [`Self::anew`] gives it another.
#[derive(Default)]
pub struct Lens {
    view: View,
    /// The number of the last frame, and of the last frame that the page has drawn.
    sent: u64,
    seen: u64,
    /// The view was changed since the last frame.
    looked: bool,
    /// The scope's version and the time (microseconds) of the last frame.
    version: u64,
    at: u64,
    tree: TreeLens,
    flow: FlowLens,
    matches: MatchLens,
    detail: DetailLens,
}

impl Lens {
    /// A page that looks at nothing yet: its frames have the totals only.
    #[must_use]
    pub fn new() -> Self {
        Self {
            looked: true,
            ..Self::default()
        }
    }

    /// The page looks at this from now on.
    pub fn look(&mut self, view: View) {
        self.view = view;
        self.looked = true;
    }

    /// From now on it belongs to another scope, or to the same one at another time: what was kept of the one
    /// before is dropped. The page goes on looking at the same, and the numbers of frames go on.
    pub fn anew(&mut self) {
        *self = Self {
            view: core::mem::take(&mut self.view),
            sent: self.sent,
            seen: self.seen,
            looked: true,
            ..Self::default()
        };
    }

    /// The page has drawn the frame of this number. Other numbers than the last frame's are ignored.
    pub fn seen(&mut self, frame: u64) {
        if frame == self.sent {
            self.seen = frame;
        }
    }

    /// What the page looks at.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }
}

impl Scope {
    /// What is on a page's screen at `now` (microseconds since the Unix epoch); `None` when that is
    /// what the page has already, or when it has not drawn the last frame yet.
    ///
    /// While a rate is other than 0 there is a frame a second even if nothing happens. A frame costs
    /// what is on screen, what came since the last one, and for a new filter one look at everything
    /// that it may match.
    pub fn frame(&self, lens: &mut Lens, now: u64) -> Option<Frame> {
        if lens.sent != lens.seen || !self.is_news(lens, now) {
            return None;
        }
        lens.looked = false;
        lens.version = self.version();
        lens.at = now;
        lens.sent += 1;
        let Lens {
            view,
            tree,
            flow,
            matches,
            detail,
            ..
        } = lens;
        let tree_frame = view
            .tree
            .as_ref()
            .map(|view| tree.frame(view, &self.tree, now));
        Some(Frame {
            number: lens.sent,
            now: milliseconds(now),
            totals: self.totals(now),
            tree: tree_frame,
            flow: view.flow.as_ref().map(|view| flow.frame(view, self)),
            matches: view.matches.as_ref().map(|view| matches.frame(view, self)),
            clients: view.clients.as_ref().map(|view| clients::frame(view, self)),
            detail: detail.tell(&view.selection, self, tree, now),
            lab: None,
        })
    }

    /// When the next frame is due for a page if nothing happens until then, in microseconds since the
    /// Unix epoch; `None` when never. A frame that the page has not drawn yet comes first.
    #[must_use]
    pub fn due(&self, lens: &Lens) -> Option<u64> {
        if lens.looked || lens.version != self.version() {
            return Some(lens.at);
        }
        self.counts
            .was_moving(lens.at)
            .then_some(lens.at.saturating_add(RATE_INTERVAL))
    }

    fn is_news(&self, lens: &Lens, now: u64) -> bool {
        self.due(lens).is_some_and(|due| due <= now) || lens.looked
    }
}

/// What is kept for the filter that is tried out.
#[derive(Default)]
struct MatchLens {
    marks: Marks,
    receivers: Receivers,
}

impl MatchLens {
    fn frame(&mut self, view: &MatchView, scope: &Scope) -> MatchFrame {
        self.marks.update(&view.filter, &scope.tree);
        let check = matching::check(&view.filter);
        let given = !view.topic.is_empty();
        let problem = topic::validate_name(&view.topic).err().filter(|_| given);
        let valid_topic = given && problem.is_none();
        let mut frame = MatchFrame {
            topics: self.marks.names(&scope.tree).to_vec(),
            matched: self.marks.matched(),
            of: scope.tree.topics().len() as u32,
            explanation: (valid_topic && check.valid)
                .then(|| matching::explain(&view.filter, &view.topic)),
            topic_problem: problem.map(|error| matching::tell_problem(&error)),
            check,
            ..MatchFrame::default()
        };
        if valid_topic {
            let (topic, publisher) = (view.topic.clone(), view.publisher.clone());
            let imagined = Imagined {
                topic,
                qos: view.qos.min(2),
                publisher,
            };
            frame.publisher_forbidden = publisher_forbidden(view, scope);
            let (receivers, left_out) =
                self.receivers
                    .of(imagined, &scope.sessions, &scope.lines, &scope.judge);
            frame.receivers = receivers.to_vec();
            frame.receivers_left_out = left_out as u32;
        }
        frame
    }
}

/// The rule by which the imagined publisher may not publish.
fn publisher_forbidden(view: &MatchView, scope: &Scope) -> Option<String> {
    let client = vitrine_broker::ClientId::from(view.publisher.as_str());
    let session = scope.sessions.get(scope.lines.of_client(&client)?)?;
    let user = session.user.as_deref();
    let judged = scope
        .judge
        .may(user, &view.publisher, Actions::PUBLISH, &view.topic);
    judged.err().map(|rule| rule.as_ref().into())
}
