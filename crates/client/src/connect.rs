//! How a connection begins and ends (3.1.1 and 5.0, sections 3.1, 3.2 and 3.14).

use core::mem;

use vitrine_packet::{
    Auth, ConnAck, Connect, ConnectReturnCode, Disconnect, Packet, PacketType, Properties,
    Property, PropertyBuf, ProtocolVersion, ReasonCode, Will,
};
use vitrine_session::AliasBook;

use crate::client::Client;
use crate::connection::{Connection, Phase};
use crate::outbox::What;
use crate::server::Server;
use crate::{Event, Failure, Loss, Options, Output};

impl Client {
    /// Wishes for a connection, with the options as they are. Nothing happens when there is one, or one is
    /// being made. One that the client waits for is wished for at once.
    pub fn connect(&mut self, now: vitrine_session::Time) {
        self.now = self.now.max(now);
        if self.connection.is_none() {
            self.open(self.options.clean_start);
        }
    }

    /// Leaves: DISCONNECT, after what waits to be sent already. The server drops the Will, unless `reason` is
    /// Disconnect with Will Message (5.0). A Session that outlives the connection lives on.
    ///
    /// `session_expiry` replaces the Session Expiry Interval, which must not have been 0 then
    /// [MQTT-3.14.2-2]; it is left out in that case. 5.0 only.
    pub fn disconnect(
        &mut self,
        reason: ReasonCode,
        session_expiry: Option<u32>,
        now: vitrine_session::Time,
    ) {
        self.now = self.now.max(now);
        self.retry_at = None;
        let reason = if reason.is_allowed_in(PacketType::Disconnect) {
            reason
        } else {
            ReasonCode::UnspecifiedError
        };
        if self.is_connected() {
            let mut properties = PropertyBuf::new();
            let may = self.options.session_expiry > 0;
            if let Some(seconds) = session_expiry.filter(|seconds| may || *seconds == 0) {
                let pushed = properties.push(Property::SessionExpiryInterval(seconds));
                debug_assert!(pushed.is_ok(), "a number always fits");
            }
            self.say_goodbye(reason, &properties);
            if let Some(connection) = &mut self.connection
                && session_expiry == Some(0)
            {
                connection.server.session_expiry = session_expiry;
            }
        }
        if self.connection.is_some() {
            self.end(Loss::Requested, true);
        }
    }

    /// Goes on with enhanced authentication: answers an AUTH that said Continue authentication, or, on a
    /// connection that lives, asks for re-authentication [MQTT-4.12.1-1]. Does nothing where the CONNECT named
    /// no method.
    pub fn authenticate(&mut self, data: &[u8], now: vitrine_session::Time) {
        self.now = self.now.max(now);
        let Some((method, _)) = self.options.authentication.clone().filter(|_| self.v5()) else {
            return;
        };
        let reason = match self.connection.as_ref().map(|connection| connection.phase) {
            None | Some(Phase::Opening) => return,
            Some(Phase::Connecting) => ReasonCode::ContinueAuthentication,
            Some(Phase::Connected) if mem::take(&mut self.challenged) => {
                ReasonCode::ContinueAuthentication
            }
            Some(Phase::Connected) => ReasonCode::ReAuthenticate,
        };
        let mut properties = PropertyBuf::new();
        let method = properties.push(Property::AuthenticationMethod(&method));
        let data = properties.push(Property::AuthenticationData(data));
        if method.and(data).is_err() {
            return;
        }
        let properties = properties.as_properties();
        self.send(&Packet::Auth(Auth { reason, properties }));
    }

    pub(crate) fn open(&mut self, clean: bool) {
        self.retry_at = None;
        self.farewell.clear();
        self.challenged = false;
        self.connection = Some(Connection::new(&self.options, clean, self.now));
        self.outputs.push_back(Output::Open);
    }

    pub(crate) fn opened(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if connection.phase != Phase::Opening {
            return;
        }
        connection.phase = Phase::Connecting;
        connection.last_sent = self.now;
        let clean = connection.clean;
        let options = mem::take(&mut self.options);
        if clean {
            self.forget_session();
        }
        let written = write_connect(&options, clean, self.connection.as_mut());
        self.options = options;
        if written.is_err() {
            // A field is longer than the format can hold: no server could be told.
            self.end(Loss::Violation(ReasonCode::PacketTooLarge, None), false);
            return;
        }
        self.announce();
    }

    pub(crate) fn connack(&mut self, connack: &ConnAck<'_>) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if connack.code != 0 {
            connection.server = Server::of(connack.properties);
            self.end(Loss::Refused(connack.code), true);
            return;
        }
        let unknown = !self.has_session && self.options.version == ProtocolVersion::V5;
        if connack.session_present && (connection.clean || unknown && !self.options.adopt_session) {
            // There is nothing here that could go on [MQTT-3.2.2-4].
            self.violation(ReasonCode::ProtocolError, Some("MQTT-3.2.2-4"));
            return;
        }
        connection.phase = Phase::Connected;
        let server = Server::of(connack.properties);
        let most = server.topic_alias_maximum.min(self.options.max_aliases);
        connection.book = AliasBook::new(most);
        let window = server.receive_maximum.min(self.options.max_in_flight);
        connection.server = server;
        self.outgoing.set_limit(window);
        if let Some(id) = connack.properties.assigned_client_identifier() {
            self.options.client_id = id.into();
        }
        self.failures = 0;
        self.challenged = false;
        // 3.1 servers do not say.
        if !connack.session_present && self.options.version != ProtocolVersion::V3_1 {
            // The server has nothing: nothing of it can go on here either [MQTT-3.2.2-5].
            self.forget_session();
        }
        self.has_session = true;
        self.events.push_back(Event::Connected {
            session_present: connack.session_present,
            properties: connack.properties.into(),
        });
        if let Some(data) = connack.properties.authentication_data() {
            let reason = ReasonCode::Success;
            let data = data.into();
            self.events.push_back(Event::Auth { reason, data });
        }
        self.send_releases();
        self.pump();
    }

    pub(crate) fn auth(&mut self, auth: &Auth<'_>) {
        let ours = self.options.authentication.as_ref();
        let method = auth.properties.authentication_method();
        let phase = self.connection.as_ref().map(|connection| connection.phase);
        let fits = ours.is_some_and(|(ours, _)| method.is_none_or(|method| method == &**ours));
        let goes_on = auth.reason == ReasonCode::ContinueAuthentication;
        let done = auth.reason == ReasonCode::Success && phase == Some(Phase::Connected);
        let in_turn = goes_on || done;
        if !(fits && in_turn) {
            self.violation(ReasonCode::ProtocolError, Some("MQTT-4.13.1-1"));
            return;
        }
        self.challenged = goes_on;
        let reason = auth.reason;
        let data = auth.properties.authentication_data().unwrap_or_default();
        let data = data.into();
        self.events.push_back(Event::Auth { reason, data });
    }

    pub(crate) fn disconnected(&mut self, disconnect: &Disconnect<'_>) {
        if self.v5() {
            if let Some(connection) = &mut self.connection
                && let Some(reference) = disconnect.properties.server_reference()
            {
                connection.server.reference = Some(reference.into());
            }
            self.end(Loss::Server(disconnect.reason), false);
        } else {
            self.violation(ReasonCode::ProtocolError, Some("MQTT-4.8.0-1"));
        }
    }

    pub(crate) fn transport_closed(&mut self) {
        if self.connection.is_some() {
            self.close(Loss::Transport, false, false);
        }
    }

    /// The server broke a rule: it is told in 5.0, and the connection ends.
    pub(crate) fn violation(&mut self, reason: ReasonCode, statement: Option<&'static str>) {
        if self.is_connected() {
            self.say_goodbye(reason, &PropertyBuf::new());
        }
        self.end(Loss::Violation(reason, statement), true);
    }

    /// The last packet of a connection. Before 5.0 there is only one for a client that leaves in good order.
    fn say_goodbye(&mut self, reason: ReasonCode, properties: &PropertyBuf) {
        if reason.is_error() && !self.v5() {
            return;
        }
        let properties = properties.as_properties();
        let disconnect = Packet::Disconnect(Disconnect { reason, properties });
        let version = self.options.version;
        if let Some(connection) = &mut self.connection {
            connection.outbox.push(What::Control, |out| {
                let written = disconnect.encode(version, out);
                debug_assert!(written.is_ok(), "it is short");
            });
        }
    }

    /// Ends the connection. With `tell` what waits is still sent.
    pub(crate) fn end(&mut self, why: Loss, tell: bool) {
        self.close(why, tell, true);
    }

    fn close(&mut self, why: Loss, tell: bool, ask: bool) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        self.farewell.clear();
        if tell {
            while let Some(what) = connection.outbox.pull(usize::MAX, &mut self.farewell) {
                if let What::Qos0(ticket) = what {
                    let reason = ReasonCode::Success;
                    self.events.push_back(Event::Published { ticket, reason });
                }
            }
        }
        for flight in self.outgoing.flights_mut() {
            let place = flight.message.place.take();
            flight.message.sent_before |=
                place.is_some_and(|place| connection.outbox.is_pulled(place));
        }
        for (_, released) in self.outgoing.releases_mut() {
            released.place = None;
        }
        // A QoS 0 message that nobody pulled is lost with the connection.
        let mut lost = alloc::vec::Vec::new();
        while let Some(what) = connection.outbox.pull(usize::MAX, &mut lost) {
            if let What::Qos0(ticket) = what {
                let why = Failure::ConnectionLost;
                self.events.push_back(Event::Failed { ticket, why });
            }
        }
        self.outgoing.connection_lost();
        self.forget_requests();
        // On the next connection they do not count for the Receive Maximum.
        let kept: alloc::vec::Vec<_> = self.incoming.iter().map(|(id, _)| id).collect();
        for id in kept {
            self.incoming.insert(id, false);
        }
        // What the server said in CONNACK, or the client in DISCONNECT, counts before what it asked for (5.0 section
        // 3.2.2.3.2).
        let lives_on = match connection.server.session_expiry {
            Some(seconds) if self.v5() => seconds > 0,
            _ => self.options.is_persistent(),
        };
        if !lives_on {
            self.forget_session();
        }
        if ask {
            self.outputs.push_back(Output::Close);
        }
        self.failures = self.failures.saturating_add(1);
        let reconnect = self
            .options
            .reconnect
            .filter(|_| may_pass(why, self.options.version));
        self.retry_at = reconnect.map(|back_off| self.now + back_off.wait(self.failures));
        let retry_at = self.retry_at;
        self.events.push_back(Event::Disconnected { why, retry_at });
    }

    /// The Session is over: what was under way has nobody who could go on with it.
    fn forget_session(&mut self) {
        self.has_session = false;
        self.incoming = Default::default();
        let limit = self.options.max_in_flight;
        let outgoing = mem::replace(&mut self.outgoing, vitrine_session::Outgoing::new(limit));
        let releases = outgoing.releases().map(|(_, released)| released.ticket);
        let flights = outgoing.flights().map(|flight| flight.message.ticket);
        let why = Failure::SessionLost;
        let failed = releases.chain(flights);
        self.events
            .extend(failed.map(|ticket| Event::Failed { ticket, why }));
        if let Some(server) = self.server() {
            let window = server.receive_maximum.min(limit);
            self.outgoing.set_limit(window);
        }
    }
}

/// Whether it is worth trying again: what ended the connection may pass by itself.
fn may_pass(why: Loss, version: ProtocolVersion) -> bool {
    match why {
        Loss::Requested | Loss::Violation(..) => false,
        Loss::Transport | Loss::ConnectTimeout | Loss::PingTimeout | Loss::Stuck => true,
        Loss::Refused(code) if version == ProtocolVersion::V5 => {
            ReasonCode::from_u8(code).is_some_and(passes)
        }
        Loss::Refused(code) => code == ConnectReturnCode::ServerUnavailable.as_u8(),
        Loss::Server(reason) => passes(reason),
    }
}

/// Whether a reason may pass. Who is taken over does not take the Session back: the two would never end.
fn passes(reason: ReasonCode) -> bool {
    matches!(
        reason,
        ReasonCode::Success
            | ReasonCode::UnspecifiedError
            | ReasonCode::ImplementationSpecificError
            | ReasonCode::ServerUnavailable
            | ReasonCode::ServerBusy
            | ReasonCode::ServerShuttingDown
            | ReasonCode::KeepAliveTimeout
            | ReasonCode::ReceiveMaximumExceeded
            | ReasonCode::MessageRateTooHigh
            | ReasonCode::QuotaExceeded
            | ReasonCode::AdministrativeAction
            | ReasonCode::ConnectionRateExceeded
            | ReasonCode::MaximumConnectTime
    )
}

fn write_connect(
    options: &Options,
    clean: bool,
    connection: Option<&mut Connection>,
) -> Result<(), vitrine_packet::EncodeError> {
    let Some(connection) = connection else {
        return Ok(());
    };
    let v5 = options.version == ProtocolVersion::V5;
    let properties = if v5 {
        connect_properties(options)?
    } else {
        PropertyBuf::new()
    };
    let will = options.will.as_ref().map(|will| Will {
        qos: will.qos,
        retain: will.retain,
        properties: if v5 {
            will.properties.as_properties()
        } else {
            Properties::EMPTY
        },
        topic: &will.topic,
        payload: &will.payload,
    });
    let username = options.username.as_deref();
    let connect = Packet::Connect(Connect {
        version: options.version,
        clean_start: clean,
        keep_alive: options.keep_alive,
        properties: properties.as_properties(),
        client_id: &options.client_id,
        will,
        username,
        password: options
            .password
            .as_deref()
            .filter(|_| v5 || username.is_some()),
    });
    let mut written = Ok(());
    connection.outbox.push(What::Control, |out| {
        written = connect.encode(options.version, out);
    });
    written
}

/// CONNECT's properties: what differs from what 5.0 takes for granted.
fn connect_properties(options: &Options) -> Result<PropertyBuf, vitrine_packet::EncodeError> {
    let mut properties = PropertyBuf::new();
    if options.session_expiry > 0 {
        properties.push(Property::SessionExpiryInterval(options.session_expiry))?;
    }
    if options.receive_maximum < u16::MAX {
        properties.push(Property::ReceiveMaximum(options.receive_maximum.max(1)))?;
    }
    if options.max_packet_size <= vitrine_packet::MAX_REMAINING_LENGTH {
        properties.push(Property::MaximumPacketSize(options.max_packet_size.max(1)))?;
    }
    if options.topic_alias_maximum > 0 {
        properties.push(Property::TopicAliasMaximum(options.topic_alias_maximum))?;
    }
    if options.request_response_information {
        properties.push(Property::RequestResponseInformation(1))?;
    }
    if !options.request_problem_information {
        properties.push(Property::RequestProblemInformation(0))?;
    }
    for (name, value) in &options.user_properties {
        properties.push(Property::UserProperty(name, value))?;
    }
    if let Some((method, data)) = &options.authentication {
        properties.push(Property::AuthenticationMethod(method))?;
        properties.push(Property::AuthenticationData(data))?;
    }
    Ok(properties)
}
