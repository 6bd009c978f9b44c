//! Who may do what on a broker: what an operator writes, read into the broker's
//! [`Access`](vitrine_broker::Access).
//!
//! - [`passwords`]: the file with the users, one a line, and changing it without disturbing the rest.
//! - [`hash`], [`verify`]: passwords as argon2id hashes. Slow on purpose: a host that serves clients calls
//!   [`verify`] on another thread.
//! - [`scram_keys`]: what a server keeps of a password for SCRAM-SHA-256.
//! - [`Settings`]: the table `[access]` of a configuration file, with the rules.
//!
//! Nothing here reads a file or draws a random number: the callers give texts and salts. So a server and
//! a page in a browser understand the same configuration.
//!
//! ```
//! use vitrine_access::{Settings, passwords};
//!
//! let settings = Settings::from_toml(
//!     r#"
//!     [access]
//!     anonymous = true
//!     default = "deny"
//!     rules = [
//!         { allow = ["subscribe", "receive"], topics = "public/#" },
//!         { name = "own corner", user = "*", allow = "all", topics = "home/%u/#" },
//!     ]
//!     "#,
//! )?;
//! let access = settings.into_access(passwords::parse("# nobody yet\n")?);
//! assert_eq!(access.rules.len(), 2);
//! # Ok::<(), vitrine_access::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod hash;
pub mod passwords;
mod scram;
mod settings;

pub use error::Error;
pub use hash::{Cost, SALT_LENGTH, hash, verify};
pub use scram::{MIN_ITERATIONS, scram_keys};
pub use settings::Settings;
