//! Bytes on their way out: into a connection's outbox, and from there to the host.

use alloc::vec::Vec;

use vitrine_packet::{Packet, Properties, Property, PropertyBuf, ProtocolVersion, ReasonCode};

use crate::broker::Broker;
use crate::changes::ChangeNumber;
use crate::close::{Ending, Manner};
use crate::connection::{Connection, Phase};
use crate::limits::Limit;
use crate::message::{Sending, push};
use crate::outbox::{Deferred, EntryKind, Passed};
use crate::{
    CloseReason, ConnectionId, DiscardReason, Event, ObservationMask, Output, PublicationId, Time,
};

impl Broker {
    /// Appends the next packets of a connection to `out`: whole ones, together at most `limit` bytes, or
    /// a single larger one. Gives how many bytes it appended; 0 when nothing waits or the connection is
    /// not known. When more waits, [`Output::Transmit`] says so again.
    pub fn poll_transmit(
        &mut self,
        id: ConnectionId,
        out: &mut Vec<u8>,
        limit: usize,
        now: Time,
    ) -> usize {
        self.advance(now);
        let Some(at) = self.connection_ids.get(&id).copied() else {
            return 0;
        };
        let before = out.len();
        let passed_before = self.connections[at].outbox.passed;
        loop {
            let held = self.connections[at].outbox.held();
            let done = self.pull(at, out, before, limit);
            self.unsent_bytes -= held - self.connections[at].outbox.held();
            // Room in the outbox lets in what waits in the queue.
            if let Some(session) = self.connections[at].session()
                && !self.sessions[session].queue.is_empty()
            {
                self.go_on(session);
            }
            // What was let in now may have to be made durable first.
            if done || self.config.durable || self.connections[at].outbox.is_empty() {
                break;
            }
        }
        let connection = &mut self.connections[at];
        let passed = connection.outbox.passed;
        connection.outbox.announced = false;
        if !connection.outbox.is_empty() {
            self.announce(at);
        } else if connection.phase == Phase::Closing {
            self.forget(at);
        }
        let pulled = out.len() - before;
        self.count_sent(pulled, passed, passed_before);
        pulled
    }

    /// Counts what was pulled, from what had passed through an outbox before and after.
    fn count_sent(&mut self, bytes: usize, after: Passed, before: Passed) {
        let counted = &mut self.statistics;
        let packets = (after.all - before.all) - (after.dropped - before.dropped);
        counted.bytes_sent += bytes as u64;
        counted.packets_sent += packets;
        counted.publish_sent += packets - (after.controls - before.controls);
        counted.publish_bytes_sent += bytes as u64 - (after.control_bytes - before.control_bytes);
    }

    /// Moves packets from the outbox to `out`, whose bytes from `before` on count. Says whether the
    /// limit ended it.
    fn pull(&mut self, at: usize, out: &mut Vec<u8>, before: usize, limit: usize) -> bool {
        let observed = self.observer.wants(ObservationMask::PACKETS);
        // Written packets are copied together.
        let mut run = 0;
        loop {
            let outbox = &mut self.connections[at].outbox;
            let pulled = out.len() - before + run;
            let done = match outbox.first() {
                None => Some(false),
                Some(first) if pulled > 0 && pulled + first.size as usize > limit => Some(true),
                Some(_) => None,
            };
            let Some((entry, deferred)) = (if done.is_some() { None } else { outbox.pop() }) else {
                out.extend_from_slice(outbox.written(run));
                outbox.advance(run);
                return done.unwrap_or(false);
            };
            match deferred {
                None => run += entry.size as usize,
                Some(deferred) => {
                    out.extend_from_slice(outbox.written(run));
                    outbox.advance(run);
                    run = 0;
                    let start = out.len();
                    self.write_deferred(at, deferred, out);
                    if out.len() == start {
                        self.connections[at].outbox.passed.dropped += 1;
                        continue;
                    }
                    if observed {
                        self.note_sent(at, entry.cause, entry.publication, &out[start..]);
                    }
                    continue;
                }
            }
            if observed {
                let start = out.len();
                out.extend_from_slice(outbox.written(run));
                outbox.advance(run);
                run = 0;
                self.note_sent(at, entry.cause, entry.publication, &out[start..]);
            }
        }
    }

    /// Writes a PUBLISH that waited for it, unless its time is over.
    fn write_deferred(&mut self, at: usize, deferred: Deferred, out: &mut Vec<u8>) {
        let now = self.now();
        let Deferred { delivery, id, dup } = deferred;
        let connection = &self.connections[at];
        // Once delivery has begun there is no expiry any more [MQTT-4.3.3-7].
        if !dup && delivery.message.is_expired(now) {
            if let Some(session) = connection.session() {
                self.give_up(session, id);
                let publication = delivery.message.publication;
                self.note_discarded(session, publication, DiscardReason::Expired);
            }
            return;
        }
        let version = connection.version;
        let publish = delivery.publish(
            Sending {
                id,
                dup,
                alias: None,
            },
            now,
            &mut self.scratch.properties,
        );
        let written = publish.encode(version, out);
        debug_assert!(written.is_ok(), "its size was checked");
    }

    fn note_sent(
        &mut self,
        at: usize,
        cause: u64,
        publication: Option<PublicationId>,
        packet: &[u8],
    ) {
        let Connection { id, version, .. } = self.connections[at];
        self.observer
            .note_caused(ObservationMask::PACKETS, cause, || Event::Sent {
                connection: id,
                bytes: packet.into(),
                version,
                publication,
            });
    }

    /// Sends anything but a PUBLISH. A client that lets too much of it wait is closed.
    pub(crate) fn send(
        &mut self,
        at: usize,
        publication: Option<PublicationId>,
        packet: &Packet<'_>,
    ) {
        if self.connections[at].phase == Phase::Closing {
            return;
        }
        let version = self.connections[at].version;
        let size = packet.encoded_len(version).unwrap_or(usize::MAX);
        if size > self.connections[at].max_packet_size {
            // It must not be sent [MQTT-3.1.2-24], and nothing can be left out of it.
            let ending = Ending::new(CloseReason::Limit, ReasonCode::PacketTooLarge);
            self.end(at, ending, Manner::Tell);
            return;
        }
        self.push_control(at, publication, packet);
        if self.connections[at].outbox.control_size() > self.config.max_unsent_control_bytes {
            let ending = Ending::limit(self.refusals.refuse(Limit::UnsentControlBytes));
            self.end(at, ending, Manner::Tell);
        }
    }

    /// Words for people as properties; none for a client that has not asked for them or cannot have them
    /// [MQTT-3.1.2-29].
    #[cold]
    pub(crate) fn explanation(&self, at: usize, text: &str) -> PropertyBuf {
        let mut properties = PropertyBuf::new();
        let connection = &self.connections[at];
        let v5 = connection.version == ProtocolVersion::V5;
        if v5 && connection.problem_information && !text.is_empty() {
            push(&mut properties, Property::ReasonString(text));
        }
        properties
    }

    /// Sends an answer with an explanation, or without where that would make it too large for the client.
    pub(crate) fn send_explained<'a>(
        &mut self,
        at: usize,
        publication: Option<PublicationId>,
        explanation: &'a PropertyBuf,
        packet: impl Fn(Properties<'a>) -> Packet<'a>,
    ) {
        let version = self.connections[at].version;
        let explained = packet(explanation.as_properties());
        let size = explained.encoded_len(version).unwrap_or(usize::MAX);
        if size <= self.connections[at].max_packet_size {
            self.send(at, publication, &explained);
        } else {
            self.send(at, publication, &packet(Properties::EMPTY));
        }
    }

    /// Puts a packet other than PUBLISH into the outbox.
    pub(crate) fn push_control(
        &mut self,
        at: usize,
        publication: Option<PublicationId>,
        packet: &Packet<'_>,
    ) {
        let cause = self.observer.cause;
        // What it rests on was told before. Which of that it is makes too little difference to look closer.
        let rests_on = if matches!(packet, Packet::PingResp) {
            ChangeNumber::NONE
        } else {
            self.changes.latest()
        };
        let connection = &mut self.connections[at];
        let version = connection.version;
        let before = connection.outbox.held();
        let kind = EntryKind::Control;
        connection
            .outbox
            .push(cause, publication, kind, false, rests_on, |out| {
                let written = packet.encode(version, out);
                debug_assert!(written.is_ok(), "{packet:?}");
            });
        self.unsent_bytes += connection.outbox.held() - before;
        self.announce(at);
    }

    /// Tells the host that a connection has bytes to pull, unless it knows.
    #[inline]
    pub(crate) fn announce(&mut self, at: usize) {
        let connection = &mut self.connections[at];
        if !connection.outbox.announced {
            connection.outbox.announced = true;
            connection.waits_since = self.observer.now;
            self.outputs.push_back(Output::Transmit {
                connection: connection.id,
            });
        }
    }
}
