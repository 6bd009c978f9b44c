//! A session as a capture file (pcapng), as if somebody had listened at the broker's network: Wireshark and tshark
//! read it as MQTT.
//!
//! There was no network, so all below MQTT is made up, and made up well: each client has an address of its own,
//! each connection a port; connections begin with a handshake and end with FIN, or RST where they were cut; who came
//! by a door of a page speaks WebSocket. The file names the addresses by their clients, and every packet its client.
//! What was lost on its way to the broker is not in it, and what the broker sent into a broken link is.
//!
//! Wireshark does not look for MQTT in WebSocket by itself. So each packet of such a connection stands there once more,
//! unwrapped, on a second interface. (Or let Wireshark look: `-X lua_script:` with a file of the one line
//! `DissectorTable.get("ws.protocol"):add("mqtt", Dissector.get("mqtt"))`.)
//!
//! - `block`: the blocks of the file. `stream`: a TCP connection. `websocket`: what WebSocket wraps around packets.
//! - `talk`: which entries make which packets.

mod block;
mod stream;
mod talk;
mod websocket;

use alloc::vec::Vec;

use crate::tape::{Entry, Reel, Tape};
pub(crate) use talk::{Survey, Talk};

impl Tape {
    /// The session as a pcapng file. Passwords are not in it: every byte of one is `*`.
    #[must_use]
    pub fn pcapng(&self) -> Vec<u8> {
        write(|| self.entries())
    }
}

impl Reel {
    /// The session as a pcapng file: see [`Tape::pcapng`].
    #[must_use]
    pub fn pcapng(&self) -> Vec<u8> {
        write(|| self.entries().iter())
    }
}

fn write<'a, I: Iterator<Item = &'a Entry>>(entries: impl Fn() -> I) -> Vec<u8> {
    let mut survey = Survey::default();
    for (index, entry) in entries().enumerate() {
        survey.take(index, entry);
    }
    let mut talk = survey.begin();
    for (index, entry) in entries().enumerate() {
        talk.follow(index, entry);
    }
    talk.written()
}
