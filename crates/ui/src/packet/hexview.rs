//! The bytes in hex, eight to a row, with their offsets and letters.

use vitrine_link::{Field, FieldValue};
use yew::prelude::*;

use crate::text::use_texts;

/// Bytes in a row.
const ROW: usize = 8;
/// Rows drawn; a longer packet's further bytes are one click away.
const ROWS: usize = 64;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) bytes: Vec<u8>,
    pub(super) fields: Vec<Field>,
    /// The field that is marked.
    pub(super) shown: Option<usize>,
    /// The byte that is wrong.
    pub(super) wrong: Option<u32>,
    pub(super) onhot: Callback<Option<usize>>,
    pub(super) onchoose: Callback<usize>,
}

/// The innermost field that a byte belongs to; of a byte's bits, the first.
pub(super) fn field_at(fields: &[Field], offset: usize) -> Option<usize> {
    let offset = u32::try_from(offset).ok()?;
    let holds = |field: &Field| field.start <= offset && offset < field.end;
    let mut found: Option<usize> = None;
    for (index, field) in fields.iter().enumerate() {
        if holds(field) && found.is_none_or(|before| fields[before].depth < field.depth) {
            found = Some(index);
        }
    }
    found
}

/// The bytes.
#[component]
pub(super) fn Hex(props: &Props) -> Html {
    let texts = use_texts();
    let all = use_state_eq(|| false);
    let shown = props.shown.and_then(|index| props.fields.get(index));
    let rows = if *all { usize::MAX } else { ROWS };
    // Fields that stand side by side get tints by turns, so that each can be told from the next.
    let tint = |index: usize| {
        let leaf = |field: &&Field| !matches!(field.value, FieldValue::Group);
        props
            .fields
            .iter()
            .take(index + 1)
            .filter(leaf)
            .filter(|field| field.bits.is_none_or(|bits| bits.0 == 7))
            .count()
            % 4
    };
    let byte = |offset: usize, byte: u8, letter: bool| {
        let field = field_at(&props.fields, offset);
        let here = u32::try_from(offset).unwrap_or(u32::MAX);
        let hot = shown.is_some_and(|field| field.start <= here && here < field.end);
        let wrong = props.wrong == Some(here);
        let (onhot, onchoose) = (props.onhot.clone(), props.onchoose.clone());
        let text = if letter {
            match byte {
                0x20..0x7f => char::from(byte).to_string(),
                _ => "·".to_owned(),
            }
        } else {
            format!("{byte:02x}")
        };
        html! {
            <span class={classes!("byte", field.map(|index| format!("tint-{}", tint(index))), hot.then_some("hot"), wrong.then_some("wrong"))}
                data-testid={(!letter).then_some("byte")} data-offset={offset.to_string()} data-field={field.map(|index| index.to_string())}
                onpointerenter={move |_: PointerEvent| onhot.emit(field)}
                onclick={move |_: MouseEvent| if let Some(field) = field { onchoose.emit(field) }}>
                { text }
            </span>
        }
    };
    let leave = props.onhot.reform(|_: PointerEvent| None);
    html! {
        <div class="hex" role="group" aria-label={texts.get("packet.bytes")} data-testid="hex" onpointerleave={leave}>
            { for props.bytes.chunks(ROW).take(rows).enumerate().map(|(row, chunk)| html! {
                <div class="hex-row" key={row}>
                    <span class="offset">{ format!("{:03x}", row * ROW) }</span>
                    <span class="octets">
                        { for chunk.iter().enumerate().map(|(at, octet)| byte(row * ROW + at, *octet, false)) }
                    </span>
                    <span class="letters" aria-hidden="true">
                        { for chunk.iter().enumerate().map(|(at, octet)| byte(row * ROW + at, *octet, true)) }
                    </span>
                </div>
            }) }
            if !*all && props.bytes.len() > ROW * ROWS {
                <button type="button" class="button small" onclick={let all = all.clone(); move |_| all.set(true)}>
                    { texts.fill("packet.all", &[("n", &texts.bytes(props.bytes.len() as u64))]) }
                </button>
            }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(start: u32, end: u32, bits: Option<(u8, u8)>, depth: u8) -> Field {
        Field {
            name: String::new(),
            start,
            end,
            bits,
            value: FieldValue::Group,
            depth,
        }
    }

    #[test]
    fn a_byte_belongs_to_the_innermost_field() {
        let fields = [
            field(0, 2, None, 0),
            field(0, 1, Some((7, 4)), 1),
            field(0, 1, Some((3, 0)), 1),
            field(1, 2, None, 1),
            field(2, 9, None, 0),
        ];
        assert_eq!(field_at(&fields, 0), Some(1));
        assert_eq!(field_at(&fields, 1), Some(3));
        assert_eq!(field_at(&fields, 8), Some(4));
        assert_eq!(field_at(&fields, 9), None);
    }
}
