//! A publisher that is faster than those who receive.

use std::thread;
use std::time::Duration;

use crate::broker::Broker;

/// Far more than waits for one connection before QoS 0 messages to it are discarded.
const MESSAGES: usize = 640;
const SIZE: usize = 64 << 10;

/// The publisher's socket is not read while the receiver, who goes on reading, has too much before him.
#[test]
fn a_fast_publisher_is_slowed_down_before_anything_is_discarded() {
    // So long that even a machine with much else to do reads faster than the publisher may write meanwhile.
    let mut broker = Broker::start("", &["--publisher-pause", "500"]);
    broker.drain();
    let mut receiver = broker.connect("receiver");
    receiver.subscribe("t");
    assert_eq!(receiver.read(), Some((0x90, vec![0, 1, 0])));
    let mut publisher = broker.connect("publisher");
    let sending = thread::spawn(move || {
        let payload = vec![b'x'; SIZE];
        (0..MESSAGES).for_each(|_| publisher.publish("t", &payload));
        publisher
    });
    for number in 0..MESSAGES {
        let Some((first, body)) = receiver.read() else {
            panic!("{number} of {MESSAGES} messages came");
        };
        assert_eq!((first, body.len()), (0x30, 3 + SIZE));
        thread::sleep(Duration::from_millis(2));
    }
    drop(sending.join().unwrap());
}
