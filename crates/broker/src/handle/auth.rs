//! AUTH and enhanced authentication (5.0, sections 3.15 and 4.12).

use alloc::boxed::Box;
use alloc::rc::Rc;

use vitrine_packet::{
    Auth, Connect, Packet, Properties, Property, PropertyBuf, ProtocolVersion, ReasonCode,
};

use super::connect::Refusal;
use crate::CloseReason;
use crate::access::scram::{self, Exchange, METHOD, Proved};
use crate::access::{Pending, Step};
use crate::broker::Broker;
use crate::close::{Ending, Manner};
use crate::connection::Phase;
use crate::limits::Refused;
use crate::message::push;

/// Words for people about an AUTH that cannot be taken.
const UNFIT: &str = "this AUTH is not the next step of the method";

/// What is kept of the enhanced authentication of a client whose CONNECT was accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enhanced {
    /// The exchange that is under way, where the client authenticates again.
    exchange: Option<Exchange>,
}

impl Broker {
    /// Begins the enhanced authentication that a CONNECT asks for.
    pub(super) fn begin_enhanced(&mut self, at: usize, bytes: &[u8], connect: &Connect<'_>) {
        let method = connect.properties.authentication_method();
        if method != Some(METHOD) || !scram::is_offered(&self.config.access, &self.config.secret) {
            let refusal = Refusal::new(
                ReasonCode::BadAuthenticationMethod,
                Some("MQTT-4.12.0-1"),
                "no such Authentication Method is offered",
            );
            return self.refuse_connect(at, connect, refusal);
        }
        let data = connect.properties.authentication_data();
        let Some(exchange) = self.begin_exchange(data) else {
            return self.refuse_connect(at, connect, not_authenticated());
        };
        let properties = step(exchange.challenge());
        let pending = Pending {
            connect: bytes.into(),
            step: Step::Exchange(exchange),
        };
        let connection = &mut self.connections[at];
        connection.phase = Phase::Authenticating;
        connection.pending = Some(Box::new(pending));
        let auth = Auth {
            reason: ReasonCode::ContinueAuthentication,
            properties: properties.as_properties(),
        };
        let size = auth.encoded_len(ProtocolVersion::V5);
        if size.is_ok_and(|size| size <= connection.max_packet_size) {
            self.send(at, None, &Packet::Auth(auth));
            return;
        }
        let text = "the AUTH is too large";
        let refusal = Refusal::new(ReasonCode::PacketTooLarge, Some("MQTT-3.1.2-24"), text);
        self.refuse_connect(at, connect, refusal);
    }

    fn begin_exchange(&mut self, data: Option<&[u8]>) -> Option<Exchange> {
        self.exchanges += 1;
        let unique = [self.started.as_micros(), self.exchanges];
        Exchange::begin(data?, &self.config.access, &self.config.secret, unique)
    }

    /// A packet came from a client that is to authenticate before its CONNECT is accepted.
    pub(super) fn authenticating(&mut self, at: usize, bytes: &[u8]) {
        let packet = match Packet::decode(bytes, ProtocolVersion::V5) {
            Ok(packet) => packet,
            Err(error) => return self.malformed(at, bytes, error),
        };
        self.note_received(at, bytes, None);
        let Some(Pending { connect, step }) = self.connections[at].pending.take().map(|it| *it)
        else {
            return;
        };
        let connect = match Packet::decode(&connect, ProtocolVersion::V5) {
            Ok(Packet::Connect(connect)) => connect,
            other => {
                debug_assert!(false, "it was decoded before: {other:?}");
                return;
            }
        };
        let auth = match &packet {
            Packet::Auth(auth) => auth,
            Packet::Disconnect(disconnect) => {
                let ending = Ending::new(CloseReason::ClientDisconnect, disconnect.reason);
                return self.end(at, ending, Manner::Cut);
            }
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Publish(_)
            | Packet::PubAck(_)
            | Packet::PubRec(_)
            | Packet::PubRel(_)
            | Packet::PubComp(_)
            | Packet::Subscribe(_)
            | Packet::SubAck(_)
            | Packet::Unsubscribe(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp => {
                let text = "only AUTH and DISCONNECT may come before CONNACK";
                let statement = Some("MQTT-3.1.2-30");
                let refusal = Refusal::new(ReasonCode::ProtocolError, statement, text);
                return self.refuse_connect(at, &connect, refusal);
            }
        };
        let proved =
            if let Err((reason, statement)) = check(auth, ReasonCode::ContinueAuthentication) {
                Err(Refusal::new(reason, Some(statement), UNFIT))
            } else if let Step::Exchange(exchange) = step {
                let data = auth.properties.authentication_data().unwrap_or_default();
                let proved = exchange.finish(data, &self.config.access);
                proved.ok_or_else(not_authenticated)
            } else {
                Err(not_authenticated())
            };
        match proved {
            Ok(Proved { user, answer }) => {
                self.connections[at].phase = Phase::New;
                self.admit(at, &connect, Some(user), Some(&answer));
            }
            Err(refusal) => self.refuse_connect(at, &connect, refusal),
        }
    }

    /// AUTH came from a client whose CONNECT was accepted: it authenticates again.
    pub(super) fn auth(&mut self, at: usize, session: usize, auth: &Auth<'_>) {
        let Some(enhanced) = &mut self.connections[at].enhanced else {
            return self.violation(at, "MQTT-4.12.0-7");
        };
        let exchange = enhanced.exchange.take();
        let expected = if exchange.is_some() {
            ReasonCode::ContinueAuthentication
        } else {
            ReasonCode::ReAuthenticate
        };
        if let Err((reason, statement)) = check(auth, expected) {
            let refused = Refused::new(reason, UNFIT);
            return self.violation_with(at, refused, Some(statement));
        }
        let data = auth.properties.authentication_data();
        let Some(exchange) = exchange else {
            let Some(exchange) = self.begin_exchange(data) else {
                return self.not_authenticated_again(at);
            };
            let properties = step(exchange.challenge());
            if let Some(enhanced) = &mut self.connections[at].enhanced {
                enhanced.exchange = Some(exchange);
            }
            return self.send_auth(at, ReasonCode::ContinueAuthentication, &properties);
        };
        let proved = exchange.finish(data.unwrap_or_default(), &self.config.access);
        // Nobody becomes somebody else on the way.
        let proved = proved.filter(|Proved { user, .. }| {
            let before = self.sessions[session].user.as_ref();
            before == Some(user)
        });
        match proved {
            Some(Proved { answer, .. }) => {
                self.send_auth(at, ReasonCode::Success, &step(&answer));
            }
            None => self.not_authenticated_again(at),
        }
    }

    fn send_auth(&mut self, at: usize, reason: ReasonCode, properties: &PropertyBuf) {
        let properties = properties.as_properties();
        self.send(at, None, &Packet::Auth(Auth { reason, properties }));
    }

    fn not_authenticated_again(&mut self, at: usize) {
        let ending = Ending {
            statement: Some("MQTT-4.12.1-2"),
            ..Ending::new(CloseReason::NotAuthorized, ReasonCode::NotAuthorized)
        };
        self.end(at, ending, Manner::Tell);
    }
}

/// The properties of a step: the method, and what is said in it.
pub(super) fn step(data: &[u8]) -> PropertyBuf {
    let mut properties = PropertyBuf::new();
    push(&mut properties, Property::AuthenticationMethod(METHOD));
    push(&mut properties, Property::AuthenticationData(data));
    properties
}

/// Whether an AUTH is the step that is expected, by the method of the CONNECT; else what is wrong with it.
fn check(auth: &Auth<'_>, expected: ReasonCode) -> Result<(), (ReasonCode, &'static str)> {
    let Auth { reason, properties } = auth;
    let method = Properties::authentication_method(properties);
    if method.is_some_and(|method| method != METHOD) {
        let again = *reason == ReasonCode::ReAuthenticate;
        let statement = if again {
            "MQTT-4.12.1-1"
        } else {
            "MQTT-4.12.0-5"
        };
        return Err((ReasonCode::BadAuthenticationMethod, statement));
    }
    if *reason == ReasonCode::Success {
        // Only a server says so.
        return Err((ReasonCode::ProtocolError, "MQTT-3.15.2-1"));
    }
    if *reason != expected {
        return Err((ReasonCode::ProtocolError, "MQTT-4.12.0-3"));
    }
    Ok(())
}

fn not_authenticated() -> Refusal {
    Refusal {
        rule: Some(Rc::from("users")),
        ..Refusal::new(
            ReasonCode::NotAuthorized,
            Some("MQTT-4.12.0-4"),
            "the user name or the password is wrong",
        )
    }
}
