//! Frames (RFC 6455, section 5): an incremental reader, and the headers and control frames that a server sends.

use crate::websocket::mask::unmask;

/// The longest header that [`header`] writes, in bytes.
pub(crate) const HEADER_ROOM: usize = 10;

/// The longest header of a client's frame: two bytes, eight of length, four of mask.
const LONGEST_HEADER: usize = 14;

/// The longest payload of a control frame (section 5.5).
const LONGEST_CONTROL: usize = 125;

/// With so many bytes of answers unsent no PING is answered.
const MOST_ANSWERS: usize = 1 << 10;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Reads a client's frames, cut anywhere.
pub(crate) struct Frames {
    /// The header as far as it came.
    header: [u8; LONGEST_HEADER],
    header_len: u8,
    /// What is left of the payload; `None` while a header is read.
    payload: Option<Payload>,
    /// Whether the last data frame was not the end of its message.
    fragmented: bool,
    /// The payload of a control frame as far as it came.
    control: [u8; LONGEST_CONTROL],
    control_len: u8,
}

#[derive(Clone, Copy)]
struct Payload {
    opcode: u8,
    key: [u8; 4],
    /// How much of it came.
    done: u64,
    length: u64,
}

/// Why a WebSocket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No fault: one side has finished.
    Normal,
    /// The client closed it, with this status code.
    Closed(u16),
    Text,
    Unmasked,
    Reserved,
    Opcode,
    Control,
    Fragment,
    Length,
    CloseFrame,
}

impl Fault {
    /// The status code of the CLOSE frame that is sent (section 7.4.1).
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Closed(code) => code,
            // "A data type that it cannot accept"; MQTT is binary [MQTT-6.0.0-1].
            Self::Text => 1003,
            Self::Unmasked
            | Self::Reserved
            | Self::Opcode
            | Self::Control
            | Self::Fragment
            | Self::Length
            | Self::CloseFrame => 1002,
        }
    }

    /// The same for people.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Normal => "the WebSocket was closed",
            Self::Closed(_) => "the client closed the WebSocket",
            Self::Text => {
                "a WebSocket text frame came; MQTT is sent in binary frames [MQTT-6.0.0-1]"
            }
            Self::Unmasked => "a WebSocket frame came without a mask",
            Self::Reserved => "a WebSocket frame came with a reserved bit set",
            Self::Opcode => "a WebSocket frame came with an unknown opcode",
            Self::Control => "a WebSocket control frame came that is fragmented or too long",
            Self::Fragment => "WebSocket fragments came out of order",
            Self::Length => "a WebSocket frame came with an impossible length",
            Self::CloseFrame => "a WebSocket CLOSE frame came with an impossible status code",
        }
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            header: [0; LONGEST_HEADER],
            header_len: 0,
            payload: None,
            fragmented: false,
            control: [0; LONGEST_CONTROL],
            control_len: 0,
        }
    }
}

impl Frames {
    /// Reads `bytes` from `from` on. The payloads of data frames are moved to the start of `bytes`; gives their length, and why
    /// the WebSocket ends, if it does. Answers to PING are appended to `answers`.
    pub(crate) fn receive(
        &mut self,
        bytes: &mut [u8],
        from: usize,
        answers: &mut Vec<u8>,
    ) -> (usize, Option<Fault>) {
        let (mut at, mut data) = (from, 0);
        while at < bytes.len() || self.payload.is_some_and(|payload| payload.is_done()) {
            let Some(payload) = &mut self.payload else {
                match self.read_header(bytes, &mut at) {
                    Ok(()) => continue,
                    Err(fault) => return (data, Some(fault)),
                }
            };
            let left = usize::try_from(payload.length - payload.done).unwrap_or(usize::MAX);
            let piece = at..at + left.min(bytes.len() - at);
            let phase = (payload.done % 4) as usize;
            unmask(&mut bytes[piece.clone()], payload.key, phase);
            payload.done += piece.len() as u64;
            at = piece.end;
            let Payload { opcode, .. } = *payload;
            let done = payload.is_done();
            if opcode < CLOSE {
                let length = piece.len();
                bytes.copy_within(piece, data);
                data += length;
            } else {
                let start = usize::from(self.control_len);
                self.control[start..start + piece.len()].copy_from_slice(&bytes[piece.clone()]);
                // At most 125, which was checked with the header.
                self.control_len += piece.len() as u8;
                if done && let Some(fault) = self.control_frame(opcode, answers) {
                    return (data, Some(fault));
                }
            }
            if done {
                self.payload = None;
            }
        }
        (data, None)
    }

    /// Reads a header, or a part of it.
    fn read_header(&mut self, bytes: &[u8], at: &mut usize) -> Result<(), Fault> {
        loop {
            let have = usize::from(self.header_len);
            let wanted = match have {
                0 | 1 => 2,
                _ => match self.header[1] & 0x7f {
                    126 => 8,
                    127 => LONGEST_HEADER,
                    _ => 6,
                },
            };
            if have == wanted {
                break;
            }
            let take = (wanted - have).min(bytes.len() - *at);
            if take == 0 {
                return Ok(());
            }
            self.header[have..have + take].copy_from_slice(&bytes[*at..*at + take]);
            self.header_len += take as u8;
            *at += take;
            if self.header_len == 2 {
                self.check()?;
            }
        }
        let (length, key) = match (self.header_len, &self.header) {
            (8, [_, _, a, b, key @ .., _, _, _, _, _, _]) => {
                (u64::from(u16::from_be_bytes([*a, *b])), *key)
            }
            (14, [_, _, a, b, c, d, e, f, g, h, key @ ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), *key)
            }
            (_, [_, short, key @ .., _, _, _, _, _, _, _, _]) => (u64::from(short & 0x7f), *key),
        };
        if length >> 63 != 0 {
            return Err(Fault::Length);
        }
        self.header_len = 0;
        self.control_len = 0;
        let opcode = self.header[0] & 0x0f;
        self.payload = Some(Payload {
            opcode,
            key,
            done: 0,
            length,
        });
        Ok(())
    }

    /// Checks what the first two bytes of a header say.
    fn check(&mut self) -> Result<(), Fault> {
        let (first, second) = (self.header[0], self.header[1]);
        let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(Fault::Reserved);
        }
        if second & 0x80 == 0 {
            return Err(Fault::Unmasked);
        }
        match opcode {
            TEXT => return Err(Fault::Text),
            BINARY if self.fragmented => return Err(Fault::Fragment),
            CONTINUATION if !self.fragmented => return Err(Fault::Fragment),
            BINARY | CONTINUATION => self.fragmented = !last,
            CLOSE | PING | PONG => {
                if !last || usize::from(second & 0x7f) > LONGEST_CONTROL {
                    return Err(Fault::Control);
                }
            }
            _ => return Err(Fault::Opcode),
        }
        Ok(())
    }

    /// A whole control frame came.
    fn control_frame(&mut self, opcode: u8, answers: &mut Vec<u8>) -> Option<Fault> {
        let payload = &self.control[..usize::from(self.control_len)];
        match opcode {
            PING => {
                // Who pings and pings but does not read gets no further answers.
                if answers.len() < MOST_ANSWERS {
                    answers.extend([0x80 | PONG, self.control_len]);
                    answers.extend_from_slice(payload);
                }
                None
            }
            CLOSE => Some(match *payload {
                [] => Fault::Normal,
                [_] => Fault::CloseFrame,
                [a, b, ..] => match u16::from_be_bytes([a, b]) {
                    code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Fault::Closed(code),
                    _ => Fault::CloseFrame,
                },
            }),
            _ => None,
        }
    }
}

impl Payload {
    fn is_done(&self) -> bool {
        self.done == self.length
    }
}

/// The header of a binary frame with so many bytes of payload, at the end of the array; and where it begins.
pub(crate) fn header(payload: usize) -> ([u8; HEADER_ROOM], usize) {
    let mut room = [0; HEADER_ROOM];
    let start = match payload {
        0..126 => {
            room[9] = payload as u8;
            8
        }
        126..=0xffff => {
            room[7] = 126;
            room[8..].copy_from_slice(&(payload as u16).to_be_bytes());
            6
        }
        _ => {
            room[1] = 127;
            room[2..].copy_from_slice(&(payload as u64).to_be_bytes());
            0
        }
    };
    room[start] = 0x80 | BINARY;
    (room, start)
}

/// Appends a CLOSE frame.
pub(crate) fn close(code: u16, out: &mut Vec<u8>) {
    out.extend([0x80 | CLOSE, 2]);
    out.extend(code.to_be_bytes());
}
