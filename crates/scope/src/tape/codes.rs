//! Reasons by their codes.

use alloc::string::String;

use vitrine_broker::{CloseReason, DiscardReason, SessionEnd, WillDrop};

use crate::tape::fields::Fields;
use crate::tape::form::Form;
use crate::tape::line::Line;

/// Has reasons stand in a line by their codes.
macro_rules! by_code {
    ($( $kind:ident )*) => { $(
        impl Form for $kind {
            fn write(&self, key: &str, line: &mut Line) {
                line.text(key, self.code());
            }

            fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
                let known = |code: &str| Self::ALL.iter().find(|reason| reason.code() == code);
                from.word(key, known).copied()
            }
        }
    )* };
}

by_code! { CloseReason DiscardReason SessionEnd WillDrop }
