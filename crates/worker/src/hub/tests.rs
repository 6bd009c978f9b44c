//! The hub between a real broker and wires that remember what was put on them.

mod between;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vitrine_broker::Event;
use vitrine_store::{InMemoryBackend, StorageBackend};

use super::*;

/// What was put on a wire, oldest first.
#[derive(Clone, Debug, PartialEq)]
enum Put {
    Bytes(Vec<u8>),
    Credit(usize),
    End(Ending),
}

#[derive(Clone, Default)]
struct Remembering(Rc<RefCell<Vec<Put>>>);

impl Remembering {
    fn take(&self) -> Vec<Put> {
        self.0.take()
    }

    /// The bytes that were sent, in one piece.
    fn bytes(&self) -> Vec<u8> {
        let put = self.take().into_iter();
        put.flat_map(|put| {
            if let Put::Bytes(bytes) = put {
                bytes
            } else {
                Vec::new()
            }
        })
        .collect()
    }
}

impl Wire for Remembering {
    fn send(&self, bytes: &[u8]) {
        self.0.borrow_mut().push(Put::Bytes(bytes.to_vec()));
    }

    fn credit(&self, bytes: usize) {
        self.0.borrow_mut().push(Put::Credit(bytes));
    }

    fn end(&self, ending: Ending) {
        self.0.borrow_mut().push(Put::End(ending));
    }
}

const NOW: Time = Time::from_secs(1);

/// A 3.1.1 CONNECT with Clean Session.
fn connect(client: &str) -> Vec<u8> {
    let mut packet = vec![0x10, 12 + client.len() as u8, 0, 4];
    packet.extend(b"MQTT\x04\x02\x00\x00\x00");
    packet.push(client.len() as u8);
    packet.extend(client.as_bytes());
    packet
}

fn is_sent(happened: &Happened) -> bool {
    matches!(happened, Happened::Observed(observation) if matches!(observation.event, Event::Sent { .. }))
}

const SUBSCRIBE: [u8; 8] = [0x82, 6, 0, 1, 0, 1, b't', 0];
const CONNACK: [u8; 4] = [0x20, 2, 0, 0];

/// A QoS 0 PUBLISH to `t` of 1,000 bytes.
fn publish() -> Vec<u8> {
    let mut packet = vec![0x30, 0xe5, 0x07, 0, 1, b't'];
    packet.resize(1_000, 7);
    packet
}

fn hub() -> Hub<Remembering> {
    Hub::new(Config::default(), NOW)
}

/// Opens a connection, connects, and forgets what was said until now.
fn join(hub: &mut Hub<Remembering>, id: u64, client: &str) -> Remembering {
    let wire = Remembering::default();
    hub.open(ConnectionId(id), "page", wire.clone(), NOW);
    hub.received(ConnectionId(id), &connect(client), NOW);
    hub.flush(NOW, drop).unwrap();
    hub.credit();
    assert_eq!(wire.take()[0], Put::Bytes(CONNACK.to_vec()));
    wire
}

/// A client is told what was taken: of much at once, of little when it is time to.
#[test]
fn what_is_taken_is_credited() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    assert!(!hub.owes_credit());
    hub.received(ConnectionId(1), &publish(), NOW);
    assert!(hub.owes_credit());
    assert_eq!(wire.take(), []);
    for _ in 0..39 {
        hub.received(ConnectionId(1), &publish(), NOW);
    }
    assert_eq!(wire.take(), [Put::Credit(33_000)]);
    hub.credit();
    hub.credit();
    assert_eq!(wire.take(), [Put::Credit(7_000)]);
    assert!(!hub.owes_credit());
}

#[test]
fn small_inputs_wait_for_each_other_and_large_ones_do_not() {
    let mut hub = hub();
    let _wire = join(&mut hub, 1, "a");
    let one = publish();
    let mut receive = |bytes: &[u8]| hub.received(ConnectionId(1), bytes, NOW);
    let waited = (0..BATCH / one.len()).all(|_| !receive(&one));
    assert!(waited, "each is small");
    assert!(receive(&one), "together they are enough");
    hub.flush(NOW, drop).unwrap();
    let two = [one.clone(), one].concat();
    assert!(hub.received(ConnectionId(1), &two, NOW));
}

#[test]
fn nothing_is_sent_before_the_flush_and_then_in_one_message() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    hub.received(ConnectionId(1), &SUBSCRIBE, NOW);
    hub.received(ConnectionId(1), &[0xc0, 0], NOW);
    assert_eq!(wire.take(), []);
    hub.flush(NOW, drop).unwrap();
    let suback_and_pingresp = vec![0x90, 3, 0, 1, 0, 0xd0, 0];
    assert_eq!(wire.take(), [Put::Bytes(suback_and_pingresp)]);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(wire.take(), []);
}

#[test]
fn a_client_that_does_not_read_is_sent_a_window_and_no_more() {
    let mut hub = hub();
    let reader = join(&mut hub, 1, "reader");
    let writer = join(&mut hub, 2, "writer");
    hub.received(ConnectionId(1), &SUBSCRIBE, NOW);
    let count = 2 * WINDOW / 1_000;
    for _ in 0..count {
        hub.received(ConnectionId(2), &publish(), NOW);
    }
    hub.flush(NOW, drop).unwrap();
    let first = reader.bytes();
    assert!(
        first.len() >= WINDOW - CHUNK && first.len() < WINDOW + 1_000,
        "{}",
        first.len()
    );
    // The writer is not held up.
    hub.credit();
    let credit: usize = writer
        .take()
        .iter()
        .map(|put| {
            if let Put::Credit(bytes) = put {
                *bytes
            } else {
                0
            }
        })
        .sum();
    assert_eq!(credit, count * 1_000);
    // Nothing goes out until something was taken; then as much as was.
    hub.flush(NOW, drop).unwrap();
    assert!(reader.bytes().is_empty());
    hub.took(ConnectionId(1), 100_000);
    hub.flush(NOW, drop).unwrap();
    let second = reader.bytes();
    assert!(
        second.len() <= 101_000 && second.len() >= 99_000,
        "{}",
        second.len()
    );
    // In the end all has come.
    let mut got = first.len() + second.len();
    hub.took(ConnectionId(1), usize::MAX);
    hub.flush(NOW, drop).unwrap();
    got += reader.bytes().len();
    hub.took(ConnectionId(1), usize::MAX);
    hub.flush(NOW, drop).unwrap();
    got += reader.bytes().len();
    assert_eq!(got, 5 + count * 1_000);
}

/// What was observed is handed on before the next line is served: each `Sent` holds a copy of its packet, and those of a
/// large message to many must not be in memory all at once.
#[test]
fn observations_are_handed_on_between_lines() {
    let mut hub = hub();
    hub.watch();
    let readers = 1..=5;
    let wires: Vec<_> = readers
        .clone()
        .map(|id| {
            let wire = join(&mut hub, id, &id.to_string());
            hub.received(ConnectionId(id), &SUBSCRIBE, NOW);
            hub.flush(NOW, drop).unwrap();
            wire
        })
        .collect();
    join(&mut hub, 9, "writer");
    for wire in &wires {
        wire.take();
    }
    hub.received(ConnectionId(9), &publish(), NOW);
    let mut sent = 0;
    hub.flush(NOW, |happened| {
        if is_sent(&happened) {
            sent += 1;
            let served = wires.iter().filter(|wire| !wire.0.borrow().is_empty());
            assert_eq!(served.count(), sent);
        }
    })
    .unwrap();
    assert_eq!(sent, readers.count());
}

#[test]
fn much_input_asks_for_a_flush() {
    let mut hub = hub();
    join(&mut hub, 1, "a");
    let ping = [0xc0, 0];
    assert!(!hub.received(ConnectionId(1), &ping, NOW));
    assert!(hub.received(ConnectionId(1), &publish().repeat(2), NOW));
    hub.flush(NOW, drop).unwrap();
    assert!(!hub.received(ConnectionId(1), &ping, NOW));
}

#[test]
fn a_goodbye_is_answered_with_1000() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    hub.received(ConnectionId(1), &[0xe0, 0], NOW);
    hub.flush(NOW, drop).unwrap();
    let put = wire.take();
    assert!(
        matches!(put[..], [Put::End(Ending::Close { code: 1000, .. })]),
        "{put:?}"
    );
    assert_eq!(hub.ended(), Some(ConnectionId(1)));
    assert_eq!(hub.ended(), None);
}

#[test]
fn who_breaks_the_rules_is_told_which_reason_code() {
    let mut hub = hub();
    let wire = Remembering::default();
    hub.open(ConnectionId(1), "page", wire.clone(), NOW);
    // PUBLISH before CONNECT.
    hub.received(ConnectionId(1), &publish(), NOW);
    hub.flush(NOW, drop).unwrap();
    let put = wire.take();
    assert!(
        matches!(put[..], [Put::End(Ending::Close { code: 4130, .. })]),
        "{put:?}"
    );
}

#[test]
fn last_bytes_come_before_the_end_even_without_room() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    hub.received(ConnectionId(1), &SUBSCRIBE, NOW);
    for _ in 0..2 * WINDOW / 1_000 {
        hub.received(ConnectionId(1), &publish(), NOW);
    }
    hub.flush(NOW, drop).unwrap();
    wire.take();
    // The same Client Identifier again: the first connection is ended.
    join(&mut hub, 2, "a");
    let put = wire.take();
    assert!(
        matches!(put.last(), Some(Put::End(Ending::Close { code: 4142, .. }))),
        "{put:?}"
    );
}

#[test]
fn a_cut_says_nothing() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    hub.drop_client("a", false, NOW);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(wire.take(), [Put::End(Ending::Cut)]);
}

#[test]
fn a_client_that_closes_gets_its_answer() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    let answer = Ending::Closed {
        code: Some(3000),
        reason: Some("done".into()),
    };
    hub.gone(ConnectionId(1), Some(answer.clone()), NOW);
    assert_eq!(wire.take(), [Put::End(answer)]);
    // What still comes of it goes nowhere.
    hub.received(ConnectionId(1), &SUBSCRIBE, NOW);
    hub.took(ConnectionId(1), 5);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(wire.take(), []);
}

/// A medium that can be told to take nothing more.
#[derive(Debug, Default)]
struct Moody {
    inner: InMemoryBackend,
    full: Arc<AtomicBool>,
    /// How often it was made durable.
    syncs: Arc<AtomicUsize>,
}

impl StorageBackend for Moody {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.take()?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.take()?;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take()?;
        self.inner.write(offset, data)
    }
}

impl Moody {
    fn take(&self) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

/// A hub that keeps, the switch that makes its medium full, and the count of its commits.
fn keeping() -> (Hub<Remembering>, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let medium = Moody::default();
    let (full, syncs) = (Arc::clone(&medium.full), Arc::clone(&medium.syncs));
    let (store, state) = Store::with_backend(Arc::new(medium), "the test").unwrap();
    let hub = Hub::restore(Config::default(), store, state, NOW).unwrap();
    (hub, full, syncs)
}

/// A 3.1.1 CONNECT with a session that stays.
fn connect_to_stay(client: &str) -> Vec<u8> {
    let mut packet = connect(client);
    packet[9] = 0;
    packet
}

/// QoS 1 PUBLISH to `t`.
fn publish_1(packet_id: u8) -> [u8; 8] {
    [0x32, 6, 0, 1, b't', 0, packet_id, b'x']
}

/// What was put without what was only credited.
fn spoken(wire: &Remembering) -> Vec<Put> {
    let mut put = wire.take();
    put.retain(|put| !matches!(put, Put::Credit(_)));
    put
}

#[test]
fn nothing_is_acknowledged_that_is_not_kept() {
    let (mut hub, full, _) = keeping();
    let [reader, writer] = [1, 2].map(ConnectionId);
    let [to_reader, to_writer] = [(reader, "r"), (writer, "w")].map(|(id, client)| {
        let wire = Remembering::default();
        hub.open(id, "page", wire.clone(), NOW);
        hub.received(id, &connect_to_stay(client), NOW);
        hub.flush(NOW, drop).unwrap();
        assert_eq!(spoken(&wire), [Put::Bytes(CONNACK.to_vec())]);
        wire
    });
    let subscribe = [0x82, 6, 0, 1, 0, 1, b't', 1];
    hub.received(reader, &subscribe, NOW);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(spoken(&to_reader), [Put::Bytes(vec![0x90, 3, 0, 1, 1])]);

    full.store(true, Ordering::Relaxed);
    hub.received(writer, &publish_1(9), NOW);
    let failed = hub.flush(NOW, drop);
    assert!(matches!(failed, Err(StoreError::Full(_))), "{failed:?}");
    assert!(hub.is_stuck());
    // Time passes, and a client goes: still nothing leaves.
    hub.wake(NOW);
    hub.flush(NOW, drop).unwrap();
    hub.retry().unwrap_err();
    assert_eq!((spoken(&to_reader), spoken(&to_writer)), (vec![], vec![]));

    full.store(false, Ordering::Relaxed);
    hub.retry().unwrap();
    assert!(!hub.is_stuck());
    hub.flush(NOW, drop).unwrap();
    assert_eq!(spoken(&to_writer), [Put::Bytes(vec![0x40, 2, 0, 9])]);
    assert_eq!(spoken(&to_reader), [Put::Bytes(publish_1(1).to_vec())]);
}

#[test]
fn one_commit_serves_all_that_collected() {
    let (mut hub, _, syncs) = keeping();
    let mut wires = Vec::new();
    for id in 1..=20 {
        let wire = Remembering::default();
        hub.open(ConnectionId(id), "page", wire.clone(), NOW);
        hub.received(
            ConnectionId(id),
            &connect_to_stay(&format!("c{id:02}")),
            NOW,
        );
        let subscribe = [0x82, 6, 0, 1, 0, 1, b't', 1];
        hub.received(ConnectionId(id), &subscribe, NOW);
        wires.push(wire);
    }
    let measure = |hub: &mut Hub<Remembering>| {
        let before = syncs.load(Ordering::Relaxed);
        hub.flush(NOW, drop).unwrap();
        syncs.load(Ordering::Relaxed) - before
    };
    let first = measure(&mut hub);
    for packet_id in 1..=50 {
        hub.received(ConnectionId(1), &publish_1(packet_id), NOW);
    }
    assert_eq!(measure(&mut hub), first, "as few as for one change");
    let count = |wire: &Remembering| {
        let bytes = wire.bytes();
        bytes
            .windows(4)
            .filter(|part| *part == [0x32, 6, 0, 1])
            .count()
    };
    for wire in &wires[1..] {
        assert_eq!(count(wire), 50);
    }
    assert_eq!(measure(&mut hub), 0, "nothing changed");
}

#[test]
fn an_answer_to_what_is_kept_is_kept_with_what_comes_next_or_in_a_while() {
    let (mut hub, _, syncs) = keeping();
    let client = ConnectionId(1);
    let wire = Remembering::default();
    hub.open(client, "page", wire.clone(), NOW);
    hub.received(client, &connect_to_stay("a"), NOW);
    hub.received(client, &[0x82, 6, 0, 1, 0, 1, b't', 1], NOW);
    let later = NOW + IN_A_WHILE;
    let hear = |hub: &mut Hub<Remembering>, bytes: &[u8], now| {
        let before = syncs.load(Ordering::Relaxed);
        hub.received(client, bytes, now);
        hub.flush(now, drop).unwrap();
        syncs.load(Ordering::Relaxed) - before
    };
    let one = hear(&mut hub, &publish_1(1), NOW);
    let broker_asks = hub.deadline();
    spoken(&wire);
    // PUBACK of the first, and what else is said then is not held for it.
    assert_eq!(hear(&mut hub, &[0x40, 2, 0, 1], NOW), 0);
    assert_eq!(hear(&mut hub, &[0xc0, 0], NOW), 0);
    assert_eq!(spoken(&wire), [Put::Bytes(vec![0xd0, 0])]);
    assert_eq!(hub.deadline(), Some(later));
    assert_eq!(hear(&mut hub, &publish_1(2), NOW), one, "both with one");
    assert_eq!(hub.deadline(), broker_asks);
    // PUBACK of the second, and nothing else.
    assert_eq!(hear(&mut hub, &[0x40, 2, 0, 2], NOW), 0);
    hub.wake(later);
    assert_eq!(hear(&mut hub, &[], later), one, "it is time");
    assert_eq!(hear(&mut hub, &[], later), 0);
}

#[test]
fn an_end_comes_behind_what_was_held() {
    let (mut hub, _, _) = keeping();
    let wire = Remembering::default();
    hub.open(ConnectionId(1), "page", wire.clone(), NOW);
    hub.received(ConnectionId(1), &connect_to_stay("a"), NOW);
    // Then a packet that no client may send.
    hub.received(ConnectionId(1), &[0x20, 2, 0, 0], NOW);
    hub.flush(NOW, drop).unwrap();
    let put = spoken(&wire);
    assert_eq!(put[0], Put::Bytes(CONNACK.to_vec()));
    assert!(matches!(put[1..], [Put::End(_)]), "{put:?}");
}

#[test]
fn who_stops_keeping_goes_on_without() {
    let (mut hub, full, _) = keeping();
    let wire = Remembering::default();
    hub.open(ConnectionId(1), "page", wire.clone(), NOW);
    full.store(true, Ordering::Relaxed);
    hub.received(ConnectionId(1), &connect_to_stay("a"), NOW);
    hub.flush(NOW, drop).unwrap_err();
    hub.forget();
    assert!(!hub.is_stuck());
    assert_eq!(spoken(&wire), [Put::Bytes(CONNACK.to_vec())]);
    hub.received(ConnectionId(1), &[0xc0, 0], NOW);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(spoken(&wire), [Put::Bytes(vec![0xd0, 0])]);
}
