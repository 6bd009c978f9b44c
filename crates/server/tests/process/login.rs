//! Clients with user names and passwords.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::broker::Broker;

/// Makes a password file with one user.
fn password_file(name: &str, user: &str, password: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    let command = command.arg("passwd").arg(&path).args([user, "--stdin"]);
    let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    writeln!(input, "{password}").unwrap();
    drop(input);
    assert!(process.wait().unwrap().success());
    path
}

#[test]
fn who_guesses_passwords_keeps_nobody_else_waiting() {
    let users = password_file("storm", "ana", "secret");
    let flags = ["--password-file", users.to_str().unwrap()];
    let broker = Broker::start("", &flags);
    let stranger = |number| {
        let client = format!("stranger-{number}");
        broker.ask("127.0.0.2", &client, Some(["ana", "guess"]))
    };
    let strangers: Vec<_> = (0..60).map(stranger).collect();
    let mut ana = broker.ask("127.0.0.1", "ana", Some(["ana", "secret"]));
    assert_eq!(ana.read(), Some((0x20, vec![0, 0])));
    let answered = strangers.iter().filter(|one| one.has_answer()).count();
    assert!(answered < 50, "{answered} were before");
}
