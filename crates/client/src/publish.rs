//! Publishing: for the first time, again, and from the queue (sections 3.3, 4.3, 4.4; 5.0 section 4.9).

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{
    Ack, Packet, PacketId, Property, PropertyBuf, PropertyKind, Publish, QoS, topic,
};
use vitrine_session::Time;

use crate::client::Client;
use crate::message::Stored;
use crate::outbox::What;
use crate::{Event, Failure, Message, Refused, Ticket};

/// A Topic Alias takes three bytes: shorter topics are sent as they are.
const WORTH_AN_ALIAS: usize = 4;

impl Client {
    /// Publishes a message: at once, or when there is a connection and its turn has come. Messages are sent
    /// in the order of these calls. [`Event::Published`] or [`Event::Failed`] tells how it ended.
    ///
    /// # Errors
    /// When the message can never be sent, or too many wait; then nothing is done.
    pub fn publish(&mut self, message: Message, now: Time) -> Result<Ticket, Refused> {
        self.now = self.now.max(now);
        topic::validate_name_for(&message.topic, self.options.version)
            .map_err(Refused::TopicName)?;
        let properties = message.properties.as_properties();
        if properties
            .iter()
            .any(|property| property.kind() == PropertyKind::TopicAlias)
        {
            return Err(Refused::TopicAlias);
        }
        let id = message.qos.is_acknowledged().then_some(PacketId::MIN);
        let sending = Sending {
            id,
            ..Sending::default()
        };
        let mut scratch = PropertyBuf::new();
        let packet = packet(&message, sending, &mut scratch);
        if packet.encoded_len(self.options.version).is_err() {
            return Err(Refused::TooLarge);
        }
        if self.queue.len() >= self.options.max_queued_messages {
            // There may be room further on.
            self.pump();
            if self.queue.len() >= self.options.max_queued_messages {
                return Err(Refused::QueueFull);
            }
        }
        let ticket = self.ticket();
        self.queue.push_back(Stored {
            ticket,
            message: Rc::new(message),
            sent_before: false,
            place: None,
            sent: self.now,
        });
        self.pump();
        Ok(ticket)
    }

    /// Sends what is to be sent again, and what waits, as far as window and transport allow.
    pub(crate) fn pump(&mut self) {
        while let Some(connection) = self.connected() {
            if connection.outbox.size() > self.options.max_unsent_bytes {
                break;
            }
            let place = connection.outbox.next_place();
            if let Some(flight) = self.outgoing.next_resend() {
                flight.message.place = Some(place);
                flight.message.sent = self.now;
                let (id, stored) = (flight.id(), flight.message.clone());
                self.send_again(id, &stored);
                continue;
            }
            let Some(front) = self.queue.front() else {
                break;
            };
            if front.message.qos.is_acknowledged() && !self.outgoing.has_room() {
                break;
            }
            let Some(stored) = self.queue.pop_front() else {
                break;
            };
            self.send_first(stored);
        }
        self.announce();
    }

    /// Sends a message that was under way when the last connection ended, with its old identifier
    /// [MQTT-4.4.0-1].
    fn send_again(&mut self, id: PacketId, stored: &Stored) {
        let sending = Sending {
            id: Some(id),
            dup: stored.sent_before,
            alias: None,
        };
        if let Some(why) = self.forbidden(&stored.message, sending) {
            self.outgoing.abandon(id);
            self.fail(stored.ticket, why);
            return;
        }
        self.write(&stored.message, sending, What::Publish);
    }

    fn send_first(&mut self, mut stored: Stored) {
        let message = Rc::clone(&stored.message);
        let id = message.qos.is_acknowledged().then_some(PacketId::MIN);
        let mut sending = Sending {
            id,
            ..Sending::default()
        };
        if let Some(why) = self.forbidden(&message, sending) {
            self.fail(stored.ticket, why);
            return;
        }
        let what = if message.qos.is_acknowledged() {
            self.pass_over_requests();
            stored.sent = self.now;
            stored.place = self.next_place();
            sending.id = self.outgoing.begin(message.qos, stored);
            What::Publish
        } else {
            What::Qos0(stored.ticket)
        };
        sending.alias = self.alias(&message, sending);
        self.write(&message, sending, what);
    }

    /// In 3.x: sends what was not answered for too long once more.
    pub(crate) fn resend_late(&mut self, before: Time) {
        let Some(connection) = self.connected() else {
            return;
        };
        let outbox = &connection.outbox;
        let late = |place: Option<u64>, sent| {
            sent <= before && place.is_some_and(|place| outbox.is_pulled(place))
        };
        let flights = self.outgoing.flights().filter(|flight| {
            let stored = &flight.message;
            late(stored.place, stored.sent)
        });
        let flights: Vec<_> = flights
            .map(|flight| (flight.id(), Rc::clone(&flight.message.message)))
            .collect();
        let releases = self.outgoing.releases();
        let releases = releases.filter(|(_, released)| late(released.place, released.sent));
        let releases: Vec<_> = releases.map(|(id, _)| id).collect();
        let (now, mut again) = (self.now, flights.iter().peekable());
        let mut place = outbox.next_place();
        for flight in self.outgoing.flights_mut() {
            if again.next_if(|(id, _)| *id == flight.id()).is_some() {
                flight.message.place = Some(place);
                flight.message.sent = now;
                place += 1;
            }
        }
        for (id, message) in flights {
            let sending = Sending {
                id: Some(id),
                dup: true,
                alias: None,
            };
            self.write(&message, sending, What::Publish);
        }
        self.release(&releases);
        self.announce();
    }

    /// PUBREL again for all that wait for PUBCOMP, in the order of their PUBRECs [MQTT-4.4.0-1].
    pub(crate) fn send_releases(&mut self) {
        let all: Vec<_> = self.outgoing.releases().map(|(id, _)| id).collect();
        self.release(&all);
    }

    /// PUBREL for these, which stand in the order of their PUBRECs.
    fn release(&mut self, ids: &[PacketId]) {
        let now = self.now;
        let Some(mut place) = self.next_place() else {
            return;
        };
        let mut rest = ids.iter().peekable();
        for (id, released) in self.outgoing.releases_mut() {
            if rest.next_if(|next| **next == id).is_some() {
                released.place = Some(place);
                released.sent = now;
                place += 1;
            }
        }
        for id in ids {
            self.send(&Packet::PubRel(Ack::success(*id)));
        }
    }

    /// The place of the next packet.
    pub(crate) fn next_place(&self) -> Option<u64> {
        let connection = self.connection.as_ref();
        connection.map(|connection| connection.outbox.next_place())
    }

    /// Why the server does not take a message, if it does not.
    fn forbidden(&self, message: &Message, sending: Sending) -> Option<Failure> {
        let server = &self.connected()?.server;
        if message.qos > server.maximum_qos {
            return Some(Failure::QosNotSupported);
        }
        if message.retain && !server.retain_available {
            return Some(Failure::RetainNotSupported);
        }
        let fits = self.fits(message, sending);
        (!fits).then_some(Failure::TooLarge)
    }

    fn fits(&self, message: &Message, sending: Sending) -> bool {
        let most = self
            .connected()
            .map_or(0, |connection| connection.server.maximum_packet_size);
        let mut scratch = PropertyBuf::new();
        let packet = packet(message, sending, &mut scratch);
        let size = packet.encoded_len(self.options.version);
        size.is_ok_and(|size| size <= most as usize)
    }

    /// The Topic Alias for a PUBLISH, where the server takes one and it is worth it.
    fn alias(&mut self, message: &Message, sending: Sending) -> Option<Alias> {
        let book = &self.connected()?.book;
        if !book.is_open() || message.topic.len() < WORTH_AN_ALIAS {
            return None;
        }
        if let Some(known) = book.get(&*message.topic) {
            return Some(Alias::Known(known));
        }
        let alias = Some(Alias::New(u16::MAX));
        if !self.fits(message, Sending { alias, ..sending }) {
            return None;
        }
        let book = &mut self.connection.as_mut()?.book;
        book.give(Rc::clone(&message.topic)).map(Alias::New)
    }

    /// Puts a PUBLISH among the packets of the connection.
    fn write(&mut self, message: &Message, sending: Sending, what: What) {
        let version = self.options.version;
        let Some(connection) = &mut self.connection else {
            return;
        };
        let mut scratch = PropertyBuf::new();
        let packet = packet(message, sending, &mut scratch);
        connection.outbox.push(what, |out| {
            let written = packet.encode(version, out);
            debug_assert!(written.is_ok(), "its size was checked");
        });
    }

    pub(crate) fn fail(&mut self, ticket: Ticket, why: Failure) {
        self.events.push_back(Event::Failed { ticket, why });
    }
}

/// What differs from one sending of a message to another.
#[derive(Clone, Copy, Debug, Default)]
struct Sending {
    id: Option<PacketId>,
    dup: bool,
    alias: Option<Alias>,
}

#[derive(Clone, Copy, Debug)]
enum Alias {
    /// Told with the topic.
    New(u16),
    /// Sent instead of the topic.
    Known(u16),
}

/// The PUBLISH of a message; `scratch` holds its properties.
fn packet<'a>(message: &'a Message, sending: Sending, scratch: &'a mut PropertyBuf) -> Publish<'a> {
    let Sending { id, dup, alias } = sending;
    let mut topic = &*message.topic;
    let mut properties = message.properties.as_properties();
    if let Some(alias) = alias {
        let (Alias::New(number) | Alias::Known(number)) = alias;
        if let Alias::Known(_) = alias {
            topic = "";
        }
        *scratch = message.properties.clone();
        let pushed = scratch.push(Property::TopicAlias(number));
        debug_assert!(pushed.is_ok(), "a number always fits");
        properties = scratch.as_properties();
    }
    Publish {
        dup: dup && message.qos != QoS::AtMostOnce,
        qos: message.qos,
        retain: message.retain,
        topic,
        packet_id: id,
        properties,
        payload: &message.payload,
    }
}
