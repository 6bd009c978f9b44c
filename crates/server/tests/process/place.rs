//! A store whose file somebody deletes, moves or replaces while the broker runs.

use std::fs;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::broker::{Broker, Client};

fn store(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("place-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).unwrap();
    path.join("store")
}

/// Reads the log up to a line with `text`, which it gives.
pub(crate) fn wait_for(broker: &mut Broker, text: &str) -> String {
    let log = broker.log.as_mut().unwrap();
    loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).unwrap() > 0,
            "it never said {text}"
        );
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn nothing_is_acknowledged_while_the_store_is_not_in_its_place() {
    let path = store("moved");
    let mut broker = Broker::start("", &["--store", path.to_str().unwrap()]);
    let mut client = broker.connect("writer");
    client.retain("t/1", b"x");
    assert_eq!(client.read(), Some((0x40, vec![0, 1])));
    let away = path.with_file_name("away");
    fs::rename(&path, &away).unwrap();
    client.retain("t/2", b"x");
    let line = wait_for(&mut broker, "deleted or moved away");
    assert!(
        line.contains("ERROR") && line.contains("Move the file back"),
        "{line}"
    );
    assert!(!client.has_answer());
    fs::rename(&away, &path).unwrap();
    wait_for(&mut broker, "can be written again");
    client.blocks();
    assert_eq!(client.read(), Some((0x40, vec![0, 1])));
    client.retain("t/3", b"x");
    assert_eq!(client.read(), Some((0x40, vec![0, 1])));
    drop(client);
    assert!(broker.stop().success());
}

/// A store whose broker cannot write to it for a while, and a client of that broker with Keep Alive; `meanwhile` is what it does then.
fn without_store(name: &str, durability: &str, meanwhile: impl FnOnce(&mut Client)) {
    let path = store(name);
    let store = path.to_str().unwrap();
    let mut broker = Broker::start("", &["--store", store, "--durability", durability]);
    let mut writer = broker.connect("writer");
    let mut pinging = broker.keep_alive("pinging", 1);
    pinging.subscribe("now");
    assert_eq!(pinging.read(), Some((0x90, vec![0, 1, 0])));
    let away = path.with_file_name("away");
    fs::rename(&path, &away).unwrap();
    writer.retain("t", b"x");
    wait_for(&mut broker, "deleted or moved away");
    meanwhile(&mut pinging);
    assert!(!writer.has_answer());
    fs::rename(&away, &path).unwrap();
    wait_for(&mut broker, "can be written again");
    writer.blocks();
    assert_eq!(writer.read(), Some((0x40, vec![0, 1])));
    assert_eq!(pinging.ping(), Some((0xD0, vec![])));
    drop((writer, pinging));
    assert!(broker.stop().success());
}

/// It is not their fault, and what asks for nothing to be kept can be done all the same.
#[test]
fn who_asks_for_nothing_to_be_kept_is_served_while_the_store_cannot_be_written() {
    without_store("served", "batched", |client| {
        for _ in 0..6 {
            thread::sleep(Duration::from_millis(500));
            assert_eq!(client.ping(), Some((0xD0, vec![])));
            client.publish("now", b"!");
            assert_eq!(client.read(), Some((0x30, b"\0\x03now!".to_vec())));
        }
    });
}

/// Where nothing is read, those who say something in time are not too late: nobody listens to them.
#[test]
fn nobody_is_late_while_nobody_listens() {
    without_store("deaf", "each", |client| {
        for _ in 0..6 {
            client.send(0xC0, &[]);
            thread::sleep(Duration::from_millis(500));
        }
        assert!(!client.has_answer());
        client.blocks();
    });
}

#[test]
fn a_store_that_was_replaced_is_told_of_and_can_be_copied_back() {
    let path = store("replaced");
    let flags = ["--store", path.to_str().unwrap()];
    let mut broker = Broker::start("", &flags);
    let mut client = broker.connect("writer");
    client.retain("t/1", b"x");
    assert_eq!(client.read(), Some((0x40, vec![0, 1])));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "something else").unwrap();
    client.retain("t/2", b"x");
    let line = wait_for(&mut broker, "replaced by another");
    assert!(!client.has_answer());
    if cfg!(target_os = "linux") {
        let (_, copy) = line.split_once("(cp ").unwrap();
        fs::copy(copy.split_once(' ').unwrap().0, &path).unwrap();
    }
    assert!(!broker.stop().success());
    if cfg!(target_os = "linux") {
        let broker = Broker::start("", &flags);
        let mut client = broker.connect("reader");
        client.subscribe("t/1");
        let mut came = [client.read().unwrap(), client.read().unwrap()];
        came.sort();
        assert_eq!(came[0], (0x31, b"\0\x03t/1x".to_vec()));
    }
}

#[test]
fn a_store_that_was_deleted_is_told_of_at_the_end_at_the_latest() {
    let path = store("deleted");
    let broker = Broker::start("", &["--store", path.to_str().unwrap()]);
    fs::remove_file(&path).unwrap();
    assert!(!broker.stop().success());
}

#[test]
fn a_store_that_is_a_folder_is_told_of_once() {
    let path = store("folder");
    fs::create_dir(&path).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    let command = command.args(["broker", "--tcp", "127.0.0.1:0", "--store"]);
    let ended = command.arg(&path).output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(said.matches("os error").count(), 1, "{said}");
}
