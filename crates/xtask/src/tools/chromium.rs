//! Chromium and its WebDriver, for the tests that need a browser.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::debian;
use crate::command;

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Where installers put it without touching PATH.
const PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];

/// Finds Chromium (`$CHROMIUM` first), or installs it on Debian.
pub(crate) fn find() -> Result<PathBuf> {
    if let Some(path) = named_by("CHROMIUM")? {
        return Ok(path);
    }
    let search = || {
        command::find(&NAMES).or_else(|| {
            PLACES
                .iter()
                .map(PathBuf::from)
                .find(|place| place.is_file())
        })
    };
    if let Some(path) = search() {
        return Ok(path);
    }
    if debian::is_debian() {
        debian::install(&["chromium"])?;
        if let Some(path) = search() {
            return Ok(path);
        }
    }
    bail!(
        "no Chromium found. macOS: brew install --cask chromium; Windows: winget install Google.Chrome; \
         elsewhere set CHROMIUM to the program"
    )
}

/// Finds chromedriver (`$CHROMEDRIVER` first), or installs it on Debian. Its version must be the browser's.
pub(crate) fn driver() -> Result<PathBuf> {
    if let Some(path) = named_by("CHROMEDRIVER")? {
        return Ok(path);
    }
    let search = || command::find(&["chromedriver"]);
    if let Some(path) = search() {
        return Ok(path);
    }
    if debian::is_debian() {
        debian::install(&["chromium-driver"])?;
        if let Some(path) = search() {
            return Ok(path);
        }
    }
    bail!(
        "no chromedriver found. macOS: brew install --cask chromedriver; Windows: winget install \
         Chromium.ChromeDriver; elsewhere set CHROMEDRIVER to the program"
    )
}

fn named_by(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = env::var_os(variable).map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.is_file() {
        bail!("{variable} names {}, which is not there", path.display());
    }
    Ok(Some(path))
}
