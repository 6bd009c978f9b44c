//! The hub between a real broker and wires that remember what was put on them.

use std::cell::RefCell;
use std::rc::Rc;

use vitrine_broker::Event;

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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
    let suback_and_pingresp = vec![0x90, 3, 0, 1, 0, 0xd0, 0];
    assert_eq!(wire.take(), [Put::Bytes(suback_and_pingresp)]);
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
    assert!(reader.bytes().is_empty());
    hub.took(ConnectionId(1), 100_000);
    hub.flush(NOW, drop);
    let second = reader.bytes();
    assert!(
        second.len() <= 101_000 && second.len() >= 99_000,
        "{}",
        second.len()
    );
    // In the end all has come.
    let mut got = first.len() + second.len();
    hub.took(ConnectionId(1), usize::MAX);
    hub.flush(NOW, drop);
    got += reader.bytes().len();
    hub.took(ConnectionId(1), usize::MAX);
    hub.flush(NOW, drop);
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
            hub.flush(NOW, drop);
            wire
        })
        .collect();
    join(&mut hub, 9, "writer");
    for wire in &wires {
        wire.take();
    }
    hub.received(ConnectionId(9), &publish(), NOW);
    let mut sent = 0;
    hub.flush(NOW, |observation| {
        if matches!(observation.event, Event::Sent { .. }) {
            sent += 1;
            let served = wires.iter().filter(|wire| !wire.0.borrow().is_empty());
            assert_eq!(served.count(), sent);
        }
    });
    assert_eq!(sent, readers.count());
}

#[test]
fn much_input_asks_for_a_flush() {
    let mut hub = hub();
    join(&mut hub, 1, "a");
    let ping = [0xc0, 0];
    assert!(!hub.received(ConnectionId(1), &ping, NOW));
    assert!(hub.received(ConnectionId(1), &publish().repeat(2), NOW));
    hub.flush(NOW, drop);
    assert!(!hub.received(ConnectionId(1), &ping, NOW));
}

#[test]
fn a_goodbye_is_answered_with_1000() {
    let mut hub = hub();
    let wire = join(&mut hub, 1, "a");
    hub.received(ConnectionId(1), &[0xe0, 0], NOW);
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
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
    hub.flush(NOW, drop);
    assert_eq!(wire.take(), []);
}
