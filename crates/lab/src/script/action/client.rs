//! What a client does by itself: connecting, publishing and the rest; its link and its subscriptions stand beside.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use vitrine_client::Message;
use vitrine_packet::{PacketType, QoS, ReasonCode};

use super::{link, subscribe};
use crate::Action;
use crate::script::options::{self, OptionsReader};
use crate::script::problem::unknown;
use crate::script::value::Setting;
use crate::script::words::Word;
use crate::script::{Setup, properties};

/// What may stand behind a client's name.
pub(super) const VERBS: [&str; 14] = [
    "connect",
    "disconnect",
    "publish",
    "subscribe",
    "unsubscribe",
    "cut",
    "hold",
    "release",
    "line",
    "crash",
    "start",
    "ping",
    "auth",
    "send",
];

/// Reads what stands behind a client's name and `verb`.
pub(super) fn read(
    setup: &Setup,
    node: usize,
    verb: &str,
    words: &[Word],
) -> Result<Action, String> {
    match verb {
        "connect" if words.is_empty() => Ok(Action::Connect(node)),
        "connect" => connect_as(setup, node, words),
        "disconnect" => disconnect(node, words),
        "publish" => publish(node, words),
        "subscribe" => subscribe::subscribe(node, words),
        "unsubscribe" => subscribe::unsubscribe(node, words),
        "cut" => link::cut(node, words),
        "hold" => link::hold(node, words),
        "release" => link::release(node, words),
        "line" => link::line(setup, node, words),
        "send" => match words {
            [word] if word.key.is_none() && !word.bytes.is_empty() => {
                Ok(Action::Send(node, word.bytes[..].into()))
            }
            _ => Err("send wants bytes, such as send \"\\xc0\\x00\"".to_string()),
        },
        "crash" => {
            let memory = flag(words, "crash", "memory")?;
            Ok(Action::CrashClient { node, memory })
        }
        "start" | "ping" | "auth" if !words.is_empty() => {
            Err(format!("{verb} stands alone, without {}", words[0].shown()))
        }
        "start" => Ok(Action::StartClient(node)),
        "ping" => Ok(Action::Ping(node)),
        "auth" => Ok(Action::Authenticate(node)),
        _ => Err(unknown("the action", verb, VERBS)),
    }
}

fn flag(words: &[Word], verb: &str, flag: &str) -> Result<bool, String> {
    match words {
        [] => Ok(false),
        [word] if word.bare() == Some(flag) => Ok(true),
        _ => Err(format!("{verb} stands alone, or with {flag}")),
    }
}

fn connect_as(setup: &Setup, node: usize, words: &[Word]) -> Result<Action, String> {
    let base = &setup.clients[node].options;
    let mut reader = OptionsReader::over(base);
    for setting in Setting::each(words) {
        let setting = setting?;
        if matches!(setting.key, "id" | "version") {
            return Err(format!(
                "{} is decided when the world begins: make it another client",
                setting.key
            ));
        }
        if !reader.take(&setting)? {
            let known = options::KEYS.iter().copied();
            return Err(unknown("the setting", setting.key, known));
        }
    }
    Ok(Action::ConnectAs(node, Box::new(reader.finish()?)))
}

fn disconnect(node: usize, words: &[Word]) -> Result<Action, String> {
    let (mut reason, mut expiry) = (ReasonCode::Success, None);
    for setting in Setting::each(words) {
        let setting = setting?;
        match setting.key {
            "reason" => {
                let code = ReasonCode::from_u8(setting.number(0, 255)? as u8);
                reason = code
                    .filter(|code| code.is_allowed_in(PacketType::Disconnect))
                    .ok_or("a DISCONNECT cannot have this Reason Code: 0x00 and 0x04 are usual")?;
            }
            "expiry" => expiry = Some(setting.seconds(u32::MAX)?),
            key => return Err(unknown("the setting", key, ["reason", "expiry"])),
        }
    }
    Ok(Action::Disconnect(node, reason, expiry))
}

fn publish(node: usize, words: &[Word]) -> Result<Action, String> {
    let wants = || "publish wants a topic and a payload: publish area/10/luz \"21.5\"".to_string();
    let [topic, payload, rest @ ..] = words else {
        return Err(wants());
    };
    let topic = topic.plain().ok_or_else(wants)?;
    let topic = core::str::from_utf8(topic).map_err(|_| "a Topic Name must be UTF-8")?;
    let payload = payload.plain().ok_or_else(wants)?;
    let mut message = Message::new(topic, payload, QoS::AtMostOnce);
    for setting in Setting::each(rest) {
        let setting = setting?;
        match setting.key {
            "qos" => message.qos = setting.qos()?,
            "retain" => message.retain = setting.yes()?,
            key if key != "delay" && properties::read(key, &setting, &mut message.properties)? => {}
            key => {
                let known = properties::KEYS.iter().copied();
                let known = known.filter(|known| *known != "delay");
                return Err(unknown("the setting", key, known.chain(["qos", "retain"])));
            }
        }
    }
    Ok(Action::Publish(node, message))
}
