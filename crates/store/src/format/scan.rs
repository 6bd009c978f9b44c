//! Reading what changes are about, and nothing else: every batch is looked through like that once.
//!
//! It takes whatever [`super::ChangeReader`] takes, and is less strict: what is left in the end is read by that anyway.

use vitrine_packet::PacketId;

use super::reader::{begin, place};
use super::rows::{read_identifiers, read_packet_id};
use super::tags::{
    CLOCK, DELIVERED, HAS_GROUP, HAS_IDENTIFIERS, MOVED, PUBREC_CAME, QUEUED, RECEIVED, RELEASED,
    RETAINED, RETAINED_REMOVED, SENT, SESSION, SESSION_ENDED, SUBSCRIBED, UNSUBSCRIBED, WAITS,
};
use super::{Malformed, RawMessage, Reader, read_settings, read_subscription};

/// What a change is about. Clients are named by their place among the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// A delivery of a client, by its number.
    Delivery(usize, u64, Step),
    /// A Packet Identifier of a client is known from then on, or released.
    Id(usize, PacketId, bool),
    /// The Session of a client is gone.
    Ended(usize),
    /// Another.
    Other,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Began,
    Moved,
    PubRecCame,
    Over,
}

/// Reads what [`super::ChangeWriter`] wrote, a change at a time.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    from: Reader<'a>,
    /// What was read before, by its place.
    texts: Vec<&'a [u8]>,
}

impl<'a> Scanner<'a> {
    /// # Errors
    /// When the bytes begin with another version.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            from: begin(bytes)?,
            texts: Vec::with_capacity(16),
        })
    }

    /// The text at a place that was read.
    pub(crate) fn text_at(&self, place: usize) -> &'a [u8] {
        self.texts[place]
    }

    /// What the next change is about, if there is one.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Scanned>, Malformed> {
        if self.from.is_at_end() {
            return Ok(None);
        }
        let tag = self.from.byte("a change")?;
        Ok(Some(match tag {
            QUEUED..=DELIVERED => {
                let client = self.text()?;
                let number = self.from.number("a delivery's number")?;
                Scanned::Delivery(client, number, self.step(tag)?)
            }
            RECEIVED | RELEASED => {
                let client = self.text()?;
                let id = read_packet_id(&mut self.from)?;
                if tag == RECEIVED {
                    self.from.number("a publication's number")?;
                }
                Scanned::Id(client, id, tag == RECEIVED)
            }
            SESSION_ENDED => Scanned::Ended(self.text()?),
            _ => self.other(tag)?,
        }))
    }

    #[inline]
    fn step(&mut self, tag: u8) -> Result<Step, Malformed> {
        let from = &mut self.from;
        Ok(match tag {
            DELIVERED => Step::Over,
            WAITS => Step::Moved,
            MOVED => {
                read_packet_id(from)?;
                Step::Moved
            }
            PUBREC_CAME => {
                read_packet_id(from)?;
                from.number("a publication's number")?;
                from.number("an order")?;
                Step::PubRecCame
            }
            _ => {
                if tag == SENT {
                    read_packet_id(from)?;
                }
                let flags = from.byte("a delivery's flags")?;
                if flags & HAS_IDENTIFIERS != 0 {
                    read_identifiers(from)?;
                }
                if flags & HAS_GROUP != 0 {
                    self.text()?;
                }
                self.message()?;
                Step::Began
            }
        })
    }

    #[cold]
    fn other(&mut self, tag: u8) -> Result<Scanned, Malformed> {
        match tag {
            RETAINED => self.message()?,
            RETAINED_REMOVED => drop(self.text()?),
            CLOCK => {
                self.from.number("a time")?;
                self.from.number("a time")?;
            }
            SESSION => {
                self.text()?;
                read_settings(&mut self.from)?;
            }
            SUBSCRIBED => {
                self.text()?;
                self.text()?;
                read_subscription(&mut self.from)?;
            }
            UNSUBSCRIBED => {
                self.text()?;
                self.text()?;
            }
            _ => return Err(self.from.malformed(1, "a change")),
        }
        Ok(Scanned::Other)
    }

    /// Passes a message, unless it was read before.
    #[inline]
    fn message(&mut self) -> Result<(), Malformed> {
        let Self { from, texts } = self;
        if place(from)?.is_none() {
            RawMessage::read(from, |from| text(from, texts))?;
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self) -> Result<usize, Malformed> {
        text(&mut self.from, &mut self.texts)
    }
}

/// Reads a text, unless it was read before, and gives its place.
#[inline]
fn text<'a>(from: &mut Reader<'a>, texts: &mut Vec<&'a [u8]>) -> Result<usize, Malformed> {
    match place(from)? {
        Some(place) if place < texts.len() => Ok(place),
        Some(_) => Err(from.malformed(1, "a text that was told of")),
        None => {
            texts.push(from.bytes("a text")?);
            Ok(texts.len() - 1)
        }
    }
}
