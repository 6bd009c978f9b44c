//! The log must not be able to stop the broker.

use crate::broker::Broker;

/// More lines than any pipe holds.
const CLIENTS: usize = 800;

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
