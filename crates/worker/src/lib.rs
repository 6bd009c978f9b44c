//! The web worker that hosts the broker; and, as another instance, the one that has a page's lab.
//!
//! A thin shell: it hands the broker bytes, time and a seed, and takes bytes, deadlines and observations to where they
//! belong. What it decides is only how much travels when.
//!
//! - `hub` holds the broker and, for each connection, what is under way to its client. It knows no browser.
//! - `shell` is the worker's part in the browser: ports, channels, locks, timers.
//! - `guard` holds who may do what, as texts and as what they mean.
//! - `virtuals` are clients of the lab's that join the broker.
//! - `views` answers the pages that look.
//! - `room` is what a page has open in the lab, in a worker of that page's own.
//! - [`Engine`] is the broker alone, for programs that bring their own transport.
//!
//! What travels between a client and this worker is written down in `web/door/wire.js`.

mod engine;
mod giving;
mod guard;
mod hub;
mod page;
mod room;
mod shell;
mod views;
mod virtuals;

pub use engine::Engine;

/// Starts the worker, if this is one: puts the listeners in place and returns. In another context (where only
/// [`Engine`] is wanted) nothing happens.
pub fn start() {
    shell::start();
}
