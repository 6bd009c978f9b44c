//! A broker in a terminal that its user closes.
#![cfg(target_os = "linux")]

use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::broker::Broker;
use crate::place::wait_for;

/// A terminal's side that a window holds, and the path of the other one.
fn terminal() -> (OwnedFd, String) {
    let window = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&window).unwrap();
    unlockpt(&window).unwrap();
    let path = ptsname(&window, Vec::new()).unwrap();
    (window, path.into_string().unwrap())
}

/// Starts a broker that reads from a terminal. With `controlling` it is one that is told when that is gone.
fn start(path: &str, controlling: bool) -> Broker {
    let flag = if controlling { "--ctty" } else { "" };
    let shell = format!("exec setsid {flag} \"$0\" \"$@\" <{path};");
    Broker::start(&shell, &[])
}

fn hang_up(broker: &Broker) {
    let kill = Command::new("kill")
        .args(["-HUP", &broker.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn a_broker_ends_with_the_terminal_that_it_was_started_in() {
    let (window, path) = terminal();
    let mut broker = start(&path, true);
    // From anybody else the signal asks for something else.
    hang_up(&broker);
    wait_for(&mut broker, "SIGHUP: read again");
    drop(window);
    wait_for(&mut broker, "the terminal is closed: stopping");
    wait_for(&mut broker, "stopped");
    assert!(broker.wait().success());
}

#[test]
fn a_broker_that_its_terminal_does_not_tell_goes_on_without() {
    let (window, path) = terminal();
    let mut broker = start(&path, false);
    drop(window);
    // Nor is that what the signal means which somebody sends later.
    hang_up(&broker);
    wait_for(&mut broker, "SIGHUP: read again");
    drop(broker.connect("client"));
    assert!(broker.stop().success());
}

/// In a container the shell that started the broker may be outside: the system then says 0 for who that is.
#[test]
fn a_broker_starts_where_who_started_it_cannot_be_seen() {
    let apart = [
        "--user",
        "--map-root-user",
        "--pid",
        "--fork",
        "--kill-child",
    ];
    let tried = Command::new("unshare").args(apart).arg("true").status();
    if !tried.is_ok_and(|status| status.success()) {
        return eprintln!("not tested: the system gives no namespace of processes");
    }
    let shell = format!("exec unshare {} \"$0\" \"$@\";", apart.join(" "));
    let broker = Broker::start(&shell, &[]);
    drop(broker.connect("client"));
    broker.kill();
}
