//! Other people's MQTT clients, which the native broker is tested with: Mosquitto's and paho-mqtt for Python. (MQTT.js comes
//! with the npm packages.)

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tools::debian;
use crate::{command, project, say};

/// Where they are.
pub(crate) struct Clients {
    /// mosquitto_pub.
    pub(crate) publisher: PathBuf,
    /// mosquitto_sub.
    pub(crate) subscriber: PathBuf,
    /// A Python that has paho-mqtt.
    pub(crate) python: PathBuf,
}

impl fmt::Display for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.publisher.display(), self.python.display())
    }
}

/// Finds the clients, or installs them where that needs no password.
pub(crate) fn find() -> Result<Clients> {
    if command::find(&["mosquitto_pub"]).is_none() && debian::is_debian() {
        debian::install(&["mosquitto-clients"])?;
    }
    let mosquitto = |name: &'static str| {
        command::find(&[name]).with_context(|| {
            format!("{name} is not installed. Debian: sudo apt-get install mosquitto-clients; macOS: brew install mosquitto")
        })
    };
    Ok(Clients {
        publisher: mosquitto("mosquitto_pub")?,
        subscriber: mosquitto("mosquitto_sub")?,
        python: python()?,
    })
}

/// A Python with paho-mqtt: the user's, Debian's, or one in the cache that has nothing else.
fn python() -> Result<PathBuf> {
    let own = project::cache()?.join("paho-mqtt");
    let known = || {
        let found = command::find(&["python3"]).into_iter();
        found
            .chain([PathBuf::from("/usr/bin/python3"), own.join("bin/python3")])
            .find(|python| has_paho(python))
    };
    if let Some(python) = known() {
        return Ok(python);
    }
    if debian::is_debian()
        && debian::install(&["python3-paho-mqtt"]).is_ok()
        && let Some(python) = known()
    {
        return Ok(python);
    }
    let Some(python) = command::find(&["python3"]) else {
        bail!(
            "Python is not installed. Debian: sudo apt-get install python3-paho-mqtt; macOS: brew install python"
        );
    };
    say::begin(format_args!("installing paho-mqtt into {}", own.display()));
    command::run_quietly(Command::new(python).args(["-m", "venv"]).arg(&own))?;
    command::run_quietly(Command::new(own.join("bin/pip")).args([
        "install",
        "--quiet",
        "paho-mqtt",
    ]))?;
    known().context("paho-mqtt was installed, but Python does not find it")
}

fn has_paho(python: &Path) -> bool {
    command::capture(Command::new(python).args(["-c", "import paho.mqtt.client"]))
        .is_ok_and(|said| said.status.success())
}
