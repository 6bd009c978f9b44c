//! The addresses that the server listens on.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use mio::net::TcpListener;
use socket2::{Domain, Protocol, Socket, Type};
use tracing::debug;

/// Connections that wait to be accepted, as far as the system allows.
const BACKLOG: i32 = 1_024;

/// What is spoken on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Tcp,
    Tls,
    Ws,
    Wss,
}

impl Door {
    /// The name of its flag and key, which is what the broker and the log call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    pub(crate) const fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    pub(crate) const fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// The port that is meant where an address names none.
    const fn port(self) -> u16 {
        match self {
            Self::Tcp => 1883,
            Self::Tls => 8883,
            Self::Ws => 8083,
            Self::Wss => 8084,
        }
    }

    /// What a client is told to connect to.
    fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "mqtt",
            Self::Tls => "mqtts",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// A socket that listens.
pub(crate) struct Listener {
    pub(crate) door: Door,
    pub(crate) socket: TcpListener,
    pub(crate) address: SocketAddr,
    /// [`Door::name`], as the broker takes it.
    pub(crate) name: Rc<str>,
    /// For TLS.
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    /// There may be connections to accept.
    pub(crate) ready: bool,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.door.is_websocket() {
            "/mqtt"
        } else {
            ""
        };
        write!(f, "{}://{}{path}", self.door.scheme(), self.address)
    }
}

/// Listens on every address that `text` means: `1883`, `127.0.0.1:1883`, `localhost`, `[::1]:1883`, `*:1883`. The last means IPv4 and,
/// where the machine has it, IPv6.
///
/// # Errors
/// When it means none, or one cannot be listened on.
pub(crate) fn listen(
    door: Door,
    text: &str,
    tls: Option<&Arc<rustls::ServerConfig>>,
) -> Result<Vec<Listener>> {
    let listener = |socket: std::net::TcpListener| -> Result<Listener> {
        Ok(Listener {
            door,
            address: socket.local_addr()?,
            socket: TcpListener::from_std(socket),
            name: door.name().into(),
            tls: tls.filter(|_| door.is_tls()).cloned(),
            ready: true,
        })
    };
    let mut listeners = Vec::new();
    for address in addresses(door, text)? {
        let socket = bind(address).map_err(|error| explain(error, door, address))?;
        listeners.push(listener(socket)?);
        if address.ip() == Ipv4Addr::UNSPECIFIED && is_everything(text) {
            // At the same port, also where the system chose it.
            let port = listeners[0].address.port();
            let address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
            match bind(address) {
                Ok(socket) => listeners.push(listener(socket)?),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(explain(error, door, address));
                }
                // A machine without IPv6 is reached by IPv4.
                Err(error) => debug!("no IPv6: {error}"),
            }
        }
    }
    Ok(listeners)
}

/// Whether every address of the machine is meant.
fn is_everything(text: &str) -> bool {
    text.starts_with(['*', ':'])
}

fn addresses(door: Door, text: &str) -> Result<Vec<SocketAddr>> {
    let name = door.name();
    // Perhaps a variable of the shell that was not set: nobody means everybody by that.
    if text.is_empty() {
        bail!(
            "--{name}: the address is empty; write one such as 127.0.0.1:{}, or a port alone",
            door.port()
        );
    }
    if let Ok(address) = text.parse() {
        return Ok(vec![address]);
    }
    if let Ok(port) = text.parse::<u16>() {
        return Ok(vec![([127, 0, 0, 1], port).into()]);
    }
    // The system would take a number for an address of four bytes.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("--{name} {text}: {text:?} is no port; ports go up to 65535");
    }
    if let Ok(ip) = text.trim_matches(['[', ']']).parse() {
        return Ok(vec![SocketAddr::new(ip, door.port())]);
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, port),
            Err(_) => bail!(
                "--{name} {text}: {port:?} is no port; write an address such as 127.0.0.1:{}, or a port alone",
                door.port()
            ),
        },
        None => (text, door.port()),
    };
    if host == "*" || host.is_empty() {
        return Ok(vec![([0, 0, 0, 0], port).into()]);
    }
    let found = (host, port).to_socket_addrs();
    let found: Vec<_> = found
        .with_context(|| format!("--{name} {text}: cannot find the address of {host:?}"))?
        .collect();
    if found.is_empty() {
        bail!("--{name} {text}: {host:?} has no address");
    }
    Ok(found)
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // After a restart connections of before may still linger in the system. On Windows it would mean something else.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Accepted sockets have it from here on Linux; elsewhere they get their own.
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn explain(error: io::Error, door: Door, address: SocketAddr) -> anyhow::Error {
    let name = door.name();
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program listens there already (perhaps another broker); stop it, or choose another port: --{name} {}",
            SocketAddr::new(address.ip(), address.port().saturating_add(1))
        ),
        io::ErrorKind::PermissionDenied => "ports below 1024 need special rights; choose a higher one".to_owned(),
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; 127.0.0.1 is for programs on this machine, 0.0.0.0 for everybody who can reach it"
                .to_owned()
        }
        _ => return anyhow::Error::new(error).context(format!("cannot listen on --{name} {address}")),
    };
    anyhow::anyhow!("cannot listen on --{name} {address}: {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(door: Door, text: &str) -> String {
        let found = addresses(door, text).unwrap();
        assert_eq!(found.len(), 1, "{text}");
        found[0].to_string()
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        assert_eq!(one(Door::Tcp, "1884"), "127.0.0.1:1884");
        assert_eq!(one(Door::Tcp, "10.0.0.1"), "10.0.0.1:1883");
        assert_eq!(one(Door::Wss, "*"), "0.0.0.0:8084");
        assert_eq!(one(Door::Tls, ":99"), "0.0.0.0:99");
        assert_eq!(one(Door::Ws, "[::1]"), "[::1]:8083");
        assert_eq!(one(Door::Ws, "[::1]:80"), "[::1]:80");
    }

    #[test]
    fn a_star_means_both_kinds_of_address_at_one_port() {
        let listeners = listen(Door::Tcp, "*:0", None).unwrap();
        let has_v6 = bind((Ipv6Addr::LOCALHOST, 0).into()).is_ok();
        let kinds: Vec<_> = listeners.iter().map(|one| one.address.is_ipv6()).collect();
        assert_eq!(
            kinds,
            if has_v6 {
                vec![false, true]
            } else {
                vec![false]
            }
        );
        let port = listeners[0].address.port();
        assert!(listeners.iter().all(|one| one.address.port() == port));
        let named = listen(Door::Tcp, "0.0.0.0:0", None).unwrap();
        assert_eq!(named.len(), 1);
    }

    #[test]
    fn another_port_is_proposed_as_it_is_written() {
        let taken = |address: &str| {
            let error = io::ErrorKind::AddrInUse.into();
            explain(error, Door::Tcp, address.parse().unwrap()).to_string()
        };
        assert!(taken("127.0.0.1:1883").ends_with("--tcp 127.0.0.1:1884"));
        assert!(taken("[::1]:1883").ends_with("--tcp [::1]:1884"));
    }

    #[test]
    fn what_is_no_address_is_told() {
        let error = addresses(Door::Tcp, "localhost:x").unwrap_err().to_string();
        assert!(error.contains("\"x\" is no port"), "{error}");
        let error = addresses(Door::Tcp, "80000").unwrap_err().to_string();
        assert!(error.contains("\"80000\" is no port"), "{error}");
        let error = addresses(Door::Ws, "").unwrap_err().to_string();
        assert!(error.contains("--ws: the address is empty"), "{error}");
    }
}
