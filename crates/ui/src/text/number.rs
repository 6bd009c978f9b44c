//! Numbers, sizes and spans of time as the language writes them.

use super::Texts;

impl Texts {
    /// A whole number with its thousands parted.
    pub(crate) fn whole(&self, n: u64) -> String {
        let digits = n.to_string();
        // Four digits read well as they are, and a Packet Identifier never wants a separator.
        if digits.len() <= 4 {
            return digits;
        }
        let separator = self.find("format.thousands").unwrap_or(" ");
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push_str(separator);
            }
            out.push(digit);
        }
        out
    }

    /// A number with `decimals` digits behind the point.
    pub(crate) fn decimal(&self, n: f64, decimals: usize) -> String {
        let point = self.find("format.decimal").unwrap_or(".");
        format!("{n:.decimals$}").replace('.', point)
    }

    /// Messages per second: exact where it is slow, short where it is fast; empty for none.
    pub(crate) fn rate(&self, per_second: f32) -> String {
        let n = match per_second {
            r if r < 0.05 => return String::new(),
            r if r < 10.0 => self.decimal(f64::from(r), 1),
            r => self.whole(f64::from(r).round() as u64),
        };
        self.fill("unit.per-second", &[("n", &n)])
    }

    /// A size in bytes.
    pub(crate) fn bytes(&self, n: u64) -> String {
        const KIB: f64 = 1024.0;
        let size = n as f64;
        match n {
            0..1024 => self.fill("unit.bytes", &[("n", &n)]),
            1024..1_048_576 => self.fill("unit.kib", &[("n", &self.decimal(size / KIB, 1))]),
            _ => self.fill("unit.mib", &[("n", &self.decimal(size / KIB / KIB, 1))]),
        }
    }

    /// How long ago, from milliseconds.
    pub(crate) fn age(&self, milliseconds: f64) -> String {
        let seconds = (milliseconds / 1000.0).max(0.0) as u64;
        let (key, n) = match seconds {
            0 => return self.get("age.now"),
            1..60 => ("age.seconds", seconds),
            60..3600 => ("age.minutes", seconds / 60),
            3600..86_400 => ("age.hours", seconds / 3600),
            _ => ("age.days", seconds / 86_400),
        };
        self.fill(key, &[("n", &n)])
    }

    /// A span of time from seconds, in the largest unit that is exact.
    pub(crate) fn span(&self, seconds: u64) -> String {
        let (key, n) = match seconds {
            0 => ("span.seconds", 0),
            s if s.is_multiple_of(86_400) => ("span.days", s / 86_400),
            s if s.is_multiple_of(3600) => ("span.hours", s / 3600),
            s if s.is_multiple_of(60) => ("span.minutes", s / 60),
            s => ("span.seconds", s),
        };
        self.fill(key, &[("n", &self.whole(n))])
    }
}
