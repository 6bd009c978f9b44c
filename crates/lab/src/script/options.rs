//! What a client connects with. Keys, and what holds where they are left out:
//!
//! - `version=5.0` (or `3.1.1`, `3.1`), `id=` (the client's name), `clean=yes`, `expiry=0` (seconds, or `never`),
//!   `keep-alive=60`, `user=`, `password=`, `property="name=value"` (User Properties), `response-information`,
//!   `problem-information=no`.
//! - The Will: `will=TOPIC`, and with it `will-payload=`, `will-qos=0`, `will-retain`, and properties (`properties`).
//! - `auth=scram` proves the password by SCRAM-SHA-256; `auth=METHOD auth-data=…` names another method.
//! - What it takes: `receive-maximum=65535`, `topic-alias-maximum=0`, `max-packet-size=`. How it behaves:
//!   `max-in-flight=60000`, `aliases=16`, `adopt` (goes on with a Session that it does not know), `max-queued=10000`,
//!   `max-unsent=65536`, `max-unsent-control=1048576`, `max-requests=1000`, `connect-timeout=10s`, `ping-timeout=10s`,
//!   `reconnect=1s..30s` (waits before it comes back by itself) with `reconnect-seed=0`, and in 3.x `resend=5s`.
//! - `no-will`, `no-user` and so on take back what holds otherwise.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_client::{BackOff, Options, Will};
use vitrine_packet::{PropertyBuf, ProtocolVersion, QoS};

use super::line::Line;
use super::properties;
use super::value::{Setting, Value, write_duration, write_seconds};
use crate::scram::METHOD;

/// All keys but those of a Will's properties.
pub(super) const KEYS: [&str; 45] = [
    "version",
    "id",
    "clean",
    "expiry",
    "keep-alive",
    "will",
    "will-payload",
    "will-qos",
    "will-retain",
    "will-delay",
    "will-expiry",
    "will-utf8",
    "will-content-type",
    "will-response-topic",
    "will-correlation",
    "will-property",
    "no-will",
    "user",
    "no-user",
    "password",
    "no-password",
    "auth",
    "auth-data",
    "no-auth",
    "property",
    "no-property",
    "problem-information",
    "response-information",
    "receive-maximum",
    "topic-alias-maximum",
    "max-packet-size",
    "max-in-flight",
    "aliases",
    "adopt",
    "max-queued",
    "max-unsent",
    "max-unsent-control",
    "max-requests",
    "connect-timeout",
    "ping-timeout",
    "reconnect",
    "no-reconnect",
    "reconnect-seed",
    "resend",
    "no-resend",
];

/// So short that no world turns in circles.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// Reads settings over what holds otherwise.
pub(super) struct OptionsReader {
    options: Options,
    will: Option<(Option<Rc<str>>, Will)>,
    properties: Option<Vec<(Rc<str>, Rc<str>)>>,
    auth_data: Option<Rc<[u8]>>,
    seed: Option<u64>,
    resets_will: bool,
}

impl OptionsReader {
    pub(super) fn over(options: &Options) -> Self {
        Self {
            options: options.clone(),
            will: None,
            properties: None,
            auth_data: None,
            seed: None,
            resets_will: false,
        }
    }

    /// Takes in a setting. False where it is none of these.
    pub(super) fn take(&mut self, setting: &Setting<'_>) -> Result<bool, String> {
        let options = &mut self.options;
        match setting.key {
            "version" => {
                options.version = match setting.text()? {
                    "5.0" | "5" => ProtocolVersion::V5,
                    "3.1.1" => ProtocolVersion::V3_1_1,
                    "3.1" => ProtocolVersion::V3_1,
                    other => return Err(format!("version={other}: there are 3.1, 3.1.1 and 5.0")),
                }
            }
            "id" => options.client_id = Value::read(setting)?,
            "clean" => options.clean_start = setting.yes()?,
            "expiry" => options.session_expiry = setting.seconds(u32::MAX)?,
            "keep-alive" => options.keep_alive = setting.seconds(u16::MAX.into())? as u16,
            "user" => options.username = Value::read(setting)?,
            "no-user" if setting.yes()? => options.username = None,
            "password" => options.password = Value::read(setting)?,
            "no-password" if setting.yes()? => options.password = None,
            "auth" => {
                let method = match setting.text()? {
                    "scram" => METHOD,
                    other => other,
                };
                options.authentication = Some((method.into(), Rc::default()));
            }
            "auth-data" => self.auth_data = Value::read(setting)?,
            "no-auth" if setting.yes()? => options.authentication = None,
            "property" => {
                let (name, value) = properties::read_pair(setting)?;
                let list = self.properties.get_or_insert_default();
                list.push((name.into(), value.into()));
            }
            "no-property" if setting.yes()? => self.properties = Some(Vec::new()),
            "problem-information" => options.request_problem_information = setting.yes()?,
            "response-information" => options.request_response_information = setting.yes()?,
            "receive-maximum" => {
                options.receive_maximum = setting.number(1, u16::MAX.into())? as u16;
            }
            "topic-alias-maximum" => options.topic_alias_maximum = Value::read(setting)?,
            "max-packet-size" => {
                let most = Options::default().max_packet_size;
                options.max_packet_size = setting.number(1, most.into())? as u32;
            }
            "max-in-flight" => options.max_in_flight = setting.number(1, 60_000)? as u16,
            "aliases" => options.max_aliases = Value::read(setting)?,
            "adopt" => options.adopt_session = setting.yes()?,
            "max-queued" => options.max_queued_messages = Value::read(setting)?,
            "max-unsent" => options.max_unsent_bytes = Value::read(setting)?,
            "max-unsent-control" => options.max_unsent_control_bytes = Value::read(setting)?,
            "max-requests" => options.max_requests = Value::read(setting)?,
            "connect-timeout" => options.connect_timeout = setting.duration(LEAST_WAIT)?,
            "ping-timeout" => options.ping_timeout = setting.duration(LEAST_WAIT)?,
            "reconnect" => options.reconnect = Some(read_back_off(setting)?),
            "reconnect-seed" => self.seed = Some(setting.number(0, u64::MAX)?),
            "no-reconnect" if setting.yes()? => options.reconnect = None,
            "resend" => options.resend_after = Some(setting.duration(LEAST_WAIT)?),
            "no-resend" if setting.yes()? => options.resend_after = None,
            "no-will" if setting.yes()? => self.resets_will = true,
            "will" => self.will().0 = Value::read(setting)?,
            key => match key.strip_prefix("will-") {
                Some(key) => return self.take_will(key, setting),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    fn will(&mut self) -> &mut (Option<Rc<str>>, Will) {
        self.will.get_or_insert_with(|| {
            let will = Will {
                topic: "".into(),
                payload: Rc::default(),
                qos: QoS::AtMostOnce,
                retain: false,
                properties: PropertyBuf::new(),
            };
            (None, will)
        })
    }

    fn take_will(&mut self, key: &str, setting: &Setting<'_>) -> Result<bool, String> {
        let (_, will) = self.will();
        match key {
            "payload" => will.payload = Value::read(setting)?,
            "qos" => will.qos = setting.qos()?,
            "retain" => will.retain = setting.yes()?,
            _ => return properties::read(key, setting, &mut will.properties),
        }
        Ok(true)
    }

    /// What it came to.
    pub(super) fn finish(self) -> Result<Options, String> {
        let mut options = self.options;
        if self.resets_will {
            options.will = None;
        }
        if let Some((topic, will)) = self.will {
            let Some(topic) = topic else {
                return Err("a Will needs its topic: will=TOPIC".to_string());
            };
            options.will = Some(Will { topic, ..will });
        }
        if let Some(properties) = self.properties {
            options.user_properties = properties;
        }
        if let Some(data) = self.auth_data {
            match &mut options.authentication {
                Some((_, old)) => *old = data,
                None => return Err("auth-data needs its method: auth=METHOD".to_string()),
            }
        }
        if let Some(seed) = self.seed {
            match &mut options.reconnect {
                Some(back_off) => back_off.seed = seed,
                None => return Err("reconnect-seed needs reconnect=1s..30s".to_string()),
            }
        }
        if crate::scram::is_wanted(&options)
            && (options.username.is_none() || options.password.is_none())
        {
            return Err("auth=scram needs user= and password=".to_string());
        }
        Ok(options)
    }
}

fn read_back_off(setting: &Setting<'_>) -> Result<BackOff, String> {
    let text = setting.text()?;
    let (first, most) = text.split_once("..").unwrap_or((text, text));
    let read = |text| super::value::duration(text).map_err(|why| format!("reconnect: {why}"));
    let (first, most) = (read(first)?, read(most)?);
    if first < LEAST_WAIT || most < first {
        return Err("reconnect is the first wait, from 1ms, and the longest: 1s..30s".to_string());
    }
    Ok(BackOff {
        first,
        most,
        seed: 0,
    })
}

/// Writes what differs from what holds otherwise.
pub(super) fn write(line: &mut Line, options: &Options, base: &Options) {
    if options.version != base.version {
        line.key("", "version", options.version.name());
    }
    line.unless("id", &options.client_id, &base.client_id)
        .unless("clean", &options.clean_start, &base.clean_start);
    if options.session_expiry != base.session_expiry {
        line.key("", "expiry", &write_seconds(options.session_expiry));
    }
    line.unless("keep-alive", &options.keep_alive, &base.keep_alive);
    optional(line, "user", &options.username, &base.username);
    optional(line, "password", &options.password, &base.password);
    if options.authentication != base.authentication {
        match &options.authentication {
            None => line.word("no-auth"),
            Some((method, data)) if &**method == METHOD && data.is_empty() => {
                line.key("", "auth", "scram")
            }
            Some((method, data)) => {
                line.bytes("auth", method.as_bytes());
                line.bytes("auth-data", data)
            }
        };
    }
    if options.user_properties != base.user_properties {
        line.when(options.user_properties.is_empty(), "no-property");
        for (name, value) in &options.user_properties {
            line.key("", "property", &properties::write_pair(name, value));
        }
    }
    line.unless(
        "problem-information",
        &options.request_problem_information,
        &base.request_problem_information,
    )
    .unless(
        "response-information",
        &options.request_response_information,
        &base.request_response_information,
    )
    .unless(
        "receive-maximum",
        &options.receive_maximum,
        &base.receive_maximum,
    )
    .unless(
        "topic-alias-maximum",
        &options.topic_alias_maximum,
        &base.topic_alias_maximum,
    )
    .unless(
        "max-packet-size",
        &options.max_packet_size,
        &base.max_packet_size,
    )
    .unless("max-in-flight", &options.max_in_flight, &base.max_in_flight)
    .unless("aliases", &options.max_aliases, &base.max_aliases)
    .unless("adopt", &options.adopt_session, &base.adopt_session)
    .unless(
        "max-queued",
        &options.max_queued_messages,
        &base.max_queued_messages,
    )
    .unless(
        "max-unsent",
        &options.max_unsent_bytes,
        &base.max_unsent_bytes,
    )
    .unless(
        "max-unsent-control",
        &options.max_unsent_control_bytes,
        &base.max_unsent_control_bytes,
    )
    .unless("max-requests", &options.max_requests, &base.max_requests)
    .unless(
        "connect-timeout",
        &options.connect_timeout,
        &base.connect_timeout,
    )
    .unless("ping-timeout", &options.ping_timeout, &base.ping_timeout);
    let reconnects = options.reconnect != base.reconnect;
    if reconnects {
        line.when(options.reconnect.is_none(), "no-reconnect");
    }
    if let Some(BackOff { first, most, seed }) = options.reconnect.filter(|_| reconnects) {
        let waits = format!("{}..{}", write_duration(first), write_duration(most));
        line.key("", "reconnect", &waits);
        if seed != 0 {
            line.key("", "reconnect-seed", &seed.to_string());
        }
    }
    optional(line, "resend", &options.resend_after, &base.resend_after);
    if options.will != base.will {
        write_will(line, options.will.as_ref());
    }
}

/// What may be there or not.
fn optional<T: Value + PartialEq>(line: &mut Line, key: &str, value: &Option<T>, base: &Option<T>) {
    if value == base {
        return;
    }
    match value {
        Some(value) => line.key("", key, &value.write()),
        None => line.word(&format!("no-{key}")),
    };
}

fn write_will(line: &mut Line, will: Option<&Will>) {
    let Some(will) = will else {
        line.word("no-will");
        return;
    };
    line.bytes("will", will.topic.as_bytes());
    if !will.payload.is_empty() {
        line.bytes("will-payload", &will.payload);
    }
    line.unless("will-qos", &will.qos, &QoS::AtMostOnce)
        .when(will.retain, "will-retain");
    properties::write(line, "will-", &will.properties);
}
