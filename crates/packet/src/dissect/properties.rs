//! The fields of properties.

use super::FieldValue;
use super::walker::Walker;
use crate::{PropertyKind, PropertyType};

/// The Property Length and the properties, in a group named `name`.
pub(super) fn properties(walker: &mut Walker<'_>, name: &'static str) -> Option<()> {
    walker.group(name, |walker| {
        let len = walker.variable("Property Length", |len| FieldValue::Number(len.into()))?;
        walker.within(len as usize, |walker| {
            while !walker.is_empty() {
                property(walker)?;
            }
            Some(())
        })
    })
}

/// One property. One with an unknown identifier cannot be told from those after it.
fn property(walker: &mut Walker<'_>) -> Option<()> {
    let kind = PropertyKind::from_identifier(walker.peek()?.into())?;
    walker.group(kind.name(), |walker| {
        walker.byte("Identifier", |identifier| FieldValue::Named {
            value: identifier.into(),
            name: kind.name(),
        })?;
        match kind.value_type() {
            PropertyType::Byte => {
                walker.byte("Value", |value| FieldValue::Number(value.into()))?;
            }
            PropertyType::TwoByte => {
                walker.two_bytes("Value")?;
            }
            PropertyType::FourByte => {
                walker.four_bytes("Value")?;
            }
            PropertyType::Variable => {
                walker.variable("Value", |value| FieldValue::Number(value.into()))?;
            }
            PropertyType::Text => {
                walker.text("Value")?;
            }
            PropertyType::Binary => walker.binary("Value")?,
            PropertyType::Pair => {
                walker.text("Name")?;
                walker.text("Value")?;
            }
        }
        Some(())
    })
}
