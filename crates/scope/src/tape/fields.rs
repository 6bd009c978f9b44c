//! The fields of a line that is read: each is taken once, must be there, and must be what it is to be; what is left in
//! the end does not belong there.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};
use vitrine_broker::{ClientId, ConnectionId, PublicationId};
use vitrine_packet::{ProtocolVersion, QoS, ReasonCode, topic};

/// Numbers are no higher: this is how far every program reads them exactly.
pub(crate) const HIGHEST: u64 = (1 << 53) - 1;
/// Client Identifiers, User Names and the like have no more bytes.
const LONGEST: usize = 65_535;

/// What is not taken yet.
pub(crate) struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    /// Those of a line.
    pub(crate) fn of(line: &str) -> Result<Self, String> {
        match serde_json::from_str(line) {
            Ok(Value::Object(map)) => Ok(Self { map }),
            Ok(_) => Err("is to be a JSON object".into()),
            Err(error) => Err(format!("is no JSON object: {error}")),
        }
    }

    pub(crate) fn of_value(value: Value, key: &str) -> Result<Self, String> {
        match value {
            Value::Object(map) => Ok(Self { map }),
            _ => Err(format!("`{key}` is to be an object")),
        }
    }

    /// All must have been taken.
    pub(crate) fn done(self) -> Result<(), String> {
        match self.map.keys().next() {
            Some(key) => Err(format!("`{}` does not belong there", cut(key))),
            None => Ok(()),
        }
    }

    /// What is there for people only.
    pub(crate) fn ignore(&mut self, key: &str) {
        self.map.remove(key);
    }

    pub(crate) fn maybe_value(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key)
    }

    pub(crate) fn value(&mut self, key: &str) -> Result<Value, String> {
        self.map
            .remove(key)
            .ok_or_else(|| format!("`{key}` is missing"))
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Vec<Value>, String> {
        match self.value(key)? {
            Value::Array(list) => Ok(list),
            _ => Err(format!("`{key}` is to be a list")),
        }
    }

    pub(crate) fn number(&mut self, key: &str) -> Result<u64, String> {
        self.up_to(key, HIGHEST)
    }

    /// A number that is no higher than `highest`.
    pub(crate) fn up_to(&mut self, key: &str, highest: u64) -> Result<u64, String> {
        let value = self.value(key)?;
        (value.as_u64().filter(|number| *number <= highest))
            .ok_or_else(|| format!("`{key}` is to be a number from 0 to {highest}"))
    }

    fn maybe<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self.map.contains_key(key) {
            true => read(self).map(Some),
            false => Ok(None),
        }
    }

    pub(crate) fn u32(&mut self, key: &str) -> Result<u32, String> {
        Ok(self.up_to(key, u32::MAX.into())? as u32)
    }

    pub(crate) fn maybe_u32(&mut self, key: &str) -> Result<Option<u32>, String> {
        self.maybe(key, |fields| fields.u32(key))
    }

    pub(crate) fn signed(&mut self, key: &str) -> Result<i64, String> {
        let value = self.value(key)?;
        (value
            .as_i64()
            .filter(|number| number.unsigned_abs() <= HIGHEST))
        .ok_or_else(|| format!("`{key}` is to be a number"))
    }

    pub(crate) fn flag(&mut self, key: &str) -> Result<bool, String> {
        let value = self.value(key)?;
        value
            .as_bool()
            .ok_or_else(|| format!("`{key}` is to be true or false"))
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<String, String> {
        match self.value(key)? {
            Value::String(text) if text.len() <= LONGEST => Ok(text),
            Value::String(_) => Err(format!("`{key}` is to be at most {LONGEST} bytes long")),
            _ => Err(format!("`{key}` is to be a text")),
        }
    }

    pub(crate) fn maybe_text(&mut self, key: &str) -> Result<Option<Rc<str>>, String> {
        let text = self.maybe(key, |fields| fields.text(key))?;
        Ok(text.map(Rc::from))
    }

    /// Bytes, without a bound of their own: the file has one.
    pub(crate) fn bytes(&mut self, key: &str) -> Result<Rc<[u8]>, String> {
        let bytes = match self.value(key)? {
            Value::String(text) => crate::hex::read(&text),
            _ => None,
        };
        let bytes = bytes
            .ok_or_else(|| format!("`{key}` is to be bytes as hexadecimal digits, two for each"))?;
        Ok(bytes.into())
    }

    pub(crate) fn connection(&mut self) -> Result<ConnectionId, String> {
        self.number("connection").map(ConnectionId)
    }

    pub(crate) fn publication(&mut self) -> Result<PublicationId, String> {
        self.number("publication").map(PublicationId)
    }

    pub(crate) fn maybe_publication(&mut self) -> Result<Option<PublicationId>, String> {
        self.maybe("publication", Self::publication)
    }

    pub(crate) fn client(&mut self, key: &str) -> Result<ClientId, String> {
        Ok(ClientId::from(self.text(key)?.as_str()))
    }

    pub(crate) fn maybe_client(&mut self, key: &str) -> Result<Option<ClientId>, String> {
        self.maybe(key, |fields| fields.client(key))
    }

    pub(crate) fn qos(&mut self, key: &str) -> Result<QoS, String> {
        let bits = self.up_to(key, 2)? as u8;
        QoS::from_bits(bits).ok_or_else(|| format!("`{key}` is to be 0, 1 or 2"))
    }

    pub(crate) fn version(&mut self) -> Result<ProtocolVersion, String> {
        match self.number("version")? {
            3 => Ok(ProtocolVersion::V3_1),
            4 => Ok(ProtocolVersion::V3_1_1),
            5 => Ok(ProtocolVersion::V5),
            _ => Err("`version` is to be 3, 4 or 5".into()),
        }
    }

    pub(crate) fn reason(&mut self) -> Result<ReasonCode, String> {
        let code = self.up_to("reason", 255)? as u8;
        ReasonCode::from_u8(code).ok_or_else(|| format!("{code} is no Reason Code"))
    }

    pub(crate) fn maybe_reason(&mut self) -> Result<Option<ReasonCode>, String> {
        self.maybe("reason", Self::reason)
    }

    pub(crate) fn topic(&mut self) -> Result<Rc<str>, String> {
        let name = self.text("topic")?;
        check_topic(&name)?;
        Ok(name.into())
    }

    pub(crate) fn filter(&mut self) -> Result<Rc<str>, String> {
        let filter = self.text("filter")?;
        check_filter(&filter)?;
        Ok(filter.into())
    }

    pub(crate) fn maybe_filter(&mut self) -> Result<Option<Rc<str>>, String> {
        self.maybe("filter", Self::filter)
    }

    /// One of the words that `known` knows.
    pub(crate) fn word<T>(
        &mut self,
        key: &str,
        known: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, String> {
        let word = self.text(key)?;
        known(&word).ok_or_else(|| format!("`{key}` is not known: {:?}", cut(&word)))
    }
}

pub(crate) fn check_topic(name: &str) -> Result<(), String> {
    topic::validate_name(name)
        .map_err(|error| format!("{:?} is no Topic Name: {}", cut(name), error.kind.code()))
}

pub(crate) fn check_filter(filter: &str) -> Result<(), String> {
    topic::validate_filter(filter).map_err(|error| {
        format!(
            "{:?} is no Topic Filter: {}",
            cut(filter),
            error.kind.code()
        )
    })
}

/// The beginning of a text that somebody else wrote, short enough for an error.
pub(crate) fn cut(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
