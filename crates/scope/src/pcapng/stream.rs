//! A TCP connection between a client and the broker.

use alloc::vec::Vec;

use crate::pcapng::block::{File, NETWORK, UNWRAPPED};

/// Bytes of data in one segment.
const SEGMENT: usize = 32 * 1024;
const IP_HEADER: usize = 20;
const TCP_HEADER: usize = 20;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// Tags of an exported PDU.
const END_OF_TAGS: u16 = 0;
const READ_BY: u16 = 12;
const IPV4_SOURCE: u16 = 20;
const IPV4_DESTINATION: u16 = 21;
const PORT_TYPE: u16 = 24;
const SOURCE_PORT: u16 = 25;
const DESTINATION_PORT: u16 = 26;
/// The port type.
const TCP: u32 = 2;

/// An end: its address, its port, and the number of the next byte it sends.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) address: [u8; 4],
    pub(super) port: u16,
    next: u32,
}

/// A connection.
pub(super) struct Stream {
    client: End,
    broker: End,
    /// Packets made so far, both ways.
    packets: u16,
}

impl Stream {
    pub(super) fn new(client: ([u8; 4], u16), broker: ([u8; 4], u16)) -> Self {
        let end = |(address, port), next| End {
            address,
            port,
            next,
        };
        Self {
            client: end(client, 1_000),
            broker: end(broker, 2_000),
            packets: 0,
        }
    }

    /// The handshake.
    pub(super) fn open(&mut self, at: u64, file: &mut File, comment: &str) {
        self.segment(true, SYN, &[], at, file, comment);
        self.segment(false, SYN | ACK, &[], at, file, "");
        self.segment(true, ACK, &[], at, file, "");
    }

    /// Data in one direction, in as many segments as it needs.
    pub(super) fn data(
        &mut self,
        to_broker: bool,
        data: &[u8],
        at: u64,
        file: &mut File,
        comment: &str,
    ) {
        let count = data.len().div_ceil(SEGMENT);
        for (index, part) in data.chunks(SEGMENT).enumerate() {
            let last = index + 1 == count;
            let flags = if last { PSH | ACK } else { ACK };
            self.segment(to_broker, flags, part, at, file, comment);
        }
    }

    /// A Control Packet once more, out of what it was wrapped into: Wireshark does not look for MQTT in WebSocket
    /// by itself.
    pub(super) fn unwrapped(
        &self,
        to_broker: bool,
        packet: &[u8],
        at: u64,
        file: &mut File,
        comment: &str,
    ) {
        let (from, to) = if to_broker {
            (&self.client, &self.broker)
        } else {
            (&self.broker, &self.client)
        };
        let mut pdu = Vec::with_capacity(packet.len() + 64);
        let mut tag = |tag: u16, value: &[u8]| {
            pdu.extend(tag.to_be_bytes());
            pdu.extend((value.len() as u16).to_be_bytes());
            pdu.extend_from_slice(value);
        };
        tag(READ_BY, b"mqtt");
        tag(IPV4_SOURCE, &from.address);
        tag(IPV4_DESTINATION, &to.address);
        tag(PORT_TYPE, &TCP.to_be_bytes());
        tag(SOURCE_PORT, &u32::from(from.port).to_be_bytes());
        tag(DESTINATION_PORT, &u32::from(to.port).to_be_bytes());
        tag(END_OF_TAGS, &[]);
        pdu.extend_from_slice(packet);
        file.packet(UNWRAPPED, at, &pdu, comment);
    }

    /// The end, which one side begins.
    pub(super) fn close(&mut self, by_client: bool, at: u64, file: &mut File) {
        self.segment(by_client, FIN | ACK, &[], at, file, "");
        self.segment(!by_client, FIN | ACK, &[], at, file, "");
        self.segment(by_client, ACK, &[], at, file, "");
    }

    /// The end without a word.
    pub(super) fn reset(&mut self, by_client: bool, at: u64, file: &mut File, comment: &str) {
        self.segment(by_client, RST | ACK, &[], at, file, comment);
    }

    fn segment(
        &mut self,
        to_broker: bool,
        flags: u8,
        data: &[u8],
        at: u64,
        file: &mut File,
        comment: &str,
    ) {
        let (from, to) = if to_broker {
            (&mut self.client, &self.broker)
        } else {
            (&mut self.broker, &self.client)
        };
        self.packets = self.packets.wrapping_add(1);
        let acknowledged = if flags & ACK == 0 { 0 } else { to.next };
        let packet = packet(from, to, acknowledged, flags, data, self.packets);
        let counts = data.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        from.next = from.next.wrapping_add(counts);
        file.packet(NETWORK, at, &packet, comment);
    }
}

/// An IP packet with a TCP segment.
fn packet(from: &End, to: &End, ack: u32, flags: u8, data: &[u8], number: u16) -> Vec<u8> {
    // Who begins says that its window counts in steps of 16 KiB: so nothing ever has to wait for room.
    let options: &[u8] = if flags & SYN == 0 {
        &[]
    } else {
        &[3, 3, 14, 0]
    };
    let header = TCP_HEADER + options.len();
    let mut packet = Vec::with_capacity(IP_HEADER + header + data.len());
    let total = (IP_HEADER + header + data.len()) as u16;
    packet.extend([0x45, 0]);
    packet.extend(total.to_be_bytes());
    packet.extend(number.to_be_bytes());
    // Not to be fragmented; 64 hops; TCP.
    packet.extend([0x40, 0, 64, 6, 0, 0]);
    packet.extend(from.address);
    packet.extend(to.address);
    let sum = checksum(0, &packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());

    packet.extend(from.port.to_be_bytes());
    packet.extend(to.port.to_be_bytes());
    packet.extend(from.next.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([(header as u8 / 4) << 4, flags]);
    packet.extend(u16::MAX.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend_from_slice(options);
    packet.extend_from_slice(data);
    let segment = &packet[IP_HEADER..];
    // The addresses, the protocol and the length count too.
    let mut pseudo = u32::from(6_u8) + segment.len() as u32;
    for half in packet[12..20].chunks_exact(2) {
        pseudo += u32::from(u16::from_be_bytes([half[0], half[1]]));
    }
    let sum = checksum(pseudo, segment);
    packet[IP_HEADER + 16..IP_HEADER + 18].copy_from_slice(&sum.to_be_bytes());
    packet
}

/// The Internet checksum (RFC 1071).
fn checksum(begin: u32, bytes: &[u8]) -> u16 {
    let mut sum = u64::from(begin);
    for pair in bytes.chunks(2) {
        let low = pair.get(1).copied().unwrap_or(0);
        sum += u64::from(u16::from_be_bytes([pair[0], low]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071, section 3.
    #[test]
    fn the_checksum_is_the_internets() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(checksum(0, &bytes), !0xddf2);
        assert_eq!(checksum(0, &[0x01]), !0x0100);
    }
}
