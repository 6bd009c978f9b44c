//! SUBSCRIBE and UNSUBSCRIBE, and their answers (3.1.1 and 5.0, sections 3.8 to 3.11).

use core::mem;

use vitrine_packet::{
    FiltersBuf, Packet, PacketId, Properties, Property, PropertyBuf, ReasonCode, SubAck, Subscribe,
    SubscriptionOptions, TopicsBuf, UnsubAck, Unsubscribe, topic,
};
use vitrine_session::Time;

use crate::client::Client;
use crate::options::MAX_REQUESTS;
use crate::{Event, Failure, Refused, Ticket};

/// What waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// SUBSCRIBE with so many filters.
    Subscribe(Ticket, usize),
    /// UNSUBSCRIBE with so many filters.
    Unsubscribe(Ticket, usize),
}

impl Client {
    /// Subscribes, with a Subscription Identifier if wanted (5.0). Only while connected: a request is no part
    /// of the Session, so one that the connection did not live to see answered has failed.
    ///
    /// # Errors
    /// When it cannot be sent; then nothing is done.
    pub fn subscribe(
        &mut self,
        filters: &[(&str, SubscriptionOptions)],
        identifier: Option<u32>,
        now: Time,
    ) -> Result<Ticket, Refused> {
        self.advance_to(now);
        let mut list = FiltersBuf::new();
        for (number, (filter, options)) in filters.iter().enumerate() {
            self.check_filter(number, filter)?;
            let pushed = list.push(filter, *options);
            pushed.map_err(|error| Refused::TopicFilter(number, error))?;
        }
        let mut properties = PropertyBuf::new();
        if let Some(identifier) = identifier {
            let pushed = properties.push(Property::SubscriptionIdentifier(identifier));
            if identifier == 0 || pushed.is_err() {
                return Err(Refused::SubscriptionIdentifier);
            }
        }
        self.may_request(filters.len())?;
        let ticket = self.ticket();
        let Some(server) = self.server() else {
            return Err(Refused::NotConnected);
        };
        let unsupported = filters.iter().any(|(filter, _)| {
            let shared = topic::parse_share(filter).is_some();
            let wildcard = topic::strip_share(filter).contains(['+', '#']);
            self.v5() && shared && !server.shared_available
                || wildcard && !server.wildcard_available
        });
        if unsupported || identifier.is_some() && !server.identifiers_available {
            self.fail(ticket, Failure::SubscriptionNotSupported);
            return Ok(ticket);
        }
        let request = Request::Subscribe(ticket, filters.len());
        self.request(request, |packet_id| {
            Packet::Subscribe(Subscribe {
                packet_id,
                properties: properties.as_properties(),
                filters: list.as_filters(),
            })
        })?;
        Ok(ticket)
    }

    /// Ends subscriptions. Only while connected.
    ///
    /// # Errors
    /// When it cannot be sent; then nothing is done.
    pub fn unsubscribe(&mut self, filters: &[&str], now: Time) -> Result<Ticket, Refused> {
        self.advance_to(now);
        let mut list = TopicsBuf::new();
        for (number, filter) in filters.iter().enumerate() {
            self.check_filter(number, filter)?;
            let pushed = list.push(filter);
            pushed.map_err(|error| Refused::TopicFilter(number, error))?;
        }
        self.may_request(filters.len())?;
        let ticket = self.ticket();
        let request = Request::Unsubscribe(ticket, filters.len());
        self.request(request, |packet_id| {
            Packet::Unsubscribe(Unsubscribe {
                packet_id,
                properties: Properties::EMPTY,
                filters: list.as_topics(),
            })
        })?;
        Ok(ticket)
    }

    fn advance_to(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    fn check_filter(&self, number: usize, filter: &str) -> Result<(), Refused> {
        let valid = topic::validate_filter_for(filter, self.options.version);
        valid.map_err(|error| Refused::TopicFilter(number, error))
    }

    fn may_request(&self, filters: usize) -> Result<(), Refused> {
        if filters == 0 {
            return Err(Refused::NoFilter);
        }
        if !self.is_connected() {
            return Err(Refused::NotConnected);
        }
        if self.requests.len() >= self.options.max_requests.min(MAX_REQUESTS) {
            return Err(Refused::TooManyRequests);
        }
        Ok(())
    }

    /// Sends a request with an identifier that is not in use [MQTT-2.2.1-3].
    fn request<'a>(
        &mut self,
        request: Request,
        packet: impl FnOnce(PacketId) -> Packet<'a>,
    ) -> Result<(), Refused> {
        let (Request::Subscribe(ticket, _) | Request::Unsubscribe(ticket, _)) = request;
        self.pass_over_requests();
        let id = self.outgoing.next_id();
        let packet = packet(id);
        let most = self.server().map_or(0, |server| server.maximum_packet_size);
        match packet.encoded_len(self.options.version) {
            Err(_) => return Err(Refused::TooLarge),
            Ok(size) if size > most as usize => {
                self.fail(ticket, Failure::TooLarge);
                return Ok(());
            }
            Ok(_) => {}
        }
        self.outgoing.pass_over();
        self.requests.insert(id, request);
        self.send(&packet);
        Ok(())
    }

    /// Moves on to an identifier that no request has.
    pub(crate) fn pass_over_requests(&mut self) {
        while self.requests.contains_key(&self.outgoing.next_id()) {
            self.outgoing.pass_over();
        }
    }

    pub(crate) fn suback(&mut self, suback: &SubAck<'_>) {
        match self.requests.get(&suback.packet_id) {
            Some(&Request::Subscribe(ticket, filters)) if filters == suback.codes.len() => {
                self.requests.remove(&suback.packet_id);
                let codes = suback.codes.into();
                self.events.push_back(Event::Subscribed { ticket, codes });
            }
            None if !self.v5() => {}
            _ => self.violation(ReasonCode::ProtocolError, Some("MQTT-4.13.1-1")),
        }
    }

    pub(crate) fn unsuback(&mut self, unsuback: &UnsubAck<'_>) {
        let codes = unsuback.codes;
        match self.requests.get(&unsuback.packet_id) {
            Some(&Request::Unsubscribe(ticket, filters))
                if !self.v5() || filters == codes.len() =>
            {
                self.requests.remove(&unsuback.packet_id);
                let codes = codes.into();
                self.events.push_back(Event::Unsubscribed { ticket, codes });
            }
            None if !self.v5() => {}
            _ => self.violation(ReasonCode::ProtocolError, Some("MQTT-4.13.1-1")),
        }
    }

    /// The connection ended: nobody will answer.
    pub(crate) fn forget_requests(&mut self) {
        for (_, request) in mem::take(&mut self.requests) {
            let (Request::Subscribe(ticket, _) | Request::Unsubscribe(ticket, _)) = request;
            self.fail(ticket, Failure::ConnectionLost);
        }
    }
}
