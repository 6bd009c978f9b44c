//! The head of an HTTP request, as far as a server of files needs it.

use std::io::{self, BufRead, Read};

/// A request's head may be this long, in bytes.
const LONGEST_HEAD: u64 = 16 * 1024;

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path as sent, without the query.
    pub(super) path: String,
    /// The entity tags that the browser has (`If-None-Match`).
    pub(super) known: Option<String>,
    /// True when the connection is to be closed after the answer.
    pub(super) close: bool,
}

/// Reads one request. `None` when the connection is at its end; `InvalidData` for what is not HTTP.
pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut head = from.take(LONGEST_HEAD);
    let Some(line) = read_line(&mut head)? else {
        return Ok(None);
    };
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid("not a request line"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(invalid("not HTTP/1"));
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        known: None,
        close: version == "HTTP/1.0",
    };
    loop {
        let line = read_line(&mut head)?.ok_or_else(|| invalid("the head is cut or too long"))?;
        if line.is_empty() {
            return Ok(Some(request));
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| invalid("not a header"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("if-none-match") {
            request.known = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("connection") {
            request.close |= value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("transfer-encoding")
            || (name.eq_ignore_ascii_case("content-length") && value != "0")
        {
            // A body would be taken for the next request: answer, then hang up.
            request.close = true;
        }
    }
}

fn read_line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(invalid("the head is cut or too long"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line)
        .map(Some)
        .map_err(|_| invalid("not text"))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Resolves `%41` and the like. `None` when that is malformed or not UTF-8.
pub(super) fn decode(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(bytes.next()?)? * 16 + digit(bytes.next()?)?;
            decoded.push(u8::try_from(value).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}
