//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian.

use alloc::vec::Vec;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const NAMES: u32 = 4;
const PACKET: u32 = 6;

/// What is on the network: packets that begin with an IP header.
pub(super) const NETWORK: u32 = 0;
const LINKTYPE_RAW: u16 = 101;
/// What was unwrapped: messages with tags that say who reads them (Wireshark's own "exported PDU").
pub(super) const UNWRAPPED: u32 = 1;
const LINKTYPE_UPPER_PDU: u16 = 252;

const COMMENT: u16 = 1;
const IF_NAME: u16 = 2;
const IF_DESCRIPTION: u16 = 3;
const APPLICATION: u16 = 4;
const RECORD_IPV4: u16 = 1;

/// Names and comments have no more bytes.
const LONGEST: usize = 255;

/// A file under way.
pub(super) struct File {
    bytes: Vec<u8>,
}

impl File {
    /// A file with its head. Times are in microseconds.
    pub(super) fn new() -> Self {
        let mut file = Self { bytes: Vec::new() };
        file.block(SECTION, |out| {
            out.extend(0x1a2b_3c4d_u32.to_le_bytes());
            out.extend(1_u16.to_le_bytes());
            out.extend(0_u16.to_le_bytes());
            // The length of the section is not told.
            out.extend(u64::MAX.to_le_bytes());
            option(out, APPLICATION, b"Vitrine");
            end_of_options(out);
        });
        file.interface(LINKTYPE_RAW, b"network", b"as at the broker");
        file.interface(LINKTYPE_UPPER_PDU, b"unwrapped", b"MQTT out of WebSocket");
        file
    }

    fn interface(&mut self, kind: u16, name: &[u8], description: &[u8]) {
        self.block(INTERFACE, |out| {
            out.extend(kind.to_le_bytes());
            out.extend([0; 2]);
            // Packets are not cut.
            out.extend(0_u32.to_le_bytes());
            option(out, IF_NAME, name);
            option(out, IF_DESCRIPTION, description);
            end_of_options(out);
        });
    }

    /// Says what addresses are called.
    pub(super) fn names<'a>(&mut self, names: impl Iterator<Item = ([u8; 4], &'a str)>) {
        self.block(NAMES, |out| {
            for (address, name) in names {
                let mut record = address.to_vec();
                let name = cut(name).replace('\0', " ");
                record.extend_from_slice(name.as_bytes());
                record.push(0);
                option(out, RECORD_IPV4, &record);
            }
            end_of_options(out);
        });
    }

    /// A packet on an interface at a time in microseconds, with what is to be said of it.
    pub(super) fn packet(&mut self, interface: u32, at: u64, packet: &[u8], comment: &str) {
        self.block(PACKET, |out| {
            out.extend(interface.to_le_bytes());
            out.extend(((at >> 32) as u32).to_le_bytes());
            out.extend((at as u32).to_le_bytes());
            let length = packet.len() as u32;
            out.extend(length.to_le_bytes());
            out.extend(length.to_le_bytes());
            out.extend_from_slice(packet);
            pad(out);
            if !comment.is_empty() {
                option(out, COMMENT, cut(comment).as_bytes());
                end_of_options(out);
            }
        });
    }

    /// What was written since this was asked for last.
    pub(super) fn written(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }

    /// Whether there is nothing of that.
    pub(super) fn is_written(&self) -> bool {
        self.bytes.is_empty()
    }

    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.bytes.len();
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend([0; 4]);
        body(&mut self.bytes);
        let length = ((self.bytes.len() - begin + 4) as u32).to_le_bytes();
        self.bytes[begin + 4..begin + 8].copy_from_slice(&length);
        self.bytes.extend(length);
    }
}

fn option(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend((value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    pad(out);
}

fn end_of_options(out: &mut Vec<u8>) {
    out.extend([0; 4]);
}

/// Everything is a multiple of four bytes long, and so is all before it.
fn pad(out: &mut Vec<u8>) {
    while !out.len().is_multiple_of(4) {
        out.push(0);
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
