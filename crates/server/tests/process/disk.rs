//! A disk that is full: here, a file that may not grow.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::broker::Broker;

fn store(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

/// Fills the disk, stops the broker, and looks whether all is there that was acknowledged.
fn fill(durability: &str) {
    let path = store(&format!("full-{durability}"));
    let flags = [
        "--store",
        path.to_str().unwrap(),
        "--durability",
        durability,
    ];
    let mut broker = Broker::start("trap '' XFSZ; ulimit -f 16384;", &flags);
    broker.drain();
    let mut client = broker.connect("writer");
    let mut kept = 0;
    client.patience(Duration::from_secs(5));
    loop {
        client.retain(&format!("t/{kept}"), &vec![b'x'; 300_000]);
        if client.read().is_none() {
            break;
        }
        kept += 1;
        assert!(kept < 200, "the disk is never full");
    }
    assert!(kept > 0);
    // It is told that this failed; what matters is that it ends.
    broker.stop();

    let mut broker = Broker::start("", &flags);
    broker.drain();
    let mut client = broker.connect("reader");
    client.subscribe("t/#");
    let mut found = Vec::new();
    while found.len() < kept {
        let (first, body) = client.read().expect("a message that was acknowledged");
        if first >> 4 == 3 {
            let length = usize::from(body[0]) << 8 | usize::from(body[1]);
            found.push(String::from_utf8(body[2..2 + length].to_vec()).unwrap());
        }
    }
    for number in 0..kept {
        assert!(found.contains(&format!("t/{number}")), "t/{number}");
    }
    drop(client);
    assert!(broker.stop().success());
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged_and_stops_in_time() {
    fill("batched");
}

#[test]
fn a_full_disk_loses_nothing_with_each_input_committed_by_itself() {
    fill("each");
}
