//! A transport connection: its socket, what lies between socket and MQTT, and what the socket did not take.
//!
//! An idle one holds no buffer: bytes are read into one that all share, and pulled from the broker into another, right before
//! they are written.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use rustls::ServerConnection;
use vitrine_broker::ConnectionId;

use crate::listen::Door;
use crate::websocket::{self, HEADER_ROOM, Origins, Received, WebSocket};

/// See the module.
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) door: Door,
    /// `None` for MQTT straight on TCP.
    pub(crate) layers: Option<Box<Layers>>,
    /// Bytes that the socket did not take.
    unsent: Vec<u8>,
    /// Bytes of MQTT, behind room for a header, that wait until what they promise is kept.
    pub(crate) held: Vec<u8>,
    pub(crate) stage: Stage,
    /// Its layers were spoken with, or it was sent something after it was ended: the peer is to read it to the end. Otherwise,
    /// as when it is one too many, it is closed at once.
    pub(crate) spoke: bool,
    /// The socket takes bytes, as far as is known.
    pub(crate) writable: bool,
    /// Its password is being checked: nothing is read until then.
    pub(crate) waits: bool,
    /// It publishes faster than others receive: nothing is read for a moment.
    pub(crate) paused: bool,
    /// It waits in the queue of those to be read.
    pub(crate) to_read: bool,
    /// It waits in the queue of those to be written.
    pub(crate) to_write: bool,
    /// It waits until what it has to send is kept.
    pub(crate) to_send: bool,
    /// The peer has sent its last byte: it has to be read up to there, as no event tells of it again.
    pub(crate) ends: bool,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    /// The broker has ended it: its last bytes are sent, and nothing is listened to.
    Ending,
    /// All was sent. What still comes is thrown away until the peer closes too: closing the socket with unread bytes would
    /// make the system take back what the peer has not read yet.
    Ended,
}

/// What lies between a socket and MQTT.
pub(crate) struct Layers {
    pub(crate) tls: Option<ServerConnection>,
    pub(crate) websocket: Option<WebSocket>,
}

/// Why a peer's bytes are the last ones that are listened to.
pub(crate) enum Last {
    /// TLS was closed in an orderly way.
    Closed,
    /// For the log.
    Fault(String),
    /// For whoever runs the server.
    Refused(String),
}

impl Connection {
    /// One that was accepted. `origins` says which pages may use a WebSocket, where that was set.
    pub(crate) fn new(
        id: ConnectionId,
        socket: TcpStream,
        peer: SocketAddr,
        door: Door,
        tls: Option<ServerConnection>,
        origins: Option<Origins>,
    ) -> Self {
        let layered = tls.is_some() || door.is_websocket();
        Self {
            id,
            socket,
            peer,
            door,
            layers: layered.then(|| {
                Box::new(Layers {
                    tls,
                    websocket: door.is_websocket().then(|| {
                        WebSocket::new(origins.unwrap_or_else(|| Origins::from(peer.ip())))
                    }),
                })
            }),
            unsent: Vec::new(),
            held: Vec::new(),
            stage: Stage::Open,
            spoke: false,
            writable: true,
            waits: false,
            paused: false,
            to_read: false,
            to_write: false,
            to_send: false,
            ends: false,
        }
    }

    /// Whether the layers have something to send by themselves.
    pub(crate) fn has_answers(&self) -> bool {
        self.layers.as_ref().is_some_and(|layers| {
            layers.tls.as_ref().is_some_and(|tls| tls.wants_write())
                || layers
                    .websocket
                    .as_ref()
                    .is_some_and(WebSocket::has_answers)
        })
    }

    /// Whether all is written, as far as is known, and the socket takes more.
    pub(crate) fn takes_more(&self) -> bool {
        let tls = self.layers.as_ref().and_then(|layers| layers.tls.as_ref());
        self.writable && self.unsent.is_empty() && tls.is_none_or(|tls| !tls.wants_write())
    }

    /// Writes what the socket did not take before. Says whether all is written.
    ///
    /// # Errors
    /// When the transport is gone.
    pub(crate) fn send_rest(&mut self) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            let sent = write(&mut self.socket, &self.unsent, &mut self.writable)?;
            if sent < self.unsent.len() {
                self.unsent.drain(..sent);
                return Ok(false);
            }
            self.unsent = Vec::new();
        }
        self.send_tls()
    }

    /// Writes what TLS has ready. Says whether that was all.
    fn send_tls(&mut self) -> io::Result<bool> {
        let Some(tls) = self.layers.as_mut().and_then(|layers| layers.tls.as_mut()) else {
            return Ok(true);
        };
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.writable = false;
                    return Ok(false);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Sends MQTT's bytes: those of `out` from [`HEADER_ROOM`] on; the room in front is for a frame's header. Only to be called
    /// when [`Self::send_rest`] wrote all. Says whether the socket took all; what it did not take is kept.
    ///
    /// # Errors
    /// When the transport is gone.
    pub(crate) fn send(&mut self, out: &mut [u8]) -> io::Result<bool> {
        let mut from = HEADER_ROOM;
        let Some(layers) = &mut self.layers else {
            return self.put(&out[from..]);
        };
        let mut answers = Vec::new();
        if let Some(websocket) = &mut layers.websocket {
            answers = websocket.answers();
            let payload = out.len() - HEADER_ROOM;
            if payload > 0 {
                let (header, start) = websocket::header(payload);
                out[start..HEADER_ROOM].copy_from_slice(&header[start..]);
                from = start;
            }
        }
        if let Some(tls) = &mut layers.tls {
            tls.writer().write_all(&answers)?;
            tls.writer().write_all(&out[from..])?;
            return self.send_tls();
        }
        if answers.is_empty() {
            return self.put(&out[from..]);
        }
        // They come with a handshake, a PING or at the end: rarely.
        answers.extend_from_slice(&out[from..]);
        self.put(&answers)
    }

    /// Writes bytes as they are.
    fn put(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if bytes.is_empty() {
            return Ok(true);
        }
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return Ok(false);
        }
        let sent = write(&mut self.socket, bytes, &mut self.writable)?;
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(sent == bytes.len())
    }

    /// Lets the layers say goodbye: a CLOSE frame, close_notify.
    pub(crate) fn say_goodbye(&mut self) {
        if let Some(layers) = &mut self.layers {
            if let Some(websocket) = &mut layers.websocket {
                websocket.close();
            }
            if let Some(tls) = &mut layers.tls {
                if let Some(websocket) = &mut layers.websocket {
                    // In memory, without a limit: cannot fail.
                    let _ = tls.writer().write_all(&websocket.answers());
                }
                tls.send_close_notify();
            }
        }
    }
}

impl Layers {
    /// Bytes came from the socket. Hands those of MQTT to `take`; `plain` is memory to decrypt into.
    ///
    /// # Errors
    /// When they are the last, and why.
    pub(crate) fn receive(
        &mut self,
        bytes: &mut [u8],
        plain: &mut [u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Last> {
        let Some(tls) = &mut self.tls else {
            return unwrap(&mut self.websocket, bytes, take);
        };
        let mut bytes = &*bytes;
        while !bytes.is_empty() {
            let fault = |error: &dyn std::fmt::Display| Last::Fault(format!("TLS: {error}"));
            tls.read_tls(&mut bytes).map_err(|error| fault(&error))?;
            tls.process_new_packets().map_err(|error| fault(&error))?;
            loop {
                match tls.reader().read(plain) {
                    Ok(0) => return Err(Last::Closed),
                    Ok(length) => unwrap(&mut self.websocket, &mut plain[..length], take)?,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(fault(&error)),
                }
            }
        }
        Ok(())
    }
}

/// Takes bytes out of their frames, where there are frames.
fn unwrap(
    websocket: &mut Option<WebSocket>,
    bytes: &mut [u8],
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), Last> {
    let Some(websocket) = websocket else {
        take(bytes);
        return Ok(());
    };
    match websocket.receive(bytes) {
        Received::Data(0) => Ok(()),
        Received::Data(length) => {
            take(&bytes[..length]);
            Ok(())
        }
        Received::End(length, why) => {
            if length > 0 {
                take(&bytes[..length]);
            }
            Err(Last::Fault(why.to_owned()))
        }
        Received::Refused(why) => Err(Last::Refused(why)),
    }
}

/// Writes as much as the socket takes, and says how much.
fn write(socket: &mut TcpStream, bytes: &[u8], writable: &mut bool) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match socket.write(&bytes[sent..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => sent += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                *writable = false;
                break;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
