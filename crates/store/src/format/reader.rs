//! Reading changes, one after the other.
//!
//! A change is first read as it stands there, which copies nothing; so what turns out to be of no interest
//! costs little.

use std::rc::Rc;

use vitrine_broker::{
    Change, ClientId, ClockReading, Message, PublicationId, SavedDelivery, SavedMessage, Time,
};
use vitrine_packet::{PacketId, QoS};

use super::message::read_qos;
use super::rows::{read_identifiers, read_packet_id};
use super::tags::{
    CLOCK, DELIVERED, HAS_GROUP, HAS_IDENTIFIERS, MOVED, PUBREC_CAME, QUEUED, RECEIVED, RELEASED,
    RETAIN, RETAINED, RETAINED_REMOVED, SENT, SESSION, SESSION_ENDED, SUBSCRIBED, UNSUBSCRIBED,
    WAITS,
};
use super::{Malformed, RawMessage, Reader, VERSION, read_settings, read_subscription};

/// Reads what [`super::ChangeWriter`] wrote, a change at a time.
#[derive(Debug)]
pub(crate) struct ChangeReader<'a> {
    from: Reader<'a>,
    /// What was read before, by its place.
    texts: Vec<Text<'a>>,
    messages: Vec<(RawMessage<'a, usize>, Option<Rc<Message>>)>,
}

/// A text, and what it was made for those who asked.
#[derive(Debug)]
struct Text<'a> {
    text: &'a str,
    shared: Option<Rc<str>>,
    client: Option<ClientId>,
}

/// A change as it stands there.
#[derive(Debug)]
pub(crate) enum RawChange {
    /// How far a delivery is.
    Delivery(RawDelivery),
    /// A Packet Identifier of the client at this place among the texts is known, or released.
    Id(usize, PacketId, RawId),
    /// The Session of the client at this place among the texts is gone.
    Ended(usize),
    /// Another.
    Other(Change),
}

/// How far a delivery is: whose, which, and how far.
#[derive(Debug)]
pub(crate) struct RawDelivery {
    /// A place among the texts.
    pub(crate) client: usize,
    pub(crate) number: u64,
    pub(crate) step: RawStep,
}

/// See the changes of the same names.
#[derive(Debug)]
pub(crate) enum RawStep {
    Began(Option<PacketId>, RawSaved),
    Moved(Option<PacketId>),
    PubRecCame {
        packet_id: PacketId,
        publication: PublicationId,
        order: u64,
    },
    Over,
}

/// See the changes of the same names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawId {
    Received(Option<PublicationId>),
    Released,
}

#[derive(Debug)]
pub(crate) struct RawSaved {
    qos: QoS,
    retain: bool,
    identifiers: Vec<u32>,
    /// A place among the texts.
    group: Option<usize>,
    /// A place among the messages.
    message: usize,
}

impl<'a> ChangeReader<'a> {
    /// # Errors
    /// When the bytes begin with another version.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            from: begin(bytes)?,
            texts: Vec::new(),
            messages: Vec::new(),
        })
    }

    /// The next change, if there is one.
    pub(crate) fn next_raw(&mut self) -> Result<Option<RawChange>, Malformed> {
        if self.from.is_at_end() {
            return Ok(None);
        }
        let tag = self.from.byte("a change")?;
        let change = match tag {
            RETAINED => {
                let place = self.message_place()?;
                Change::Retained(self.message(place)?)
            }
            RETAINED_REMOVED => {
                let topic = self.text()?;
                Change::RetainedRemoved { topic }
            }
            CLOCK => Change::Clock(ClockReading {
                time: Time(self.from.number("a time")?),
                machine: Time(self.from.number("a time")?),
            }),
            SESSION_ENDED => return Ok(Some(RawChange::Ended(self.text_place()?))),
            QUEUED..=DELIVERED => return Ok(Some(RawChange::Delivery(self.delivery(tag)?))),
            RECEIVED | RELEASED => return Ok(Some(self.id(tag)?)),
            _ => self.of_client(tag)?,
        };
        Ok(Some(RawChange::Other(change)))
    }

    /// The change that [`Self::next_raw`] gave.
    pub(crate) fn change(&mut self, raw: RawChange) -> Result<Change, Malformed> {
        let RawDelivery {
            client,
            number,
            step,
        } = match raw {
            RawChange::Other(change) => return Ok(change),
            RawChange::Id(client, packet_id, id) => {
                let client = self.client(client);
                return Ok(match id {
                    RawId::Received(publication) => Change::Received {
                        client,
                        packet_id,
                        publication,
                    },
                    RawId::Released => Change::Released { client, packet_id },
                });
            }
            RawChange::Ended(client) => {
                let client = self.client(client);
                return Ok(Change::SessionEnded { client });
            }
            RawChange::Delivery(delivery) => delivery,
        };
        let client = self.client(client);
        let delivery = match step {
            RawStep::Over => return Ok(Change::Delivered { client, number }),
            RawStep::Moved(packet_id) => {
                return Ok(Change::Moved {
                    client,
                    number,
                    packet_id,
                });
            }
            RawStep::PubRecCame {
                packet_id,
                publication,
                order,
            } => SavedDelivery::Released {
                packet_id,
                publication,
                order,
            },
            RawStep::Began(packet_id, saved) => {
                let saved = SavedMessage {
                    message: self.message(saved.message)?,
                    qos: saved.qos,
                    retain: saved.retain,
                    identifiers: saved.identifiers,
                    group: saved.group.map(|group| self.shared(group)),
                };
                match packet_id {
                    None => SavedDelivery::Queued(saved),
                    Some(id) => SavedDelivery::Sent(id, saved),
                }
            }
        };
        Ok(Change::Delivery {
            client,
            number,
            delivery,
        })
    }

    fn of_client(&mut self, tag: u8) -> Result<Change, Malformed> {
        if !matches!(
            tag,
            SESSION | SUBSCRIBED | UNSUBSCRIBED | RECEIVED | RELEASED
        ) {
            return Err(self.from.malformed(1, "a change"));
        }
        let place = self.text_place()?;
        let client = self.client(place);
        Ok(match tag {
            SESSION => Change::Session {
                client,
                settings: read_settings(&mut self.from)?,
            },
            SUBSCRIBED => Change::Subscribed {
                client,
                filter: self.text()?,
                subscription: read_subscription(&mut self.from)?,
            },
            _ => Change::Unsubscribed {
                client,
                filter: self.text()?,
            },
        })
    }

    fn id(&mut self, tag: u8) -> Result<RawChange, Malformed> {
        let client = self.text_place()?;
        let packet_id = read_packet_id(&mut self.from)?;
        let id = match tag {
            RELEASED => RawId::Released,
            _ => RawId::Received(match self.from.number("a publication's number")? {
                0 => None,
                number => Some(PublicationId(number)),
            }),
        };
        Ok(RawChange::Id(client, packet_id, id))
    }

    fn delivery(&mut self, tag: u8) -> Result<RawDelivery, Malformed> {
        let client = self.text_place()?;
        let from = &mut self.from;
        let number = from.number("a delivery's number")?;
        let step = match tag {
            DELIVERED => RawStep::Over,
            WAITS => RawStep::Moved(None),
            MOVED => RawStep::Moved(Some(read_packet_id(from)?)),
            PUBREC_CAME => RawStep::PubRecCame {
                packet_id: read_packet_id(from)?,
                publication: PublicationId(from.number("a publication's number")?),
                order: from.number("an order")?,
            },
            SENT => RawStep::Began(Some(read_packet_id(from)?), self.saved()?),
            _ => RawStep::Began(None, self.saved()?),
        };
        Ok(RawDelivery {
            client,
            number,
            step,
        })
    }

    fn saved(&mut self) -> Result<RawSaved, Malformed> {
        let from = &mut self.from;
        let flags = from.byte("a delivery's flags")?;
        if flags & !(3 | RETAIN | HAS_IDENTIFIERS | HAS_GROUP) != 0 {
            return Err(from.malformed(1, "a delivery's flags"));
        }
        Ok(RawSaved {
            qos: read_qos(flags, from)?,
            retain: flags & RETAIN != 0,
            identifiers: match flags & HAS_IDENTIFIERS {
                0 => Vec::new(),
                _ => read_identifiers(from)?,
            },
            group: match flags & HAS_GROUP {
                0 => None,
                _ => Some(self.text_place()?),
            },
            message: self.message_place()?,
        })
    }

    /// Reads a message, unless it was read before, and gives its place.
    fn message_place(&mut self) -> Result<usize, Malformed> {
        let Self {
            from,
            texts,
            messages,
        } = self;
        if let Some(place) = place(from)? {
            let known = place < messages.len();
            let error = || from.malformed(1, "a message that was told of");
            return known.then_some(place).ok_or_else(error);
        }
        let message = RawMessage::read(from, |from| text_place(from, texts))?;
        messages.push((message, None));
        Ok(messages.len() - 1)
    }

    fn message(&mut self, place: usize) -> Result<Rc<Message>, Malformed> {
        if let Some(message) = &self.messages[place].1 {
            return Ok(Rc::clone(message));
        }
        let (publisher, topic) = {
            let raw = &self.messages[place].0;
            (raw.publisher, raw.topic)
        };
        let publisher = publisher.map(|publisher| self.client(publisher));
        let topic = self.shared(topic);
        let (raw, message) = &mut self.messages[place];
        let made = Rc::new(raw.message(publisher, topic)?);
        Ok(Rc::clone(message.insert(made)))
    }

    fn text(&mut self) -> Result<Rc<str>, Malformed> {
        let place = self.text_place()?;
        Ok(self.shared(place))
    }

    fn text_place(&mut self) -> Result<usize, Malformed> {
        text_place(&mut self.from, &mut self.texts)
    }

    fn shared(&mut self, place: usize) -> Rc<str> {
        let Text { text, shared, .. } = &mut self.texts[place];
        Rc::clone(shared.get_or_insert_with(|| Rc::from(*text)))
    }

    fn client(&mut self, place: usize) -> ClientId {
        let Text { text, client, .. } = &mut self.texts[place];
        client.get_or_insert_with(|| ClientId::from(*text)).clone()
    }
}

/// Ends after the first that is malformed.
impl Iterator for ChangeReader<'_> {
    type Item = Result<Change, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.next_raw().transpose()?;
        let change = raw.and_then(|raw| self.change(raw));
        if change.is_err() {
            self.from = Reader::new(&[]);
        }
        Some(change)
    }
}

/// Reads a text, unless it was read before, and gives its place.
fn text_place<'a>(from: &mut Reader<'a>, texts: &mut Vec<Text<'a>>) -> Result<usize, Malformed> {
    if let Some(place) = place(from)? {
        let known = place < texts.len();
        let error = || from.malformed(1, "a text that was told of");
        return known.then_some(place).ok_or_else(error);
    }
    texts.push(Text {
        text: from.text("a text")?,
        shared: None,
        client: None,
    });
    Ok(texts.len() - 1)
}

/// Begins to read a batch, behind its version.
pub(super) fn begin(bytes: &[u8]) -> Result<Reader<'_>, Malformed> {
    let mut from = Reader::new(bytes);
    if from.byte("a version")? != VERSION {
        return Err(from.malformed(1, "version 1"));
    }
    Ok(from)
}

/// The place of something told before, counted from 0; `None` when it follows.
#[inline]
pub(super) fn place(from: &mut Reader<'_>) -> Result<Option<usize>, Malformed> {
    let number: usize = from.small("a place")?;
    Ok(number.checked_sub(1))
}
