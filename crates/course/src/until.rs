//! How far one goes from a text.
//!
//! | condition | true when |
//! | --- | --- |
//! | `quiet` | nothing is on its way, and nobody waits to connect again |
//! | `arrived PUBACK at sensor-5000` | a packet of this type has arrived at a client or `broker` |
//! | `left PUBACK to painel`, `left PUBACK from painel` | the broker has sent one to a client; a client has sent one |
//! | `connected painel` | the client has its CONNACK |
//! | `closed painel` | the client's connection is gone, for whatever reason |
//! | `wait 30s` | so much time has passed, and all that happens in it has happened |
//! | `steps 3` | so many moments have passed |

use core::time::Duration;
use std::fmt;

use vitrine_packet::PacketType;

/// How far one goes. What happened before the text does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing is on its way, and nobody waits to connect again.
    Quiet,
    /// A packet arrived.
    Arrived(PacketType, Place),
    /// A packet left.
    Left(PacketType, Way, String),
    /// A client is connected.
    Connected(String),
    /// A client's connection is gone.
    Closed(String),
    /// So much time passed.
    Wait(Duration),
    /// So many moments passed.
    Steps(u32),
}

/// Where a packet arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the broker.
    Broker,
    /// At this client.
    Client(String),
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the broker to a client.
    To,
    /// From a client to the broker.
    From,
}

/// What can be written.
const FORMS: &str = "write quiet, arrived PACKET at NAME, left PACKET to NAME, left PACKET from NAME, connected NAME, closed NAME, wait TIME or steps NUMBER";

impl Until {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["quiet"] => Ok(Self::Quiet),
            ["arrived", name, "at", "broker"] => Ok(Self::Arrived(packet(name)?, Place::Broker)),
            ["arrived", name, "at", who] => {
                Ok(Self::Arrived(packet(name)?, Place::Client(who.into())))
            }
            ["left", name, "to", who] => Ok(Self::Left(packet(name)?, Way::To, who.into())),
            ["left", name, "from", who] => Ok(Self::Left(packet(name)?, Way::From, who.into())),
            ["connected", who] => Ok(Self::Connected(who.into())),
            ["closed", who] => Ok(Self::Closed(who.into())),
            ["wait", time] => Ok(Self::Wait(duration(time)?)),
            ["steps", number] => match number.parse() {
                Ok(number @ 1..=10_000) => Ok(Self::Steps(number)),
                _ => Err(format!(
                    "`{number}` is no number of moments: write one from 1 to 10000"
                )),
            },
            _ => Err(format!("`{text}` is no condition: {FORMS}")),
        }
    }

    /// The client that it speaks of.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Arrived(_, Place::Client(who))
            | Self::Left(_, _, who)
            | Self::Connected(who)
            | Self::Closed(who) => Some(who),
            Self::Arrived(_, Place::Broker) | Self::Quiet | Self::Wait(_) | Self::Steps(_) => None,
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quiet => f.write_str("quiet"),
            Self::Arrived(packet, Place::Broker) => {
                write!(f, "arrived {} at broker", packet.name())
            }
            Self::Arrived(packet, Place::Client(who)) => {
                write!(f, "arrived {} at {who}", packet.name())
            }
            Self::Left(packet, Way::To, who) => write!(f, "left {} to {who}", packet.name()),
            Self::Left(packet, Way::From, who) => write!(f, "left {} from {who}", packet.name()),
            Self::Connected(who) => write!(f, "connected {who}"),
            Self::Closed(who) => write!(f, "closed {who}"),
            Self::Wait(time) => write!(f, "wait {time:?}"),
            Self::Steps(number) => write!(f, "steps {number}"),
        }
    }
}

/// The Control Packet type of this name.
pub(crate) fn packet(name: &str) -> Result<PacketType, String> {
    let all = || (1..=15).filter_map(PacketType::from_bits);
    let found = all().find(|packet| packet.name() == name);
    found.ok_or_else(|| {
        let names: Vec<_> = all().map(PacketType::name).collect();
        format!(
            "there is no Control Packet `{name}`: there are {}",
            names.join(", ")
        )
    })
}

/// A time such as `5ms`, `2s`, `1m`, `3h` or `2d`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let millis = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => 0_u64,
    };
    let time = digits
        .parse::<u32>()
        .ok()
        .map(|number| u64::from(number) * millis);
    let time = time.filter(|time| *time > 0).map(Duration::from_millis);
    time.ok_or_else(|| format!("`{text}` is no time: write such as 5ms, 2s, 1m, 3h or 2d"))
}
