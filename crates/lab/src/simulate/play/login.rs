//! Who comes in, and who has to go: logins, rules that change, connections that end.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;

use vitrine_broker::{Access, ConnectionId};
use vitrine_packet::{Auth, Connect, Packet, ProtocolVersion, ReasonCode};
use vitrine_session::Time;

use super::Player;
use crate::simulate::guard::{Exchange, log_in};
use crate::simulate::wire::{Login, Wire};

/// The only method that there is.
const METHOD: &str = "SCRAM-SHA-256";

impl Player<'_> {
    /// CONNECT came.
    pub(super) fn comes(
        &mut self,
        id: ConnectionId,
        bytes: &Rc<[u8]>,
        connect: &Connect<'_>,
        now: Time,
    ) {
        let access = Rc::clone(&self.model.access);
        let Some(method) = connect.properties.authentication_method() else {
            let user = log_in(&access, connect);
            return self.let_in(id, connect, user, now);
        };
        let is_offered = access.users.values().any(|user| user.scram.is_some());
        if method != METHOD || !is_offered {
            let refused = Err(ReasonCode::BadAuthenticationMethod.as_u8());
            return self.let_in(id, connect, refused, now);
        }
        let data = connect.properties.authentication_data();
        let exchange = Exchange::begin(&access, data.unwrap_or_default());
        match (self.wires.get_mut(&id), exchange) {
            (Some(wire), Some(exchange)) => {
                wire.auths.push_back(ReasonCode::ContinueAuthentication);
                let connect = Rc::clone(bytes);
                wire.login = Some(Login { connect, exchange });
            }
            _ => self.let_in(id, connect, Err(ReasonCode::NotAuthorized.as_u8()), now),
        }
    }

    /// AUTH came: a step of a login, or of one who is there already.
    pub(super) fn authenticates(&mut self, id: ConnectionId, auth: &Auth<'_>, now: Time) {
        let access = Rc::clone(&self.model.access);
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        if let Some(Login { connect, exchange }) = wire.login.take() {
            let proved = exchange.is_proved(&access, wire.password.as_deref());
            let refused = ReasonCode::NotAuthorized.as_u8();
            let user = proved.then_some(Some(exchange.user)).ok_or(refused);
            wire.is_enhanced = proved;
            if let Ok(Packet::Connect(connect)) = Packet::decode(&connect, ProtocolVersion::V5) {
                self.let_in(id, &connect, user, now);
            }
            return;
        }
        let Some(exchange) = wire.exchange.take() else {
            let data = auth.properties.authentication_data();
            wire.exchange = Exchange::begin(&access, data.unwrap_or_default());
            wire.auths.push_back(ReasonCode::ContinueAuthentication);
            return;
        };
        // Nobody becomes somebody else.
        let client = wire.client.clone();
        let session = client.and_then(|client| self.model.state.sessions.get(&client));
        let is_same = session.and_then(|session| session.user.as_ref()) == Some(&exchange.user);
        if is_same && exchange.is_proved(&access, wire.password.as_deref()) {
            wire.auths.push_back(ReasonCode::Success);
        } else {
            wire.doomed = Some(ReasonCode::NotAuthorized);
        }
    }

    /// It is known who sent a CONNECT, or that nobody is let in by it.
    fn let_in(
        &mut self,
        id: ConnectionId,
        connect: &Connect<'_>,
        user: Result<Option<Rc<str>>, u8>,
        now: Time,
    ) {
        let name: Rc<str> = connect.client_id.into();
        let before = self.model.who(&name).user.map(Rc::<str>::from);
        let present = user.and_then(|user| {
            let changes = user != before;
            let present = self.model.connect(connect, user, now)?;
            if changes {
                self.handed_over.insert(Rc::clone(&name));
            }
            Ok(present)
        });
        // One of two that have the same name takes the place of the other, unless it is refused: then the other stays.
        let others = self.wires.iter_mut().filter(|(other, _)| **other != id);
        for (_, old) in others.filter(|_| present.is_ok()) {
            old.ended |= old.client.as_ref() == Some(&name);
        }
        let was_here = present.is_ok() && !self.known.insert(Rc::clone(&name));
        let is_untold = connect.version == ProtocolVersion::V3_1 && !connect.clean_start;
        if is_untold && was_here && present == Ok(false) {
            // Nobody tells the client that what it knows is of another Session.
            self.model.promises.deaf.insert(Rc::clone(&name));
            self.model.promises.muddled.insert(Rc::clone(&name));
        }
        let session = self.model.state.sessions.get(&name);
        let generation = session.map_or(0, |session| session.generation);
        let forgot = self.forgot.get(&name).copied().unwrap_or(0);
        if present == Ok(true) && generation <= forgot {
            // The client has forgotten all, and the broker not.
            self.model.promises.muddled.insert(Rc::clone(&name));
        }
        let (config, epoch) = (&self.scenario.config, self.model.epoch);
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        wire.connack = Some(present);
        wire.refused = present.err();
        wire.generation = generation;
        wire.client = present.ok().map(|_| name);
        self.served.insert(id, (wire.generation, self.starts));
        wire.epoch = epoch;
        let v5 = connect.version == ProtocolVersion::V5;
        let properties = connect.properties;
        let too_long = connect.keep_alive == 0 || connect.keep_alive > config.max_keep_alive;
        let limited = v5 && config.max_keep_alive < u16::MAX && too_long;
        wire.keep_alive = if limited {
            config.max_keep_alive
        } else {
            connect.keep_alive
        };
        wire.max_packet_size = properties
            .maximum_packet_size()
            .map_or(usize::MAX, |most| most as usize);
        let window = properties.receive_maximum().unwrap_or(u16::MAX);
        wire.window = usize::from(window.min(config.max_in_flight));
    }

    /// Others may do what they do from now on, and others may be there.
    pub(super) fn rule(&mut self, access: &Rc<Access>) {
        let before = Rc::clone(&self.model.access);
        self.model.set_access(Rc::clone(access));
        let sessions = &self.model.state.sessions;
        for wire in self.wires.values_mut().filter(|wire| !wire.ended) {
            let Some(session) = wire.client.as_ref().and_then(|client| sessions.get(client)) else {
                continue;
            };
            let is_gone = match &session.user {
                None => !access.anonymous,
                Some(user) => is_another(user, &before, access),
            };
            if is_gone {
                wire.doomed = Some(ReasonCode::NotAuthorized);
            }
        }
    }

    /// The broker knows that a connection is gone.
    pub(super) fn left(&mut self, id: ConnectionId, now: Time) {
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        if !core::mem::replace(&mut wire.ended, true)
            && let Some(client) = wire.client.clone()
        {
            self.model.leave(&client, now);
        }
    }

    /// The broker does what is due, in the order in which it was due, however late it is.
    pub(super) fn deadlines(&mut self, now: Time) {
        loop {
            let next = self.model.next_due(now);
            let silent = self.wires.iter().filter_map(|(id, wire)| {
                let patience = u64::from(wire.keep_alive) * 1_500_000;
                let due = Time(wire.last_heard.0.saturating_add(patience));
                let counts = !wire.ended && wire.client.is_some() && patience > 0;
                (counts && due <= now).then_some((due, *id))
            });
            match (silent.min(), next) {
                // Who was silent for too long is gone.
                (Some((silent, id)), next)
                    if next.as_ref().is_none_or(|(due, _)| silent <= *due) =>
                {
                    self.left(id, now);
                }
                (_, Some((_, due))) => self.model.do_due(&due, now),
                (_, None) => break,
            }
        }
    }

    /// The broker ends a connection: there must be a reason for it.
    pub(super) fn ended(
        &mut self,
        id: ConnectionId,
        reason: ReasonCode,
        now: Time,
    ) -> Result<(), String> {
        let wire = self.wires.get(&id);
        let known = |wire: &Wire| wire.ended || wire.client.is_none() || wire.doomed.is_some();
        let is_said = |wire: &Wire| {
            let refused = wire.refused == Some(reason.as_u8());
            refused || wire.doomed == Some(reason)
        };
        let allowed = matches!(
            reason,
            ReasonCode::Success
                | ReasonCode::QuotaExceeded
                | ReasonCode::KeepAliveTimeout
                | ReasonCode::SessionTakenOver
                | ReasonCode::DisconnectWithWillMessage
        );
        if !allowed && !wire.is_some_and(is_said) {
            return Err(format!(
                "a client that keeps to the rules is closed: {reason:?}"
            ));
        }
        if !wire.is_some_and(known) {
            return Err(format!(
                "a connection ends for no reason: {id:?} {reason:?}"
            ));
        }
        self.left(id, now);
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.ended = true;
        }
        Ok(())
    }

    /// Who has to go is gone, and what was under way to others when the rules changed has left.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        let Some(broker) = self.world.broker() else {
            return Ok(());
        };
        for (id, wire) in &mut self.wires {
            if wire.doomed.is_some() && !wire.ended {
                return Err(format!("{:?} should not be there any more", wire.client));
            }
            let connection = broker.connection(*id);
            if connection.is_none_or(|connection| connection.unsent == 0) {
                wire.epoch = self.model.epoch;
            }
        }
        Ok(())
    }
}

/// Whether a user is gone, or somebody else by now.
fn is_another(user: &Rc<str>, before: &Access, after: &Access) -> bool {
    before.users.get(user) != after.users.get(user)
}
