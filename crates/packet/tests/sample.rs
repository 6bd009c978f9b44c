//! A valid packet of every kind, by hand.

use vitrine_packet::ProtocolVersion::{self, V3_1, V3_1_1, V5};

/// A valid packet and the version it is of.
pub(crate) struct Sample {
    pub(crate) version: ProtocolVersion,
    pub(crate) bytes: Vec<u8>,
}

/// All samples.
pub(crate) fn all() -> Vec<Sample> {
    let old: &[(ProtocolVersion, u8, &[u8])] = &[
        (V3_1, 0x10, b"\0\x06MQIsdp\x03\x02\0\x3C\0\x03old"),
        (V3_1_1, 0x10, b"\0\x04MQTT\x04\x02\0\x3C\0\x06sensor"),
        (
            V3_1_1,
            0x10,
            b"\0\x04MQTT\x04\xF6\0\0\0\x01c\0\x04will\0\x03bye\0\x04user\0\x04pass",
        ),
        (V3_1_1, 0x20, b"\x01\0"),
        (V3_1_1, 0x20, b"\0\x05"),
        (V3_1_1, 0x30, b"\0\x07area/10payload"),
        (V3_1_1, 0x3D, b"\0\x08\xC3\xA1rea/10\x12\x34"),
        (V3_1_1, 0x40, b"\0\x01"),
        (V3_1_1, 0x50, b"\0\x02"),
        (V3_1_1, 0x62, b"\xFF\xFF"),
        (V3_1_1, 0x70, b"\x80\0"),
        (V3_1_1, 0x82, b"\0\x09\0\x08area/+/#\x01\0\x01+\x02"),
        (V3_1_1, 0x90, b"\0\x09\x01\x80"),
        (V3_1_1, 0xA2, b"\0\x0A\0\x01#\0\x03a/b"),
        (V3_1_1, 0xB0, b"\0\x0A"),
        (V3_1_1, 0xC0, b""),
        (V3_1_1, 0xD0, b""),
        (V3_1_1, 0xE0, b""),
    ];
    let new: &[(ProtocolVersion, u8, &[u8])] = &[
        (
            V5,
            0x10,
            b"\0\x04MQTT\x05\xCE\0\x3C\x14\x11\0\0\0\x0A\x15\0\x01m\x16\0\x01d\x26\0\x01k\0\x01v\
              \0\x06client\x05\x18\0\0\0\x05\0\x01w\0\x01!\0\x01u\0\x01p",
        ),
        (V5, 0x20, b"\0\0\x0C\x12\0\x02id\x24\x01\x22\0\x0A\x2A\0"),
        (V5, 0x20, b"\0\x87\x06\x1F\0\x03why"),
        (V5, 0x30, b"\0\0\x03\x23\0\x05aliased"),
        (
            V5,
            0x3B,
            b"\0\x03a/b\0\x07\x16\x01\x01\x02\0\0\0\x3C\x03\0\x01j\x08\0\x01r\x09\0\x01c\x0B\x81\x01{}",
        ),
        (V5, 0x32, b"\0\x03a/b\0\x07\x0E\x26\0\x01k\0\x01v\x26\0\x01k\0\x01w21.4"),
        (V5, 0x40, b"\0\x01"),
        (V5, 0x40, b"\0\x01\x10"),
        (V5, 0x50, b"\0\x01\x97\x06\x1F\0\x03why"),
        (V5, 0x62, b"\0\x01\x92\0"),
        (V5, 0x70, b"\0\x01\0\x07\x26\0\x01a\0\x01b"),
        (V5, 0x82, b"\0\x01\x02\x0B\x07\0\x03a/#\x1E\0\x0A$share/g/+\x21"),
        (V5, 0x90, b"\0\x01\0\0\x01\x02\x8F"),
        (V5, 0xA2, b"\0\x02\0\0\x0A$share/g/+\0\x01a"),
        (V5, 0xB0, b"\0\x02\0\0\x11"),
        (V5, 0xC0, b""),
        (V5, 0xD0, b""),
        (V5, 0xE0, b""),
        (V5, 0xE0, b"\x9D\x0A\x1C\0\x07example"),
        (V5, 0xF0, b""),
        (V5, 0xF0, b"\x18\x09\x15\0\x01m\x16\0\x02hi"),
    ];
    old.iter()
        .chain(new)
        .map(|&(version, first, rest)| Sample {
            version,
            bytes: [&[first, rest.len() as u8], rest].concat(),
        })
        .collect()
}
