//! The program `vitrine`: an MQTT broker on TCP, TLS and WebSocket.
//!
//! - `cli`: the commands and their help. `commands/`: what they do.
//! - `settings/`: flags and configuration file. `access`: users and rules. `tls`: certificate and key. `text`: reading such files.
//!   `listen`: addresses. `clock`: the time.
//! - `requests`: what the operator asks of it: signals, the console, a `terminal` that is closed, files that change (`watch`).
//! - `keeper`, `doorkeeper`, `lines`: threads for what takes long: the disk, passwords, the log. `pace`: whether the disk is slow.
//!   `place`: whether the store's file is still where it was.
//! - `host/`: the event loop around the broker. `websocket/`: MQTT over WebSocket, without I/O.
#![forbid(unsafe_code)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of systems and libraries have many kinds, of which few matter here"
)]

mod access;
mod cli;
mod clock;
mod commands;
mod doorkeeper;
mod host;
mod keeper;
mod lines;
mod listen;
mod pace;
mod place;
mod requests;
mod settings;
#[cfg(unix)]
mod terminal;
mod text;
mod tls;
mod watch;
mod websocket;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the status tells.
            let _ = writeln!(std::io::stderr(), "vitrine: {error:#}");
            ExitCode::FAILURE
        }
    }
}
