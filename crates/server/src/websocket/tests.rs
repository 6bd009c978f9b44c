//! The WebSocket side by its bytes: handshakes, frames cut anywhere, and what a peer may not do.

use proptest::prelude::*;

use super::{HEADER_ROOM, Origins, Received, WebSocket, header};

const REQUEST: &str = "GET /any/path HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

fn open() -> WebSocket {
    let mut websocket = WebSocket::new(Origins::Any);
    assert_eq!(
        receive(&mut websocket, REQUEST.as_bytes()),
        (Vec::new(), None)
    );
    websocket.answers();
    websocket
}

/// Hands bytes in, and gives what of them is MQTT, and why it was the end.
fn receive(websocket: &mut WebSocket, bytes: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let mut bytes = bytes.to_vec();
    let (length, end) = match websocket.receive(&mut bytes) {
        Received::Data(length) => (length, None),
        Received::End(length, why) => (length, Some(why)),
        Received::Refused(_) => (0, Some("refused")),
    };
    bytes.truncate(length);
    (bytes, end)
}

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    let key = [9, 200, 31, 77];
    out.extend(key);
    out.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    out
}

fn answer(request: &str) -> String {
    let mut websocket = WebSocket::new(Origins::Any);
    receive(&mut websocket, request.as_bytes());
    String::from_utf8(websocket.answers()).unwrap()
}

/// 3.1.1: [MQTT-6.0.0-4]
/// 5.0: [MQTT-6.0.0-4]
#[test]
fn the_handshake_of_the_standard_is_answered() {
    let said = answer(REQUEST);
    assert!(said.starts_with("HTTP/1.1 101 "), "{said}");
    // The example of RFC 6455, section 1.3.
    assert!(
        said.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        "{said}"
    );
    assert!(said.contains("Sec-WebSocket-Protocol: mqtt\r\n"), "{said}");
}

#[test]
fn the_first_known_sub_protocol_is_chosen() {
    let ask =
        |offer: &str| answer(&REQUEST.replace("Protocol: mqtt", &format!("Protocol: {offer}")));
    assert!(ask("x, mqttv3.1, mqtt").contains("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
    assert!(ask("chat").starts_with("HTTP/1.1 400 "));
    let without = answer(&REQUEST.replace("Sec-WebSocket-Protocol: mqtt\r\n", ""));
    assert!(
        without.starts_with("HTTP/1.1 101 ") && !without.contains("Protocol:"),
        "{without}"
    );
}

#[test]
fn what_is_no_handshake_is_told_so() {
    let said = answer("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(
        said.starts_with("HTTP/1.1 200 ") && said.contains("MQTT"),
        "{said}"
    );
    assert!(answer(&REQUEST.replace("GET", "POST")).starts_with("HTTP/1.1 405 "));
    assert!(answer(&REQUEST.replace("Version: 13", "Version: 8")).starts_with("HTTP/1.1 426 "));
    assert!(answer(&REQUEST.replace("dGhl", "")).starts_with("HTTP/1.1 400 "));
    assert!(answer("\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0").starts_with("HTTP/1.1 400 "));
    let long = REQUEST.replace("Host: h", &format!("Host: {}", "h".repeat(20_000)));
    assert!(answer(&long).starts_with("HTTP/1.1 431 "));
}

#[test]
fn a_handshake_may_come_byte_by_byte_with_a_frame_behind_it() {
    let mut websocket = WebSocket::new(Origins::Any);
    let mut bytes = REQUEST.as_bytes().to_vec();
    bytes.extend(frame(0x82, b"MQTT"));
    let mut data = Vec::new();
    for byte in bytes {
        let (more, end) = receive(&mut websocket, &[byte]);
        assert_eq!(end, None);
        data.extend(more);
    }
    assert_eq!(data, b"MQTT");
    let mut at_once = REQUEST.as_bytes().to_vec();
    at_once.extend(frame(0x82, b"MQTT"));
    assert_eq!(
        receive(&mut WebSocket::new(Origins::Any), &at_once),
        (b"MQTT".to_vec(), None)
    );
}

#[test]
fn what_is_no_handshake_is_told_so_however_it_is_cut() {
    let answer = |bytes: &[u8], piece: usize| {
        let mut websocket = WebSocket::new(Origins::Any);
        let mut pieces = bytes.chunks(piece);
        let ended = pieces.position(|piece| receive(&mut websocket, piece).1.is_some());
        let answer = String::from_utf8(websocket.answers()).unwrap();
        (ended, answer.split(' ').nth(1).unwrap_or("").to_owned())
    };
    let long = REQUEST.replace("Host: h", &format!("Host: {}", "h".repeat(20_000)));
    let many = REQUEST.replace("Host: h", &"a: b\r\n".repeat(200));
    let wrong = REQUEST.replace("Host: h", "Ho\0st: h");
    let plain = REQUEST.replace('\r', "");
    for piece in [1, 2, 3, 7, 1_000] {
        let ended = |bytes: &[u8]| answer(bytes, piece);
        assert_eq!(ended(long.as_bytes()).1, "431");
        assert_eq!(ended(many.as_bytes()).1, "431");
        assert_eq!(ended(wrong.as_bytes()).1, "400");
        // Not before the end, and not later.
        assert_eq!(ended(plain.as_bytes()), (None, "101".into()));
        assert_eq!(
            ended(format!("\r\n{REQUEST}").as_bytes()),
            (None, "101".into())
        );
        // Told by the first bytes, also when no end comes.
        assert_eq!(ended(b"\x10\x0c\0\x04MQTT"), (Some(0), "400".into()));
        assert_eq!(ended(&[b'\n'; 2_000]), (Some(31 / piece), "400".into()));
    }
}

/// 3.1.1: [MQTT-6.0.0-1] [MQTT-6.0.0-2]
/// 5.0: [MQTT-6.0.0-1] [MQTT-6.0.0-2]
#[test]
fn a_page_from_elsewhere_is_told_how_to_be_let_in() {
    let ask = |origin: &str| {
        let mut websocket = WebSocket::new(Origins::Local);
        let request = REQUEST.replace("Host: h", &format!("Host: h\r\nOrigin: {origin}"));
        let why = receive(&mut websocket, request.as_bytes()).1;
        (why, String::from_utf8(websocket.answers()).unwrap())
    };
    let (why, answer) = ask("https://example.org");
    assert_eq!(why, Some("refused"));
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("--origin https://example.org"), "{answer}");
    let (why, answer) = ask("http://localhost:5173");
    assert_eq!(why, None);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    // Two of them are no way around.
    assert_eq!(ask("http://localhost\r\nOrigin: null").0, Some("refused"));
    let mut program = WebSocket::new(Origins::Local);
    assert_eq!(receive(&mut program, REQUEST.as_bytes()).1, None);
}

#[test]
fn a_text_frame_ends_it_with_1003() {
    let mut websocket = open();
    let (data, end) = receive(
        &mut websocket,
        &[frame(0x82, b"a"), frame(0x81, b"b")].concat(),
    );
    assert_eq!(data, b"a");
    assert!(end.unwrap().contains("text frame"));
    assert_eq!(websocket.answers(), [0x88, 2, 3, 235]);
    assert_eq!(
        receive(&mut websocket, &frame(0x82, b"c")),
        (Vec::new(), None)
    );
}

#[test]
fn frames_that_break_the_protocol_end_it_with_1002() {
    let mut unmasked = frame(0x82, b"");
    unmasked[1] &= 0x7f;
    let mut impossible = vec![0x82, 0xff];
    impossible.extend([0xff; 12]);
    let cases = [
        (frame(0xc2, b""), "reserved"),
        (unmasked, "mask"),
        (impossible, "length"),
        (frame(0x83, b""), "opcode"),
        (frame(0x09, b""), "control"),
        (frame(0x89, &[0; 126]), "control"),
        (frame(0x80, b""), "order"),
        ([frame(0x02, b""), frame(0x82, b"")].concat(), "order"),
        (frame(0x88, &[3]), "status"),
        (frame(0x88, &[3, 237]), "status"),
    ];
    for (bytes, why) in cases {
        let mut websocket = open();
        let (_, end) = receive(&mut websocket, &bytes);
        assert!(end.unwrap().contains(why), "{why}: {end:?}");
        assert_eq!(websocket.answers(), [0x88, 2, 3, 234], "{why}");
    }
}

#[test]
fn control_frames_are_answered_also_between_fragments() {
    let mut websocket = open();
    let bytes = [
        frame(0x02, b"ab"),
        frame(0x89, b"hi"),
        frame(0x8a, b"x"),
        frame(0x80, b"cd"),
    ]
    .concat();
    assert_eq!(receive(&mut websocket, &bytes), (b"abcd".to_vec(), None));
    assert_eq!(websocket.answers(), b"\x8a\x02hi");
    let (_, end) = receive(&mut websocket, &frame(0x88, &[3, 233]));
    assert!(end.is_some());
    assert_eq!(websocket.answers(), [0x88, 2, 3, 233]);
}

#[test]
fn pings_without_end_are_not_answered_without_end() {
    let mut websocket = open();
    for _ in 0..10_000 {
        receive(&mut websocket, &frame(0x89, &[0; 125]));
    }
    assert!(websocket.answers().len() < 2_000);
}

#[test]
fn headers_say_how_long_the_payload_is() {
    let head = |payload| {
        let (room, start) = header(payload);
        room[start..HEADER_ROOM].to_vec()
    };
    assert_eq!(head(125), [0x82, 125]);
    assert_eq!(head(126), [0x82, 126, 0, 126]);
    assert_eq!(head(65_535), [0x82, 126, 255, 255]);
    assert_eq!(head(65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
}

proptest! {
    /// Whatever the frames and wherever they are cut, the payloads come out in one piece.
    #[test]
    fn payloads_come_out_however_they_are_cut(
        payloads in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>()), 1..20),
        cuts in prop::collection::vec(1_usize..200, 1..50),
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (payload, in_two) in &payloads {
            if *in_two {
                let (head, tail) = payload.split_at(payload.len() / 2);
                bytes.extend(frame(0x02, head));
                bytes.extend(frame(0x80, tail));
            } else {
                bytes.extend(frame(0x82, payload));
            }
            expected.extend_from_slice(payload);
        }
        let (mut websocket, mut data, mut rest) = (open(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (piece, later) = rest.split_at((*cut).min(rest.len()));
            let (more, end) = receive(&mut websocket, piece);
            prop_assert_eq!(end, None);
            data.extend(more);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(data, expected);
    }

    /// Nothing that comes makes it panic, or hold more than it may.
    #[test]
    fn anything_may_come(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..20), opened: bool) {
        let mut websocket = if opened { open() } else { WebSocket::new(Origins::Any) };
        for chunk in chunks {
            let (data, _) = receive(&mut websocket, &chunk);
            prop_assert!(data.len() <= chunk.len());
            prop_assert!(websocket.answers().len() < 4_000);
        }
    }
}
