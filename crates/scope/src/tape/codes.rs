//! Reasons by their codes.

use alloc::string::String;

use vitrine_broker::{CloseReason, DiscardReason, SessionEnd, WillDrop};

use crate::tape::fields::Fields;
use crate::tape::form::Form;
use crate::tape::line::Line;

/// Has reasons stand in a line by their codes. All that can be read are named.
macro_rules! by_code {
    ($( $kind:ident { $( $reason:ident, )* } )*) => { $(
        impl Form for $kind {
            fn write(&self, key: &str, line: &mut Line) {
                line.text(key, self.code());
            }

            fn read(key: &str, from: &mut Fields) -> Result<Self, String> {
                let all = [$( Self::$reason ),*];
                from.word(key, |code| all.into_iter().find(|reason| reason.code() == code))
            }
        }
    )* };
}

by_code! {
    CloseReason {
        ClientDisconnect,
        Cut,
        TakenOver,
        KeepAlive,
        ProtocolError,
        Malformed,
        Refused,
        ConnectTimeout,
        Operator,
        Limit,
        NotAuthorized,
        Shutdown,
    }
    DiscardReason {
        OfflineQoS0,
        SlowConsumer,
        QueueFull,
        TooLarge,
        Expired,
        SessionEnded,
        Refused,
        NotAuthorized,
    }
    SessionEnd {
        Expired,
        CleanStart,
        Disconnected,
    }
    WillDrop {
        Disconnected,
        Reconnected,
        Limit,
        NotAuthorized,
    }
}
