//! What a subscriber acknowledged is kept with what comes next, or in a while.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::broker::Broker;

const PUBACK: u8 = 0x40;

/// A subscriber is given a message and acknowledges it; then `meanwhile` passes, the broker is killed, and the subscriber comes
/// back. Gives the first byte of what it is sent before another message.
fn acknowledged(name: &str, meanwhile: impl FnOnce(&Broker)) -> u8 {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    let flags = ["--store", path.to_str().unwrap()];
    let mut broker = Broker::start("", &flags);
    broker.drain();
    let mut subscriber = broker.resume("s", false);
    subscriber.subscribe_with("t", 1);
    assert_eq!(subscriber.read(), Some((0x90, vec![0, 1, 1])));
    let mut publisher = broker.connect("p");
    publisher.retain("t", b"first");
    assert_eq!(publisher.read(), Some((PUBACK, vec![0, 1])));
    let (first, body) = subscriber.read().unwrap();
    assert_eq!((first, &body[5..]), (0x32, &b"first"[..]));
    subscriber.send(PUBACK, &body[3..5]);
    // It has come when something later is answered.
    subscriber.send(0xC0, &[]);
    assert_eq!(subscriber.read(), Some((0xD0, vec![])));
    meanwhile(&broker);
    broker.kill();

    let mut broker = Broker::start("", &flags);
    broker.drain();
    let mut subscriber = broker.resume("s", true);
    let mut publisher = broker.connect("p");
    publisher.retain("t", b"second");
    let (first, _) = subscriber.read().unwrap();
    drop(broker);
    first
}

#[test]
fn an_acknowledgement_is_kept_in_a_while() {
    let first = acknowledged("in-a-while", |_| thread::sleep(Duration::from_millis(700)));
    assert_eq!(first, 0x32, "the message that was acknowledged comes again");
}

#[test]
fn an_acknowledgement_is_kept_with_what_comes_next() {
    let first = acknowledged("with-the-next", |broker| {
        let mut other = broker.connect("o");
        other.retain("o", b"x");
        assert_eq!(other.read(), Some((PUBACK, vec![0, 1])));
    });
    assert_eq!(first, 0x32, "the message that was acknowledged comes again");
}
