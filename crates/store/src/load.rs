//! Reads all that is kept.

use core::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use redb::{ReadTransaction, ReadableTable};
use vitrine_broker::{
    ClockReading, Message, PersistentState, PublicationId, SavedDelivery, SavedMessage,
    SavedSession, Time,
};
use vitrine_packet::PacketId;

use crate::error::OpenErrorKind;
use crate::format::{
    DeliveryRow, Malformed, RawMessage, Reader, read_delivery, read_settings, read_subscription,
};
use crate::tables::{
    ABOUT, ABOUT_MACHINE, ABOUT_TIME, DELIVERIES, MESSAGES, RECEIVED, RETAINED, SESSIONS,
    SUBSCRIPTIONS, USES,
};

/// Reads the tables. The journal was worked into them before.
pub(crate) fn load(transaction: &ReadTransaction) -> Result<PersistentState, OpenErrorKind> {
    let mut load = Load {
        messages: BTreeMap::new(),
        state: PersistentState::default(),
    };
    load.messages(transaction)?;
    load.sessions(transaction)?;
    load.subscriptions(transaction)?;
    load.deliveries(transaction)?;
    load.received(transaction)?;
    load.retained(transaction)?;
    load.uses(transaction)?;
    load.clock(transaction)?;
    Ok(load.state)
}

struct Load {
    /// By publication, with how many rows named them so far.
    messages: BTreeMap<u64, (Rc<Message>, u64)>,
    state: PersistentState,
}

impl Load {
    fn messages(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        // Many messages have few topics and publishers.
        let mut topics = BTreeSet::new();
        let mut clients = BTreeSet::new();
        for row in transaction.open_table(MESSAGES)?.iter()? {
            let (publication, bytes) = row?;
            let publication = publication.value();
            let mut from = Reader::new(bytes.value());
            let raw = RawMessage::read(&mut from, |from| from.text("a topic or client"));
            let message = raw.and_then(|raw| {
                from.end()?;
                let publisher = raw.publisher.map(|text| shared(&mut clients, text));
                raw.message(publisher, shared(&mut topics, raw.topic))
            });
            let error = |malformed| OpenErrorKind::row("messages", &publication, malformed);
            let message = message.map_err(error)?;
            if message.publication.0 != publication {
                return Err(missing("messages", &publication, "its own number"));
            }
            self.messages.insert(publication, (Rc::new(message), 0));
        }
        Ok(())
    }

    fn sessions(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        for row in transaction.open_table(SESSIONS)?.iter()? {
            let (client, bytes) = row?;
            let client = client.value();
            let settings = whole(bytes.value(), read_settings)
                .map_err(|malformed| OpenErrorKind::row("sessions", &client, malformed))?;
            let session = SavedSession {
                settings,
                subscriptions: BTreeMap::new(),
                deliveries: BTreeMap::new(),
                received: BTreeMap::new(),
            };
            self.state.sessions.insert(client.into(), session);
        }
        Ok(())
    }

    fn subscriptions(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        for row in transaction.open_table(SUBSCRIPTIONS)?.iter()? {
            let (key, bytes) = row?;
            let (client, filter) = key.value();
            let subscription = whole(bytes.value(), read_subscription).map_err(|malformed| {
                OpenErrorKind::row("subscriptions", &key.value(), malformed)
            })?;
            let session = self.session("subscriptions", client)?;
            session.subscriptions.insert(filter.into(), subscription);
        }
        Ok(())
    }

    fn deliveries(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        for row in transaction.open_table(DELIVERIES)?.iter()? {
            let (key, bytes) = row?;
            let (client, number) = key.value();
            let delivery = whole(bytes.value(), read_delivery)
                .map_err(|malformed| OpenErrorKind::row("deliveries", &key.value(), malformed))?;
            let delivery = match delivery {
                DeliveryRow::Released {
                    packet_id,
                    publication,
                    order,
                } => SavedDelivery::Released {
                    packet_id,
                    publication,
                    order,
                },
                DeliveryRow::Message {
                    packet_id,
                    publication,
                    qos,
                    retain,
                    identifiers,
                    group,
                } => {
                    let message = SavedMessage {
                        message: self.message("deliveries", &key.value(), publication)?,
                        qos,
                        retain,
                        identifiers,
                        group,
                    };
                    match packet_id {
                        None => SavedDelivery::Queued(message),
                        Some(id) => SavedDelivery::Sent(id, message),
                    }
                }
            };
            let session = self.session("deliveries", client)?;
            session.deliveries.insert(number, delivery);
        }
        Ok(())
    }

    fn received(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        for row in transaction.open_table(RECEIVED)?.iter()? {
            let (key, publication) = row?;
            let (client, id) = key.value();
            let Some(id) = PacketId::new(id) else {
                return Err(missing("received", &key.value(), "a packet identifier"));
            };
            let publication = match publication.value() {
                0 => None,
                number => Some(PublicationId(number)),
            };
            self.session("received", client)?
                .received
                .insert(id, publication);
        }
        Ok(())
    }

    fn retained(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        for row in transaction.open_table(RETAINED)?.iter()? {
            let (topic, publication) = row?;
            let publication = PublicationId(publication.value());
            let message = self.message("retained", &topic.value(), publication)?;
            if *message.topic != *topic.value() {
                return Err(missing(
                    "retained",
                    &topic.value(),
                    "a message of its topic",
                ));
            }
            self.state
                .retained
                .insert(Rc::clone(&message.topic), message);
        }
        Ok(())
    }

    /// The messages are named as often as was counted, and there are no others.
    fn uses(&self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        let mut counted = BTreeMap::new();
        for row in transaction.open_table(USES)?.iter()? {
            let (publication, uses) = row?;
            counted.insert(publication.value(), uses.value());
        }
        let found = self
            .messages
            .iter()
            .map(|(publication, (_, uses))| (*publication, *uses));
        let found: BTreeMap<_, _> = found.collect();
        let differs = found
            .iter()
            .find(|(publication, uses)| counted.get(publication) != Some(uses));
        let unknown = counted
            .keys()
            .find(|publication| !found.contains_key(publication));
        match differs.map(|(publication, _)| publication).or(unknown) {
            None => Ok(()),
            Some(publication) => Err(missing("uses", publication, "the right number")),
        }
    }

    fn clock(&mut self, transaction: &ReadTransaction) -> Result<(), OpenErrorKind> {
        let about = transaction.open_table(ABOUT)?;
        let [time, machine] = [about.get(ABOUT_TIME)?, about.get(ABOUT_MACHINE)?]
            .map(|row| row.map(|row| Time(row.value())));
        self.state.clock = match (time, machine) {
            (Some(time), Some(machine)) => Some(ClockReading { time, machine }),
            (None, None) => None,
            (Some(_), None) => return Err(missing("about", &ABOUT_MACHINE, "itself")),
            (None, Some(_)) => return Err(missing("about", &ABOUT_TIME, "itself")),
        };
        Ok(())
    }

    fn session(&mut self, table: &str, client: &str) -> Result<&mut SavedSession, OpenErrorKind> {
        let session = self.state.sessions.get_mut(client);
        session.ok_or_else(|| missing(table, &client, "a session"))
    }

    fn message(
        &mut self,
        table: &str,
        key: &dyn core::fmt::Debug,
        publication: PublicationId,
    ) -> Result<Rc<Message>, OpenErrorKind> {
        let (message, uses) = self
            .messages
            .get_mut(&publication.0)
            .ok_or_else(|| missing(table, key, "its message"))?;
        *uses += 1;
        Ok(Rc::clone(message))
    }
}

/// Reads all of a row.
fn whole<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let mut from = Reader::new(bytes);
    let value = read(&mut from)?;
    from.end()?;
    Ok(value)
}

fn missing(table: &str, key: &dyn core::fmt::Debug, what: &str) -> OpenErrorKind {
    OpenErrorKind::damaged(format!("table {table}, row {key:?}: lacks {what}"))
}

/// The one among those known that has this text, or a new one.
fn shared<'a, T>(known: &mut BTreeSet<T>, text: &'a str) -> T
where
    T: Ord + Clone + Borrow<str> + From<&'a str>,
{
    if let Some(known) = known.get(text) {
        return known.clone();
    }
    let made = T::from(text);
    known.insert(made.clone());
    made
}
