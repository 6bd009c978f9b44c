//! The three levels of delivery assurance (3.1.1 and 5.0, section 4.3).

/// A Quality of Service level.
///
/// Ordered, so that `published.min(granted)` is the QoS of a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum QoS {
    /// QoS 0: sent once, never acknowledged.
    #[default]
    AtMostOnce = 0,
    /// QoS 1: PUBLISH until PUBACK; may arrive more than once.
    AtLeastOnce = 1,
    /// QoS 2: PUBLISH, PUBREC, PUBREL, PUBCOMP; arrives once.
    ExactlyOnce = 2,
}

impl QoS {
    /// The level of the two bits `bits`; `None` for 3 (and above), which the standard forbids.
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }

    /// The level as a number from 0 to 2.
    #[inline]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// Whether messages of this level carry a Packet Identifier and are acknowledged.
    #[inline]
    pub const fn is_acknowledged(self) -> bool {
        !matches!(self, Self::AtMostOnce)
    }
}

impl TryFrom<u8> for QoS {
    type Error = u8;

    fn try_from(bits: u8) -> Result<Self, u8> {
        Self::from_bits(bits).ok_or(bits)
    }
}
