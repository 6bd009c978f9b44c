//! `cargo xtask serve`: build the page, serve it, open it.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::command;
use crate::page::{self, Mode};
use crate::server::Server;

/// The ports tried, in this order, when none is asked for.
const PORTS: std::ops::Range<u16> = 8080..8090;

/// `cargo xtask serve [--port N] [--host ADDR] [--no-open] [--dev]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;

    let mut port = None;
    let mut host = String::from("127.0.0.1");
    let mut open = true;
    let mut mode = Mode::Release;
    while let Some(arg) = args.next()? {
        match arg {
            Long("port") => port = Some(args.value()?.parse()?),
            Long("host") => host = args.value()?.string()?,
            Long("no-open") => open = false,
            Long("dev") => mode = Mode::Dev,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected().into()),
        }
    }
    println!("Building the page");
    let dist = page::build(mode)?;
    let server = start(&dist, &host, port)?;
    let url = server.url();
    println!("\nVitrine is at {url}\nPress Ctrl+C to stop.");
    if !server.is_local() {
        if let Some(url) = server.url_elsewhere() {
            println!("Other machines, phones too, open {url}");
        }
        println!(
            "There it is no secure context: each tab has a broker for itself alone, and nothing survives a reload."
        );
    }
    if open {
        open_browser(&url);
    }
    server.wait();
    Ok(ExitCode::SUCCESS)
}

/// Serves at the port asked for, or at the first free one of ours.
fn start(dist: &Path, host: &str, port: Option<u16>) -> Result<Server> {
    if let Some(port) = port {
        return Server::start(dist, host, port);
    }
    PORTS
        .clone()
        .find_map(|port| Server::start(dist, host, port).ok())
        .map_or_else(|| Server::start(dist, host, PORTS.start), Ok)
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
