//! More connections than the limit, where refusing one takes more than closing it.

use std::io::{BufRead, Read};
use std::net::TcpStream;

use crate::broker::Broker;

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
