//! tshark, Wireshark's program without windows, which reads the captures that we write.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command;
use crate::tools::debian;

/// Finds it, or installs it where that needs no password.
pub(crate) fn find() -> Result<PathBuf> {
    if command::find(&["tshark"]).is_none() && debian::is_debian() {
        debian::install(&["tshark"])?;
    }
    command::find(&["tshark"]).context(
        "tshark is not installed. Debian: sudo apt-get install tshark; macOS: brew install wireshark",
    )
}
