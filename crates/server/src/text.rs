//! Text files as people write them, with whatever editor.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// What UTF-8 begins with where an editor on Windows wrote it.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a file that is read again while the broker runs, or more than once as it starts.
///
/// # Errors
/// When it cannot be read, or is no text in UTF-8; then with what to do.
pub(crate) fn read(file: &Path) -> io::Result<String> {
    // The second who reads from a pipe would find nothing in it, which may mean that all is allowed.
    let is_other = |found: Metadata| !found.is_file() && !found.is_dir();
    if fs::metadata(file).is_ok_and(is_other) {
        return Err(invalid(
            "it is no regular file; it has to be read more than once",
        ));
    }
    let bytes = bytes(file)?;
    String::from_utf8(bytes).map_err(|error| {
        let right = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + right.iter().filter(|byte| **byte == b'\n').count();
        invalid(&format!("line {line} is not in UTF-8; save it as UTF-8"))
    })
}

/// Reads a file, and leaves out the byte order mark in front.
///
/// # Errors
/// When it cannot be read, or is in UTF-16.
pub(crate) fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = fs::read(file)?;
    match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(invalid("it is in UTF-16; save it as UTF-8"));
        }
        text if text.starts_with(MARK) => drop(bytes.drain(..MARK.len())),
        _ => {}
    }
    Ok(bytes)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_leave_is_read_or_told() {
        let name = format!("vitrine-text-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        let read_back = |bytes: &[u8]| {
            fs::write(&file, bytes).unwrap();
            read(&file).map_err(|error| error.to_string())
        };
        assert_eq!(read_back(b"tcp = '1'\r\n").unwrap(), "tcp = '1'\r\n");
        assert_eq!(read_back(b"\xef\xbb\xbfa\xc3\xa9").unwrap(), "aé");
        assert_eq!(read_back(b"\xef\xbb\xbf").unwrap(), "");
        let told = read_back(b"\xff\xfea\0").unwrap_err();
        assert_eq!(told, "it is in UTF-16; save it as UTF-8");
        let told = read_back(b"a\nb\xe9\n").unwrap_err();
        assert_eq!(told, "line 2 is not in UTF-8; save it as UTF-8");
        fs::remove_file(&file).unwrap();
        let missing = read(&file).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        let folder = read(&std::env::temp_dir()).unwrap_err();
        assert!(!folder.to_string().contains("no regular file"), "{folder}");
    }
}
