//! Clients that keep their own state: publishers, subscribers, and what both are.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use vitrine_client::{BackOff, Client, Event, Failure, Input, Message, Options, Output, Time};
use vitrine_packet::{ProtocolVersion, QoS, SubscriptionOptions};

/// Messages of a publisher that are not acknowledged.
const WINDOW: usize = 30;

/// Odd numbers are those of QoS 1.
pub(super) fn is_qos1(payload: &str) -> bool {
    payload.ends_with(['1', '3', '5', '7', '9'])
}

pub(super) struct Publisher {
    pub(super) person: Person,
    /// The number of its next message.
    pub(super) next: u64,
    /// By ticket: the numbers of messages that are not acknowledged.
    pub(super) open: BTreeMap<u64, u64>,
}

impl Publisher {
    pub(super) fn new(name: &'static str, version: ProtocolVersion) -> Self {
        Self {
            person: Person::new(name, version, true),
            next: 0,
            open: BTreeMap::new(),
        }
    }

    pub(super) fn publish(&mut self, now: Time) {
        while self.open.len() < WINDOW {
            let (number, name) = (self.next, self.person.name);
            self.next += 1;
            let payload = format!("{name} {number}");
            let qos = if is_qos1(&payload) {
                QoS::AtLeastOnce
            } else {
                QoS::ExactlyOnce
            };
            let topic = format!("{}/{name}", qos.as_u8());
            let message = Message::new(&topic, payload.as_bytes(), qos);
            let ticket = self
                .person
                .client
                .publish(message, now)
                .expect("there is room");
            self.open.insert(ticket.0, number);
        }
    }

    pub(super) fn happened(&mut self, event: Event) {
        match event {
            Event::Published { ticket, reason } => {
                assert!(!reason.is_error(), "{reason:?}");
                self.open.remove(&ticket.0).expect("it is told once");
            }
            Event::Failed { why, .. } => panic!("{}: {why:?}", self.person.name),
            _ => {}
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty()
    }
}

pub(super) struct Subscriber {
    pub(super) person: Person,
    pub(super) filters: &'static [&'static str],
    pub(super) subscribed: bool,
    /// By payload: how often it came.
    pub(super) got: BTreeMap<String, u64>,
    /// By publisher: the latest of its QoS 2 messages.
    pub(super) latest: BTreeMap<String, u64>,
}

impl Subscriber {
    /// One whose Session `stays`, or ends with its connection.
    pub(super) fn new(
        name: &'static str,
        version: ProtocolVersion,
        filters: &'static [&'static str],
        stays: bool,
    ) -> Self {
        Self {
            person: Person::new(name, version, stays),
            filters,
            subscribed: false,
            got: BTreeMap::new(),
            latest: BTreeMap::new(),
        }
    }

    pub(super) fn happened(&mut self, event: Event, now: Time) {
        let name = self.person.name;
        match event {
            Event::Connected {
                session_present, ..
            } if !self.subscribed || !session_present => {
                self.subscribed = false;
                let options = SubscriptionOptions::with_qos(QoS::ExactlyOnce);
                let filters: Vec<_> = self.filters.iter().map(|it| (*it, options)).collect();
                let asked = self.person.client.subscribe(&filters, None, now);
                asked.expect("it is connected");
            }
            Event::Subscribed { codes, .. } => {
                assert_eq!(codes, vec![2; self.filters.len()]);
                self.subscribed = true;
            }
            Event::Message { message, .. } => {
                let payload =
                    String::from_utf8(message.payload.to_vec()).expect("as it was published");
                let count = self.got.entry(payload.clone()).or_default();
                *count += 1;
                if message.qos == QoS::ExactlyOnce {
                    assert_eq!(*count, 1, "{name}: {payload:?} came again");
                    let (publisher, number) = payload.split_once(' ').expect("two parts");
                    let number = number.parse().expect("a number");
                    let before = self.latest.insert(publisher.into(), number);
                    assert!(
                        before < Some(number),
                        "{name}: {payload:?} after {before:?}"
                    );
                }
            }
            // It asks again on its next connection, with which its Session begins anew.
            Event::Failed {
                why: Failure::ConnectionLost,
                ..
            } if !self.person.stays => self.subscribed = false,
            Event::Failed { why, .. } => panic!("{name}: {why:?}"),
            _ => {}
        }
    }
}

/// A client with its transport. Its state outlives the connections.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) client: Client,
    transport: Option<TcpStream>,
    /// Bytes that the transport has not taken.
    out: Vec<u8>,
    /// Whether it has been connected before, so that the server must know it.
    known: bool,
    /// Whether its Session outlives the connection.
    stays: bool,
    /// Asleep it has no connection.
    pub(super) awake: bool,
}

impl Person {
    pub(super) fn new(name: &'static str, version: ProtocolVersion, stays: bool) -> Self {
        let options = Options {
            version,
            client_id: name.into(),
            clean_start: !stays,
            session_expiry: if stays { u32::MAX } else { 0 },
            reconnect: Some(BackOff {
                first: Duration::from_millis(2),
                most: Duration::from_millis(5),
                seed: 0,
            }),
            ..Options::default()
        };
        let mut client = Client::new(options, Time::ZERO);
        client.connect(Time::ZERO);
        Self {
            name,
            client,
            transport: None,
            out: Vec::new(),
            known: false,
            stays,
            awake: true,
        }
    }

    pub(super) fn step(&mut self, address: SocketAddr, now: Time) -> Vec<Event> {
        if !self.awake && self.transport.is_some() {
            self.lost(now);
        }
        if self.awake
            && self
                .client
                .next_deadline()
                .is_some_and(|next| next.at <= now)
        {
            self.client.handle(Input::Deadline, now);
        }
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Open => self.open(address, now),
                Output::Transmit => {}
                Output::Close => self.transport = None,
                _ => panic!("{output:?}"),
            }
        }
        self.write(now);
        self.read(now);
        self.write(now);
        let mut events = Vec::new();
        while let Some(event) = self.client.poll_event() {
            if let Event::Connected {
                session_present, ..
            } = &event
            {
                // What was promised with CONNACK once holds ever after.
                assert!(
                    *session_present || !self.known || !self.stays,
                    "{}: the session is gone",
                    self.name
                );
                self.known = true;
            }
            events.push(event);
        }
        events
    }

    fn open(&mut self, address: SocketAddr, now: Time) {
        let opened = TcpStream::connect(address);
        let Ok(transport) = opened else {
            self.client.handle(Input::Closed, now);
            return;
        };
        transport
            .set_nonblocking(true)
            .expect("a socket can do that");
        transport.set_nodelay(true).expect("a socket can do that");
        self.transport = Some(transport);
        self.out.clear();
        self.client.handle(Input::Opened, now);
    }

    fn write(&mut self, now: Time) {
        let Some(transport) = &mut self.transport else {
            return;
        };
        loop {
            if self.out.is_empty() && self.client.poll_transmit(&mut self.out, 65_536, now) == 0 {
                return;
            }
            match transport.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.lost(now),
            }
        }
    }

    fn read(&mut self, now: Time) {
        let mut bytes = [0; 65_536];
        let Some(transport) = &mut self.transport else {
            return;
        };
        match transport.read(&mut bytes) {
            Ok(count) if count > 0 => self.client.handle(Input::Received(&bytes[..count]), now),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => self.lost(now),
        }
    }

    pub(super) fn lost(&mut self, now: Time) {
        self.transport = None;
        self.client.handle(Input::Closed, now);
    }
}
