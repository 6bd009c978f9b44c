//! Works the journal into the tables.

use std::collections::BTreeMap;
use std::rc::Rc;

use redb::{ReadableTable, Table, WriteTransaction};
use vitrine_broker::{ClientId, ClockReading, Message, PublicationId, SavedDelivery, SavedMessage};
use vitrine_packet::PacketId;

use crate::error::StoreError;
use crate::format::{
    ChangeReader, DeliveryRow, Malformed, Reader, read_delivery, write_bytes, write_delivery,
    write_message, write_settings, write_subscription,
};
use crate::left::{Left, Place};
use crate::overlay::{ClientChanges, DeliveryChange, Overlay, ReceivedChange};
use crate::tables::{
    ABOUT, ABOUT_FOLDED, ABOUT_MACHINE, ABOUT_TIME, DELIVERIES, MESSAGES, RECEIVED, RETAINED,
    SESSIONS, SUBSCRIPTIONS, USES,
};

/// Works into the tables what is left of batches, the first of which has the number after `folded`.
pub(crate) fn fold<'a>(
    transaction: &WriteTransaction,
    folded: u64,
    batches: impl Iterator<Item = &'a [u8]>,
    left: &Left,
) -> Result<(), StoreError> {
    let mut overlay = Overlay::default();
    let mut latest = folded;
    let places = left.places();
    let mut places = places
        .chunk_by(|one, next| one.batch == next.batch)
        .peekable();
    for (at, bytes) in batches.enumerate() {
        latest += 1;
        if let Some(places) = places.next_if(|places| places[0].batch as usize == at) {
            add(bytes, places, &mut overlay).map_err(damaged(latest))?;
        }
    }
    let mut fold = Fold {
        transaction,
        uses: BTreeMap::new(),
        row: Vec::new(),
    };
    fold.clients(overlay.clients)?;
    fold.retained(overlay.retained)?;
    fold.messages()?;
    let mut about = transaction.open_table(ABOUT)?;
    if let Some(ClockReading { time, machine }) = overlay.clock {
        about.insert(ABOUT_TIME, time.as_micros())?;
        about.insert(ABOUT_MACHINE, machine.as_micros())?;
    }
    about.insert(ABOUT_FOLDED, latest)?;
    Ok(())
}

/// What is said of the batch with this number when it is malformed.
pub(crate) fn damaged(number: u64) -> impl FnOnce(Malformed) -> StoreError {
    move |malformed| StoreError::Damaged {
        what: format!("batch {number} of the journal: {malformed}"),
    }
}

/// Adds those changes of a batch that are at `places`.
fn add(bytes: &[u8], places: &[Place], overlay: &mut Overlay) -> Result<(), Malformed> {
    let mut batch = ChangeReader::new(bytes)?;
    let mut places = places.iter().peekable();
    for at in 0.. {
        let Some(change) = batch.next_raw()? else {
            break;
        };
        if places.next_if(|place| place.change == at).is_some() {
            overlay.apply(batch.change(change)?);
        }
    }
    Ok(())
}

struct Fold<'a> {
    transaction: &'a WriteTransaction,
    /// By publication: how many rows more name it than before, and the message if it is at hand.
    uses: BTreeMap<u64, (i64, Option<Rc<Message>>)>,
    /// Memory that is used again and again.
    row: Vec<u8>,
}

impl Fold<'_> {
    fn clients(&mut self, clients: BTreeMap<ClientId, ClientChanges>) -> Result<(), StoreError> {
        let mut sessions = self.transaction.open_table(SESSIONS)?;
        let mut deliveries = self.transaction.open_table(DELIVERIES)?;
        for (client, changes) in clients {
            let mut exists = sessions.get(&*client)?.is_some();
            if exists && changes.ended {
                sessions.remove(&*client)?;
                self.forget(&client, &mut deliveries)?;
                exists = false;
            }
            if let Some(settings) = &changes.settings {
                self.row.clear();
                write_settings(settings, &mut self.row);
                sessions.insert(&*client, &*self.row)?;
                exists = true;
            }
            // What belongs to a Session that is not there is left out.
            if exists {
                self.client(&client, changes, &mut deliveries)?;
            }
        }
        Ok(())
    }

    /// Removes all rows of a client but that of its Session.
    fn forget(
        &mut self,
        client: &str,
        deliveries: &mut Table<'_, (&'static str, u64), &'static [u8]>,
    ) -> Result<(), StoreError> {
        let every = (client, 0)..=(client, u64::MAX);
        let mut gone = Vec::new();
        for row in deliveries.range(every.clone())? {
            gone.push(needs(row?.1.value(), client)?);
        }
        gone.into_iter().for_each(|row| self.unuse(row));
        deliveries.retain_in(every, |_, _| false)?;
        let mut received = self.transaction.open_table(RECEIVED)?;
        received.retain_in((client, 0)..=(client, u16::MAX), |_, _| false)?;
        // The next text after the identifier is that with a zero character at its end.
        let next = format!("{client}\0");
        let mut subscriptions = self.transaction.open_table(SUBSCRIPTIONS)?;
        subscriptions.retain_in((client, "")..(&*next, ""), |_, _| false)?;
        Ok(())
    }

    fn client(
        &mut self,
        client: &str,
        changes: ClientChanges,
        deliveries: &mut Table<'_, (&'static str, u64), &'static [u8]>,
    ) -> Result<(), StoreError> {
        for (number, change) in changes.deliveries {
            self.delivery((client, number), change, deliveries)?;
        }
        if !changes.subscriptions.is_empty() {
            let mut subscriptions = self.transaction.open_table(SUBSCRIPTIONS)?;
            for (filter, subscription) in changes.subscriptions {
                let key = (client, &*filter);
                if let Some(subscription) = subscription {
                    self.row.clear();
                    write_subscription(subscription, &mut self.row);
                    subscriptions.insert(key, &*self.row)?;
                } else {
                    subscriptions.remove(key)?;
                }
            }
        }
        if !changes.received.is_empty() {
            let mut received = self.transaction.open_table(RECEIVED)?;
            for (packet_id, change) in changes.received {
                let key = (client, packet_id.get());
                match change {
                    ReceivedChange::Over => drop(received.remove(key)?),
                    ReceivedChange::Began(publication) | ReceivedChange::Again(publication) => {
                        let publication = publication.map_or(0, |publication| publication.0);
                        received.insert(key, publication)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn delivery(
        &mut self,
        key: (&str, u64),
        change: DeliveryChange,
        deliveries: &mut Table<'_, (&'static str, u64), &'static [u8]>,
    ) -> Result<(), StoreError> {
        let row = match change {
            DeliveryChange::Began(delivery) => self.delivery_row(delivery),
            DeliveryChange::Released(delivery) => {
                // What belongs to a delivery that is not there is nothing.
                self.delivery_row(delivery)
            }
            DeliveryChange::Moved(packet_id) => {
                let before = deliveries.get(key)?;
                let Some(before) = before else {
                    return Ok(());
                };
                let mut row = read_row(before.value(), key.0)?;
                let DeliveryRow::Message {
                    packet_id: id,
                    publication,
                    ..
                } = &mut row
                else {
                    return Ok(());
                };
                *id = packet_id;
                self.add_use(*publication, None);
                row
            }
            DeliveryChange::Over => {
                if let Some(before) = deliveries.remove(key)? {
                    let needed = needs(before.value(), key.0)?;
                    self.unuse(needed);
                }
                return Ok(());
            }
        };
        self.row.clear();
        write_delivery(&row, &mut self.row);
        let before = deliveries.insert(key, &*self.row)?;
        let needed = match before {
            Some(before) => needs(before.value(), key.0)?,
            None => None,
        };
        self.unuse(needed);
        Ok(())
    }

    fn delivery_row(&mut self, delivery: SavedDelivery) -> DeliveryRow {
        match delivery {
            SavedDelivery::Queued(message) => self.message_row(None, message),
            SavedDelivery::Sent(id, message) => self.message_row(Some(id), message),
            SavedDelivery::Released {
                packet_id,
                publication,
                order,
            } => DeliveryRow::Released {
                packet_id,
                publication,
                order,
            },
        }
    }

    fn message_row(&mut self, packet_id: Option<PacketId>, saved: SavedMessage) -> DeliveryRow {
        let publication = saved.message.publication;
        self.add_use(publication, Some(saved.message));
        DeliveryRow::Message {
            packet_id,
            publication,
            qos: saved.qos,
            retain: saved.retain,
            identifiers: saved.identifiers,
            group: saved.group,
        }
    }

    fn retained(
        &mut self,
        changes: BTreeMap<Rc<str>, Option<Rc<Message>>>,
    ) -> Result<(), StoreError> {
        let mut retained = self.transaction.open_table(RETAINED)?;
        for (topic, message) in changes {
            let before = match message {
                None => retained.remove(&*topic)?.map(|before| before.value()),
                Some(message) => {
                    let publication = message.publication;
                    self.add_use(publication, Some(message));
                    let before = retained.insert(&*topic, publication.0)?;
                    before.map(|before| before.value())
                }
            };
            self.unuse(before.map(PublicationId));
        }
        Ok(())
    }

    fn add_use(&mut self, publication: PublicationId, message: Option<Rc<Message>>) {
        let (uses, known) = self.uses.entry(publication.0).or_default();
        *uses += 1;
        if message.is_some() {
            *known = message;
        }
    }

    fn unuse(&mut self, publication: Option<PublicationId>) {
        if let Some(publication) = publication {
            self.uses.entry(publication.0).or_default().0 -= 1;
        }
    }

    /// Keeps the messages that are named, and no others.
    fn messages(&mut self) -> Result<(), StoreError> {
        let mut messages = self.transaction.open_table(MESSAGES)?;
        let mut uses = self.transaction.open_table(USES)?;
        for (publication, (change, message)) in &self.uses {
            if *change == 0 {
                continue;
            }
            let before = uses.get(publication)?.map_or(0, |uses| uses.value());
            let now = before.checked_add_signed(*change);
            let Some(now) = now else {
                return Err(StoreError::Damaged {
                    what: format!("table uses, row {publication}: fewer than none"),
                });
            };
            if now == 0 {
                uses.remove(publication)?;
                messages.remove(publication)?;
                continue;
            }
            uses.insert(publication, now)?;
            if before > 0 {
                continue;
            }
            let Some(message) = message else {
                return Err(StoreError::Damaged {
                    what: format!("table messages, row {publication}: missing"),
                });
            };
            self.row.clear();
            write_message(message, &mut self.row, |text, out| {
                write_bytes(text.as_bytes(), out);
            });
            messages.insert(publication, &*self.row)?;
        }
        Ok(())
    }
}

fn read_row(bytes: &[u8], client: &str) -> Result<DeliveryRow, StoreError> {
    read_delivery(&mut Reader::new(bytes)).map_err(|malformed| StoreError::Damaged {
        what: format!("table deliveries, a row of {client:?}: {malformed}"),
    })
}

/// The publication whose message a row of the deliveries needs.
fn needs(bytes: &[u8], client: &str) -> Result<Option<PublicationId>, StoreError> {
    Ok(read_row(bytes, client)?.needs())
}
