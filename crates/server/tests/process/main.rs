//! The program as somebody else's machine runs it: with a log that nobody reads, a disk that is full, and signals.
#![cfg(unix)]

mod answers;
mod broker;
mod crowd;
mod disk;
mod files;
mod log;
mod login;
mod pace;
mod place;
mod terminal;
