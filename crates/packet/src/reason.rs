//! Reason Codes of MQTT 5.0 (section 2.4) and the packets that may carry them.

use crate::PacketType;

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, [$($packet:ident)*];)*) => {
        /// A Reason Code of MQTT 5.0. Codes of 0x80 and above say that something failed.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ReasonCode {
            $($(#[$doc])* $variant = $code,)*
        }

        impl ReasonCode {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code of this number; `None` when 5.0 defines none.
            pub const fn from_u8(code: u8) -> Option<Self> {
                Some(match code {
                    $($code => Self::$variant,)*
                    _ => return None,
                })
            }

            /// Its name as the standard writes it. 0x00 has other names in some packets: see
            /// [`Self::name_in`].
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The set of packet types that may carry it.
            const fn packets(self) -> u16 {
                match self {
                    $(Self::$variant => const { PacketType::set(&[$(PacketType::$packet),*]) },)*
                }
            }
        }
    };
}

reason_codes! {
    /// It worked. In SUBACK: granted QoS 0. In DISCONNECT: normal disconnection.
    #[default]
    Success = 0x00, "Success", [ConnAck PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth];
    /// The subscription is granted at QoS 1 at most.
    GrantedQoS1 = 0x01, "Granted QoS 1", [SubAck];
    /// The subscription is granted at QoS 2 at most.
    GrantedQoS2 = 0x02, "Granted QoS 2", [SubAck];
    /// The client leaves and wants its Will published.
    DisconnectWithWillMessage = 0x04, "Disconnect with Will Message", [Disconnect];
    /// The message is accepted, but nobody subscribed to it.
    NoMatchingSubscribers = 0x10, "No matching subscribers", [PubAck PubRec];
    /// There was nothing to unsubscribe from.
    NoSubscriptionExisted = 0x11, "No subscription existed", [UnsubAck];
    /// Authentication goes on with another step.
    ContinueAuthentication = 0x18, "Continue authentication", [Auth];
    /// The client begins to authenticate anew.
    ReAuthenticate = 0x19, "Re-authenticate", [Auth];
    /// An error whose reason is kept back or has no other code.
    UnspecifiedError = 0x80, "Unspecified error", [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    /// The packet cannot be parsed by the standard.
    MalformedPacket = 0x81, "Malformed Packet", [ConnAck Disconnect];
    /// The packet breaks a rule or came at the wrong time.
    ProtocolError = 0x82, "Protocol Error", [ConnAck Disconnect];
    /// The packet is valid, but not accepted here.
    ImplementationSpecificError = 0x83, "Implementation specific error", [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    /// The server does not speak that version.
    UnsupportedProtocolVersion = 0x84, "Unsupported Protocol Version", [ConnAck];
    /// The Client Identifier is well-formed, but not allowed.
    ClientIdentifierNotValid = 0x85, "Client Identifier not valid", [ConnAck];
    /// User name or password are not accepted.
    BadUserNameOrPassword = 0x86, "Bad User Name or Password", [ConnAck];
    /// The client may not do this.
    NotAuthorized = 0x87, "Not authorized", [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    /// The server is not available.
    ServerUnavailable = 0x88, "Server unavailable", [ConnAck];
    /// The server is busy: try again later.
    ServerBusy = 0x89, "Server busy", [ConnAck Disconnect];
    /// The client is banned.
    Banned = 0x8A, "Banned", [ConnAck];
    /// The server shuts down.
    ServerShuttingDown = 0x8B, "Server shutting down", [Disconnect];
    /// The authentication method is not supported or not the one in use.
    BadAuthenticationMethod = 0x8C, "Bad authentication method", [ConnAck Disconnect];
    /// Nothing was heard for one and a half Keep Alive times.
    KeepAliveTimeout = 0x8D, "Keep Alive timeout", [Disconnect];
    /// Another connection uses the same Client Identifier.
    SessionTakenOver = 0x8E, "Session taken over", [Disconnect];
    /// The Topic Filter is well-formed, but not accepted.
    TopicFilterInvalid = 0x8F, "Topic Filter invalid", [SubAck UnsubAck Disconnect];
    /// The Topic Name is well-formed, but not accepted.
    TopicNameInvalid = 0x90, "Topic Name invalid", [ConnAck PubAck PubRec Disconnect];
    /// The Packet Identifier is already in use.
    PacketIdentifierInUse = 0x91, "Packet Identifier in use", [PubAck PubRec SubAck UnsubAck];
    /// The Packet Identifier is not known.
    PacketIdentifierNotFound = 0x92, "Packet Identifier not found", [PubRel PubComp];
    /// More unacknowledged messages than the Receive Maximum allows.
    ReceiveMaximumExceeded = 0x93, "Receive Maximum exceeded", [Disconnect];
    /// The Topic Alias is 0 or above the maximum.
    TopicAliasInvalid = 0x94, "Topic Alias invalid", [Disconnect];
    /// The packet is larger than the Maximum Packet Size.
    PacketTooLarge = 0x95, "Packet too large", [ConnAck Disconnect];
    /// Messages come too fast.
    MessageRateTooHigh = 0x96, "Message rate too high", [Disconnect];
    /// A limit of the implementation or of an administrator is exceeded.
    QuotaExceeded = 0x97, "Quota exceeded", [ConnAck PubAck PubRec SubAck Disconnect];
    /// An administrator closed the connection.
    AdministrativeAction = 0x98, "Administrative action", [Disconnect];
    /// The payload is not what its Payload Format Indicator says.
    PayloadFormatInvalid = 0x99, "Payload format invalid", [ConnAck PubAck PubRec Disconnect];
    /// The server keeps no Retained Messages.
    RetainNotSupported = 0x9A, "Retain not supported", [ConnAck Disconnect];
    /// The QoS is above the server's Maximum QoS.
    QoSNotSupported = 0x9B, "QoS not supported", [ConnAck Disconnect];
    /// The client should use another server for now.
    UseAnotherServer = 0x9C, "Use another server", [ConnAck Disconnect];
    /// The client should use another server from now on.
    ServerMoved = 0x9D, "Server moved", [ConnAck Disconnect];
    /// The server has no Shared Subscriptions.
    SharedSubscriptionsNotSupported = 0x9E, "Shared Subscriptions not supported", [SubAck Disconnect];
    /// Connections come too fast.
    ConnectionRateExceeded = 0x9F, "Connection rate exceeded", [ConnAck Disconnect];
    /// The time allowed for this connection is over.
    MaximumConnectTime = 0xA0, "Maximum connect time", [Disconnect];
    /// The server has no Subscription Identifiers.
    SubscriptionIdentifiersNotSupported = 0xA1, "Subscription Identifiers not supported", [SubAck Disconnect];
    /// The server has no wildcard subscriptions.
    WildcardSubscriptionsNotSupported = 0xA2, "Wildcard Subscriptions not supported", [SubAck Disconnect];
}

impl ReasonCode {
    /// Its number.
    #[inline]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// Whether it says that something failed: 0x80 and above.
    #[inline]
    pub const fn is_error(self) -> bool {
        self as u8 >= 0x80
    }

    /// Whether packets of this type may carry it (the tables of sections 3.2.2.2, 3.4.2.1, 3.5.2.1,
    /// 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1 and 3.15.2.1). DISCONNECT may carry Bad
    /// authentication method as well: the table of section 2.4 says so, that of 3.14.2.1 forgot it.
    #[inline]
    pub const fn is_allowed_in(self, packet: PacketType) -> bool {
        self.packets() & (1 << packet.as_u8()) != 0
    }

    /// Its name in packets of this type: 0x00 is `Granted QoS 0` in SUBACK and
    /// `Normal disconnection` in DISCONNECT.
    pub fn name_in(self, packet: PacketType) -> &'static str {
        match (self, packet) {
            (Self::Success, PacketType::SubAck) => "Granted QoS 0",
            (Self::Success, PacketType::Disconnect) => "Normal disconnection",
            _ => self.name(),
        }
    }
}

impl TryFrom<u8> for ReasonCode {
    type Error = u8;

    fn try_from(code: u8) -> Result<Self, u8> {
        Self::from_u8(code).ok_or(code)
    }
}
