//! MQTT over WebSocket (RFC 6455; MQTT 3.1.1 and 5.0, section 6), without I/O: bytes of the connection go in, the bytes of
//! MQTT and the answers that the protocol itself asks for come out.
//!
//! MQTT packets need not be aligned with frames [MQTT-6.0.0-2], so that a frame is never collected: its payload is unmasked
//! where it lies in the read buffer, moved over the header in front of it, and goes on to the broker from there. Per connection
//! there are some 200 bytes, however large the frames.

mod frame;
mod handshake;
mod mask;
mod origin;

use crate::websocket::frame::{Fault, Frames};
pub(crate) use crate::websocket::frame::{HEADER_ROOM, header};
use crate::websocket::handshake::{Handshake, Request};
pub(crate) use crate::websocket::origin::{Origins, check as check_origin};

/// A connection's WebSocket side.
pub(crate) struct WebSocket {
    state: State,
    /// Bytes of the protocol itself that are to be sent before anything else: the answer to the handshake, PONG, CLOSE.
    answers: Vec<u8>,
}

enum State {
    Handshake(Handshake),
    Open(Frames),
    /// A CLOSE frame or an HTTP answer was queued: nothing that comes is looked at any more.
    Closed,
}

/// What came of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many bytes of MQTT, at the start of the buffer.
    Data(usize),
    /// So many bytes of MQTT, and then the end: what waits in [`WebSocket::answers`] is to be sent, then the transport closed.
    /// The text says why, for the log.
    End(usize, &'static str),
    /// The same without any MQTT, for a page that may not connect: whoever runs the server should know.
    Refused(String),
}

impl WebSocket {
    /// A connection on which nothing came yet, for pages of these origins.
    pub(crate) const fn new(origins: Origins) -> Self {
        Self {
            state: State::Handshake(Handshake::new(origins)),
            answers: Vec::new(),
        }
    }

    /// Whether frames may be sent.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Takes the bytes that are to be sent before anything else.
    pub(crate) fn answers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answers)
    }

    /// Whether there are such bytes.
    pub(crate) fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Bytes came. Those of MQTT are moved to the start of `bytes`.
    pub(crate) fn receive(&mut self, bytes: &mut [u8]) -> Received {
        let mut rest = 0;
        if let State::Handshake(handshake) = &mut self.state {
            match handshake.receive(bytes) {
                Request::Partial => return Received::Data(0),
                Request::Accepted { answer, used } => {
                    self.answers = answer;
                    self.state = State::Open(Frames::default());
                    rest = used;
                }
                Request::Answered { answer, why } => {
                    self.answers = answer;
                    self.state = State::Closed;
                    return Received::End(0, why);
                }
                Request::Refused { answer, why } => {
                    self.answers = answer;
                    self.state = State::Closed;
                    return Received::Refused(why);
                }
            }
        }
        let State::Open(frames) = &mut self.state else {
            return Received::Data(0);
        };
        let (data, fault) = frames.receive(bytes, rest, &mut self.answers);
        match fault {
            None => Received::Data(data),
            Some(fault) => {
                frame::close(fault.code(), &mut self.answers);
                self.state = State::Closed;
                Received::End(data, fault.text())
            }
        }
    }

    /// Ends it from our side: queues a CLOSE frame, if the handshake was made and none was sent yet.
    pub(crate) fn close(&mut self) {
        if self.is_open() {
            frame::close(Fault::Normal.code(), &mut self.answers);
        }
        self.state = State::Closed;
    }
}

#[cfg(test)]
mod tests;
