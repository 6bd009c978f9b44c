//! Files that the workers give out, and what has come of one so far.

use vitrine_link::{Exported, Format};

/// A file, whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) format: Format,
    pub(crate) name: String,
    /// Its bytes, as `Uint8Array`s: they lie where the browser keeps things, not in this module's memory.
    pub(crate) parts: js_sys::Array,
}

/// A file that is being made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Making {
    pub(crate) name: String,
    pub(crate) percent: u8,
}

/// The pieces of a file that has not come whole.
#[derive(Debug)]
pub(super) struct Incoming<T> {
    pieces: Vec<T>,
    /// Bytes in them.
    size: u64,
    done: Option<f32>,
}

impl<T> Default for Incoming<T> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            size: 0,
            done: None,
        }
    }
}

impl<T> Incoming<T> {
    /// Takes a piece, which `keep` puts away. Gives all of them once the file is whole. A piece that does not follow, such
    /// as one of a file in whose place this one was asked for, is nothing.
    pub(super) fn take(
        &mut self,
        piece: Exported,
        keep: impl FnOnce(&[u8]) -> T,
    ) -> Option<Vec<T>> {
        if piece.at == 0 && self.size > 0 {
            *self = Self::default();
        }
        if piece.at != self.size {
            return None;
        }
        self.size += piece.bytes.len() as u64;
        self.done = Some(piece.done);
        if !piece.bytes.is_empty() {
            self.pieces.push(keep(&piece.bytes));
        }
        piece.last.then(|| std::mem::take(self).pieces)
    }

    /// How much is done, in percent, while a file is under way.
    pub(super) fn done(&self) -> Option<u8> {
        // It is between 0 and 1.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.done.map(|done| (done * 100.0) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(at: u64, bytes: &str, done: f32) -> Exported {
        Exported {
            format: Format::JsonLines,
            name: "a".into(),
            at,
            bytes: bytes.into(),
            done,
            last: done == 1.0,
        }
    }

    fn take(incoming: &mut Incoming<String>, piece: Exported) -> Option<String> {
        let keep = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        incoming.take(piece, keep).map(|pieces| pieces.concat())
    }

    #[test]
    fn pieces_become_a_file() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.done(), None);
        assert_eq!(take(&mut incoming, piece(0, "", 0.25)), None);
        assert_eq!(take(&mut incoming, piece(0, "ab", 0.5)), None);
        assert_eq!(incoming.done(), Some(50));
        assert_eq!(take(&mut incoming, piece(2, "c", 0.75)), None);
        let whole = take(&mut incoming, piece(3, "", 1.0));
        assert_eq!(whole.as_deref(), Some("abc"));
        assert_eq!(incoming.done(), None);
        let whole = take(&mut incoming, piece(0, "d", 1.0));
        assert_eq!(whole.as_deref(), Some("d"));
    }

    #[test]
    fn another_file_takes_the_place_of_one_that_is_not_whole() {
        let mut incoming = Incoming::default();
        take(&mut incoming, piece(0, "ab", 0.5));
        take(&mut incoming, piece(0, "x", 0.5));
        // Of the one before.
        assert_eq!(take(&mut incoming, piece(2, "c", 1.0)), None);
        let whole = take(&mut incoming, piece(1, "y", 1.0));
        assert_eq!(whole.as_deref(), Some("xy"));
    }

    #[test]
    fn nothing_comes_of_what_was_given_up() {
        let mut incoming = Incoming::<String>::default();
        assert_eq!(take(&mut incoming, piece(2, "c", 1.0)), None);
        assert_eq!(incoming.done(), None);
    }
}
