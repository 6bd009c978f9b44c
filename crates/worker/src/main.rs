//! Starts the worker.

fn main() {
    vitrine_worker::start();
}
