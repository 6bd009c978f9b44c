//! The beginning of a payload, kept for as long as something shows it.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_link::Payload;

/// A payload's beginning. Small payloads are shared with the broker, large ones are cut, so that a
/// topic that is merely shown never keeps a large message alive.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    head: Rc<[u8]>,
    size: u32,
}

impl Preview {
    /// Keeps at most `limit` bytes of `payload`.
    pub(crate) fn of(payload: &Rc<[u8]>, limit: usize) -> Self {
        let head = match payload.get(..limit) {
            Some(head) if payload.len() > limit => Rc::from(head),
            _ => Rc::clone(payload),
        };
        Self {
            head,
            size: size_of(payload),
        }
    }

    /// Bytes kept.
    pub(crate) fn kept(&self) -> usize {
        self.head.len()
    }

    /// As the page is told it.
    pub(crate) fn tell(&self) -> Payload {
        tell(&self.head, self.size)
    }
}

/// The first `limit` bytes of a payload, as the page is told them.
pub(crate) fn tell_head(payload: &[u8], limit: usize) -> Payload {
    tell(&payload[..payload.len().min(limit)], size_of(payload))
}

fn size_of(payload: &[u8]) -> u32 {
    u32::try_from(payload.len()).unwrap_or(u32::MAX)
}

fn tell(head: &[u8], size: u32) -> Payload {
    let cut = (head.len() as u64) < u64::from(size);
    let (text, bytes) = match text_of(head, cut) {
        Some(text) => (Some(String::from(text)), Vec::new()),
        None => (None, head.to_vec()),
    };
    Payload {
        text,
        bytes,
        size,
        cut,
    }
}

/// `bytes` as text, if that is what they are. In a cut payload the last character may be cut too;
/// it is then left out.
fn text_of(bytes: &[u8], cut: bool) -> Option<&str> {
    let text = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if cut && error.error_len().is_none() => {
            core::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(shown).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_out() {
        assert_eq!(
            tell_head("21.4".as_bytes(), 256).text.as_deref(),
            Some("21.4")
        );
        assert_eq!(
            tell_head("line\n\tline".as_bytes(), 256).text.as_deref(),
            Some("line\n\tline")
        );
        assert_eq!(tell_head(b"", 256).text.as_deref(), Some(""));
        assert_eq!(tell_head(&[0xff, 0x00], 256).text, None);
        assert_eq!(tell_head(&[0xff, 0x00], 256).bytes, [0xff, 0x00]);
        assert_eq!(tell_head(b"bell\x07", 256).text, None);
    }

    #[test]
    fn a_character_cut_in_two_does_not_make_text_binary() {
        let payload = tell_head("aé".as_bytes(), 2);
        assert_eq!(payload.text.as_deref(), Some("a"));
        assert_eq!((payload.size, payload.cut), (3, true));
        // The same bytes uncut are no text.
        assert_eq!(tell_head(&"aé".as_bytes()[..2], 256).text, None);
    }

    #[test]
    fn a_large_payload_is_cut_and_a_small_one_shared() {
        let large: Rc<[u8]> = Rc::from(alloc::vec![b'x'; 1000]);
        let preview = Preview::of(&large, 256);
        assert_eq!(preview.kept(), 256);
        assert_eq!((preview.tell().size, preview.tell().cut), (1000, true));
        let small: Rc<[u8]> = Rc::from(&b"21.4"[..]);
        assert!(Rc::ptr_eq(&Preview::of(&small, 256).head, &small));
    }
}
