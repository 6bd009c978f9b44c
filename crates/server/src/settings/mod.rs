//! What the server is told to do: by flags, and by a file with the same names. Flags win.

mod file;
mod limits;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde::de::IgnoredAny;
use vitrine_packet::topic::validate_name;

pub(crate) use limits::Limits;
use limits::Seconds;

use crate::websocket::check_origin;

/// Flags of `vitrine broker`, and keys of its file. A key is a flag's name with `_` for `-`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Listen for MQTT on this address; a port alone means this machine only, `*:1883` everybody
    #[arg(
        long,
        value_name = "ADDR",
        help_heading = "Addresses (each may be given several times)"
    )]
    #[serde(deserialize_with = "file::one_or_more")]
    pub(crate) tcp: Vec<String>,
    /// Listen for MQTT over TLS; needs --certificate and --key
    #[arg(
        long,
        value_name = "ADDR",
        help_heading = "Addresses (each may be given several times)"
    )]
    #[serde(deserialize_with = "file::one_or_more")]
    pub(crate) tls: Vec<String>,
    /// Listen for MQTT over WebSocket; any path will do, /mqtt is usual
    #[arg(
        long,
        value_name = "ADDR",
        help_heading = "Addresses (each may be given several times)"
    )]
    #[serde(deserialize_with = "file::one_or_more")]
    pub(crate) ws: Vec<String>,
    /// Listen for MQTT over WebSocket over TLS
    #[arg(
        long,
        value_name = "ADDR",
        help_heading = "Addresses (each may be given several times)"
    )]
    #[serde(deserialize_with = "file::one_or_more")]
    pub(crate) wss: Vec<String>,
    /// Let pages of this origin (https://example.org) connect over WebSocket, and no others; `*` for all. By default a browser on
    /// this machine may connect only from a page of this machine (http://localhost:PORT), so that no site it visits reaches the
    /// broker; browsers elsewhere may connect from any page
    #[arg(
        long,
        value_name = "ORIGIN",
        help_heading = "Addresses (each may be given several times)"
    )]
    #[serde(deserialize_with = "file::one_or_more")]
    pub(crate) origin: Vec<String>,

    /// The server's certificate and its chain, in PEM format; `vitrine certificate` makes one to try
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub(crate) certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM format
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub(crate) key: Option<PathBuf>,
    /// Clients must show a certificate that one of these authorities (PEM) has signed
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub(crate) client_authority: Option<PathBuf>,

    /// Users and their passwords, as `vitrine passwd` writes them; nobody else may connect then, unless --anonymous true
    #[arg(long, value_name = "FILE", help_heading = "Access")]
    #[serde(skip)]
    pub(crate) password_file: Option<PathBuf>,
    /// Whether clients may connect without a user name
    #[arg(long, value_name = "true|false", help_heading = "Access")]
    #[serde(skip)]
    pub(crate) anonymous: Option<bool>,
    /// What a client is told that asks for Response Information: the beginning of topics for answers to it; `%u` is its user,
    /// `%c` its client identifier, and nothing is told to an anonymous client where there is `%u`, nor where a name has / + or #
    #[arg(long, value_name = "TOPIC", help_heading = "Access")]
    pub(crate) response_information: Option<String>,
    /// Read elsewhere, by what reads it again.
    #[arg(skip)]
    pub(crate) access: IgnoredAny,

    /// Keep sessions, subscriptions, messages and wills in this file: they survive a restart and a power cut
    #[arg(long, value_name = "FILE", help_heading = "Store")]
    pub(crate) store: Option<PathBuf>,
    /// When changes are made durable; with a store the default is `batched`
    #[arg(long, value_enum, value_name = "WHEN", help_heading = "Store")]
    pub(crate) durability: Option<Durability>,
    /// When the store cannot be read, move it aside (its file is kept) and begin with an empty one
    #[arg(long, help_heading = "Store")]
    #[serde(skip)]
    pub(crate) set_store_aside: bool,

    /// How often the topics under $SYS are updated while somebody is subscribed to them; 0 for no $SYS [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "Running")]
    pub(crate) sys_interval: Option<u64>,
    /// Read users, rules, certificate and key again within seconds when their files change; the default on Windows, which has no
    /// SIGHUP to ask for it
    #[arg(long, value_name = "true|false", help_heading = "Running")]
    pub(crate) watch_files: Option<bool>,
    /// How much to log on standard error
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Running")]
    pub(crate) log: Option<Level>,

    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// When changes are made durable.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Durability {
    /// Never: the store is not used
    None,
    /// Before they are acknowledged; what comes during one flush of the disk shares the next
    Batched,
    /// Before they are acknowledged, with a flush for each input
    Each,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Nothing
    Off,
    /// What stops the broker
    Error,
    /// What somebody should look at
    Warn,
    /// A line for each client that connects, is refused or disconnects (the default)
    Info,
    /// Connections that never became clients, and why; publications and subscriptions that are refused, and by which rule
    Debug,
    /// Everything
    Trace,
}

impl Settings {
    /// The flags, and what the file says where no flag is given.
    ///
    /// # Errors
    /// When the file cannot be read, or the whole makes no sense.
    pub(crate) fn complete(self, file: Option<&PathBuf>) -> Result<Self> {
        let mut settings = match file {
            None => self,
            Some(path) => self.over(file::read(path)?),
        };
        let none = [&settings.tcp, &settings.tls, &settings.ws, &settings.wss]
            .iter()
            .all(|list| list.is_empty());
        if none {
            settings.tcp = vec!["127.0.0.1:1883".into()];
            settings.ws = vec!["127.0.0.1:8083".into()];
        }
        let wants_tls = !settings.tls.is_empty() || !settings.wss.is_empty();
        if wants_tls && (settings.certificate.is_none() || settings.key.is_none()) {
            bail!(
                "TLS needs --certificate FILE and --key FILE (`certificate` and `key` in the file). To try it out, make both \
                 with: vitrine certificate"
            );
        }
        settings
            .origin
            .iter()
            .try_for_each(|origin| check_origin(origin))?;
        let limits = &settings.limits;
        let nothing = [
            ("max_connections", limits.max_connections == Some(0)),
            ("max_packet_size", limits.max_packet_size == Some(0)),
            ("max_in_flight", limits.max_in_flight == Some(0)),
            ("receive_maximum", limits.receive_maximum == Some(0)),
            (
                "connect_timeout",
                limits.connect_timeout == Some(Seconds(0)),
            ),
            ("max_topic_levels", limits.max_topic_levels == Some(0)),
            (
                "max_unsent_control_bytes",
                limits.max_unsent_control_bytes == Some(0),
            ),
            (
                "max_partial_bytes_total",
                limits.max_partial_bytes_total == Some(0),
            ),
        ];
        if let Some((name, _)) = nothing.iter().find(|(_, is_zero)| *is_zero) {
            bail!("with {name} 0 no client could do anything; leave it out, or give it at least 1");
        }
        if limits.max_client_id.is_some_and(|most| most < 23) {
            bail!(
                "max_client_id is at least 23: a client identifier may be as long as that [MQTT-3.1.3-5]"
            );
        }
        if let Some(text) = &settings.response_information
            && let Err(error) = validate_name(text)
        {
            bail!("response_information begins topics, which {text:?} cannot: {error}");
        }
        match (settings.durability, &settings.store) {
            (Some(Durability::None), _) => settings.store = None,
            (Some(_), None) => bail!("--durability needs a file to keep things in: --store FILE"),
            _ => {}
        }
        Ok(settings)
    }

    /// These, and the others where these say nothing.
    fn over(self, other: Self) -> Self {
        let list = |these: Vec<String>, others| if these.is_empty() { others } else { these };
        Self {
            tcp: list(self.tcp, other.tcp),
            tls: list(self.tls, other.tls),
            ws: list(self.ws, other.ws),
            wss: list(self.wss, other.wss),
            origin: list(self.origin, other.origin),
            certificate: self.certificate.or(other.certificate),
            key: self.key.or(other.key),
            client_authority: self.client_authority.or(other.client_authority),
            password_file: self.password_file,
            anonymous: self.anonymous,
            response_information: self.response_information.or(other.response_information),
            access: IgnoredAny,
            store: self.store.or(other.store),
            durability: self.durability.or(other.durability),
            set_store_aside: self.set_store_aside,
            sys_interval: self.sys_interval.or(other.sys_interval),
            watch_files: self.watch_files.or(other.watch_files),
            log: self.log.or(other.log),
            limits: self.limits.over(other.limits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_leave_nothing_are_refused() {
        let mut settings = Settings::default();
        settings.limits.receive_maximum = Some(0);
        let error = settings.clone().complete(None).unwrap_err().to_string();
        assert!(error.contains("receive_maximum"), "{error}");
        settings.limits.receive_maximum = Some(1);
        assert!(settings.clone().complete(None).is_ok());
        settings.limits.connect_timeout = Some(Seconds(0));
        let error = settings.clone().complete(None).unwrap_err().to_string();
        assert!(error.contains("connect_timeout"), "{error}");
        settings.limits.connect_timeout = Some(Seconds(1));
        settings.limits.max_client_id = Some(22);
        let error = settings.clone().complete(None).unwrap_err().to_string();
        assert!(error.contains("max_client_id is at least 23"), "{error}");
        settings.limits.max_client_id = Some(23);
        assert!(settings.complete(None).is_ok());
    }

    #[test]
    fn response_information_begins_a_topic() {
        for (text, is_one) in [("answers/%u/%c/", true), ("answers/#", false), ("", false)] {
            let settings = Settings {
                response_information: Some(text.into()),
                ..Settings::default()
            };
            let complete = settings.complete(None);
            assert_eq!(complete.is_ok(), is_one, "{text}");
            if let Err(error) = complete {
                let error = error.to_string();
                assert!(error.contains("response_information"), "{error}");
            }
        }
    }
}
