//! The names, spans and values of fields. That they cover every bit, whatever the bytes are, is in
//! the body that all seeded input goes through.

use std::fmt::Write;

use vitrine_packet::ProtocolVersion::{self, V3_1_1, V5};
use vitrine_packet::{FieldValue, dissect};

use crate::{body, sample};

/// The fields as lines: indented by depth, `start..end[high-low] name = value`.
fn lines(bytes: &[u8], version: ProtocolVersion) -> String {
    let dissection = dissect(bytes, version);
    body::covers(bytes, &dissection);
    let mut text = String::new();
    for field in &dissection.fields {
        let indent = "  ".repeat(field.depth.into());
        write!(text, "{indent}{}..{}", field.start, field.end).expect("a string takes all");
        if let Some((high, low)) = field.bits {
            write!(text, "[{high}-{low}]").expect("a string takes all");
        }
        let value = match field.value {
            FieldValue::Group => String::new(),
            FieldValue::Number(number) => format!(" = {number}"),
            FieldValue::Flag(flag) => format!(" = {flag}"),
            FieldValue::Text(value) => format!(" = {value:?}"),
            FieldValue::Binary(bytes) => format!(" = {bytes:02X?}"),
            FieldValue::Named { value, name } => format!(" = {value} {name}"),
        };
        writeln!(text, " {}{value}", field.name).expect("a string takes all");
    }
    if let Some(error) = dissection.error {
        writeln!(text, "{error}").expect("a string takes all");
    }
    text
}

#[track_caller]
fn check(bytes: &[u8], version: ProtocolVersion, expected: &str) {
    let got = lines(bytes, version);
    assert_eq!(got.trim(), expected.trim(), "got:\n{got}");
}

#[test]
fn publish_of_3_1_1() {
    check(
        b"\x3B\x0B\0\x05a/b/c\0\x0721",
        V3_1_1,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 3 PUBLISH
  0..1[3-3] DUP = true
  0..1[2-1] QoS = 1 At least once delivery
  0..1[0-0] RETAIN = true
  1..2 Remaining Length = 11
2..11 Variable Header
  2..4 Length = 5
  4..9 Topic Name = "a/b/c"
  9..11 Packet Identifier = 7
11..13 Payload
  11..13 Application Message = [32, 31]
"#,
    );
}

#[test]
fn publish_of_5() {
    check(
        b"\x30\x13\0\x01a\x0F\x01\x01\x0B\x82\x01\x09\0\x01\xFF\x26\0\0\0\x01v",
        V5,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 3 PUBLISH
  0..1[3-3] DUP = false
  0..1[2-1] QoS = 0 At most once delivery
  0..1[0-0] RETAIN = false
  1..2 Remaining Length = 19
2..21 Variable Header
  2..4 Length = 1
  4..5 Topic Name = "a"
  5..21 Properties
    5..6 Property Length = 15
    6..8 Payload Format Indicator
      6..7 Identifier = 1 Payload Format Indicator
      7..8 Value = 1
    8..11 Subscription Identifier
      8..9 Identifier = 11 Subscription Identifier
      9..11 Value = 130
    11..15 Correlation Data
      11..12 Identifier = 9 Correlation Data
      12..14 Length = 1
      14..15 Value = [FF]
    15..21 User Property
      15..16 Identifier = 38 User Property
      16..18 Length = 0
      18..18 Name = ""
      18..20 Length = 1
      20..21 Value = "v"
"#,
    );
}

#[test]
fn connect_of_5() {
    check(
        b"\x10\x22\0\x04MQTT\x05\xEE\0\x3C\x05\x11\0\0\0\x0A\0\x01c\x02\x01\x01\0\x01w\0\x01!\0\x01u\0\x01p",
        V3_1_1,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 1 CONNECT
  0..1[3-0] Reserved = 0
  1..2 Remaining Length = 34
2..18 Variable Header
  2..4 Length = 4
  4..8 Protocol Name = "MQTT"
  8..9 Protocol Version = 5 5.0
  9..10 Connect Flags
    9..10[7-7] User Name Flag = true
    9..10[6-6] Password Flag = true
    9..10[5-5] Will Retain = true
    9..10[4-3] Will QoS = 1 At least once delivery
    9..10[2-2] Will Flag = true
    9..10[1-1] Clean Start = true
    9..10[0-0] Reserved = 0
  10..12 Keep Alive = 60
  12..18 Properties
    12..13 Property Length = 5
    13..18 Session Expiry Interval
      13..14 Identifier = 17 Session Expiry Interval
      14..18 Value = 10
18..36 Payload
  18..20 Length = 1
  20..21 Client Identifier = "c"
  21..24 Will Properties
    21..22 Property Length = 2
    22..24 Payload Format Indicator
      22..23 Identifier = 1 Payload Format Indicator
      23..24 Value = 1
  24..26 Length = 1
  26..27 Will Topic = "w"
  27..29 Length = 1
  29..30 Will Payload = [21]
  30..32 Length = 1
  32..33 User Name = "u"
  33..35 Length = 1
  35..36 Password = [70]
"#,
    );
}

#[test]
fn acknowledgements() {
    check(
        b"\x62\x03\0\x01\x92",
        V5,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 6 PUBREL
  0..1[3-0] Reserved = 2
  1..2 Remaining Length = 3
2..5 Variable Header
  2..4 Packet Identifier = 1
  4..5 PUBREL Reason Code = 146 Packet Identifier not found
"#,
    );
    check(
        b"\x20\x02\x01\x00",
        V3_1_1,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 2 CONNACK
  0..1[3-0] Reserved = 0
  1..2 Remaining Length = 2
2..4 Variable Header
  2..3 Connect Acknowledge Flags
    2..3[7-1] Reserved = 0
    2..3[0-0] Session Present = true
  3..4 Connect Return code = 0 Connection Accepted
"#,
    );
}

#[test]
fn subscribe_of_both() {
    check(
        b"\x82\x06\0\x01\0\x01#\x02",
        V3_1_1,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 8 SUBSCRIBE
  0..1[3-0] Reserved = 2
  1..2 Remaining Length = 6
2..4 Variable Header
  2..4 Packet Identifier = 1
4..8 Payload
  4..6 Length = 1
  6..7 Topic Filter = "\#"
  7..8 Requested QoS
    7..8[7-2] Reserved = 0
    7..8[1-0] QoS = 2 Exactly once delivery
"#
        .replace('\\', "")
        .as_str(),
    );
    check(
        b"\x82\x07\0\x01\0\0\x01+\x2D",
        V5,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 8 SUBSCRIBE
  0..1[3-0] Reserved = 2
  1..2 Remaining Length = 7
2..5 Variable Header
  2..4 Packet Identifier = 1
  4..5 Properties
    4..5 Property Length = 0
5..9 Payload
  5..7 Length = 1
  7..8 Topic Filter = "+"
  8..9 Subscription Options
    8..9[7-6] Reserved = 0
    8..9[5-4] Retain Handling = 2 Do not send retained messages at the time of the subscribe
    8..9[3-3] Retain As Published = true
    8..9[2-2] No Local = true
    8..9[1-0] Maximum QoS = 1 At least once delivery
"#,
    );
}

#[test]
fn malformed_packets_as_far_as_they_go() {
    check(
        b"\x30\x06\0\x09a/b",
        V3_1_1,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 3 PUBLISH
  0..1[3-3] DUP = false
  0..1[2-1] QoS = 0 At most once delivery
  0..1[0-0] RETAIN = false
  1..2 Remaining Length = 6
2..4 Variable Header
  2..4 Length = 9
4..7 Undecoded bytes = [61, 2F, 62]
truncated at byte 7 [MQTT-4.8.0-1]
"#,
    );
    // A bad property does not hide what comes after the properties.
    check(
        b"\x30\x08\0\x01a\x03\x7F\0\0!",
        V5,
        r#"
0..2 Fixed Header
  0..1[7-4] Control Packet type = 3 PUBLISH
  0..1[3-3] DUP = false
  0..1[2-1] QoS = 0 At most once delivery
  0..1[0-0] RETAIN = false
  1..2 Remaining Length = 8
2..9 Variable Header
  2..4 Length = 1
  4..5 Topic Name = "a"
  5..9 Properties
    5..6 Property Length = 3
    6..9 Undecoded bytes = [7F, 00, 00]
9..10 Payload
  9..10 Application Message = [21]
unknown-property at byte 6 [MQTT-4.13.1-1]
"#,
    );
    check(b"", V5, "truncated at byte 0 [MQTT-4.13.1-1]");
    check(
        b"\xC5\x80",
        V3_1_1,
        r#"
0..1 Fixed Header
  0..1[7-4] Control Packet type = 12 PINGREQ
  0..1[3-0] Reserved = 5
1..2 Undecoded bytes = [80]
reserved-flags at byte 0 [MQTT-2.2.2-2]
"#,
    );
}

/// Every piece of every sample is covered, and so is every sample read by another version's rules.
#[test]
fn pieces() {
    for sample in sample::all() {
        for version in [V3_1_1, V5] {
            for len in 0..=sample.bytes.len() {
                let piece = &sample.bytes[..len];
                body::covers(piece, &dissect(piece, version));
            }
        }
    }
}
