//! `cargo xtask serve`: build the page, serve it, open it.

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::command;
use crate::page::{self, Mode};
use crate::server::Server;

const PORT: u16 = 8080;

/// `cargo xtask serve [--port N] [--host ADDR] [--no-open] [--dev]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;

    let mut port = PORT;
    let mut host = String::from("127.0.0.1");
    let mut open = true;
    let mut mode = Mode::Release;
    while let Some(arg) = args.next()? {
        match arg {
            Long("port") => port = args.value()?.parse()?,
            Long("host") => host = args.value()?.string()?,
            Long("no-open") => open = false,
            Long("dev") => mode = Mode::Dev,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected().into()),
        }
    }
    println!("Building the page");
    let dist = page::build(mode)?;
    let server = Server::start(&dist, &host, port)?;
    let url = server.url();
    println!("\nVitrine is at {url}\nPress Ctrl+C to stop.");
    if open {
        open_browser(&url);
    }
    server.wait();
    Ok(ExitCode::SUCCESS)
}

/// Asks the desktop to open the address. Without a desktop, or a browser, the printed address has to do.
fn open_browser(url: &str) {
    let has_display = || {
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
    };
    let mut opener = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut cmd = Command::new("cmd");
        cmd.args(["/C", "start", ""]);
        cmd
    } else {
        match command::find(&["xdg-open"]) {
            Some(program) if has_display() => Command::new(program),
            _ => return,
        }
    };
    let _ = opener
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
