//! Why something ended or was dropped, each reason with a key for texts and files.

/// Makes an enum of reasons, of which each has its key.
macro_rules! reasons {
    ($(
        $(#[$doc:meta])*
        $kind:ident { $( $(#[$about:meta])* $reason:ident = $code:literal, )* }
    )*) => { $(
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $( $(#[$about])* $reason, )*
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$reason, )*];

            /// Its key, in kebab case: texts and recordings name it so.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$reason => $code, )*
                }
            }
        }
    )* };
}

reasons! {
    /// Why a connection ended.
    CloseReason {
        /// DISCONNECT came.
        ClientDisconnect = "client-disconnect",
        /// The transport went away.
        Cut = "cut",
        /// Another connection came with the same Client Identifier.
        TakenOver = "taken-over",
        /// Nothing was heard for one and a half Keep Alive times.
        KeepAlive = "keep-alive",
        /// A well-formed packet broke a rule.
        ProtocolError = "protocol-error",
        /// Bytes came that are no valid packet.
        Malformed = "malformed",
        /// CONNECT was refused.
        Refused = "refused",
        /// No CONNECT came in time, or its client was not authenticated in time.
        ConnectTimeout = "connect-timeout",
        /// An operator dropped the client.
        Operator = "operator",
        /// A limit of the broker was reached.
        Limit = "limit",
        /// The client failed to authenticate again, or what is allowed was changed and it is not welcome any
        /// more.
        NotAuthorized = "not-authorized",
        /// The host stops.
        Shutdown = "shutdown",
    }

    /// Why a Session ended.
    SessionEnd {
        /// Its Session Expiry Interval is over.
        Expired = "expired",
        /// A CONNECT with Clean Start (or Clean Session) 1 began a new one, or one of another user than the
        /// Session's, who is gone.
        CleanStart = "clean-start",
        /// Its connection ended, and it lasts no longer.
        Disconnected = "disconnected",
    }

    /// Why a publication is not delivered.
    DiscardReason {
        /// QoS 0, and the client is offline.
        OfflineQoS0 = "offline-qos0",
        /// QoS 0, and the client does not read what waits for it.
        SlowConsumer = "slow-consumer",
        /// The session's queue (or all queues together) reached a limit.
        QueueFull = "queue-full",
        /// Larger than the client's Maximum Packet Size.
        TooLarge = "too-large",
        /// Its Message Expiry Interval is over.
        Expired = "expired",
        /// The Session ended first.
        SessionEnded = "session-ended",
        /// The client answered with a Reason Code that refuses it.
        Refused = "refused",
        /// It waited or was under way, and a rule keeps it from the client by now.
        NotAuthorized = "not-authorized",
    }

    /// Why a Will was dropped.
    WillDrop {
        /// DISCONNECT with Reason Code 0x00 came.
        Disconnected = "disconnected",
        /// The client came back to its Session before the Will Delay Interval was over.
        Reconnected = "reconnected",
        /// Its topic or size is over a limit that was reached meanwhile.
        Limit = "limit",
        /// A rule keeps its client from publishing it by now.
        NotAuthorized = "not-authorized",
    }
}
