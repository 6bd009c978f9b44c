//! Bytes by hand for the standard's rules: what is accepted, and what is refused, where, and by which
//! statement.

mod ack;
mod auth;
mod connack;
mod connect;
mod disconnect;
mod fixed_header;
mod properties;
mod publish;
mod reason;
mod subscribe;
mod text;
mod unsubscribe;

use vitrine_packet::ProtocolVersion::{self, V3_1, V3_1_1, V5};
use vitrine_packet::{Packet, ReasonCode};

/// A refusal: the key of the error, the byte it is at, and the statement.
type Refusal = (&'static str, u32, &'static str);

/// `bytes` are accepted.
#[track_caller]
fn accepts(version: ProtocolVersion, bytes: &[u8]) -> Packet<'_> {
    match Packet::decode(bytes, version) {
        Ok(packet) => packet,
        Err(error) => panic!("{bytes:02X?}: {error}"),
    }
}

/// `bytes` are refused, with the Reason Code Malformed Packet.
#[track_caller]
fn malformed(version: ProtocolVersion, bytes: &[u8], refusal: Refusal) {
    refuses(version, bytes, refusal, ReasonCode::MalformedPacket);
}

/// `bytes` are refused, with the Reason Code Protocol Error.
#[track_caller]
fn protocol_error(version: ProtocolVersion, bytes: &[u8], refusal: Refusal) {
    refuses(version, bytes, refusal, ReasonCode::ProtocolError);
}

#[track_caller]
fn refuses(
    version: ProtocolVersion,
    bytes: &[u8],
    (code, offset, statement): Refusal,
    reason: ReasonCode,
) {
    let error = Packet::decode(bytes, version).expect_err("it breaks a rule");
    assert_eq!(
        (
            error.code(),
            error.offset,
            error.statement,
            error.reason_code()
        ),
        (code, offset, Some(statement), reason),
    );
}

/// A packet: `first`, a Remaining Length below 128, and the parts one after the other.
fn packet(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    let rest = parts.concat();
    assert!(rest.len() < 128);
    [&[first, rest.len() as u8], &rest[..]].concat()
}
