//! Changes, one after the other.

use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use vitrine_broker::{Change, ClientId, Message, PublicationId, SavedDelivery, SavedMessage};
use vitrine_packet::PacketId;

use super::message::read_qos;
use super::rows::{read_identifiers, read_packet_id, write_identifiers};
use super::{
    Malformed, Reader, VERSION, read_message, read_settings, read_subscription, write_bytes,
    write_message, write_number, write_settings, write_subscription,
};

const SESSION: u8 = 0;
const SESSION_ENDED: u8 = 1;
const SUBSCRIBED: u8 = 2;
const UNSUBSCRIBED: u8 = 3;
const QUEUED: u8 = 4;
const SENT: u8 = 5;
const PUBREC_CAME: u8 = 6;
const WAITS: u8 = 7;
const MOVED: u8 = 8;
const DELIVERED: u8 = 9;
const RECEIVED: u8 = 10;
const RELEASED: u8 = 11;
const RETAINED: u8 = 12;
const RETAINED_REMOVED: u8 = 13;

/// Flags of a delivery, beside its QoS in the lowest two bits.
const RETAIN: u8 = 4;
const HAS_IDENTIFIERS: u8 = 8;

/// What was written before, by its address: all changes of a batch are alive while it is written.
type Places = HashMap<usize, u64, FixedState>;

/// Writes changes. What is shared among them in memory is written once.
#[derive(Debug)]
pub(crate) struct ChangeWriter {
    out: Vec<u8>,
    texts: Places,
    messages: Places,
}

impl ChangeWriter {
    pub(crate) fn new() -> Self {
        Self {
            out: vec![VERSION],
            texts: Places::with_hasher(FixedState::with_seed(0)),
            messages: Places::with_hasher(FixedState::with_seed(0)),
        }
    }

    /// Writes all of them. They are borrowed together, as addresses tell them apart.
    pub(crate) fn write<'a>(mut self, changes: impl IntoIterator<Item = &'a Change>) -> Vec<u8> {
        for change in changes {
            self.change(change);
        }
        self.out
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Session { client, settings } => {
                self.head(SESSION, client);
                write_settings(settings, &mut self.out);
            }
            Change::SessionEnded { client } => self.head(SESSION_ENDED, client),
            Change::Subscribed {
                client,
                filter,
                subscription,
            } => {
                self.head(SUBSCRIBED, client);
                text(&mut self.texts, filter, &mut self.out);
                write_subscription(*subscription, &mut self.out);
            }
            Change::Unsubscribed { client, filter } => {
                self.head(UNSUBSCRIBED, client);
                text(&mut self.texts, filter, &mut self.out);
            }
            Change::Delivery {
                client,
                number,
                delivery,
            } => self.delivery(client, *number, delivery),
            Change::Moved {
                client,
                number,
                packet_id,
            } => {
                let tag = if packet_id.is_some() { MOVED } else { WAITS };
                self.head(tag, client);
                self.number(*number);
                if let Some(id) = packet_id {
                    self.number(id.get().into());
                }
            }
            Change::Delivered { client, number } => {
                self.head(DELIVERED, client);
                self.number(*number);
            }
            Change::Received {
                client,
                packet_id,
                publication,
            } => {
                self.head(RECEIVED, client);
                self.number(packet_id.get().into());
                // Publications are counted from 1.
                self.number(publication.map_or(0, |publication| publication.0));
            }
            Change::Released { client, packet_id } => {
                self.head(RELEASED, client);
                self.number(packet_id.get().into());
            }
            Change::Retained(message) => {
                self.out.push(RETAINED);
                self.message(message);
            }
            Change::RetainedRemoved { topic } => {
                self.out.push(RETAINED_REMOVED);
                text(&mut self.texts, topic, &mut self.out);
            }
        }
    }

    fn delivery(&mut self, client: &ClientId, number: u64, delivery: &SavedDelivery) {
        match delivery {
            SavedDelivery::Queued(message) => {
                self.head(QUEUED, client);
                self.number(number);
                self.saved(message);
            }
            SavedDelivery::Sent(id, message) => {
                self.head(SENT, client);
                self.number(number);
                self.number(id.get().into());
                self.saved(message);
            }
            SavedDelivery::Released {
                packet_id,
                publication,
                order,
            } => {
                self.head(PUBREC_CAME, client);
                self.number(number);
                self.number(packet_id.get().into());
                self.number(publication.0);
                self.number(*order);
            }
        }
    }

    fn saved(&mut self, saved: &SavedMessage) {
        let mut flags = saved.qos.as_u8();
        if saved.retain {
            flags |= RETAIN;
        }
        if !saved.identifiers.is_empty() {
            flags |= HAS_IDENTIFIERS;
        }
        self.out.push(flags);
        if !saved.identifiers.is_empty() {
            write_identifiers(&saved.identifiers, &mut self.out);
        }
        self.message(&saved.message);
    }

    fn message(&mut self, message: &Rc<Message>) {
        if is_known(
            &mut self.messages,
            Rc::as_ptr(message).addr(),
            &mut self.out,
        ) {
            return;
        }
        let texts = &mut self.texts;
        write_message(message, &mut self.out, |part, out| text(texts, part, out));
    }

    fn head(&mut self, tag: u8, client: &ClientId) {
        self.out.push(tag);
        text(&mut self.texts, client, &mut self.out);
    }

    fn number(&mut self, number: u64) {
        write_number(number, &mut self.out);
    }
}

fn text(texts: &mut Places, text: &str, out: &mut Vec<u8>) {
    if !is_known(texts, text.as_ptr().addr(), out) {
        write_bytes(text.as_bytes(), out);
    }
}

/// Writes the place of what is at this address, counted from 1, or 0 when it is yet to be written.
fn is_known(places: &mut Places, address: usize, out: &mut Vec<u8>) -> bool {
    let next = places.len() as u64 + 1;
    match places.entry(address) {
        Entry::Occupied(place) => {
            write_number(*place.get(), out);
            true
        }
        Entry::Vacant(free) => {
            free.insert(next);
            out.push(0);
            false
        }
    }
}

/// Reads what [`ChangeWriter`] wrote, a change at a time. Ends at the first that is malformed.
#[derive(Debug)]
pub(crate) struct ChangeReader<'a> {
    from: Reader<'a>,
    known: Known,
    failed: bool,
}

/// What was read before.
#[derive(Debug, Default)]
struct Known {
    texts: Vec<Rc<str>>,
    /// As Client Identifiers, of those that were asked for as such.
    clients: Vec<Option<ClientId>>,
    messages: Vec<Rc<Message>>,
}

impl<'a> ChangeReader<'a> {
    /// # Errors
    /// When the bytes begin with another version.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut from = Reader::new(bytes);
        if from.byte("a version")? != VERSION {
            return Err(from.malformed(1, "version 1"));
        }
        Ok(Self {
            from,
            known: Known::default(),
            failed: false,
        })
    }

    fn change(&mut self) -> Result<Change, Malformed> {
        let Self { from, known, .. } = self;
        let tag = from.byte("a change")?;
        match tag {
            RETAINED => return Ok(Change::Retained(known.message(from)?)),
            RETAINED_REMOVED => {
                let topic = known.text(from)?;
                return Ok(Change::RetainedRemoved { topic });
            }
            SESSION..=RELEASED => {}
            _ => return Err(from.malformed(1, "a change")),
        }
        let client = known.client(from)?;
        Ok(match tag {
            SESSION => Change::Session {
                client,
                settings: read_settings(from)?,
            },
            SESSION_ENDED => Change::SessionEnded { client },
            SUBSCRIBED => Change::Subscribed {
                client,
                filter: known.text(from)?,
                subscription: read_subscription(from)?,
            },
            UNSUBSCRIBED => Change::Unsubscribed {
                client,
                filter: known.text(from)?,
            },
            RECEIVED => Change::Received {
                client,
                packet_id: read_packet_id(from)?,
                publication: match from.number("a publication's number")? {
                    0 => None,
                    number => Some(PublicationId(number)),
                },
            },
            RELEASED => Change::Released {
                client,
                packet_id: read_packet_id(from)?,
            },
            _ => {
                let number = from.number("a delivery's number")?;
                known.delivery(tag, client, number, from)?
            }
        })
    }
}

impl Iterator for ChangeReader<'_> {
    type Item = Result<Change, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.from.is_at_end() {
            return None;
        }
        let change = self.change();
        self.failed = change.is_err();
        Some(change)
    }
}

impl Known {
    fn delivery(
        &mut self,
        tag: u8,
        client: ClientId,
        number: u64,
        from: &mut Reader<'_>,
    ) -> Result<Change, Malformed> {
        let moved = |client, packet_id: Option<PacketId>| Change::Moved {
            client,
            number,
            packet_id,
        };
        let delivery = match tag {
            DELIVERED => return Ok(Change::Delivered { client, number }),
            WAITS => return Ok(moved(client, None)),
            MOVED => return Ok(moved(client, Some(read_packet_id(from)?))),
            QUEUED => SavedDelivery::Queued(self.saved(from)?),
            SENT => SavedDelivery::Sent(read_packet_id(from)?, self.saved(from)?),
            _ => SavedDelivery::Released {
                packet_id: read_packet_id(from)?,
                publication: PublicationId(from.number("a publication's number")?),
                order: from.number("an order")?,
            },
        };
        Ok(Change::Delivery {
            client,
            number,
            delivery,
        })
    }

    fn saved(&mut self, from: &mut Reader<'_>) -> Result<SavedMessage, Malformed> {
        let flags = from.byte("a delivery's flags")?;
        if flags & !(3 | RETAIN | HAS_IDENTIFIERS) != 0 {
            return Err(from.malformed(1, "a delivery's flags"));
        }
        let qos = read_qos(flags, from)?;
        let identifiers = match flags & HAS_IDENTIFIERS {
            0 => Vec::new(),
            _ => read_identifiers(from)?,
        };
        Ok(SavedMessage {
            message: self.message(from)?,
            qos,
            retain: flags & RETAIN != 0,
            identifiers,
        })
    }

    fn message(&mut self, from: &mut Reader<'_>) -> Result<Rc<Message>, Malformed> {
        if let Some(place) = place(from)? {
            let message = self.messages.get(place).cloned();
            return message.ok_or_else(|| from.malformed(1, "a message that was told of"));
        }
        let message = Rc::new(read_message(from, self, Self::client, Self::text)?);
        self.messages.push(Rc::clone(&message));
        Ok(message)
    }

    fn text(&mut self, from: &mut Reader<'_>) -> Result<Rc<str>, Malformed> {
        let place = self.text_place(from)?;
        Ok(Rc::clone(&self.texts[place]))
    }

    fn client(&mut self, from: &mut Reader<'_>) -> Result<ClientId, Malformed> {
        let place = self.text_place(from)?;
        let client = self.clients[place].get_or_insert_with(|| ClientId::from(&*self.texts[place]));
        Ok(client.clone())
    }

    /// A place in `texts` and `clients`.
    fn text_place(&mut self, from: &mut Reader<'_>) -> Result<usize, Malformed> {
        if let Some(place) = place(from)? {
            let known = place < self.texts.len();
            let error = || from.malformed(1, "a text that was told of");
            return known.then_some(place).ok_or_else(error);
        }
        self.texts.push(from.text("a text")?.into());
        self.clients.push(None);
        Ok(self.texts.len() - 1)
    }
}

/// The place of something told before, counted from 0; `None` when it follows.
fn place(from: &mut Reader<'_>) -> Result<Option<usize>, Malformed> {
    let number: usize = from.small("a place")?;
    Ok(number.checked_sub(1))
}
