//! The stories of publications: from the publisher to everyone who gets it.
//!
//! A story lives as long as one of its rows is in the recording.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vitrine_broker::ClientId;
use vitrine_link::Outcome;

use crate::lines::LineId;
use crate::preview::Preview;

/// Stories that may be without a row at a time: those of publications that nobody got to see.
const WITHOUT_ROWS: usize = 4_096;

/// One publication's story.
#[derive(Clone, Default)]
pub(crate) struct Story {
    /// `None` until the publication itself is told.
    pub(crate) published: Option<Published>,
    /// The rows in the recording, rising.
    pub(crate) rows: VecDeque<u64>,
    pub(crate) deliveries: Vec<Delivery>,
    /// Where the delivery may be that is asked for next: they are served in order.
    hint: usize,
}

/// What was published.
#[derive(Clone)]
pub(crate) struct Published {
    pub(crate) topic: Rc<str>,
    pub(crate) payload: Preview,
    /// `None` for the broker itself.
    pub(crate) publisher: Option<ClientId>,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) will: bool,
    /// Microseconds since the Unix epoch.
    pub(crate) at: u64,
}

/// One subscriber's part.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) line: LineId,
    pub(crate) client: ClientId,
    pub(crate) filter: Rc<str>,
    pub(crate) granted: u8,
    pub(crate) qos: u8,
    pub(crate) retained: bool,
    pub(crate) outcome: Outcome,
    pub(crate) why: Option<&'static str>,
    /// It was sent before it was discarded, and waited for an acknowledgement.
    pub(crate) sent: bool,
    /// The rule that withholds it.
    pub(crate) rule: Option<Rc<str>>,
}

impl Story {
    /// The latest delivery to this line.
    pub(crate) fn delivery(&mut self, line: LineId) -> Option<&mut Delivery> {
        let count = self.deliveries.len();
        let place = (self.hint..count).chain(0..self.hint.min(count));
        let found = place
            .into_iter()
            .find(|place| self.deliveries[*place].line == line)?;
        self.hint = found + 1;
        self.deliveries.get_mut(found)
    }

    /// A handshake is complete. That of a message that is not sent again may still be, at QoS 2 by PUBREL: then its Packet
    /// Identifier is free, and nothing is known of the message.
    fn acknowledge(&mut self, line: LineId) {
        let goes_on = |one: &Delivery| one.outcome != Outcome::Discarded;
        match self.delivery(line) {
            Some(delivery) if goes_on(delivery) => delivery.outcome = Outcome::Acknowledged,
            Some(_) => {
                let mut all = self.deliveries.iter_mut();
                if let Some(other) = all.find(|one| one.line == line && goes_on(one)) {
                    other.outcome = Outcome::Acknowledged;
                }
            }
            None => {}
        }
    }

    /// Notes a delivery. A message that is sent again because its receiver subscribed again takes the
    /// place of the delivery before.
    pub(crate) fn deliver(&mut self, delivery: Delivery) {
        let again = delivery.retained && self.delivery(delivery.line).is_some();
        if again {
            let place = self.hint - 1;
            self.deliveries[place] = delivery;
        } else {
            self.deliveries.push(delivery);
        }
    }
}

/// All stories. Nothing ever depends on the order in which they lie in the map.
#[derive(Clone)]
pub(crate) struct Stories {
    stories: HashMap<u64, Rc<Story>, FixedState>,
    /// Stories in the order of their making that may still be without a row.
    young: VecDeque<u64>,
}

impl Stories {
    pub(crate) fn new() -> Self {
        Self {
            stories: HashMap::with_hasher(FixedState::default()),
            young: VecDeque::new(),
        }
    }

    pub(crate) fn get(&self, publication: u64) -> Option<&Story> {
        self.stories.get(&publication).map(Rc::as_ref)
    }

    /// The topic of a publication.
    pub(crate) fn topic(&self, publication: u64) -> Option<&Rc<str>> {
        self.get(publication)?
            .published
            .as_ref()
            .map(|published| &published.topic)
    }

    /// The story of a publication, begun when there is none.
    pub(crate) fn begin(&mut self, publication: u64) -> &mut Story {
        if self.young.len() > WITHOUT_ROWS
            && let Some(old) = self.young.pop_front()
            && old != publication
        {
            self.forget_if_unseen(old);
        }
        let young = &mut self.young;
        let story = self.stories.entry(publication).or_insert_with(|| {
            young.push_back(publication);
            Rc::default()
        });
        Rc::make_mut(story)
    }

    /// The delivery of a publication to a line.
    pub(crate) fn delivery(&mut self, publication: u64, line: LineId) -> Option<&mut Delivery> {
        Rc::make_mut(self.stories.get_mut(&publication)?).delivery(line)
    }

    /// The oldest row of a publication was forgotten.
    pub(crate) fn forget_row(&mut self, publication: u64) {
        let Some(story) = self.stories.get_mut(&publication) else {
            return;
        };
        let story = Rc::make_mut(story);
        story.rows.pop_front();
        if story.rows.is_empty() {
            self.stories.remove(&publication);
        }
    }

    /// See [`Story::acknowledge`].
    pub(crate) fn acknowledge(&mut self, publication: u64, line: LineId) {
        if let Some(story) = self.stories.get_mut(&publication) {
            Rc::make_mut(story).acknowledge(line);
        }
    }

    fn forget_if_unseen(&mut self, publication: u64) {
        if self
            .get(publication)
            .is_some_and(|story| story.rows.is_empty())
        {
            self.stories.remove(&publication);
        }
    }
}
