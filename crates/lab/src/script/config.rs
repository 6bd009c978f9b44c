//! The line `broker`: `durable`, `commit=5ms` (how long it takes to make changes durable), `later=100ms` (how long those
//! wait for others on which nothing rests), `early=2ms` (what rests on nothing leaves at once, and those wait so long on which
//! something rests), and any limit and choice of the broker's [`Config`] by its name. What it says of a limit is in [`Config`], with its default.

use alloc::string::String;
use core::time::Duration;

use vitrine_broker::Config;

use super::Setup;
use super::line::Line;
use super::problem::unknown;
use super::value::{Setting, Value, write_duration};
use super::words::Word;

/// Names, and how they are read and written.
macro_rules! limits {
    ($($name:ident from $least:literal,)* ; $($choice:ident,)*) => {
        const KEYS: &[&str] = &["durable", "commit", "later", "early", $(stringify!($name),)* $(stringify!($choice),)*];

        fn set(config: &mut Config, key: &str, setting: &Setting<'_>) -> Result<bool, String> {
            match key {
                $(stringify!($name) => {
                    setting.number($least, u32::MAX.into())?;
                    config.$name = Value::read(setting)?;
                })*
                $(stringify!($choice) => config.$choice = Value::read(setting)?,)*
                _ => return Ok(false),
            }
            Ok(true)
        }

        fn put(config: &Config, default: &Config, line: &mut Line) {
            $(line.unless(stringify!($name), &config.$name, &default.$name);)*
            $(line.unless(stringify!($choice), &config.$choice, &default.$choice);)*
        }
    };
}

limits! {
    max_connections from 0,
    max_sessions from 0,
    max_packet_size from 16,
    max_packets_per_second from 0,
    max_early_bytes from 0,
    max_keep_alive from 1,
    max_session_expiry from 0,
    max_client_id from 23,
    max_in_flight from 1,
    receive_maximum from 1,
    max_queued_messages from 0,
    max_queued_bytes from 0,
    max_queued_bytes_total from 0,
    max_unsent_bytes from 0,
    max_unsent_bytes_total from 0,
    max_unsent_control_bytes from 0,
    max_partial_bytes_total from 0,
    max_unreleased_total from 0,
    max_will_bytes_total from 0,
    max_retained_messages from 0,
    max_retained_bytes from 0,
    max_retained_levels from 0,
    max_subscriptions from 0,
    max_subscriptions_total from 0,
    max_shared_subscriptions from 0,
    max_shared_per_filter from 0,
    max_subscription_bytes from 0,
    max_subscription_levels_total from 0,
    max_filters_per_subscribe from 1,
    max_topic_levels from 1,
    topic_alias_maximum from 0,
    max_alias_bytes from 0,
    route_cache from 0,
    max_observations from 0,
    ;
    connect_timeout,
    linger,
    publisher_pause,
    sys_interval,
    allow_empty_client_id,
    maximum_qos,
    retain_available,
    wildcard_subscription_available,
    subscription_identifiers_available,
    shared_subscription_available,
    check_payload_format,
    response_information,
    version,
}

/// A broker that is brought up to date more often would do nothing else.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// Reads what stands behind `broker`.
pub(super) fn read(words: &[Word], setup: &mut Setup) -> Result<(), String> {
    let Setup {
        config,
        commit,
        later,
        early,
        ..
    } = setup;
    let mut seen: alloc::vec::Vec<&str> = alloc::vec::Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        if seen.contains(&setting.key) {
            return Err(alloc::format!("{} stands there twice", setting.key));
        }
        seen.push(setting.key);
        let key = setting.key.replace('-', "_");
        match &*key {
            "durable" => config.durable = setting.yes()?,
            "commit" => *commit = setting.duration(Duration::ZERO)?,
            "later" => *later = setting.duration(Duration::ZERO)?,
            "early" => *early = Some(setting.duration(Duration::ZERO)?),
            _ if set(config, &key, &setting)? => {}
            _ => return Err(unknown("the limit", &key, KEYS.iter().copied())),
        }
    }
    if !config.sys_interval.is_zero() && config.sys_interval < LEAST_INTERVAL {
        return Err("sys_interval must be 0s (none) or at least 100ms".into());
    }
    Ok(())
}

/// Writes the line; none where all is as without it.
pub(super) fn write(setup: &Setup) -> Option<String> {
    let mut line = Line::of("broker");
    line.when(setup.config.durable, "durable");
    line.unless("commit", &setup.commit, &Duration::ZERO);
    line.unless("later", &setup.later, &Duration::ZERO);
    if let Some(early) = setup.early {
        line.key("", "early", &write_duration(early));
    }
    put(&setup.config, &Config::default(), &mut line);
    let line = line.finish();
    (line != "broker").then_some(line)
}
