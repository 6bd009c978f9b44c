//! Which entries make which packets.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of all things that are told go over a network"
)]

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{CloseReason, ConnectionId, Event};

use crate::outside::Outside;
use crate::pcapng::block::File;
use crate::pcapng::stream::Stream;
use crate::pcapng::websocket;
use crate::tape::{Entry, Told, without_password};

const BROKER: [u8; 4] = [10, 0, 0, 1];
/// Where MQTT listens.
const MQTT: u16 = 1883;
/// Where WebSocket listens.
const HTTP: u16 = 80;
/// The first port of a client.
const PORTS: u16 = 1_025;

/// What is known of a connection from all entries.
#[derive(Default)]
struct About {
    client: Option<Rc<str>>,
    websocket: bool,
    /// The last entry that is about it.
    last: usize,
    /// How it ended.
    ended: Option<Ended>,
}

#[derive(Clone, Copy)]
enum Ended {
    ByClient,
    ByBroker,
    Cut,
    Crashed,
}

/// What is known of each connection, from the entries that were looked at so far. All have to be looked at before the
/// first packet is written.
#[derive(Default)]
pub(crate) struct Survey {
    connections: BTreeMap<ConnectionId, About>,
}

impl Survey {
    pub(crate) fn take(&mut self, index: usize, entry: &Entry) {
        let connections = &mut self.connections;
        let mut about = |connection: ConnectionId, change: &dyn Fn(&mut About)| {
            let about = connections.entry(connection).or_default();
            about.last = index;
            change(about);
        };
        match &entry.0 {
            Told::Outside(outside, _) => match &**outside {
                Outside::Opening { connection, client } => {
                    let client: Rc<str> = client.as_str().into();
                    let known = connections.entry(*connection).or_default();
                    known.client.get_or_insert(client);
                }
                Outside::BrokerCrashed { .. } => {
                    for about in connections.values_mut() {
                        if about.ended.is_none() {
                            about.ended = Some(Ended::Crashed);
                            about.last = index;
                        }
                    }
                }
                _ => {}
            },
            Told::Observed(observation) => match &observation.event {
                Event::Opened {
                    connection, door, ..
                } => {
                    let websocket = is_websocket(door);
                    about(*connection, &|about| about.websocket = websocket);
                }
                Event::Received { connection, .. }
                | Event::Sent { connection, .. }
                | Event::Malformed { connection, .. } => about(*connection, &|_| {}),
                Event::Connected {
                    connection, client, ..
                } => about(*connection, &|about| {
                    about.client = Some(client.as_str().into());
                }),
                Event::Closed {
                    connection,
                    why,
                    abrupt,
                    ..
                } => {
                    let ended = ended(*why, *abrupt);
                    about(*connection, &|about| about.ended = Some(ended));
                }
                _ => {}
            },
            Told::Malformed(it) => about(it.connection, &|_| {}),
            Told::Closed(it) => {
                let ended = ended(it.why, it.abrupt);
                about(it.connection, &|about| about.ended = Some(ended));
            }
            Told::Restored(..) | Told::Access(..) => {}
        }
    }

    /// A file with its head: the same entries are to follow, in the same order.
    pub(crate) fn begin(mut self) -> Talk {
        for (id, about) in &mut self.connections {
            about
                .client
                .get_or_insert_with(|| format!("#{}", id.0).into());
        }
        let clients = addresses(&self.connections);
        let mut file = File::new();
        let named = clients.iter().map(|(name, address)| (*address, &**name));
        file.names([(BROKER, "broker")].into_iter().chain(named));
        Talk {
            file,
            connections: self.connections,
            clients,
            streams: BTreeMap::new(),
            opened: 0,
        }
    }
}

fn ended(why: CloseReason, abrupt: bool) -> Ended {
    match why {
        CloseReason::Cut => Ended::Cut,
        CloseReason::ClientDisconnect if !abrupt => Ended::ByClient,
        _ => Ended::ByBroker,
    }
}

/// Who comes by a page's door has a port that behaves like a WebSocket, and is shown as one.
fn is_websocket(door: &str) -> bool {
    matches!(door, "page" | "tab" | "worker" | "iframe" | "websocket")
}

/// An address for each client, in the order of their first connections.
fn addresses(connections: &BTreeMap<ConnectionId, About>) -> BTreeMap<Rc<str>, [u8; 4]> {
    let mut addresses = BTreeMap::new();
    for client in connections
        .values()
        .filter_map(|about| about.client.as_ref())
    {
        let number = addresses.len() as u32 + 2;
        let [_, high, middle, low] = number.to_be_bytes();
        addresses
            .entry(Rc::clone(client))
            .or_insert([10, high, middle, low]);
    }
    addresses
}

/// A file under way.
pub(crate) struct Talk {
    file: File,
    connections: BTreeMap<ConnectionId, About>,
    clients: BTreeMap<Rc<str>, [u8; 4]>,
    streams: BTreeMap<ConnectionId, Stream>,
    opened: u16,
}

impl Talk {
    /// What was written since this was asked for last.
    pub(crate) fn written(&mut self) -> Vec<u8> {
        self.file.written()
    }

    /// Whether there is nothing of that.
    pub(crate) fn is_written(&self) -> bool {
        self.file.is_written()
    }

    pub(crate) fn follow(&mut self, index: usize, entry: &Entry) {
        let at = entry.at();
        match &entry.0 {
            Told::Observed(observation) => match &observation.event {
                Event::Opened { connection, .. } => {
                    self.stream(*connection, at);
                    self.end_after(index, *connection, at);
                }
                Event::Received {
                    connection,
                    bytes,
                    version,
                    ..
                }
                | Event::Malformed {
                    connection,
                    bytes,
                    version,
                    ..
                } => {
                    let masked = without_password(bytes, *version);
                    let bytes = masked.as_deref().unwrap_or(bytes);
                    self.data(index, *connection, bytes, true, at);
                }
                Event::Sent {
                    connection, bytes, ..
                } => self.data(index, *connection, bytes, false, at),
                Event::Connected { connection, .. } | Event::Closed { connection, .. } => {
                    self.end_after(index, *connection, at);
                }
                _ => {}
            },
            Told::Malformed(it) => {
                let masked = without_password(&it.bytes, it.version);
                let bytes = masked.as_deref().unwrap_or(&it.bytes);
                self.data(index, it.connection, bytes, true, at);
            }
            Told::Closed(it) => self.end_after(index, it.connection, at),
            Told::Outside(outside, _) => {
                if matches!(**outside, Outside::BrokerCrashed { .. }) {
                    let open: Vec<_> = self.streams.keys().copied().collect();
                    for connection in open {
                        self.end_after(index, connection, at);
                    }
                }
            }
            Told::Restored(..) | Told::Access(..) => {}
        }
    }

    /// The connection's stream, which begins where it is not there yet.
    fn stream(&mut self, connection: ConnectionId, at: u64) {
        if self.streams.contains_key(&connection) {
            return;
        }
        let Some(about) = self.connections.get(&connection) else {
            return;
        };
        let client = about.client.as_deref().unwrap_or_default();
        let address = self.clients.get(client).copied().unwrap_or(BROKER);
        let port = PORTS + self.opened % (u16::MAX - PORTS);
        self.opened = self.opened.wrapping_add(1);
        let listens = if about.websocket { HTTP } else { MQTT };
        let mut stream = Stream::new((address, port), (BROKER, listens));
        stream.open(at, &mut self.file, &format!("{client} connects"));
        if about.websocket {
            stream.data(true, websocket::REQUEST, at, &mut self.file, "");
            stream.data(false, websocket::RESPONSE, at, &mut self.file, "");
        }
        self.streams.insert(connection, stream);
    }

    fn data(
        &mut self,
        index: usize,
        connection: ConnectionId,
        bytes: &[u8],
        to_broker: bool,
        at: u64,
    ) {
        self.stream(connection, at);
        let about = self.connections.get(&connection);
        if let Some(about) = about
            && let Some(stream) = self.streams.get_mut(&connection)
        {
            let comment = comment(about, to_broker);
            if about.websocket {
                let frame = websocket::frame(bytes, to_broker);
                stream.data(to_broker, &frame, at, &mut self.file, &comment);
                stream.unwrapped(to_broker, bytes, at, &mut self.file, &comment);
            } else {
                stream.data(to_broker, bytes, at, &mut self.file, &comment);
            }
        }
        self.end_after(index, connection, at);
    }

    /// Ends a stream behind the last entry that is about it: what the broker had to say at the end is pulled after
    /// the end was told.
    fn end_after(&mut self, index: usize, connection: ConnectionId, at: u64) {
        let Some(about) = self.connections.get(&connection) else {
            return;
        };
        let Some(ended) = about.ended.filter(|_| about.last == index) else {
            return;
        };
        let Some(mut stream) = self.streams.remove(&connection) else {
            return;
        };
        let client = about.client.as_deref().unwrap_or_default();
        match ended {
            Ended::ByClient => stream.close(true, at, &mut self.file),
            Ended::ByBroker => stream.close(false, at, &mut self.file),
            Ended::Cut => {
                let comment = format!("the connection of {client} is cut");
                stream.reset(true, at, &mut self.file, &comment);
            }
            Ended::Crashed => stream.reset(false, at, &mut self.file, "the broker crashed"),
        }
    }
}

fn comment(about: &About, to_broker: bool) -> String {
    let client = about.client.as_deref().unwrap_or_default();
    if to_broker {
        format!("from {client}")
    } else {
        format!("to {client}")
    }
}
