//! The page, in Yew: it draws the frames that the worker sends and sends commands back.
//!
//! - [`state`]: what the user chose (selection, depth, pause, filters); reflected in the address.
//! - `bridge`: the only ways out of the page: `window.vitrine`.
//! - `text`: every word a user reads comes from `web/locales/`.
//! - One folder per view: `topics`, `flow`, `selected`, `matches`, `clients`, `packet`; `chrome` is
//!   what surrounds them, `compose` where one publishes and connects.
//!
//! **Invariant:** this crate knows the broker only through `vitrine_link`.

#![forbid(unsafe_code)]

mod access;
mod app;
mod bridge;
mod carry;
mod chrome;
mod clients;
mod compose;
mod flow;
mod heads;
mod hook;
mod lab;
mod matches;
mod packet;
mod page;
mod part;
mod save;
mod selected;
mod settings;
mod sign;
pub mod state;
mod text;
mod topics;

/// Draws the page into the document's body. Called once, by `main`.
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
