//! The program `vitrine`: an MQTT broker on TCP, TLS and WebSocket.
//!
//! - `cli`: the commands and their help. `commands/`: what they do.
//! - `settings/`: flags and configuration file. `listen`, `tls`, `access`, `clock`: what the world gives.
//! - `keeper`, `doorkeeper`: threads for what takes long, the disk and passwords.
//! - `host/`: the event loop around the broker. `websocket/`: MQTT over WebSocket, without I/O.
#![forbid(unsafe_code)]
// The errors of systems and libraries have many kinds, of which few matter here.
#![allow(clippy::wildcard_enum_match_arm)]

mod access;
mod cli;
mod clock;
mod commands;
mod doorkeeper;
mod host;
mod keeper;
mod listen;
mod settings;
mod tls;
mod websocket;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vitrine: {error:#}");
            ExitCode::FAILURE
        }
    }
}
