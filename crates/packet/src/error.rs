//! What can be wrong with a packet, where, and by which rule.

use core::error::Error;
use core::fmt;

use crate::topic::TopicErrorKind;
use crate::{PacketType, ProtocolVersion, ReasonCode, statement};

/// Why bytes are no valid Control Packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Where: the offset in bytes from the start of the packet.
    pub offset: u32,
    /// The statement of the standard that it breaks, such as `MQTT-2.3.1-1`, for the version at
    /// hand. Where no statement speaks of it, the general one on malformed packets; `None` when not
    /// even that one applies.
    pub statement: Option<&'static str>,
}

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Packet type 0, or AUTH before 5.0.
    ReservedPacketType,
    /// The low four bits of the first byte are not what the packet type demands.
    ReservedFlags,
    /// PUBLISH with both QoS bits set.
    PublishQos,
    /// PUBLISH with QoS 0 and DUP 1.
    DupOnQosZero,
    /// A Variable Byte Integer of more than four bytes.
    VariableByteInteger,
    /// A Variable Byte Integer with more bytes than it needs.
    OverlongVariableByteInteger,
    /// The packet is larger than the Maximum Packet Size.
    PacketTooLarge,
    /// A field reaches past the end of the packet, or of the list it stands in.
    Truncated,
    /// Bytes are left after the last field.
    TrailingBytes,
    /// Text that is not UTF-8.
    InvalidUtf8,
    /// Text with U+0000 in it.
    NulCharacter,
    /// Packet Identifier 0.
    ZeroPacketId,
    /// The protocol name is neither `MQTT` nor `MQIsdp`.
    ProtocolName,
    /// A protocol level that is not 3, 4 or 5, or does not go with the protocol name.
    ProtocolVersion,
    /// Bit 0 of the Connect Flags is set.
    ReservedConnectFlag,
    /// Will QoS 3.
    WillQos,
    /// Will QoS without a Will.
    WillQosWithoutWill,
    /// Will Retain without a Will.
    WillRetainWithoutWill,
    /// A password without a user name, before 5.0.
    PasswordWithoutUserName,
    /// Bits 7 to 1 of the Connect Acknowledge Flags are not 0.
    ReservedConnAckFlags,
    /// Session Present in a CONNACK that refuses.
    SessionPresentOnRefusal,
    /// A Reason Code or return code that this packet may not carry.
    ReasonCode,
    /// A Topic Name that is not valid.
    TopicName(TopicErrorKind),
    /// A Topic Filter that is not valid.
    TopicFilter(TopicErrorKind),
    /// An empty Topic Name without a Topic Alias.
    EmptyTopicWithoutAlias,
    /// SUBSCRIBE or UNSUBSCRIBE without a Topic Filter, SUBACK without a code.
    EmptyPayload,
    /// Reserved bits of the Subscription Options (3.x: of the Requested QoS) are set.
    ReservedSubscriptionOptions,
    /// Requested QoS 3.
    RequestedQos,
    /// Retain Handling 3.
    RetainHandling,
    /// No Local on a Shared Subscription.
    NoLocalOnShared,
    /// A property identifier that 5.0 does not define.
    UnknownProperty,
    /// A property that this packet may not carry.
    PropertyNotAllowed,
    /// A property that may stand only once, twice.
    DuplicateProperty,
    /// A property with a value that it may not have.
    PropertyValue,
    /// Topic Alias 0.
    ZeroTopicAlias,
    /// A Response Topic that is no valid Topic Name.
    ResponseTopic(TopicErrorKind),
    /// Authentication Data without an Authentication Method.
    AuthenticationDataWithoutMethod,
    /// AUTH without an Authentication Method.
    MissingAuthenticationMethod,
}

/// Why a packet cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A text or binary field of more than 65,535 bytes.
    FieldTooLong,
    /// More than 268,435,455 bytes after the fixed header.
    PacketTooLarge,
    /// PUBLISH with QoS 1 or 2 needs a Packet Identifier.
    MissingPacketId,
    /// The version at hand has no such packet (AUTH before 5.0).
    NotInVersion,
    /// A Subscription Identifier above 268,435,455.
    NumberTooLarge,
}

impl DecodeError {
    /// The error that `fault` is in a packet of type `packet`, with the statement that it breaks.
    #[cold]
    pub(crate) fn new(fault: Fault, packet: Option<PacketType>, version: ProtocolVersion) -> Self {
        let Fault { kind, offset } = fault;
        Self {
            kind,
            offset,
            statement: statement::of(kind, packet, version),
        }
    }

    /// The Reason Code that it deserves in 5.0.
    pub const fn reason_code(&self) -> ReasonCode {
        self.kind.reason_code()
    }

    /// A stable key in kebab case, such as `reserved-flags`.
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl DecodeErrorKind {
    /// A stable key in kebab case, such as `reserved-flags`. Those of topics are
    /// [`TopicErrorKind::code`]s.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReservedPacketType => "reserved-packet-type",
            Self::ReservedFlags => "reserved-flags",
            Self::PublishQos => "publish-qos",
            Self::DupOnQosZero => "dup-on-qos-0",
            Self::VariableByteInteger => "variable-byte-integer",
            Self::OverlongVariableByteInteger => "overlong-variable-byte-integer",
            Self::PacketTooLarge => "packet-too-large",
            Self::Truncated => "truncated",
            Self::TrailingBytes => "trailing-bytes",
            Self::InvalidUtf8 => "invalid-utf-8",
            Self::NulCharacter => "nul-character",
            Self::ZeroPacketId => "zero-packet-id",
            Self::ProtocolName => "protocol-name",
            Self::ProtocolVersion => "protocol-version",
            Self::ReservedConnectFlag => "reserved-connect-flag",
            Self::WillQos => "will-qos",
            Self::WillQosWithoutWill => "will-qos-without-will",
            Self::WillRetainWithoutWill => "will-retain-without-will",
            Self::PasswordWithoutUserName => "password-without-user-name",
            Self::ReservedConnAckFlags => "reserved-connack-flags",
            Self::SessionPresentOnRefusal => "session-present-on-refusal",
            Self::ReasonCode => "reason-code",
            Self::TopicName(kind) | Self::TopicFilter(kind) | Self::ResponseTopic(kind) => {
                kind.code()
            }
            Self::EmptyTopicWithoutAlias => "empty-topic-without-alias",
            Self::EmptyPayload => "empty-payload",
            Self::ReservedSubscriptionOptions => "reserved-subscription-options",
            Self::RequestedQos => "requested-qos",
            Self::RetainHandling => "retain-handling",
            Self::NoLocalOnShared => "no-local-on-shared",
            Self::UnknownProperty => "unknown-property",
            Self::PropertyNotAllowed => "property-not-allowed",
            Self::DuplicateProperty => "duplicate-property",
            Self::PropertyValue => "property-value",
            Self::ZeroTopicAlias => "zero-topic-alias",
            Self::AuthenticationDataWithoutMethod => "authentication-data-without-method",
            Self::MissingAuthenticationMethod => "missing-authentication-method",
        }
    }

    /// The Reason Code that it deserves in 5.0: Malformed Packet, unless the standard calls it a
    /// Protocol Error or has a code for it.
    pub const fn reason_code(self) -> ReasonCode {
        match self {
            Self::ReservedPacketType
            | Self::ReservedFlags
            | Self::PublishQos
            | Self::DupOnQosZero
            | Self::VariableByteInteger
            | Self::OverlongVariableByteInteger
            | Self::Truncated
            | Self::TrailingBytes
            | Self::InvalidUtf8
            | Self::NulCharacter
            | Self::ReservedConnectFlag
            | Self::WillQos
            | Self::WillQosWithoutWill
            | Self::WillRetainWithoutWill
            | Self::PasswordWithoutUserName
            | Self::ReservedConnAckFlags
            | Self::TopicName(_)
            | Self::TopicFilter(_)
            | Self::ReservedSubscriptionOptions
            | Self::UnknownProperty
            | Self::PropertyNotAllowed => ReasonCode::MalformedPacket,
            Self::ZeroPacketId
            | Self::SessionPresentOnRefusal
            | Self::ReasonCode
            | Self::EmptyTopicWithoutAlias
            | Self::EmptyPayload
            | Self::RequestedQos
            | Self::RetainHandling
            | Self::NoLocalOnShared
            | Self::DuplicateProperty
            | Self::PropertyValue
            | Self::ResponseTopic(_)
            | Self::AuthenticationDataWithoutMethod
            | Self::MissingAuthenticationMethod => ReasonCode::ProtocolError,
            Self::PacketTooLarge => ReasonCode::PacketTooLarge,
            Self::ProtocolName | Self::ProtocolVersion => ReasonCode::UnsupportedProtocolVersion,
            Self::ZeroTopicAlias => ReasonCode::TopicAliasInvalid,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.code(), self.offset)?;
        match self.statement {
            Some(statement) => write!(f, " [{statement}]"),
            None => Ok(()),
        }
    }
}

impl Error for DecodeError {}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FieldTooLong => "a text or binary field is longer than 65,535 bytes",
            Self::PacketTooLarge => "more than 268,435,455 bytes follow the fixed header",
            Self::MissingPacketId => "PUBLISH with QoS 1 or 2 needs a Packet Identifier",
            Self::NotInVersion => "this version has no such packet",
            Self::NumberTooLarge => "a Variable Byte Integer is at most 268,435,455",
        })
    }
}

impl Error for EncodeError {}

/// A [`DecodeError`] before its statement is looked up: what the reading functions return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: DecodeErrorKind,
    pub(crate) offset: u32,
}

impl Fault {
    /// `kind` at byte `offset`. Not inlined, so that the way without faults stays short.
    #[cold]
    #[inline(never)]
    pub(crate) const fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self {
            kind,
            // A packet is shorter than 2^28 + 5 bytes.
            offset: offset as u32,
        }
    }
}
