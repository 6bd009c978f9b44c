//! A client that does what the measurement needs, by blocking calls.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::patiently;

/// A connected client.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How much of the buffer was looked at.
    used: usize,
}

impl Client {
    pub(crate) fn connect(port: u16, name: &str) -> io::Result<Self> {
        let stream = patiently(|| TcpStream::connect(("127.0.0.1", port)))?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream,
            buffer: Vec::new(),
            used: 0,
        };
        let body = [
            b"\0\x04MQTT\x04\x02\0\0\0",
            &[name.len() as u8][..],
            name.as_bytes(),
        ]
        .concat();
        client
            .stream
            .write_all(&[&[0x10, body.len() as u8], &body[..]].concat())?;
        client.next()?;
        Ok(client)
    }

    pub(crate) fn subscribe(&mut self, filter: &str, qos: u8) -> io::Result<()> {
        let body = [&[0, 1, 0, filter.len() as u8], filter.as_bytes(), &[qos]].concat();
        self.stream
            .write_all(&[&[0x82, body.len() as u8], &body[..]].concat())?;
        self.next().map(drop)
    }

    /// Sends so many messages in one piece.
    pub(crate) fn publish(&mut self, topic: &str, qos: u8, count: usize) -> io::Result<()> {
        let mut bytes = Vec::new();
        for id in 1..=count as u16 {
            let id = id.to_be_bytes();
            let id = if qos > 0 { &id[..] } else { &[] };
            let body = [&[0, topic.len() as u8], topic.as_bytes(), id, &[b'x'; 64]].concat();
            bytes.extend([0x30 | qos << 1, body.len() as u8]);
            bytes.extend(body);
        }
        self.stream.write_all(&bytes)
    }

    /// Waits for so many messages, and acknowledges them.
    pub(crate) fn receive(&mut self, count: usize, qos: u8) -> io::Result<()> {
        let mut answers = Vec::new();
        for _ in 0..count {
            let (first, body) = self.next()?;
            assert_eq!(first >> 4, 3, "a PUBLISH is wanted");
            if qos > 0 {
                let at = body.start + 2 + usize::from(self.buffer[body.start + 1]);
                answers.extend([0x40, 2, self.buffer[at], self.buffer[at + 1]]);
            }
        }
        self.stream.write_all(&answers)
    }

    /// Waits for so many acknowledgements.
    pub(crate) fn acknowledged(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let (first, _) = self.next()?;
            assert_eq!(first, 0x40, "a PUBACK is wanted");
        }
        Ok(())
    }

    /// The next packet: its first byte, and where in the buffer its body is. Packets are shorter than 128 bytes here.
    fn next(&mut self) -> io::Result<(u8, std::ops::Range<usize>)> {
        loop {
            if let [first, length, ..] = self.buffer[self.used..] {
                let body = self.used + 2..self.used + 2 + usize::from(length);
                if body.end <= self.buffer.len() {
                    self.used = body.end;
                    return Ok((first, body));
                }
            }
            self.buffer.drain(..self.used);
            self.used = 0;
            let have = self.buffer.len();
            self.buffer.resize(have + 65_536, 0);
            let read = self.stream.read(&mut self.buffer[have..])?;
            self.buffer.truncate(have + read);
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
