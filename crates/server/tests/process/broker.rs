//! A running broker, and a client that writes its bytes by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// `vitrine broker` on a free port. Killed when dropped.
pub(crate) struct Broker {
    process: Child,
    address: SocketAddr,
    /// Its log, as far as the test did not take it.
    pub(crate) log: Option<BufReader<ChildStderr>>,
}

impl Broker {
    /// Starts it with these flags. `shell` is done before, by the shell that then becomes the broker.
    pub(crate) fn start(shell: &str, flags: &[&str]) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
            .args([
                env!("CARGO_BIN_EXE_vitrine"),
                "broker",
                "--tcp",
                "127.0.0.1:0",
            ])
            .args(flags)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut told = String::new();
        let address = loop {
            let start = told.len();
            assert!(log.read_line(&mut told).unwrap() > 0, "it ended: {told}");
            if let Some((_, address)) = told[start..].split_once("mqtt://") {
                break address.trim().parse().unwrap();
            }
        };
        Self {
            process,
            address,
            log: Some(log),
        }
    }

    /// Reads its log on, so that it never waits for that.
    pub(crate) fn drain(&mut self) {
        let mut log = self.log.take().unwrap();
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    }

    pub(crate) fn connect(&self, client: &str) -> Client {
        let mut made = self.ask("127.0.0.1", client, None);
        assert_eq!(made.read(), Some((0x20, vec![0, 0])));
        made
    }

    /// As [`Self::connect`], with a Session that is kept, which is there already or not.
    pub(crate) fn resume(&self, client: &str, is_there: bool) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut made = Client { stream };
        let mut body = b"\0\x04MQTT\x04\0\0\0".to_vec();
        text(client, &mut body);
        made.send(0x10, &body);
        assert_eq!(made.read(), Some((0x20, vec![is_there.into(), 0])));
        made
    }

    /// As [`Self::connect`], of a client that promises to say something within so many seconds.
    pub(crate) fn keep_alive(&self, client: &str, seconds: u8) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut made = Client { stream };
        let mut body = b"\0\x04MQTT\x04\x02\0".to_vec();
        body.push(seconds);
        text(client, &mut body);
        made.send(0x10, &body);
        assert_eq!(made.read(), Some((0x20, vec![0, 0])));
        made
    }

    /// Ends it without a warning.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a CONNECT from this address, and waits for nothing.
    pub(crate) fn ask(&self, from: &str, client: &str, login: Option<[&str; 2]>) -> Client {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let from: SocketAddr = (from.parse::<IpAddr>().unwrap(), 0).into();
        socket.bind(&from.into()).unwrap();
        socket.connect(&self.address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut made = Client { stream };
        let flags = if login.is_some() { 0xc2 } else { 0x02 };
        let mut body = b"\0\x04MQTT\x04".to_vec();
        body.extend([flags, 0, 0]);
        text(client, &mut body);
        login
            .iter()
            .flatten()
            .for_each(|part| text(part, &mut body));
        made.send(0x10, &body);
        made
    }

    /// A connection on which nothing is said.
    pub(crate) fn knock(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn stop(self) -> ExitStatus {
        let id = self.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "it does not stop");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A 3.1.1 client.
pub(crate) struct Client {
    stream: TcpStream,
}

impl Client {
    /// How long it waits for an answer.
    pub(crate) fn patience(&self, most: Duration) {
        self.stream.set_read_timeout(Some(most)).unwrap();
    }

    /// Whether anything came that was not read.
    pub(crate) fn has_answer(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        self.stream.peek(&mut [0]).is_ok()
    }

    /// Waits for answers again, after [`Self::has_answer`].
    pub(crate) fn blocks(&self) {
        self.stream.set_nonblocking(false).unwrap();
    }

    pub(crate) fn send(&mut self, first: u8, body: &[u8]) {
        let mut packet = vec![first];
        let mut length = body.len();
        loop {
            let more = length > 0x7f;
            packet.push((length & 0x7f) as u8 | if more { 0x80 } else { 0 });
            length >>= 7;
            if !more {
                break;
            }
        }
        packet.extend_from_slice(body);
        self.stream.write_all(&packet).unwrap();
    }

    /// The next packet; `None` when none comes.
    pub(crate) fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).ok()?;
        let first = byte[0];
        let (mut length, mut shift) = (0, 0);
        loop {
            self.stream.read_exact(&mut byte).ok()?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((first, body))
    }

    /// Publishes a Retained Message with QoS 1.
    pub(crate) fn retain(&mut self, topic: &str, payload: &[u8]) {
        let mut body = Vec::new();
        text(topic, &mut body);
        body.extend([0, 1]);
        body.extend_from_slice(payload);
        self.send(0x33, &body);
    }

    /// Publishes with QoS 0.
    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8]) {
        let mut body = Vec::new();
        text(topic, &mut body);
        body.extend_from_slice(payload);
        self.send(0x30, &body);
    }

    /// Says that it is there; gives the answer.
    pub(crate) fn ping(&mut self) -> Option<(u8, Vec<u8>)> {
        self.send(0xC0, &[]);
        self.read()
    }

    pub(crate) fn subscribe(&mut self, filter: &str) {
        self.subscribe_with(filter, 0);
    }

    pub(crate) fn subscribe_with(&mut self, filter: &str, qos: u8) {
        let mut body = vec![0, 1];
        text(filter, &mut body);
        body.push(qos);
        self.send(0x82, &body);
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}
