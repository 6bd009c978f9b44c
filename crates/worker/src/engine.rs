//! The broker alone, for programs that bring their own transport: a program in Node, a benchmark.

use vitrine_broker::{Broker, Config, ConnectionId, Input, ObservationMask, Output, Peer, Time};
use wasm_bindgen::prelude::*;

use crate::shell::{as_millis, from_millis};

/// Bytes of a record's head.
const HEAD: usize = 8;

/// Bytes pulled for a connection at a time.
const PULL: usize = 64 * 1024;

/// Bytes handled between two pulls. The broker ends a connection for which too much waits, so it must not wait for a
/// long batch to end: the answers to this much are far below [`Config::max_unsent_control_bytes`].
const PIECE: usize = 64 * 1024;

/// An MQTT broker without transport, clock or randomness: bytes, time and a seed go in, bytes come out.
///
/// Bytes travel in *records*: the connection's number and the count of bytes that follow, both 32 bits little-endian,
/// and the bytes, cut anywhere. The caller writes any number of records into [`input`](Self::input), calls
/// [`turn`](Self::turn), and reads the records in [`output`](Self::output): one crossing for any number of connections
/// and packets. In the output a record of no bytes says that the broker has ended that connection.
///
/// Both places are in the module's memory, and move when it grows: ask for them anew in every turn. All times are
/// milliseconds since an epoch of the caller's choice.
#[wasm_bindgen]
pub struct Engine {
    broker: Broker,
    last: u32,
    input: Vec<u8>,
    output: Vec<u8>,
    ending: Vec<ConnectionId>,
    observed: f64,
}

#[wasm_bindgen]
impl Engine {
    /// A broker without sessions. `seed` makes its hashing unforeseeable.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(seed: u32, now: f64) -> Self {
        let config = Config {
            seed: u64::from(seed),
            ..Config::default()
        };
        Self {
            broker: Broker::new(config, from_millis(now)),
            last: 0,
            input: Vec::new(),
            output: Vec::new(),
            ending: Vec::new(),
            observed: 0.0,
        }
    }

    /// Opens a connection and gives its number. `door` is how it came, for people.
    pub fn open(&mut self, door: &str, now: f64) -> u32 {
        self.last += 1;
        let connection = ConnectionId(u64::from(self.last));
        self.broker.handle(
            Input::Opened {
                connection,
                peer: Peer::by(door),
            },
            from_millis(now),
        );
        self.last
    }

    /// The connection's transport is gone.
    pub fn close(&mut self, connection: u32, now: f64) {
        let connection = ConnectionId(u64::from(connection));
        self.broker
            .handle(Input::Closed { connection }, from_millis(now));
    }

    /// Where to write records: at least `capacity` bytes of the module's memory.
    pub fn input(&mut self, capacity: usize) -> *const u8 {
        if self.input.len() < capacity {
            self.input.resize(capacity, 0);
        }
        self.input.as_ptr()
    }

    /// Handles the first `length` bytes of the input, and pulls all that is to be sent. Gives the length of the output;
    /// or undefined, and does nothing, when the input does not end where a record ends.
    ///
    /// A turn is never too long for the connections in it. But all that it leads to is in memory at once, for a message
    /// to many clients once for each: a host does well to take turns of at most 64 KiB or so.
    pub fn turn(&mut self, length: usize, now: f64) -> Option<usize> {
        let now = from_millis(now);
        if !records(self.input.get(..length)?).all(|record| record.is_some()) {
            return None;
        }
        self.output.clear();
        let input = std::mem::take(&mut self.input);
        let mut unpulled = 0;
        for (connection, bytes) in records(&input[..length]).flatten() {
            for bytes in bytes.chunks(PIECE) {
                if unpulled + bytes.len() > PIECE {
                    self.pull(now);
                    unpulled = 0;
                }
                unpulled += bytes.len();
                self.broker
                    .handle(Input::Received { connection, bytes }, now);
            }
        }
        self.input = input;
        self.pull(now);
        for connection in self.ending.drain(..) {
            let start = self.output.len();
            self.output.extend_from_slice(&[0; HEAD]);
            head(&mut self.output[start..], connection, 0);
        }
        Some(self.output.len())
    }

    /// Makes records of all that is to be sent now.
    fn pull(&mut self, now: Time) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } => {
                    let start = self.output.len();
                    self.output.extend_from_slice(&[0; HEAD]);
                    let pulled = self
                        .broker
                        .poll_transmit(connection, &mut self.output, PULL, now);
                    if pulled == 0 {
                        self.output.truncate(start);
                    } else {
                        head(&mut self.output[start..], connection, pulled);
                    }
                }
                Output::Close { connection, .. } => self.ending.push(connection),
                Output::Persist | _ => {}
            }
            while self.broker.poll_observation().is_some() {
                self.observed += 1.0;
            }
        }
        // Also of what leads to no output.
        while self.broker.poll_observation().is_some() {
            self.observed += 1.0;
        }
    }

    /// Where the records are that the last turn made.
    #[must_use]
    pub fn output(&self) -> *const u8 {
        self.output.as_ptr()
    }

    /// When the broker wants its next turn, even without input; undefined for never.
    #[must_use]
    pub fn deadline(&self) -> Option<f64> {
        self.broker
            .next_deadline()
            .map(|deadline| as_millis(deadline.at))
    }

    /// The deadline has come; a turn is to follow.
    pub fn wake(&mut self, now: f64) {
        self.broker.handle(Input::Deadline, from_millis(now));
    }

    /// Has the broker make all observations, or none. They are counted and dropped.
    pub fn observe(&mut self, all: bool) {
        self.broker.observe(if all {
            ObservationMask::ALL
        } else {
            ObservationMask::NONE
        });
    }

    /// How many observations were made.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn observed(&self) -> f64 {
        self.observed
    }
}

/// Writes a record's head.
fn head(record: &mut [u8], connection: ConnectionId, length: usize) {
    // Numbers of connections are counted in 32 bits, and one pull is far below.
    #[expect(clippy::cast_possible_truncation)]
    let (connection, length) = (connection.0 as u32, length as u32);
    record[..4].copy_from_slice(&connection.to_le_bytes());
    record[4..HEAD].copy_from_slice(&length.to_le_bytes());
}

/// The records in `input`; `None` at last if it is cut off.
fn records(mut input: &[u8]) -> impl Iterator<Item = Option<(ConnectionId, &[u8])>> {
    std::iter::from_fn(move || {
        if input.is_empty() {
            return None;
        }
        let record = split(input);
        input = record.map_or(&[], |(_, _, rest)| rest);
        Some(record.map(|(connection, bytes, _)| (connection, bytes)))
    })
}

fn split(input: &[u8]) -> Option<(ConnectionId, &[u8], &[u8])> {
    let (head, rest) = input.split_at_checked(HEAD)?;
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (bytes, rest) = rest.split_at_checked(number(4) as usize)?;
    Some((ConnectionId(u64::from(number(0))), bytes, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_follow_each_other() {
        let mut input = vec![0; 2 * HEAD + 3];
        head(&mut input, ConnectionId(7), 3);
        input[HEAD..HEAD + 3].copy_from_slice(&[1, 2, 3]);
        head(&mut input[HEAD + 3..], ConnectionId(8), 0);
        let got: Vec<_> = records(&input).collect();
        assert_eq!(
            got,
            [
                Some((ConnectionId(7), &[1, 2, 3][..])),
                Some((ConnectionId(8), &[][..]))
            ]
        );
    }

    /// Gives the engine one record, and all bytes it has for that connection; `None` at the end if it was ended.
    fn turn(engine: &mut Engine, connection: u32, bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut record = vec![0; HEAD];
        head(
            &mut record,
            ConnectionId(u64::from(connection)),
            bytes.len(),
        );
        record.extend(bytes);
        engine.input(record.len());
        engine.input[..record.len()].copy_from_slice(&record);
        let length = engine.turn(record.len(), 1.0).unwrap();
        records(&engine.output[..length])
            .flatten()
            .map(|(to, bytes)| {
                assert_eq!(to.0, u64::from(connection));
                (!bytes.is_empty()).then(|| bytes.to_vec())
            })
            .collect()
    }

    /// Who sends much in one turn has had no occasion to read: that is not held against him.
    #[test]
    fn a_long_batch_ends_no_connection() {
        let mut engine = Engine::new(1, 0.0);
        let connection = engine.open("page", 0.0);
        let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a";
        let answer = turn(&mut engine, connection, connect);
        assert_eq!(answer, [Some(vec![0x20, 2, 0, 0])]);
        let count = Config::default().max_unsent_control_bytes;
        let answer = turn(&mut engine, connection, &[0xc0, 0].repeat(count));
        assert!(answer.iter().all(Option::is_some));
        let answer: Vec<u8> = answer.into_iter().flatten().flatten().collect();
        assert!(answer == [0xd0, 0].repeat(count));
    }

    /// A broker that ends a connection says so behind its last bytes.
    #[test]
    fn an_end_is_a_record_of_no_bytes() {
        let mut engine = Engine::new(1, 0.0);
        let connection = engine.open("page", 0.0);
        assert_eq!(turn(&mut engine, connection, &[0xc0, 0]), [None]);
    }

    #[test]
    fn a_record_that_is_cut_off_is_seen() {
        let mut input = vec![0; HEAD + 3];
        head(&mut input, ConnectionId(7), 3);
        for length in 1..input.len() {
            assert_eq!(records(&input[..length]).last(), Some(None), "{length}");
        }
        assert_eq!(records(&[]).count(), 0);
    }
}
