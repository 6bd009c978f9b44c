//! What WebSocket (RFC 6455) wraps around MQTT.

use alloc::vec::Vec;

/// What a client asks for. The key is the one that the RFC has in its example, with the answer that belongs to it.
pub(super) const REQUEST: &[u8] = b"GET /mqtt HTTP/1.1\r\n\
Host: vitrine\r\n\
Upgrade: websocket\r\n\
Connection: Upgrade\r\n\
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
Sec-WebSocket-Protocol: mqtt\r\n\
Sec-WebSocket-Version: 13\r\n\
\r\n";

/// What it is answered.
pub(super) const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
Upgrade: websocket\r\n\
Connection: Upgrade\r\n\
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
Sec-WebSocket-Protocol: mqtt\r\n\
\r\n";

/// A final frame of binary data. What a client sends is masked.
pub(super) fn frame(data: &[u8], to_broker: bool) -> Vec<u8> {
    let mut frame = Vec::with_capacity(data.len() + 14);
    frame.push(0x82);
    let masked = if to_broker { 0x80 } else { 0 };
    match data.len() {
        short @ ..=125 => frame.push(masked | short as u8),
        medium @ ..=0xffff => {
            frame.push(masked | 126);
            frame.extend((medium as u16).to_be_bytes());
        }
        long => {
            frame.push(masked | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    if to_broker {
        // Any mask will do: it is to confuse what lies between, and nothing does.
        let mask = [0x56, 0x69, 0x74, 0x72];
        frame.extend(mask);
        frame.extend(
            data.iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
    } else {
        frame.extend_from_slice(data);
    }
    frame
}
