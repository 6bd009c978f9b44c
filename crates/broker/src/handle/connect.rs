//! CONNECT (3.1.1 and 5.0, section 3.1).

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::{
    Ack, Connect, DecodeError, DecodeErrorKind, Packet, PropertyBuf, ProtocolVersion, ReasonCode,
};
use vitrine_session::{AliasBook, TopicAliases};

use super::connack::Welcome;
use crate::access::{Allowed, Claim, Who, personal};
use crate::broker::Broker;
use crate::close::{Ending, Manner};
use crate::connection::Phase;
use crate::limits::{Limit, Refused};
use crate::message::forwardable;
use crate::publication::Publisher;
use crate::session::{Session, Will};
use crate::timers::TimerKey;
use crate::{ClientId, CloseReason, Event, ObservationMask, SessionEnd, WillDrop};

/// Why a CONNECT is refused.
pub(super) struct Refusal {
    pub(super) reason: ReasonCode,
    /// The statement that asks for it.
    pub(super) statement: Option<&'static str>,
    /// Words for people.
    pub(super) text: &'static str,
    /// What refuses it, where it is no limit.
    pub(super) rule: Option<Rc<str>>,
}

impl Refusal {
    pub(super) const fn new(
        reason: ReasonCode,
        statement: Option<&'static str>,
        text: &'static str,
    ) -> Self {
        Self {
            reason,
            statement,
            text,
            rule: None,
        }
    }
}

impl From<Refused> for Refusal {
    fn from(Refused { reason, text, .. }: Refused) -> Self {
        Self::new(reason, None, text)
    }
}

impl Broker {
    pub(crate) fn connect(&mut self, at: usize, bytes: &[u8], connect: &Connect<'_>) {
        self.statistics.connects += 1;
        self.take_up_connect(at, connect);
        self.note_received(at, bytes, None);
        match self.check_connect(at, connect) {
            Ok(()) => self.authenticate(at, bytes, connect),
            Err(refusal) => self.refuse_connect(at, connect, refusal),
        }
    }

    /// Accepts a CONNECT that was checked, now that it is known who sent it, unless that is too much or
    /// this client may not have such a Will.
    ///
    /// `proof` is the last step of an enhanced authentication.
    pub(super) fn admit(
        &mut self,
        at: usize,
        connect: &Connect<'_>,
        user: Option<Rc<str>>,
        proof: Option<&[u8]>,
    ) {
        let assigned = connect
            .client_id
            .is_empty()
            .then(|| self.make_up_client_id());
        let client = assigned
            .clone()
            .unwrap_or_else(|| ClientId::from(connect.client_id));
        let will = connect.will.as_ref().map(Will::from);
        if let Some(will) = &will
            && let Err(refusal) = self.check_will(will, &client, &user)
        {
            return self.refuse_connect(at, connect, refusal);
        }
        let expiry = self.session_expiry(connect);
        let keep_alive = self.connections[at].keep_alive;
        let asked_expiry = connect.properties.session_expiry_interval().unwrap_or(0);
        let response_information = self.response_information(connect, &client, user.as_deref());
        let mut welcome = Welcome {
            proof,
            response_information: response_information.as_deref(),
            session_present: false,
            assigned: assigned.as_deref(),
            session_expiry: (asked_expiry != expiry).then_some(expiry),
            keep_alive: (connect.keep_alive != keep_alive).then_some(keep_alive),
        };
        if !self.may_be_welcomed(at, &welcome) {
            // Nobody has to be told (section 3.1.2.11.6).
            welcome.response_information = None;
        }
        // Before it has any effect: nothing but CONNACK may be the first answer [MQTT-3.2.0-1].
        if !self.may_be_welcomed(at, &welcome) {
            let text = "the CONNACK is too large";
            let refusal = Refusal::new(ReasonCode::PacketTooLarge, Some("MQTT-3.1.2-24"), text);
            return self.refuse_connect(at, connect, refusal);
        }
        self.catch_up(&client);
        let claim = self.claim(&client, user.as_ref());
        if claim == Claim::Refused {
            let text = "the Client Identifier is another user's";
            let refusal = Refusal {
                rule: Some("users".into()),
                ..Refusal::new(ReasonCode::ClientIdentifierNotValid, None, text)
            };
            return self.refuse_connect(at, connect, refusal);
        }
        // Before anything is done to the connection that the client may have.
        let before = self.clients.get(&client).copied();
        let kept = before.is_some_and(|before| self.sessions[before].expiry > 0);
        if expiry > 0 && !kept && self.kept_sessions >= self.config.max_sessions {
            let refused = self.refusals.refuse(Limit::Sessions);
            return self.refuse_connect(at, connect, refused.into());
        }
        self.take_over(&client);
        if (connect.clean_start || claim == Claim::Anew)
            && let Some(session) = self.clients.get(&client).copied()
        {
            self.end_session(session, SessionEnd::CleanStart);
        }
        let existing = self.clients.get(&client).copied();
        let session = match existing {
            Some(session) => {
                self.resume(session);
                session
            }
            None => self.make_session(client),
        };
        self.connections[at].enhanced = proof.map(|_| Box::default());
        self.identify(session, user);
        self.attach(at, session, connect, expiry, will);
        self.change_settings(session);
        self.note_connected(at, session, connect, existing.is_some());
        // 3.1 has nothing in that place.
        welcome.session_present = existing.is_some() && connect.version != ProtocolVersion::V3_1;
        self.welcome(at, &welcome);
        // A tiny limit of unsent answers may have ended it with its CONNACK.
        if self.connections[at].session() == Some(session) && existing.is_some() {
            self.resend(at, session);
        }
    }

    /// What a client is told that asks for Response Information.
    fn response_information(
        &self,
        connect: &Connect<'_>,
        client: &str,
        user: Option<&str>,
    ) -> Option<String> {
        let text = self.config.response_information.as_deref()?;
        if connect.properties.request_response_information() != Some(1) {
            return None;
        }
        let personal = personal(text, Who { user, client })?;
        (personal.len() <= usize::from(u16::MAX)).then_some(personal)
    }

    /// Takes over what CONNECT says about the connection itself.
    fn take_up_connect(&mut self, at: usize, connect: &Connect<'_>) {
        let connection = &mut self.connections[at];
        let properties = &connect.properties;
        connection.version = connect.version;
        if let Some(most) = properties.maximum_packet_size() {
            connection.max_packet_size = most as usize;
        }
        let v5 = connect.version == ProtocolVersion::V5;
        connection.problem_information = properties.request_problem_information() != Some(0);
        connection.outlived = properties
            .session_expiry_interval()
            .is_some_and(|expiry| expiry > 0);
        let aliases = if v5 {
            self.config.topic_alias_maximum
        } else {
            0
        };
        connection.aliases = TopicAliases::new(aliases);
        let taken = properties.topic_alias_maximum().unwrap_or(0);
        connection.alias_book = AliasBook::new(taken.min(self.config.topic_alias_maximum));
        let most = self.config.max_keep_alive;
        let too_long = connect.keep_alive == 0 || connect.keep_alive > most;
        let limited = v5 && most < u16::MAX && too_long;
        connection.keep_alive = if limited { most } else { connect.keep_alive };
    }

    fn check_connect(&mut self, at: usize, connect: &Connect<'_>) -> Result<(), Refusal> {
        use ReasonCode as R;
        if self.connections[at].surplus {
            // It was counted when it was opened.
            return Err(Limit::Connections.refused().into());
        }
        let v5 = connect.version == ProtocolVersion::V5;
        let invalid =
            |statement, text| Err(Refusal::new(R::ClientIdentifierNotValid, statement, text));
        if connect.client_id.is_empty() {
            if !v5 && !connect.clean_start {
                let text = "an empty Client Identifier needs Clean Session 1";
                return invalid(Some("MQTT-3.1.3-8"), text);
            }
            if connect.version == ProtocolVersion::V3_1 || !self.config.allow_empty_client_id {
                return invalid(None, "a Client Identifier is needed");
            }
        }
        if connect.client_id.len() > self.config.max_client_id {
            return invalid(None, self.refusals.refuse(Limit::ClientId).text);
        }
        Ok(())
    }

    fn check_will(
        &mut self,
        will: &Will,
        client: &ClientId,
        user: &Option<Rc<str>>,
    ) -> Result<(), Refusal> {
        let offered = self.config.will_offered(will.qos, will.retain);
        offered.map_err(|(refused, statement)| Refusal {
            statement,
            ..refused.into()
        })?;
        let before = self.clients.get(client).copied();
        let before = before.and_then(|session| self.sessions[session].will.as_ref());
        let bytes = self.will_bytes - before.map_or(0, |will| will.cost()) + will.cost();
        if bytes > self.config.max_will_bytes_total {
            return Err(self.refusals.refuse(Limit::WillBytesTotal).into());
        }
        let publication = will.publication(client.clone(), user.clone());
        debug_assert!(matches!(publication.publisher, Publisher::Will { .. }));
        self.check(&publication).map_err(|refused| Refusal {
            rule: self.access.name_of(refused),
            ..refused.into()
        })
    }

    /// Refuses a CONNECT.
    pub(super) fn refuse_connect(&mut self, at: usize, connect: &Connect<'_>, refusal: Refusal) {
        let Refusal {
            reason,
            statement,
            text,
            rule,
        } = refusal;
        let connection = self.connections[at].id;
        self.observer
            .note(ObservationMask::SESSIONS, || Event::ConnectRefused {
                connection,
                client: connect.client_id.into(),
                username: connect.username.map(Rc::from),
                reason,
                rule,
            });
        self.refuse(at, reason, statement, text);
    }

    /// Notes whose session it is from here on, and finds the rules for it.
    fn identify(&mut self, at: usize, user: Option<Rc<str>>) {
        let session = &mut self.sessions[at];
        let changes = session.user != user;
        session.user = user;
        session.rules = self.access.list_for(session.who());
        session.allowed = Allowed::default();
        if changes && !self.access.is_open() && !session.subscriptions.is_empty() {
            // They hold what the other user may not receive.
            self.router.forget_routes();
        }
    }

    /// A Client Identifier that no session has [MQTT-3.2.2-16]. With a secret nobody can guess it, and so
    /// take over the session of who got it.
    fn make_up_client_id(&mut self) -> ClientId {
        loop {
            self.assigned += 1;
            let mut id = format!("vitrine-{:04}", self.assigned);
            if self.config.secret.is_set() {
                let since = self.started.as_micros().to_be_bytes();
                let count = self.assigned.to_be_bytes();
                let bytes = self.config.secret.derive("client id", &[&since, &count]);
                id.push('-');
                bytes[..12]
                    .iter()
                    .for_each(|byte| id.push_str(&format!("{byte:02x}")));
            }
            if !self.clients.contains_key(&*id) {
                return ClientId::from(&*id);
            }
        }
    }

    /// Does what was due for a client's session before it came back, should the host be late to say so.
    fn catch_up(&mut self, client: &ClientId) {
        let Some(at) = self.clients.get(client).copied() else {
            return;
        };
        let now = self.now();
        let session = &self.sessions[at];
        if session.expires.is_some_and(|due| due <= now) {
            self.statistics.expired += 1;
            self.end_session(at, SessionEnd::Expired);
        } else if session.will_due.is_some_and(|due| due <= now) {
            self.fire_will(at);
        }
    }

    /// Ends the connection of a client that is connected already [MQTT-3.1.4-3].
    fn take_over(&mut self, client: &ClientId) {
        let session = self.clients.get(client).copied();
        let Some(before) = session.and_then(|session| self.sessions[session].connection) else {
            return;
        };
        let statement = match self.connections[before].version {
            ProtocolVersion::V5 => "MQTT-3.1.4-3",
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => "MQTT-3.1.4-2",
        };
        let ending = Ending {
            why: CloseReason::TakenOver,
            reason: Some(ReasonCode::SessionTakenOver),
            statement: Some(statement),
            text: "another connection came with the same Client Identifier",
        };
        self.end(before, ending, Manner::Tell);
    }

    fn make_session(&mut self, client: ClientId) -> usize {
        let at = self.sessions.insert(Session::new(client.clone()));
        self.clients.insert(client, at);
        at
    }

    /// Goes on with a session whose client comes back. A Will that waits is not published
    /// [MQTT-3.1.3-9].
    fn resume(&mut self, at: usize) {
        self.clear_absence_timers(at);
        self.drop_will(at, WillDrop::Reconnected);
    }

    /// How long the session will last after the connection, in seconds.
    fn session_expiry(&self, connect: &Connect<'_>) -> u32 {
        let asked = match connect.version {
            ProtocolVersion::V5 => connect.properties.session_expiry_interval().unwrap_or(0),
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 if connect.clean_start => 0,
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => u32::MAX,
        };
        asked.min(self.config.max_session_expiry)
    }

    /// Joins connection and session.
    fn attach(
        &mut self,
        at: usize,
        session_at: usize,
        connect: &Connect<'_>,
        expiry: u32,
        will: Option<Will>,
    ) {
        let now = self.now();
        let window = connect.properties.receive_maximum().unwrap_or(u16::MAX);
        let connection = &mut self.connections[at];
        connection.phase = Phase::Connected(session_at);
        if let Some((due, key)) = connection.timer.take() {
            self.timers.clear(due, key);
        }
        if connection.keep_alive > 0 {
            let (due, key) = (now + connection.patience(), TimerKey::KeepAlive(at));
            connection.timer = Some((due, key));
            self.timers.set(due, key);
        }
        let session = &mut self.sessions[session_at];
        session.connection = Some(at);
        self.statistics.joined();
        session.version = connect.version;
        session.left = None;
        self.will_bytes += will.as_ref().map_or(0, Will::cost);
        session.will = will.map(Rc::new);
        session
            .outgoing
            .set_limit(window.min(self.config.max_in_flight));
        self.set_expiry(session_at, expiry);
    }

    /// Sets how long a session outlives its connection, in seconds.
    pub(crate) fn set_expiry(&mut self, at: usize, expiry: u32) {
        let session = &mut self.sessions[at];
        self.kept_sessions -= usize::from(session.expiry > 0);
        self.kept_sessions += usize::from(expiry > 0);
        session.expiry = expiry;
    }

    fn note_connected(&mut self, at: usize, session: usize, connect: &Connect<'_>, resumed: bool) {
        let connection = &self.connections[at];
        let session = &self.sessions[session];
        self.observer
            .note(ObservationMask::SESSIONS, || Event::Connected {
                connection: connection.id,
                client: session.client.clone(),
                version: connect.version,
                clean_start: connect.clean_start,
                resumed,
                keep_alive: connection.keep_alive,
                session_expiry: session.expiry,
                username: session
                    .user
                    .clone()
                    .or_else(|| connect.username.map(Rc::from)),
                will: session.will.as_ref().map(|will| will.info()),
            });
    }

    /// Sends a client that came back what was under way, and then what waited for it.
    fn resend(&mut self, at: usize, session: usize) {
        let releases = self.sessions[session].outgoing.releases();
        let releases: Vec<_> = releases.map(|(id, what)| (id, what.publication)).collect();
        for (id, publication) in releases {
            self.send(at, Some(publication), &Packet::PubRel(Ack::success(id)));
            if self.connections[at].session() != Some(session) {
                // It was one too many for the connection.
                return;
            }
        }
        self.go_on(session);
    }

    /// The first packet is a CONNECT that cannot be read. Before 5.0 there is no answer to that
    /// [MQTT-3.1.4-1], but to a version that is not spoken here.
    pub(crate) fn malformed_connect(&mut self, at: usize, bytes: &[u8], error: DecodeError) {
        if error.kind == DecodeErrorKind::ProtocolVersion {
            self.note_malformed(at, bytes, error);
            // 3.x clients read the return code 1, those of a later version the Reason Code. A bridge of Mosquitto's says what
            // it is by the highest bit of 3 or 4, and goes on as a client when it reads that return code.
            let level = bytes
                .get(error.offset as usize)
                .copied()
                .unwrap_or_default();
            if level > ProtocolVersion::V5.level() && !matches!(level, 0x83 | 0x84) {
                self.connections[at].version = ProtocolVersion::V5;
            }
            let reason = ReasonCode::UnsupportedProtocolVersion;
            return self.refuse(
                at,
                reason,
                error.statement,
                "versions 3.1, 3.1.1 and 5.0 are spoken",
            );
        }
        self.malformed(at, bytes, error);
    }
}

impl From<&vitrine_packet::Will<'_>> for Will {
    fn from(will: &vitrine_packet::Will<'_>) -> Self {
        let mut scratch = PropertyBuf::new();
        Self {
            topic: will.topic.into(),
            properties: forwardable(will.properties, &mut scratch).into(),
            payload: will.payload.into(),
            qos: will.qos,
            retain: will.retain,
            delay: will.properties.will_delay_interval().unwrap_or(0),
            expiry: will.properties.message_expiry_interval(),
        }
    }
}
