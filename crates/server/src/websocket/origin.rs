//! Which pages may connect.
//!
//! A browser lets every page open a WebSocket to any address, even to a broker that listens for this machine only: without a check,
//! each site that a developer visits could read and write there. So a browser on this machine may connect only from a page of this
//! machine, unless the operator says which pages are welcome. Programs that are no browsers name no origin.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use anyhow::{Result, bail};

/// Whether a setting can let a page in: what is no origin would never be what a browser says.
///
/// # Errors
/// When it cannot; says how an origin is written.
pub(crate) fn check(origin: &str) -> Result<()> {
    let bare = origin.strip_suffix('/').unwrap_or(origin);
    let is_origin = bare.split_once("://").is_some_and(|(scheme, host)| {
        !scheme.is_empty()
            && !host.is_empty()
            && !host.contains(|c: char| c.is_whitespace() || "/?#@*".contains(c))
    });
    if is_origin || ["*", "null"].contains(&origin) {
        return Ok(());
    }
    bail!(
        "--origin {origin}: this is no origin; write one as browsers do, such as https://example.org or http://example.org:8080, \
         `null` for pages opened from files, or `*` for all pages"
    )
}

/// An origin as browsers say it: without the usual port.
fn as_said(origin: &str) -> String {
    let origin = origin.trim_end_matches('/').to_ascii_lowercase();
    for (scheme, port) in [("http://", ":80"), ("https://", ":443")] {
        if origin.starts_with(scheme)
            && let Some(short) = origin.strip_suffix(port)
        {
            return short.to_owned();
        }
    }
    origin
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origins {
    /// Pages from anywhere.
    Any,
    /// Pages from this machine.
    Local,
    /// Pages of these origins, as browsers write them: scheme, host, and the port if it is not the usual one.
    These(Rc<[String]>),
}

impl Origins {
    /// What the setting says; `None` where it says nothing.
    pub(crate) fn new(listed: &[String]) -> Option<Self> {
        if listed.is_empty() {
            return None;
        }
        if listed.iter().any(|origin| origin == "*") {
            return Some(Self::Any);
        }
        Some(Self::These(listed.iter().map(|one| as_said(one)).collect()))
    }

    /// Who may connect from an address when no setting says it.
    pub(crate) fn from(peer: IpAddr) -> Self {
        if peer.to_canonical().is_loopback() {
            Self::Local
        } else {
            Self::Any
        }
    }

    /// Whether a page of this origin may connect.
    pub(crate) fn allow(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Local => is_local(origin),
            Self::These(listed) => listed.iter().any(|one| one.eq_ignore_ascii_case(origin)),
        }
    }
}

/// Whether a page comes from a server on this machine. `null`, which is what a file and a page in a sandbox are, may come from
/// anywhere.
fn is_local(origin: &str) -> bool {
    let after = |scheme| {
        let (head, rest) = origin.split_at_checked(str::len(scheme))?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let Some(authority) = after("http://").or_else(|| after("https://")) else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => authority,
    };
    if let Some(ip) = host.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')) {
        return ip.parse().is_ok_and(|ip: Ipv6Addr| ip.is_loopback());
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return ip.is_loopback();
    }
    // Browsers never ask the network for these names.
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_local_and_no_others() {
        for origin in [
            "http://localhost",
            "http://localhost:5173",
            "HTTPS://LocalHost:8443",
            "http://app.localhost:3000",
            "http://127.0.0.1:8080",
            "http://127.1.2.3",
            "https://[::1]:8443",
        ] {
            assert!(Origins::Local.allow(origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "file://",
            "http://",
            "https://example.org",
            "http://localhost.example.org",
            "http://notlocalhost",
            "http://127.0.0.1.example.org",
            "http://example.org:80@localhost.example",
            "http://192.168.1.2:8080",
            "http://[::2]",
            "https://example.org#http://localhost",
            "chrome-extension://localhost",
            "http\u{fffd}://localhost",
        ] {
            assert!(!Origins::Local.allow(origin), "{origin}");
        }
    }

    #[test]
    fn listed_origins_are_the_only_ones() {
        let listed = Origins::new(&["https://a.example".into(), "http://b.example:81/".into()]);
        let listed = listed.unwrap();
        assert!(listed.allow("https://A.example"));
        assert!(listed.allow("http://b.example:81"));
        assert!(!listed.allow("http://a.example"));
        assert!(!listed.allow("http://localhost"));
        assert!(Origins::new(&["*".into()]).unwrap().allow("null"));
        assert_eq!(Origins::new(&[]), None);
    }

    #[test]
    fn the_usual_port_is_left_out_as_browsers_do() {
        for (listed, said) in [
            ("https://example.org:443", "https://example.org"),
            ("HTTPS://Example.org:443/", "https://example.org"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://example.org:443", "http://example.org:443"),
            ("https://example.org:80", "https://example.org:80"),
            ("https://example.org:8443", "https://example.org:8443"),
        ] {
            let origins = Origins::new(&[listed.into()]).unwrap();
            assert!(origins.allow(said), "{listed}");
        }
    }

    #[test]
    fn what_no_browser_would_say_is_refused() {
        for origin in [
            "*",
            "null",
            "https://example.org",
            "https://example.org/",
            "http://example.org:8080",
            "http://[::1]:80",
            "chrome-extension://abcdef",
        ] {
            assert!(check(origin).is_ok(), "{origin}");
        }
        for origin in [
            "",
            "example.org",
            "example.org:8080",
            "https://",
            "://example.org",
            "https://example.org/page",
            "https://*.example.org",
            "https://ana@example.org",
            "https://a.example https://b.example",
        ] {
            let error = check(origin).unwrap_err().to_string();
            assert!(error.contains("such as https://example.org"), "{error}");
        }
    }

    #[test]
    fn only_this_machine_is_asked_where_its_pages_come_from() {
        let of = |ip: &str| Origins::from(ip.parse().unwrap());
        assert_eq!(of("127.0.0.1"), Origins::Local);
        assert_eq!(of("::ffff:127.0.0.1"), Origins::Local);
        assert_eq!(of("::1"), Origins::Local);
        assert_eq!(of("192.168.1.7"), Origins::Any);
    }
}
