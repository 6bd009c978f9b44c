//! `vitrine broker`.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tracing::level_filters::LevelFilter;
use tracing::{debug, info, warn};
use vitrine_broker::{Access, Broker, Change, Config, PersistentState, Secret};
use vitrine_store::Batch;

use crate::access;
use crate::cli::BrokerArguments;
use crate::clock::Clock;
use crate::host::Host;
use crate::keeper::{self, Kept};
use crate::lines::Lines;
use crate::listen::{Door, Listener, listen};
use crate::settings::{Durability, Level, Settings};
use crate::tls;
use crate::watch::{Files, Sources};
use crate::websocket::Origins;

/// How long the last lines of the log may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Runs the broker until it is told to stop.
///
/// # Errors
/// When settings, files or addresses cannot be used.
pub(crate) fn run(arguments: BrokerArguments) -> Result<()> {
    let settings = arguments.settings.complete(arguments.config.as_ref())?;
    let log = start_log(settings.log.unwrap_or(Level::Info))?;
    let served = serve(&settings, arguments.config);
    log.flush(LAST_LINES);
    served
}

fn serve(settings: &Settings, file: Option<PathBuf>) -> Result<()> {
    let none = |error| anyhow!("the system gives no random number: {error}");
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(none)?;
    let mut config = Config {
        seed: getrandom::u64().map_err(none)?,
        secret: Secret::new(secret),
        ..Config::default()
    };
    if let Some(seconds) = settings.sys_interval {
        config.sys_interval = Duration::from_secs(seconds);
    }
    config.response_information = settings.response_information.clone().map(Into::into);
    settings.limits.apply(&mut config);
    let access = access::Source {
        config: file,
        password_file: settings.password_file.clone(),
        anonymous: settings.anonymous,
    };
    let tls = match (&settings.certificate, &settings.key) {
        (Some(certificate), Some(key)) => Some(tls::Source {
            certificate: certificate.clone(),
            key: key.clone(),
            client_authority: settings.client_authority.clone(),
        }),
        _ => None,
    };
    // Elsewhere there is SIGHUP.
    let watched = settings.watch_files.unwrap_or(cfg!(windows));
    let files = Files::new(Sources::new(access, tls), watched);
    config.access = Rc::new(files.sources.access.read()?);
    for doubt in access::doubts(&config.access) {
        warn!("{doubt}");
    }
    allow_files(&config);
    let listeners = listeners(settings, files.sources.tls.as_ref())?;
    if is_open(&config.access) && listeners.iter().any(|one| is_public(one, settings)) {
        info!(
            "everybody who can reach this machine may publish and read everything; --password-file lets in only users that you name"
        );
    }
    if let Some(unused) = unused(settings) {
        warn!("{unused} is for TLS, and nothing listens for that: add --tls or --wss");
    }
    let (broker, clock, store) = start_broker(settings, config)?;
    let each = settings.durability == Some(Durability::Each);
    let origins = Origins::new(&settings.origin);
    Host::new(broker, clock, listeners, origins, store, each, files)?.run()?;
    info!("stopped");
    Ok(())
}

/// The broker, from what the store holds, where there is one.
fn start_broker(settings: &Settings, mut config: Config) -> Result<(Broker, Clock, Option<Kept>)> {
    let Some(path) = &settings.store else {
        let clock = Clock::after(&PersistentState::default());
        return Ok((Broker::new(config, clock.now()), clock, None));
    };
    let (mut store, state) = keeper::open(path, settings.set_store_aside)?;
    let clock = Clock::after(&state);
    if let Some(differs) = clock.differs() {
        warn!(
            "the machine's clock does not fit the times in {}: it went {differs}. It is wrong now, or was before. What the \
             store holds ages on from the latest of these times, as if the broker had not been stopped",
            path.display()
        );
    }
    config.durable = true;
    let mut broker = Broker::restore(config, state, clock.now()).map_err(|error| {
        anyhow!(
            "{} holds what no broker leaves: {error} (--set-store-aside begins without it)",
            path.display()
        )
    })?;
    // Wills and the ends of sessions that fell due meanwhile.
    let mut changes = broker.take_changes();
    changes.push(Change::Clock(clock.reading()));
    store.commit(&Batch::from_changes(changes))?;
    let counts = broker.counts();
    info!(
        sessions = counts.sessions,
        retained = counts.retained,
        "opened {}",
        path.display()
    );
    Ok((broker, clock, Some(store)))
}

fn listeners(settings: &Settings, tls: Option<&tls::Source>) -> Result<Vec<Listener>> {
    let tls = tls.map(tls::Source::read).transpose()?;
    let doors = [
        (Door::Tcp, &settings.tcp),
        (Door::Tls, &settings.tls),
        (Door::Ws, &settings.ws),
        (Door::Wss, &settings.wss),
    ];
    let mut listeners = Vec::new();
    for (door, addresses) in doors {
        for address in addresses {
            listeners.extend(listen(door, address, tls.as_ref())?);
        }
    }
    Ok(listeners)
}

/// Whether everybody may do everything.
fn is_open(access: &Access) -> bool {
    access.anonymous && access.rules.is_empty() && access.default_allow
}

/// Whether others than programs on this machine may connect there, without showing a certificate.
fn is_public(listener: &Listener, settings: &Settings) -> bool {
    let shows_certificate = listener.door.is_tls() && settings.client_authority.is_some();
    !listener.address.ip().is_loopback() && !shows_certificate
}

/// What somebody gave who may think that the broker is reached by TLS.
fn unused(settings: &Settings) -> Option<&'static str> {
    let given = [
        ("--certificate", &settings.certificate),
        ("--key", &settings.key),
        ("--client-authority", &settings.client_authority),
    ];
    let (name, _) = given.into_iter().find(|(_, file)| file.is_some())?;
    (settings.tls.is_empty() && settings.wss.is_empty()).then_some(name)
}

fn start_log(level: Level) -> Result<Lines> {
    let level = match level {
        Level::Off => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let lines = Lines::to(io::stderr()).context("cannot start a thread")?;
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_writer(lines.clone())
        .with_ansi(io::stderr().is_terminal() && shows_colours())
        .init();
    Ok(lines)
}

/// Whether a terminal knows what colours are; on Windows it has to be told that they are meant.
fn shows_colours() -> bool {
    #[cfg(windows)]
    return anstyle_query::windows::enable_ansi_colors().unwrap_or(false);
    #[cfg(not(windows))]
    true
}

/// Every connection is an open file: as many are asked of the system as the limit of connections needs.
fn allow_files(config: &Config) {
    let wanted = (config.max_connections as u64).saturating_add(100);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(allowed) if allowed < wanted => info!(
            "the system allows {allowed} open files, and so fewer connections than the limit of {}; see `ulimit -n`",
            config.max_connections
        ),
        Ok(_) => {}
        Err(error) => debug!("cannot ask for more open files: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_nobody_is_shown_is_noticed() {
        let mut settings = Settings {
            client_authority: Some("clients.pem".into()),
            ..Settings::default()
        };
        assert_eq!(unused(&settings), Some("--client-authority"));
        settings.wss = vec!["*".into()];
        assert_eq!(unused(&settings), None);
        assert_eq!(unused(&Settings::default()), None);
    }
}
