//! Messages that wait for a client to come back, or for its window or its transport.

use alloc::collections::VecDeque;
use core::ops::ControlFlow;
use core::time::Duration;

use vitrine_packet::QoS;

use crate::broker::Broker;
use crate::limits::{Limit, over_share};
use crate::message::Delivery;
use crate::timers::TimerKey;
use crate::{DiscardReason, Event, ObservationMask, Time};

/// A queue is searched for messages that expired at most so often: what expired is never sent anyway.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);
/// So much longer is the pause for each message in the queue, so that long ones cost no more than short.
const SWEEP_PAUSE_EACH: Duration = Duration::from_micros(200);

/// One session's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    deliveries: VecDeque<Delivery>,
    /// What they cost.
    bytes: usize,
    /// How many of them are QoS 0.
    qos0: usize,
    /// For when [`crate::timers::TimerKey::QueueExpiry`] is set.
    pub(crate) sweep: Option<Time>,
    /// Before then it is not searched again.
    rests_until: Time,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether QoS 0 messages wait, so that others must wait behind them.
    pub(crate) fn holds_qos0(&self) -> bool {
        self.qos0 > 0
    }

    pub(crate) fn push_back(&mut self, delivery: Delivery) {
        self.count(&delivery);
        self.deliveries.push_back(delivery);
    }

    /// Puts a message back that was taken out last.
    pub(crate) fn push_front(&mut self, delivery: Delivery) {
        self.count(&delivery);
        self.deliveries.push_front(delivery);
    }

    pub(crate) fn front(&self) -> Option<&Delivery> {
        self.deliveries.front()
    }

    pub(crate) fn pop_front(&mut self) -> Option<Delivery> {
        let delivery = self.deliveries.pop_front()?;
        self.uncount(&delivery);
        if self.deliveries.is_empty() && self.deliveries.capacity() > 64 {
            self.deliveries = VecDeque::new();
        }
        Some(delivery)
    }

    /// Takes out the messages that are expired, and gives them. The rest keeps its order.
    pub(crate) fn take_expired(&mut self, now: Time) -> VecDeque<Delivery> {
        let deliveries = core::mem::take(&mut self.deliveries);
        let (gone, left) = deliveries
            .into_iter()
            .partition(|d| d.message.is_expired(now));
        self.deliveries = left;
        let gone: VecDeque<Delivery> = gone;
        gone.iter().for_each(|delivery| self.uncount(delivery));
        gone
    }

    /// When the first of them expires.
    pub(crate) fn first_expiry(&self) -> Option<Time> {
        self.deliveries
            .iter()
            .filter_map(|delivery| delivery.message.expires)
            .min()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    fn count(&mut self, delivery: &Delivery) {
        self.bytes += delivery.message.cost();
        self.qos0 += usize::from(delivery.qos == QoS::AtMostOnce);
    }

    fn uncount(&mut self, delivery: &Delivery) {
        self.bytes -= delivery.message.cost();
        self.qos0 -= usize::from(delivery.qos == QoS::AtMostOnce);
    }
}

impl Broker {
    /// Whether not even a message of no size would find room in a session's queue.
    pub(crate) fn queue_is_full(&self, session_at: usize) -> bool {
        let session = &self.sessions[session_at];
        session.queue.len() >= self.config.max_queued_messages
            || session.held_bytes() >= self.config.max_queued_bytes
            || self.over_queue_share(self.queued_bytes + 1, session.held_bytes() + 1)
    }

    /// Whether a session with `own` bytes of messages has more than its share of `total`.
    fn over_queue_share(&self, total: usize, own: usize) -> bool {
        let most = self.config.max_queued_bytes_total;
        over_share(total, own, most, self.sessions.len())
    }

    /// Puts a message into a session's queue. Breaks off when that is full.
    pub(crate) fn queue(&mut self, session_at: usize, mut delivery: Delivery) -> ControlFlow<()> {
        let session = &self.sessions[session_at];
        let publication = delivery.message.publication;
        let (size, charge) = (delivery.message.cost(), delivery.charge as usize);
        let full = if session.queue.len() >= self.config.max_queued_messages {
            Some(Limit::QueuedMessages)
        } else if session.held_bytes() + size > self.config.max_queued_bytes {
            Some(Limit::QueuedBytes)
        } else if self.over_queue_share(self.queued_bytes + charge, session.held_bytes() + size) {
            Some(Limit::QueuedBytesTotal)
        } else {
            None
        };
        if let Some(limit) = full {
            self.refusals.count(limit);
            self.note_discarded(session_at, publication, DiscardReason::QueueFull);
            return ControlFlow::Break(());
        }
        self.queued_bytes += charge;
        let expires = delivery.message.expires;
        if delivery.qos.is_acknowledged() {
            self.sessions[session_at].number(&mut delivery);
            delivery.kept = self.keeps(session_at, &delivery);
            self.change_delivery(session_at, &delivery, None);
        }
        let session = &mut self.sessions[session_at];
        session.queue.push_back(delivery);
        self.observer
            .note(ObservationMask::ROUTING, || Event::Queued {
                client: session.client.clone(),
                publication,
                length: session.queue.len(),
            });
        let due = expires.map(|due| due.max(session.queue.rests_until));
        if let Some(due) = due
            && session.queue.sweep.is_none_or(|sweep| due < sweep)
        {
            self.set_sweep(session_at, Some(due));
        }
        ControlFlow::Continue(())
    }

    /// Discards the messages of a queue whose time is over.
    pub(crate) fn sweep_queue(&mut self, session_at: usize) {
        let now = self.now();
        for delivery in self.sessions[session_at].queue.take_expired(now) {
            self.queued_bytes -= delivery.charge as usize;
            self.change_delivered(session_at, &delivery);
            self.note_discarded(
                session_at,
                delivery.message.publication,
                DiscardReason::Expired,
            );
        }
        self.schedule_sweep(session_at);
    }

    /// Sets the timer for the first message of a queue that expires, which was just searched.
    pub(crate) fn schedule_sweep(&mut self, session_at: usize) {
        let now = self.now();
        let queue = &mut self.sessions[session_at].queue;
        let length = u32::try_from(queue.len()).unwrap_or(u32::MAX);
        queue.rests_until = now + SWEEP_PAUSE + SWEEP_PAUSE_EACH.saturating_mul(length);
        let due = queue.first_expiry().map(|due| due.max(queue.rests_until));
        self.set_sweep(session_at, due);
    }

    fn set_sweep(&mut self, session_at: usize, due: Option<Time>) {
        let sweep = &mut self.sessions[session_at].queue.sweep;
        if let Some(before) = core::mem::replace(sweep, due) {
            self.timers.clear(before, TimerKey::QueueExpiry(session_at));
        }
        if let Some(due) = due {
            self.timers.set(due, TimerKey::QueueExpiry(session_at));
        }
    }
}
