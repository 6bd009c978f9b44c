//! Clients with user names and passwords.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::broker::Broker;

/// A place for a password file, where there is none.
fn place(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("passwords-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).unwrap();
    path.join("passwords")
}

/// Sets a password.
pub(crate) fn set_password(path: &Path, user: &str, password: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    let command = command.arg("passwd").arg(path).args([user, "--stdin"]);
    let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    writeln!(input, "{password}").unwrap();
    drop(input);
    assert!(process.wait().unwrap().success());
}

#[test]
fn who_guesses_passwords_keeps_nobody_else_waiting() {
    let users = place("storm");
    set_password(&users, "ana", "secret");
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

#[test]
fn a_new_password_file_is_for_its_owner_only_whatever_was_left_over() {
    let users = place("fresh");
    let planted = users.with_file_name("planted");
    fs::write(&planted, "precious").unwrap();
    symlink(&planted, users.with_file_name("passwords.new")).unwrap();
    set_password(&users, "ana", "secret");
    assert_eq!(fs::read_to_string(&planted).unwrap(), "precious");
    assert!(!fs::symlink_metadata(&users).unwrap().is_symlink());
    assert_eq!(fs::metadata(&users).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_password_file_keeps_its_place_rights_and_owner() {
    let link = place("kept");
    let users = link.with_file_name("real");
    set_password(&users, "ana", "secret");
    fs::set_permissions(&users, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give files away; for others there is no owner to lose.
    let given = std::os::unix::fs::chown(&users, Some(12_345), Some(12_346)).is_ok();
    symlink(&users, &link).unwrap();
    set_password(&link, "bob", "secret");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let now = fs::metadata(&users).unwrap();
    assert_eq!(now.mode() & 0o777, 0o640);
    if given {
        assert_eq!((now.uid(), now.gid()), (12_345, 12_346));
    }
    let text = fs::read_to_string(&users).unwrap();
    assert!(text.contains("ana:") && text.contains("bob:"), "{text}");
}
