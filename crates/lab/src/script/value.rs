//! What stands behind a key: numbers, times, texts.

use alloc::borrow::Cow;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_packet::QoS;

use super::words::{Word, quote_value};

/// No duration is longer: sums of them never come near the end of time.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);

/// A setting: its key and what stands behind it, if anything does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) key: &'a str,
    value: Option<&'a [u8]>,
}

impl<'a> Setting<'a> {
    /// A word as a setting: `key=value`, or a bare key.
    pub(crate) fn of(word: &'a Word) -> Result<Self, String> {
        if let Some(key) = &word.key {
            let value = Some(&word.bytes[..]);
            return Ok(Self { key, value });
        }
        match word.bare() {
            Some(key) => Ok(Self { key, value: None }),
            None => Err(format!(
                "{} stands where a setting must: write key=value",
                word.shown()
            )),
        }
    }

    /// Words as settings, of which each may stand there once; a property may stand there more often.
    pub(super) fn each(words: &'a [Word]) -> impl Iterator<Item = Result<Self, String>> {
        let mut seen = Vec::new();
        words.iter().map(move |word| {
            let setting = Self::of(word)?;
            let key = setting.key;
            let repeats = key == "property" || key.ends_with("-property");
            if !repeats && seen.contains(&key) {
                return Err(format!("{key} stands there twice"));
            }
            seen.push(key);
            Ok(setting)
        })
    }

    pub(crate) fn bytes(&self) -> Result<&'a [u8], String> {
        let key = self.key;
        self.value
            .ok_or_else(|| format!("{key} needs a value: {key}=…"))
    }

    pub(crate) fn text(&self) -> Result<&'a str, String> {
        let bytes = self.bytes()?;
        core::str::from_utf8(bytes).map_err(|_| format!("{} must be a text in UTF-8", self.key))
    }

    /// A whole number, within limits.
    pub(crate) fn number(&self, least: u64, most: u64) -> Result<u64, String> {
        let text = self.text()?;
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| {
                let key = self.key;
                format!("{key}={text} is no whole number from {least} to {most}")
            })
    }

    /// A time with its unit.
    pub(crate) fn duration(&self, least: Duration) -> Result<Duration, String> {
        let found = duration(self.text()?).map_err(|why| format!("{}: {why}", self.key))?;
        if found < least {
            let least = write_duration(least);
            return Err(format!("{} must be at least {least}", self.key));
        }
        Ok(found)
    }

    /// Whole seconds: a number, or a time with its unit; `never` is the most.
    pub(crate) fn seconds(&self, most: u32) -> Result<u32, String> {
        let (key, text) = (self.key, self.text()?);
        if text == "never" && most == u32::MAX {
            return Ok(u32::MAX);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.number(0, most.into()).map(|number| number as u32);
        }
        let found = duration(text).map_err(|why| format!("{key}: {why}"))?;
        let seconds = u32::try_from(found.as_secs()).ok();
        seconds
            .filter(|seconds| found.subsec_nanos() == 0 && *seconds <= most)
            .ok_or_else(|| format!("{key} must be whole seconds, {most} at most"))
    }

    pub(crate) fn qos(&self) -> Result<QoS, String> {
        let text = self.text()?;
        match text {
            "0" => Ok(QoS::AtMostOnce),
            "1" => Ok(QoS::AtLeastOnce),
            "2" => Ok(QoS::ExactlyOnce),
            _ => Err(format!("{}={text}: a QoS is 0, 1 or 2", self.key)),
        }
    }

    /// `yes` or `no`; the bare key is `yes`.
    pub(crate) fn yes(&self) -> Result<bool, String> {
        match self.value {
            None | Some(b"yes") => Ok(true),
            Some(b"no") => Ok(false),
            Some(_) => Err(format!("{} is yes or no", self.key)),
        }
    }
}

/// A time with its unit, such as `1.5s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("{text:?} is no time: write a number and us, ms, s, m, h or d, such as 250ms or 2s")
    };
    let unit_at = text
        .find(|sign: char| sign.is_ascii_alphabetic())
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let micros: u64 = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return Err(wrong()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 9 {
        return Err(wrong());
    }
    let scale = 10_u64.pow(part.len() as u32);
    let part: u64 = part.parse().map_err(|_| wrong())?;
    let part = u128::from(part) * u128::from(micros);
    if part % u128::from(scale) != 0 {
        return Err(format!("{text:?}: nothing is shorter than 1us"));
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let total = u128::from(whole) * u128::from(micros) + part / u128::from(scale);
    u64::try_from(total)
        .ok()
        .map(Duration::from_micros)
        .filter(|found| *found <= LONGEST)
        .ok_or_else(|| format!("{text:?} is too long: 3650d at most"))
}

/// The shortest way to write a time.
pub(crate) fn write_duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    let units = [
        (86_400_000_000, "d"),
        (3_600_000_000, "h"),
        (60_000_000, "m"),
        (1_000_000, "s"),
        (1_000, "ms"),
    ];
    if micros == 0 {
        return "0s".to_string();
    }
    let unit = units.iter().find(|(unit, _)| micros.is_multiple_of(*unit));
    match unit {
        Some((unit, name)) => format!("{}{name}", micros / unit),
        None => format!("{micros}us"),
    }
}

/// Seconds, as [`Setting::seconds`] reads them.
pub(crate) fn write_seconds(seconds: u32) -> String {
    if seconds == u32::MAX {
        "never".to_string()
    } else {
        seconds.to_string()
    }
}

/// What can stand behind a key.
pub(crate) trait Value: Sized {
    /// Reads it.
    fn read(setting: &Setting<'_>) -> Result<Self, String>;
    /// Writes it as [`Self::read`] reads it.
    fn write(&self) -> String;
}

/// Numbers, within what fits and what every machine can hold.
macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Value for $kind {
            fn read(setting: &Setting<'_>) -> Result<Self, String> {
                let most = u64::try_from(Self::MAX).unwrap_or(u64::MAX).min(u32::MAX.into());
                setting.number(0, most).map(|number| number as Self)
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

numbers!(u16, u32, usize);

impl Value for bool {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        setting.yes()
    }

    fn write(&self) -> String {
        if *self { "yes" } else { "no" }.to_string()
    }
}

impl Value for Duration {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        setting.duration(Self::ZERO)
    }

    fn write(&self) -> String {
        write_duration(*self)
    }
}

impl Value for QoS {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        setting.qos()
    }

    fn write(&self) -> String {
        self.as_u8().to_string()
    }
}

impl Value for Cow<'static, str> {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        Ok(Self::Owned(setting.text()?.to_string()))
    }

    fn write(&self) -> String {
        quote_value(self.as_bytes())
    }
}

impl Value for Rc<str> {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        Ok(setting.text()?.into())
    }

    fn write(&self) -> String {
        quote_value(self.as_bytes())
    }
}

impl Value for Rc<[u8]> {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        Ok(setting.bytes()?.into())
    }

    fn write(&self) -> String {
        quote_value(self)
    }
}

impl<T: Value> Value for Option<T> {
    fn read(setting: &Setting<'_>) -> Result<Self, String> {
        T::read(setting).map(Some)
    }

    fn write(&self) -> String {
        // What is none is the default, which is not written.
        self.as_ref().map_or_else(String::new, T::write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, micros) in [
            ("5us", 5),
            ("250ms", 250_000),
            ("1.5s", 1_500_000),
            ("2m", 120_000_000),
            ("3h", 10_800_000_000),
            ("2d", 172_800_000_000),
            ("0s", 0),
        ] {
            let found = duration(text).unwrap();
            assert_eq!(found, Duration::from_micros(micros), "{text}");
            assert_eq!(duration(&write_duration(found)), Ok(found));
        }
        for wrong in [
            "",
            "5",
            "s",
            "-1s",
            "1.s",
            ".5s",
            "1,5s",
            "0.1us",
            "1e9s",
            "4000d",
            "1 s",
            "99999999999999999999s",
            "1.s5",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
