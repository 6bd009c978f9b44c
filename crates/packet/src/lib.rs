//! The Control Packets of MQTT 3.1, 3.1.1 and 5.0: types, a decoder that borrows, an encoder that
//! writes where it is told to, and a dissection of every byte.
//!
//! - [`Framer`] cuts a stream of bytes, received in any pieces, into whole packets.
//! - [`Packet::decode`] reads one whole packet and checks every rule that can be checked without
//!   knowing anything but the packet: what it accepts is well-formed down to the last bit. Nothing
//!   is copied, nothing is allocated.
//! - [`Packet::encode`], or the `encode` of each packet's type, appends to a `Vec<u8>`.
//!   [`Publish::encode_template`] is for sending one message to many.
//! - [`topic`] validates Topic Names and Topic Filters, matches them, and explains a match.
//! - [`dissect`] names every field of a packet, with its bytes and bits and its meaning.
//!
//! No I/O, no clock, no randomness, no dependencies.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ack;
mod auth;
mod connack;
mod connect;
mod disconnect;
mod dissect;
mod error;
mod filters;
mod framer;
mod header;
mod packet;
mod packet_id;
mod packet_type;
mod property;
mod publish;
mod qos;
mod read;
mod reason;
mod reasoned;
mod return_code;
mod statement;
mod suback;
mod subscribe;
mod text;
pub mod topic;
mod unsubscribe;
mod varint;
mod version;
mod write;

pub use ack::{Ack, encode_ack};
pub use auth::Auth;
pub use connack::ConnAck;
pub use connect::{Connect, Will};
pub use disconnect::Disconnect;
pub use dissect::{Dissection, Field, FieldValue, dissect};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use filters::{Filters, FiltersBuf, Topics, TopicsBuf};
pub use framer::Framer;
pub use packet::Packet;
pub use packet_id::PacketId;
pub use packet_type::PacketType;
pub use property::{
    Carrier, Properties, Property, PropertyBuf, PropertyIter, PropertyKind, PropertyType,
};
pub use publish::Publish;
pub use qos::QoS;
pub use reason::ReasonCode;
pub use return_code::ConnectReturnCode;
pub use suback::{SubAck, UnsubAck};
pub use subscribe::{RetainHandling, Subscribe, SubscriptionOptions};
pub use unsubscribe::Unsubscribe;
pub use varint::MAX_REMAINING_LENGTH;
pub use version::ProtocolVersion;
