//! CONNACK (3.1.1 and 5.0, section 3.2).

use vitrine_packet::{
    ConnAck, ConnectReturnCode, Packet, Property, PropertyBuf, ProtocolVersion, ReasonCode,
};

use super::auth::step;
use crate::broker::Broker;
use crate::close::{Ending, Manner};
use crate::message::push;
use crate::{CloseReason, Config};

/// What an accepted client is told besides that it is.
#[derive(Clone, Debug)]
pub(crate) struct Welcome<'a> {
    pub(crate) session_present: bool,
    /// The Client Identifier, when it was made up here.
    pub(crate) assigned: Option<&'a str>,
    /// The Session Expiry Interval, when it is not the one asked for.
    pub(crate) session_expiry: Option<u32>,
    /// The Keep Alive, when it is not the one asked for.
    pub(crate) keep_alive: Option<u16>,
    /// Response Information, where it was asked for and there is some.
    pub(crate) response_information: Option<&'a str>,
    /// The last step of an enhanced authentication.
    pub(crate) proof: Option<&'a [u8]>,
}

impl Broker {
    /// Tells a client that its CONNECT is accepted [MQTT-3.1.4-5].
    pub(crate) fn welcome(&mut self, at: usize, welcome: &Welcome<'_>) {
        let version = self.connections[at].version;
        let properties = welcome.properties(&self.config, version);
        let connack = welcome.connack(&properties);
        self.send(at, None, &Packet::ConnAck(connack));
    }

    /// Whether the client takes packets as large as its CONNACK would be [MQTT-3.1.2-24].
    pub(crate) fn may_be_welcomed(&self, at: usize, welcome: &Welcome<'_>) -> bool {
        let version = self.connections[at].version;
        let properties = welcome.properties(&self.config, version);
        let size = welcome.connack(&properties).encoded_len(version);
        size.is_ok_and(|size| size <= self.connections[at].max_packet_size)
    }

    /// Refuses a CONNECT, and says why where that can be said [MQTT-3.2.2-7]. `text` is for people.
    pub(crate) fn refuse(
        &mut self,
        at: usize,
        reason: ReasonCode,
        statement: Option<&'static str>,
        text: &str,
    ) {
        let version = self.connections[at].version;
        let mut properties = PropertyBuf::new();
        let code = if version == ProtocolVersion::V5 {
            push(&mut properties, Property::ReasonString(text));
            Some(reason.as_u8())
        } else {
            // Where no return code fits there is no CONNACK [MQTT-3.2.2-6].
            ConnectReturnCode::from_reason(reason).map(ConnectReturnCode::as_u8)
        };
        if let Some(code) = code {
            let mut connack = ConnAck {
                session_present: false,
                code,
                properties: properties.as_properties(),
            };
            let most = self.connections[at].max_packet_size;
            if connack.encoded_len(version).is_ok_and(|size| size > most) {
                // The Reason String goes first [MQTT-3.2.2-19].
                connack.properties = Default::default();
            }
            if connack.encoded_len(version).is_ok_and(|size| size <= most) {
                self.push_control(at, None, &Packet::ConnAck(connack));
            }
        }
        let ending = Ending {
            why: CloseReason::Refused,
            reason: Some(reason),
            statement,
            text: "",
        };
        self.end(at, ending, Manner::Quiet);
    }
}

impl Welcome<'_> {
    fn properties(&self, config: &Config, version: ProtocolVersion) -> PropertyBuf {
        let mut properties = PropertyBuf::new();
        if version == ProtocolVersion::V5 {
            self.write(config, &mut properties);
        }
        properties
    }

    fn connack<'a>(&self, properties: &'a PropertyBuf) -> ConnAck<'a> {
        ConnAck {
            session_present: self.session_present,
            code: ReasonCode::Success.as_u8(),
            properties: properties.as_properties(),
        }
    }

    /// Adds what differs from what 5.0 takes for granted.
    fn write(&self, config: &Config, properties: &mut PropertyBuf) {
        if let Some(seconds) = self.session_expiry {
            push(properties, Property::SessionExpiryInterval(seconds));
        }
        if config.receive_maximum < u16::MAX {
            push(properties, Property::ReceiveMaximum(config.receive_maximum));
        }
        push(
            properties,
            Property::MaximumPacketSize(config.max_packet_size),
        );
        if let Some(client_id) = self.assigned {
            push(properties, Property::AssignedClientIdentifier(client_id));
        }
        if config.topic_alias_maximum > 0 {
            push(
                properties,
                Property::TopicAliasMaximum(config.topic_alias_maximum),
            );
        }
        config.write_offers(properties);
        if let Some(text) = self.response_information {
            push(properties, Property::ResponseInformation(text));
        }
        if let Some(seconds) = self.keep_alive {
            push(properties, Property::ServerKeepAlive(seconds));
        }
        if let Some(proof) = self.proof {
            for property in step(proof).as_properties() {
                push(properties, property);
            }
        }
    }
}
