//! How values stand in a line: said once for each type, for writing and for reading.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};

use vitrine_broker::{ClientId, ConnectionId, PublicationId, WillInfo};
use vitrine_packet::{ProtocolVersion, QoS, ReasonCode, RetainHandling, SubscriptionOptions};

use crate::kept::Kept;
use crate::tape::fields::Fields;
use crate::tape::line::Line;

/// What can stand in a line under a key.
pub(crate) trait Form: Sized {
    /// Writes it.
    fn write(&self, key: &str, line: &mut Line);

    /// Takes it out of what was read.
    ///
    /// # Errors
    /// When it is not there, or is something else.
    fn read(key: &str, from: &mut Fields) -> Result<Self, String>;
}

/// What has a line of its own: a word for what it is, and fields.
pub(crate) trait Worded: Sized {
    /// Has `begin` begin the line with the word, and writes the fields. `None`, and nothing is begun, for what has no
    /// words.
    fn write(&self, line: &mut Line, begin: impl FnOnce(&mut Line, &str)) -> Option<()>;

    /// Takes the fields of what `word` names; `None` where it names nothing.
    ///
    /// # Errors
    /// When one is not there, or is something else.
    fn read(word: &str, from: &mut Fields) -> Result<Option<Self>, String>;
}

/// Implements [`Worded`] from a table: for each variant its word and its fields, in the order in which they are written.
/// A field is read as its type says, or by the function behind it. What is not in the table stands behind `else`.
macro_rules! lines {
    (@read $from:ident $field:ident) => {
        $crate::tape::form::Form::read(stringify!($field), $from)?
    };
    (@read $from:ident $field:ident by $read:path) => {
        $read($from, stringify!($field))?
    };
    (
        $kind:ident:
        $( $word:literal $variant:ident { $( $field:ident $( by $read:path )? ),* } )*
        else $others:pat => None
    ) => {
        impl $crate::tape::form::Worded for $kind {
            fn write(&self, line: &mut Line, begin: impl FnOnce(&mut Line, &str)) -> Option<()> {
                match self {
                    $( Self::$variant { $( $field ),* } => {
                        begin(line, $word);
                        $( line.put(stringify!($field), $field); )*
                    } )*
                    $others => return None,
                }
                Some(())
            }

            fn read(word: &str, from: &mut Fields) -> Result<Option<Self>, String> {
                Ok(Some(match word {
                    $( $word => Self::$variant {
                        $( $field: lines!(@read from $field $( by $read )?) ),*
                    }, )*
                    _ => return Ok(None),
                }))
            }
        }
    };
}
pub(crate) use lines;

impl Line {
    pub(crate) fn put(&mut self, key: &str, value: &impl Form) -> &mut Self {
        value.write(key, self);
        self
    }
}

impl Fields {
    pub(crate) fn take<T: Form>(&mut self, key: &str) -> Result<T, String> {
        T::read(key, self)
    }
}

/// Left out where there is none.
impl<T: Form> Form for Option<T> {
    fn write(&self, key: &str, line: &mut Line) {
        if let Some(value) = self {
            value.write(key, line);
        }
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.maybe(key, |from| from.take(key))
    }
}

impl Form for bool {
    fn write(&self, key: &str, line: &mut Line) {
        line.flag(key, *self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.flag(key)
    }
}

impl Form for u64 {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, *self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.number(key)
    }
}

impl Form for u32 {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, *self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        Ok(from.up_to(key, Self::MAX.into())? as Self)
    }
}

impl Form for u16 {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, *self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        Ok(from.up_to(key, Self::MAX.into())? as Self)
    }
}

/// No file has one that a tab could not hold.
impl Form for usize {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, *self as u64);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        Ok(from.take::<u32>(key)? as Self)
    }
}

impl Form for i64 {
    fn write(&self, key: &str, line: &mut Line) {
        line.signed(key, *self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.signed(key)
    }
}

impl Form for String {
    fn write(&self, key: &str, line: &mut Line) {
        line.text(key, self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.text(key)
    }
}

impl Form for Rc<str> {
    fn write(&self, key: &str, line: &mut Line) {
        line.text(key, self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.text(key).map(Self::from)
    }
}

/// Hexadecimal digits.
impl Form for Rc<[u8]> {
    fn write(&self, key: &str, line: &mut Line) {
        line.bytes(key, self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.bytes(key)
    }
}

impl Form for ConnectionId {
    fn write(&self, key: &str, line: &mut Line) {
        line.put(key, &self.0);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.take(key).map(Self)
    }
}

impl Form for PublicationId {
    fn write(&self, key: &str, line: &mut Line) {
        line.put(key, &self.0);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        from.take(key).map(Self)
    }
}

impl Form for ClientId {
    fn write(&self, key: &str, line: &mut Line) {
        line.text(key, self);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        Ok(Self::from(from.text(key)?.as_str()))
    }
}

impl Form for QoS {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, self.as_u8());
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        let bits = from.up_to(key, 2)? as u8;
        Self::from_bits(bits).ok_or_else(|| format!("`{key}` is to be 0, 1 or 2"))
    }
}

impl Form for RetainHandling {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, self.as_u8());
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        let bits = from.up_to(key, 2)? as u8;
        Self::from_u8(bits).ok_or_else(|| format!("`{key}` is to be 0, 1 or 2"))
    }
}

/// As a CONNECT says it.
impl Form for ProtocolVersion {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, *self as u8);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        match from.number(key)? {
            3 => Ok(Self::V3_1),
            4 => Ok(Self::V3_1_1),
            5 => Ok(Self::V5),
            _ => Err(format!("`{key}` is to be 3, 4 or 5")),
        }
    }
}

impl Form for ReasonCode {
    fn write(&self, key: &str, line: &mut Line) {
        line.number(key, self.as_u8());
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        let code = from.up_to(key, 255)? as u8;
        Self::from_u8(code).ok_or_else(|| format!("{code} is no Reason Code"))
    }
}

/// Four fields of the line itself, whatever the key.
impl Form for SubscriptionOptions {
    fn write(&self, _: &str, line: &mut Line) {
        line.put("qos", &self.qos)
            .put("no_local", &self.no_local)
            .put("retain_as_published", &self.retain_as_published)
            .put("retain_handling", &self.retain_handling);
    }

    fn read(_: &str, from: &mut Fields) -> Result<Self, String> {
        Ok(Self {
            qos: from.take("qos")?,
            no_local: from.take("no_local")?,
            retain_as_published: from.take("retain_as_published")?,
            retain_handling: from.take("retain_handling")?,
        })
    }
}

/// An object in the line.
impl Form for WillInfo {
    fn write(&self, key: &str, line: &mut Line) {
        let mut will = Line::new();
        will.put("topic", &self.topic)
            .put("payload", &self.payload)
            .put("qos", &self.qos)
            .put("retain", &self.retain)
            .put("delay", &self.delay);
        line.raw(key, &will.finish());
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        let mut fields = Fields::of_value(from.value(key)?, key)?;
        let will = Self {
            topic: fields.topic("topic")?,
            // Files of before do not have it.
            payload: (fields.take::<Option<Rc<[u8]>>>("payload")?).unwrap_or_default(),
            qos: fields.take("qos")?,
            retain: fields.take("retain")?,
            delay: fields.take("delay")?,
        };
        fields.done()?;
        Ok(will)
    }
}

/// An object in the line.
impl Form for Rc<Kept> {
    fn write(&self, key: &str, line: &mut Line) {
        // It is made of texts and numbers, which can always be written.
        let json = serde_json::to_string(&**self).unwrap_or_else(|_| "{}".to_string());
        line.raw(key, &json);
    }

    fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
        let kept: Kept = serde_json::from_value(from.value(key)?)
            .map_err(|error| format!("`{key}` is not what a broker keeps: {error}"))?;
        kept.check()?;
        Ok(Self::new(kept))
    }
}
