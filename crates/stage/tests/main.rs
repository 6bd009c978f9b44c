//! A page's lab, as the page meets it: commands in, frames out.

mod access;
mod beside;
mod capture;
mod common;
mod lessons;
mod moving;
mod random;
mod recordings;
mod roads;
mod running;
mod share;
