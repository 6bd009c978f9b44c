//! The opening handshake (RFC 6455, section 4.2), and the answer to browsers that only look.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

use crate::websocket::origin::Origins;

/// The longest request head, in bytes: browsers send cookies and many headers.
const LONGEST_HEAD: usize = 16 << 10;
/// So many bytes show whether it is a request at all.
const FIRST: usize = 32;
/// More headers than this are refused.
const MOST_HEADERS: usize = 100;
/// What the key is hashed with (section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The sub-protocols, in their registered spelling [MQTT-6.0.0-3], [MQTT-6.0.0-4].
const PROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];

/// Collects a request's head.
pub(crate) struct Handshake {
    head: Vec<u8>,
    origins: Origins,
}

/// What a request asks for.
pub(crate) enum Request {
    /// Its head is not complete.
    Partial,
    /// A WebSocket. What comes after the first `used` of the bytes handed in last belongs to it.
    Accepted { answer: Vec<u8>, used: usize },
    /// Something else, which gets this answer and the end. The text says what, for the log.
    Answered { answer: Vec<u8>, why: &'static str },
    /// A WebSocket for a page that may not have one: this answer and the end. The text says which page.
    Refused { answer: Vec<u8>, why: String },
}

impl Handshake {
    /// Nothing came yet; `origins` says which pages may connect.
    pub(crate) const fn new(origins: Origins) -> Self {
        Self {
            head: Vec::new(),
            origins,
        }
    }

    /// Takes in the next bytes.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Request {
        let before = self.head.len();
        let room = LONGEST_HEAD - before;
        let taken = &bytes[..bytes.len().min(room)];
        self.head.extend_from_slice(taken);
        // It is parsed from its start each time, so only when that may say something new, however it is cut: whether the first
        // bytes are HTTP at all, and when it is whole or too long.
        let is_full = self.head.len() == LONGEST_HEAD;
        if before >= FIRST && !is_full && !ends(&self.head[before - 2..]) {
            return Request::Partial;
        }
        if self.head.len() >= FIRST && self.head.iter().all(|byte| b"\r\n".contains(byte)) {
            return no_http();
        }
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&self.head) {
            Ok(httparse::Status::Partial) if self.head.len() < LONGEST_HEAD => Request::Partial,
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                Request::Answered {
                    answer: refusal(
                        "431 Request Header Fields Too Large",
                        "",
                        "The request's head is too long.",
                    ),
                    why: "the HTTP request's head is too long",
                }
            }
            Ok(httparse::Status::Complete(length)) => match answer(&request) {
                Ok(answer) => match self.stranger(&request) {
                    None => Request::Accepted {
                        answer,
                        used: length - before,
                    },
                    Some(origin) => Request::Refused {
                        answer: refusal(
                            "403 Forbidden",
                            "",
                            &format!(
                                "Pages of {origin} may not connect here. To let them: --origin {origin}"
                            ),
                        ),
                        why: format!(
                            "a page of {origin} was not let in; it is with --origin {origin}"
                        ),
                    },
                },
                Err((answer, why)) => Request::Answered { answer, why },
            },
            Err(_) => no_http(),
        }
    }

    /// The origin of the page that asks, for people, when it may not connect. Who names none is no browser.
    fn stranger(&self, request: &httparse::Request<'_, '_>) -> Option<String> {
        let stranger = values(request, "Origin").find(|origin| !self.origins.allow(origin));
        stranger.map(|origin| origin.escape_debug().to_string())
    }
}

/// Whether an empty line is among these bytes.
fn ends(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

fn no_http() -> Request {
    Request::Answered {
        answer: refusal(
            "400 Bad Request",
            "",
            "This is no HTTP request. MQTT without WebSocket has a port of its own.",
        ),
        why: "no HTTP request came; is this a client that speaks MQTT without WebSocket, or TLS?",
    }
}

/// The values of all headers of a name.
fn values<'a>(
    request: &'a httparse::Request<'_, '_>,
    name: &'static str,
) -> impl Iterator<Item = &'a str> {
    let named = move |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
    let headers = request.headers.iter().filter(named);
    headers.map(|header| std::str::from_utf8(header.value).unwrap_or("\u{fffd}"))
}

/// The answer that opens the WebSocket, or the one that refuses it and why.
fn answer(request: &httparse::Request<'_, '_>) -> Result<Vec<u8>, (Vec<u8>, &'static str)> {
    let values = |name| values(request, name);
    let holds = |name: &'static str, word: &str| {
        values(name)
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    if request.method != Some("GET") {
        let answer = refusal(
            "405 Method Not Allowed",
            "Allow: GET\r\n",
            "Only GET is answered here.",
        );
        return Err((answer, "an HTTP request came that is no GET"));
    }
    if !holds("Upgrade", "websocket") || !holds("Connection", "upgrade") {
        return Err((page(), "a browser looked at the WebSocket port"));
    }
    if !values("Sec-WebSocket-Version").any(|version| version.trim() == "13") {
        let answer = refusal(
            "426 Upgrade Required",
            "Sec-WebSocket-Version: 13\r\n",
            "Only version 13 of WebSocket is spoken here.",
        );
        return Err((answer, "the client speaks another version of WebSocket"));
    }
    let key = values("Sec-WebSocket-Key").next().map_or("", str::trim);
    if !BASE64_STANDARD
        .decode(key)
        .is_ok_and(|nonce| nonce.len() == 16)
    {
        let answer = refusal(
            "400 Bad Request",
            "",
            "Sec-WebSocket-Key is missing or not 16 bytes in base64.",
        );
        return Err((answer, "the WebSocket handshake has no valid key"));
    }
    let offered: Vec<&str> = values("Sec-WebSocket-Protocol")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    // The client's order is its preference. Who offers nothing may speak MQTT all the same.
    let chosen = offered.iter().find(|offer| PROTOCOLS.contains(*offer));
    if chosen.is_none() && !offered.is_empty() {
        let answer = refusal(
            "400 Bad Request",
            "",
            "Sec-WebSocket-Protocol has to offer `mqtt` [MQTT-6.0.0-3].",
        );
        return Err((
            answer,
            "the client offers no sub-protocol `mqtt` [MQTT-6.0.0-3]",
        ));
    }
    let protocol = chosen.map(|chosen| format!("Sec-WebSocket-Protocol: {chosen}\r\n"));
    let accept =
        BASE64_STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize());
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{}\r\n",
        protocol.unwrap_or_default()
    )
    .into_bytes())
}

fn refusal(status: &str, headers: &str, text: &str) -> Vec<u8> {
    response(
        status,
        headers,
        "text/plain; charset=utf-8",
        &format!("{text}\n"),
    )
}

/// For a person who opens the address in a browser.
fn page() -> Vec<u8> {
    let text = "<!doctype html><meta charset=utf-8><title>Vitrine</title>\
        <style>body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em}</style>\
        <h1>Vitrine is here</h1><p>This is the WebSocket port of an MQTT broker: it answers MQTT clients, not browsers. \
        In JavaScript:</p><pre>mqtt.connect(location.origin.replace(/^http/, 'ws') + '/mqtt')</pre>\n";
    response("200 OK", "", "text/html; charset=utf-8", text)
}

fn response(status: &str, headers: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
