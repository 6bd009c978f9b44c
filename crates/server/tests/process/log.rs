//! What the log says, and that it cannot stop the broker.

use std::io::{Read, Write};

use crate::broker::Broker;

/// More lines than any pipe holds.
const CLIENTS: usize = 800;

/// Stops the broker. Gives what its log said that the test did not take.
fn last_words(mut broker: Broker) -> String {
    let mut log = broker.log.take().unwrap();
    assert!(broker.stop().success());
    let mut told = String::new();
    log.read_to_string(&mut told).unwrap();
    told
}

#[test]
fn a_limit_that_is_reached_is_told_once() {
    let broker = Broker::start("", &["--max-connections", "1"]);
    let first = broker.connect("first");
    for _ in 0..3 {
        let mut more = broker.ask("127.0.0.1", "more", None);
        assert_eq!(more.read(), Some((0x20, vec![0, 3])), "not available");
    }
    drop(first);
    let told = last_words(broker);
    let lines = |words: &str| told.lines().filter(|line| line.contains(words)).count();
    let limit = "a limit was reached: too many connections limit=\"max_connections\" most=1";
    assert_eq!(lines(limit), 1, "{told}");
    let refused = "refused client=more from=127.0.0.1";
    assert_eq!(lines(refused), 3, "{told}");
}

#[test]
fn who_is_refused_without_an_answer_is_told_with_the_address() {
    let broker = Broker::start("", &["--max-topic-levels", "1"]);
    let mut stream = broker.knock();
    // A Will for a/b: before 5.0 no return code says what is wrong with that.
    let connect = b"\x10\x15\0\x04MQTT\x04\x06\0\0\0\x01c\0\x03a/b\0\x01x";
    stream.write_all(connect).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let told = last_words(broker);
    assert!(told.contains("refused client=c from=127.0.0.1"), "{told}");
}

#[test]
fn a_packet_that_is_too_large_is_told_as_that() {
    let broker = Broker::start("", &["--max-packet-size", "100"]);
    let mut client = broker.connect("c");
    client.publish("t", &[0; 100]);
    assert_eq!(client.read(), None);
    let told = last_words(broker);
    assert!(told.contains("larger than max_packet_size"), "{told}");
}

#[test]
fn a_log_that_nobody_reads_stops_nobody() {
    let broker = Broker::start("", &["--log", "info"]);
    for number in 0..CLIENTS {
        drop(broker.connect(&format!("client-{number}-{}", "x".repeat(40))));
    }
    assert!(broker.stop().success());
}

#[test]
fn a_log_that_is_gone_stops_nobody() {
    let mut broker = Broker::start("", &["--log", "info"]);
    broker.log = None;
    for number in 0..10 {
        drop(broker.connect(&format!("client-{number}")));
    }
    assert!(broker.stop().success());
}
