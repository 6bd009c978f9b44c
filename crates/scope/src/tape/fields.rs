//! The fields of a line that is read: each is taken once, must be there, and must be what it is to be; what is left in
//! the end does not belong there.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};
use vitrine_packet::topic;

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

    /// What `read` takes, where it is there.
    pub(crate) fn maybe<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self.map.contains_key(key) {
            true => read(self).map(Some),
            false => Ok(None),
        }
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

    /// A Topic Name.
    pub(crate) fn topic(&mut self, key: &str) -> Result<Rc<str>, String> {
        let name = self.text(key)?;
        check_topic(&name)?;
        Ok(name.into())
    }

    /// A Topic Filter.
    pub(crate) fn filter(&mut self, key: &str) -> Result<Rc<str>, String> {
        let filter = self.text(key)?;
        check_filter(&filter)?;
        Ok(filter.into())
    }

    pub(crate) fn maybe_filter(&mut self, key: &str) -> Result<Option<Rc<str>>, String> {
        self.maybe(key, |fields| fields.filter(key))
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
        .map_err(|error| format!("{:?} is no Topic Name: {}", cut(name), error.kind.words()))
}

pub(crate) fn check_filter(filter: &str) -> Result<(), String> {
    topic::validate_filter(filter).map_err(|error| {
        format!(
            "{:?} is no Topic Filter: {}",
            cut(filter),
            error.kind.words()
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
