//! The broker as a wasm module for `wasm_throughput.mjs`, which drives it from JavaScript: bytes in,
//! bytes out, through one buffer each way.
//!
//! ```text
//! cargo build --release -p vitrine-broker --example wasm_throughput --target wasm32-unknown-unknown
//! node crates/broker/examples/wasm_throughput.mjs [messages]
//! ```

use std::cell::RefCell;

use vitrine_broker::{Broker, Config, ConnectionId, Input, ObservationMask, Output, Peer, Time};

/// Bytes that fit the way in; as many are asked for on the way out.
const BUFFER: usize = 1 << 16;

struct Module {
    broker: Broker,
    input: Vec<u8>,
    output: Vec<u8>,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::new(Module {
        broker: Broker::new(Config::default(), Time::ZERO),
        input: vec![0; BUFFER],
        output: Vec::with_capacity(2 * BUFFER),
    });
}

fn with<T>(then: impl FnOnce(&mut Module) -> T) -> T {
    MODULE.with(|module| then(&mut module.borrow_mut()))
}

/// Begins with a new broker; observed or not.
#[unsafe(no_mangle)]
pub extern "C" fn reset(observed: bool) {
    with(|module| {
        module.broker = Broker::new(Config::default(), Time::ZERO);
        if observed {
            module.broker.observe(ObservationMask::ALL);
        }
    });
}

/// Where bytes for the broker are to be put.
#[unsafe(no_mangle)]
pub extern "C" fn input() -> *const u8 {
    with(|module| module.input.as_ptr())
}

/// Where the bytes are that [`pull`] gave.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    with(|module| module.output.as_ptr())
}

/// Opens a connection.
#[unsafe(no_mangle)]
pub extern "C" fn open(connection: u32) {
    with(|module| {
        let connection = ConnectionId(connection.into());
        let peer = Peer::by("bench");
        module
            .broker
            .handle(Input::Opened { connection, peer }, Time::ZERO);
    });
}

/// Hands so many bytes of the input buffer to the broker.
#[unsafe(no_mangle)]
pub extern "C" fn receive(connection: u32, length: usize) {
    with(|module| {
        let connection = ConnectionId(connection.into());
        let bytes = &module.input[..length];
        module
            .broker
            .handle(Input::Received { connection, bytes }, Time::ZERO);
        while module.broker.poll_observation().is_some() {}
    });
}

/// The next connection that has bytes to pull; -1 when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn next() -> i32 {
    with(|module| {
        loop {
            match module.broker.poll_output() {
                None => return -1,
                Some(Output::Transmit { connection }) => return connection.0 as i32,
                Some(_) => {}
            }
        }
    })
}

/// Pulls bytes of a connection into the output buffer, and says how many.
#[unsafe(no_mangle)]
pub extern "C" fn pull(connection: u32) -> usize {
    with(|module| {
        module.output.clear();
        let connection = ConnectionId(connection.into());
        let count = module
            .broker
            .poll_transmit(connection, &mut module.output, BUFFER, Time::ZERO);
        while module.broker.poll_observation().is_some() {}
        count
    })
}
