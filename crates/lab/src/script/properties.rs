//! Properties of a PUBLISH, or of a Will with `will-` in front: `utf8` (Payload Format Indicator), `expiry=60`,
//! `content-type=…`, `response-topic=…`, `correlation=…`, `property="name=value"` (as often as wanted), and for a Will
//! also `delay=5s`. They are sent in the order in which they stand.

use alloc::format;
use alloc::string::String;

use vitrine_packet::{Property, PropertyBuf};

use super::line::Line;
use super::value::{Setting, write_seconds};
use super::words::quote_value;

/// Their keys.
pub(super) const KEYS: [&str; 7] = [
    "utf8",
    "expiry",
    "content-type",
    "response-topic",
    "correlation",
    "property",
    "delay",
];

/// Adds what a setting says; `key` is one of [`KEYS`]. False where it is none.
pub(super) fn read(
    key: &str,
    setting: &Setting<'_>,
    properties: &mut PropertyBuf,
) -> Result<bool, String> {
    let pair;
    let property = match key {
        "utf8" => Property::PayloadFormatIndicator(setting.yes()?.into()),
        "expiry" => Property::MessageExpiryInterval(setting.seconds(u32::MAX)?),
        "content-type" => Property::ContentType(setting.text()?),
        "response-topic" => Property::ResponseTopic(setting.text()?),
        "correlation" => Property::CorrelationData(setting.bytes()?),
        "property" => {
            pair = read_pair(setting)?;
            Property::UserProperty(&pair.0, &pair.1)
        }
        "delay" => Property::WillDelayInterval(setting.seconds(u32::MAX)?),
        _ => return Ok(false),
    };
    properties
        .push(property)
        .map_err(|_| format!("{} is longer than 65,535 bytes", setting.key))?;
    Ok(true)
}

/// `name=value`; a `=` or `\` in the name has a `\` before it.
pub(super) fn read_pair(setting: &Setting<'_>) -> Result<(String, String), String> {
    let text = setting.text()?;
    let mut name = String::new();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '=' => return Ok((name, signs.as_str().into())),
            '\\' => name.extend(signs.next()),
            sign => name.push(sign),
        }
    }
    let key = setting.key;
    Err(format!(
        "{key} wants a name and a value: {key}=\"name=value\""
    ))
}

/// A name and a value, as [`read_pair`] reads them.
pub(super) fn write_pair(name: &str, value: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('=', "\\=");
    quote_value(format!("{name}={value}").as_bytes())
}

/// Writes all that have a form, with `prefix` before their keys.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no PUBLISH of a client and no Will carries the others"
)]
pub(super) fn write(line: &mut Line, prefix: &str, properties: &PropertyBuf) {
    for property in properties.as_properties().iter() {
        match property {
            Property::PayloadFormatIndicator(0) => line.key(prefix, "utf8", "no"),
            Property::PayloadFormatIndicator(_) => line.word(&format!("{prefix}utf8")),
            Property::MessageExpiryInterval(seconds) => {
                line.key(prefix, "expiry", &write_seconds(seconds))
            }
            Property::ContentType(text) => {
                line.key(prefix, "content-type", &quote_value(text.as_bytes()))
            }
            Property::ResponseTopic(text) => {
                line.key(prefix, "response-topic", &quote_value(text.as_bytes()))
            }
            Property::CorrelationData(data) => line.key(prefix, "correlation", &quote_value(data)),
            Property::UserProperty(name, value) => {
                line.key(prefix, "property", &write_pair(name, value))
            }
            Property::WillDelayInterval(seconds) => {
                line.key(prefix, "delay", &write_seconds(seconds))
            }
            _ => line,
        };
    }
}
