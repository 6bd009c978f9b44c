//! Answers: a file with its type and entity tag, or a refusal.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::locate;
use super::request::Request;

/// An answer, ready to be written.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// The length to announce, where it is not the body's (HEAD).
    length: usize,
}

/// Answers a request from the files of `folder`.
pub(super) fn answer(request: &Request, folder: &Path) -> Response {
    if request.method != "GET" && request.method != "HEAD" {
        let mut refusal = refuse(405);
        refusal.headers.push(("Allow", "GET, HEAD".into()));
        return refusal;
    }
    let Some(file) = locate(folder, &request.path) else {
        return refuse(404);
    };
    let Ok(body) = fs::read(&file) else {
        return refuse(404);
    };
    let tag = entity_tag(&file, body.len());
    let mut response = Response {
        status: 200,
        headers: vec![
            ("Content-Type", media_type(&file).into()),
            // Ask each time, and get 304 when nothing changed: a stale worker beside a new page would be worse.
            ("Cache-Control", "no-cache".into()),
            ("ETag", tag.clone()),
            ("X-Content-Type-Options", "nosniff".into()),
        ],
        length: body.len(),
        body,
    };
    if request
        .known
        .as_ref()
        .is_some_and(|known| known.split(',').any(|one| one.trim() == tag))
    {
        response.status = 304;
        response.length = 0;
        response.body.clear();
    }
    if request.method == "HEAD" {
        response.body.clear();
    }
    response
}

/// An answer that says only why there is none.
pub(super) fn refuse(status: u16) -> Response {
    let body = format!("{status} {}\n", reason(status)).into_bytes();
    Response {
        status,
        headers: vec![
            ("Content-Type", "text/plain; charset=utf-8".into()),
            ("Cache-Control", "no-store".into()),
        ],
        length: body.len(),
        body,
    }
}

impl Response {
    /// Writes the answer.
    pub(super) fn write(&self, mut to: impl Write, close: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.status != 304 {
            head += &format!("Content-Length: {}\r\n", self.length);
        }
        head += if close {
            "Connection: close\r\n\r\n"
        } else {
            "Connection: keep-alive\r\n\r\n"
        };
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        to.write_all(&bytes)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Error",
    }
}

/// Changes whenever the builder writes the file anew.
fn entity_tag(file: &Path, length: usize) -> String {
    let changed = fs::metadata(file)
        .and_then(|data| data.modified())
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!("\"{:x}-{length:x}\"", changed.as_nanos())
}

/// The media type of a file by its ending. A wasm module must have the right one to be compiled while it loads.
pub(super) fn media_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
    {
        "css" => "text/css; charset=utf-8",
        "gif" => "image/gif",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" | "md" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
