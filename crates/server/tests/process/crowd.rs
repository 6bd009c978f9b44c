//! More connections than the limit, where refusing one takes more than closing it.

use std::io::{BufRead, Read};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::broker::Broker;
use crate::place::wait_for;

/// Refused ones that wait for their peers to close would use up the files that the broker may open.
#[test]
fn connections_past_the_limit_take_no_place_at_any_door() {
    let flags = ["--ws", "127.0.0.1:0", "--max-connections", "1"];
    let mut broker = Broker::start("ulimit -n 140;", &flags);
    let log = broker.log.as_mut().unwrap();
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    let (_, address) = line.split_once("ws://").unwrap();
    let address = address.trim().trim_end_matches("/mqtt");
    let first = broker.connect("first");
    let mut crowd: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for one in &mut crowd {
        assert!(!matches!(one.read(&mut [0]), Ok(1..)));
    }
    drop(first);
    let mut log = broker.log.take().unwrap();
    assert!(broker.stop().success());
    let mut told = String::new();
    log.read_to_string(&mut told).unwrap();
    assert!(!told.contains("cannot accept"), "{told}");
    drop(crowd);
}

/// The system is asked again and again, which is no reason to tell of it again and again.
#[test]
fn that_no_more_can_be_accepted_is_told_once() {
    let mut broker = Broker::start("ulimit -n 40;", &[]);
    let crowd: Vec<_> = (0..60).map(|_| broker.knock()).collect();
    wait_for(&mut broker, "cannot accept connections for now");
    // For some times that it is tried.
    thread::sleep(Duration::from_secs(1));
    drop(crowd);
    drop(broker.connect("late"));
    let log = broker.log.as_mut().unwrap();
    let mut told = String::new();
    while !told.contains("client=late") {
        assert!(log.read_line(&mut told).unwrap() > 0, "{told}");
    }
    assert!(!told.contains("cannot accept"), "{told}");
}
