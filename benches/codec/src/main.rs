//! vitrine-packet beside other Rust codecs of MQTT, in one run, as a table.
//!
//! `cargo run --release --manifest-path benches/codec/Cargo.toml [-- ROUNDS]`
//!
//! Each codec is used through its own API, with the buffers that this API asks for:
//!
//! - *decode*: a buffer holds many packets one after the other; each is read, handed to
//!   `black_box`, and dropped. Filling the buffer does not count. mqttrs and mqtt-protocol-core do
//!   not say how long a packet was and are told where each begins, which is in their favour; so is,
//!   in a row of its own, vitrine-packet.
//! - *encode*: a packet that exists already is written into an empty buffer that has room;
//!   mqtt-protocol-core returns a new buffer each time.
//!
//! Contenders take turns within each round, so that whatever else the machine does befalls all of
//! them. The best round is what the code costs when nothing disturbs it, and what the ratios compare;
//! the median tells how much was disturbed. Below 1 vitrine-packet is faster.

mod harness;
mod ours;
mod peers;
mod sample;

use harness::{Contender, race};
use sample::Sample;

fn main() {
    let rounds = std::env::args().nth(1).map_or(200, |rounds| {
        rounds.parse().expect("the number of rounds is a number")
    });
    let samples = [
        Sample::publish(64),
        Sample::publish(4096),
        Sample::puback(),
        Sample::publish_with_user_properties(64),
    ];
    for (title, contenders) in [
        ("decode", decoders as fn(&Sample) -> Vec<Contender<'_>>),
        ("encode", encoders),
    ] {
        println!("\n| {title} | codec | ns, best | median | to the fastest peer |");
        println!("| --- | --- | ---: | ---: | ---: |");
        for sample in &samples {
            race(sample.name, contenders(sample), rounds);
        }
    }
}

fn decoders(sample: &Sample) -> Vec<Contender<'_>> {
    let mut contenders = ours::decoders(sample);
    contenders.extend(peers::decoders(sample));
    contenders
}

fn encoders(sample: &Sample) -> Vec<Contender<'_>> {
    let mut contenders = ours::encoders(sample);
    contenders.extend(peers::encoders(sample));
    contenders
}
