//! The fields of a packet, as the page is told them.

use alloc::vec::Vec;

use vitrine_link::{Field, FieldValue};
use vitrine_packet::{ProtocolVersion, dissect};

use crate::preview;

/// Every field of a packet, as far as its bytes go; of a value that is no text at most `limit` bytes.
pub(crate) fn fields(bytes: &[u8], version: ProtocolVersion, limit: usize) -> Vec<Field> {
    let field = |field: vitrine_packet::Field<'_>| Field {
        name: field.name.into(),
        start: field.start,
        end: field.end,
        bits: field.bits,
        value: tell(&field.value, limit),
        depth: field.depth,
    };
    dissect(bytes, version)
        .fields
        .into_iter()
        .map(field)
        .collect()
}

fn tell(value: &vitrine_packet::FieldValue<'_>, limit: usize) -> FieldValue {
    use vitrine_packet::FieldValue as Value;
    match value {
        Value::Group => FieldValue::Group,
        Value::Number(number) => FieldValue::Number(*number),
        Value::Flag(flag) => FieldValue::Flag(*flag),
        Value::Text(text) => FieldValue::Text((*text).into()),
        Value::Binary(bytes) => FieldValue::Binary(preview::tell_head(bytes, limit)),
        Value::Named { value, name } => FieldValue::Named {
            value: *value,
            name: (*name).into(),
        },
    }
}
