//! What operators write, read into what the broker is given.

mod hash;
mod passwords;
mod settings;
