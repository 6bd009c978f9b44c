//! Files as people write them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::broker::Broker;
use crate::login::set_password;
use crate::place::wait_for;

fn vitrine(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    command.current_dir(folder).args(arguments);
    command
}

/// A folder with nothing in it.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).unwrap();
    path
}

/// Editors on Windows put one in front of what they save as UTF-8.
#[test]
fn a_byte_order_mark_is_skipped() {
    let folder = folder("marked");
    // So does PowerShell in front of what it passes on.
    set_password(&folder.join("users"), "ana", "\u{feff}secret");
    let made = vitrine(&folder, &["certificate"])
        .stdout(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let settings = "tls = '127.0.0.1:0'\ncertificate = 'certificate.pem'\nkey = 'key.pem'\n\
                    [access]\npassword_file = 'users'\n";
    fs::write(folder.join("vitrine.toml"), settings).unwrap();
    for file in ["users", "certificate.pem", "key.pem", "vitrine.toml"] {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("\u{feff}{text}")).unwrap();
    }
    let config = folder.join("vitrine.toml");
    let broker = Broker::start("", &["--config", config.to_str().unwrap()]);
    let mut ana = broker.ask("127.0.0.1", "ana", Some(["ana", "secret"]));
    assert_eq!(ana.read(), Some((0x20, vec![0, 0])));
    let mut bob = broker.ask("127.0.0.1", "bob", None);
    assert_eq!(bob.read(), Some((0x20, vec![0, 5])));
}

/// It is read more than once: who reads it for the second time would find no rules in it.
#[test]
fn a_pipe_is_no_configuration() {
    let folder = folder("pipe");
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.unwrap().success());
    for flag in ["--config", "--password-file"] {
        let broker = vitrine(&folder, &["broker", "--tcp", "127.0.0.1:0", flag, "pipe"]).output();
        let broker = broker.unwrap();
        let told = String::from_utf8(broker.stderr).unwrap();
        assert!(!broker.status.success(), "{told}");
        assert!(told.contains("pipe: it is no regular file"), "{told}");
    }
}

/// As where half of a file was there, or it may not be read for a while: the broker tries again by itself.
#[test]
fn what_could_not_be_read_is_read_as_soon_as_it_can_be() {
    let users = folder("again").join("users");
    fs::write(&users, "").unwrap();
    let flags = [
        "--watch-files",
        "true",
        "--password-file",
        users.to_str().unwrap(),
    ];
    let mut broker = Broker::start("", &flags);
    fs::write(&users, "ana").unwrap();
    wait_for(&mut broker, "What counted before goes on to count");
    // It looks as before.
    let time = fs::metadata(&users).unwrap().modified().unwrap();
    fs::write(&users, "#na").unwrap();
    let file = fs::OpenOptions::new().write(true).open(&users).unwrap();
    file.set_modified(time).unwrap();
    wait_for(&mut broker, "files can be read now: read again");
}
