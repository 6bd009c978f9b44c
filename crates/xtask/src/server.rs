//! A small server for the built page: files of one folder, over HTTP/1.1, to this machine.
//!
//! It answers GET and HEAD and nothing else, never leaves its folder, and tells the browser to ask again each time, so
//! that a rebuilt page is never mixed with an old worker.

mod request;
mod response;

use std::io::{self, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// How long a connection may be idle before it is closed.
const IDLE: Duration = Duration::from_secs(30);

/// A server that runs until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Serves the files of `folder` at `host`; port 0 takes a free one.
    pub(crate) fn start(folder: &Path, host: &str, port: u16) -> Result<Self> {
        let listener = TcpListener::bind((host, port)).with_context(|| {
            format!(
                "cannot listen on {host}:{port}; another port may be free: --port {}",
                port.wrapping_add(1)
            )
        })?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let folder: Arc<Path> = folder
            .canonicalize()
            .with_context(|| format!("{} is not there", folder.display()))?
            .into();
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || accept(&listener, &folder, &stopped));
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// The address to open on this machine.
    pub(crate) fn url(&self) -> String {
        // Browsers grant a secure context to `localhost` and to loopback addresses alike.
        format!("http://{}/", self.reached())
    }

    /// Where this machine reaches it: not every system takes "every address" for one to connect to, and no browser takes it
    /// for a secure context.
    fn reached(&self) -> SocketAddr {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    }

    /// True when only this machine can reach it.
    pub(crate) fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// The address for other machines, such as phones; `None` where there are none, or this machine is in no network.
    pub(crate) fn url_elsewhere(&self) -> Option<String> {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(own_address(address)?);
        }
        (!address.ip().is_loopback()).then(|| format!("http://{address}/"))
    }

    /// Waits for the server's end, which comes with the program's.
    pub(crate) fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.stop.store(true, Ordering::SeqCst);
        // `accept` only looks at the flag when somebody calls.
        if TcpStream::connect(self.reached()).is_ok() {
            let _ = thread.join();
        }
    }
}

/// This machine's address in its network: the one that packets to others would bear. None is sent to find out.
fn own_address(like: SocketAddr) -> Option<IpAddr> {
    // Addresses for documentation, which nobody has.
    let other: IpAddr = match like {
        SocketAddr::V4(_) => Ipv4Addr::new(203, 0, 113, 1).into(),
        SocketAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    let socket = UdpSocket::bind((like.ip(), 0)).ok()?;
    socket.connect((other, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn accept(listener: &TcpListener, folder: &Arc<Path>, stop: &AtomicBool) {
    for stream in listener.incoming() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        // A caller that went away again is no reason to stop serving the others.
        let Ok(stream) = stream else { continue };
        let folder = Arc::clone(folder);
        thread::spawn(move || converse(&stream, &folder));
    }
}

/// Answers the requests of one connection until the browser closes it, is idle, or breaks a rule.
fn converse(stream: &TcpStream, folder: &Path) -> Option<()> {
    stream.set_read_timeout(Some(IDLE)).ok()?;
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = match request::read(&mut reader) {
            Ok(Some(request)) => request,
            Ok(None) => return None,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                response::refuse(400).write(stream, true).ok()?;
                return None;
            }
            Err(_) => return None,
        };
        let answer = response::answer(&request, folder);
        answer.write(stream, request.close).ok()?;
        (&*stream).flush().ok()?;
        if request.close {
            return None;
        }
    }
}

/// The file that a request's path names, or `None` where it names nothing in the folder.
///
/// The path is decoded, must stay inside the folder also when links are followed, and names no hidden file.
fn locate(folder: &Path, path: &str) -> Option<PathBuf> {
    let decoded = request::decode(path)?;
    let relative = decoded.strip_prefix('/')?;
    let mut file = folder.to_path_buf();
    for part in relative.split('/') {
        if part.starts_with('.') || part.contains(['\\', '\0', ':']) {
            return None;
        }
        file.push(part);
    }
    if relative.is_empty() {
        file = folder.join("index.html");
    }
    let file = file.canonicalize().ok()?;
    (file.starts_with(folder) && file.is_file()).then_some(file)
}

#[cfg(test)]
mod tests;
