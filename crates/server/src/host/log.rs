//! What the log tells of clients: a line when one is connected or refused, and one when its connection ends, and why; at `debug` also one
//! for each publication and subscription that is refused, and by which rule.

use std::fmt;
use std::net::SocketAddr;

use tracing::field::{DisplayValue, display};
use tracing::level_filters::LevelFilter;
use tracing::{debug, info};
use vitrine_broker::{CloseReason, ConnectionId, Event, ObservationMask};
use vitrine_packet::{ProtocolVersion, ReasonCode};

use crate::host::Host;

/// What the broker is to tell, so that it can be logged.
pub(super) fn mask() -> ObservationMask {
    // Clients can have so much refused that telling of it costs something.
    match LevelFilter::current() {
        level if level >= LevelFilter::DEBUG => {
            ObservationMask::SESSIONS | ObservationMask::REFUSALS
        }
        level if level >= LevelFilter::INFO => ObservationMask::SESSIONS,
        _ => ObservationMask::NONE,
    }
}

impl Host {
    /// Logs what the broker tells.
    pub(super) fn log(&mut self) {
        while let Some(observation) = self.broker.poll_observation() {
            self.log_event(&observation.event);
        }
        self.detail = None;
    }

    fn log_event(&mut self, event: &Event) {
        match event {
            Event::Connected {
                connection,
                client,
                version,
                resumed,
                username,
                ..
            } => {
                info!(
                    client = %Chosen(client.as_str()),
                    user = username.as_deref().map(|name| display(Chosen(name))),
                    version = version_name(*version),
                    from = self.peer(*connection),
                    by = self.door(*connection),
                    session = if *resumed { "resumed" } else { "new" },
                    "connected"
                );
            }
            Event::ConnectRefused {
                connection,
                client,
                username,
                reason,
                rule,
            } => info!(
                client = Some(client.as_str())
                    .filter(|id| !id.is_empty())
                    .map(|id| display(Chosen(id))),
                user = username.as_deref().map(|name| display(Chosen(name))),
                from = self.peer(*connection),
                by = self.door(*connection),
                ?reason,
                rule = rule.as_deref(),
                "refused"
            ),
            Event::PublishRefused {
                client,
                topic,
                reason,
                rule,
            } => debug!(
                client = %Chosen(client.as_str()),
                topic = %Chosen(topic),
                ?reason,
                rule = rule.as_deref(),
                "refused to publish"
            ),
            Event::SubscribeRefused {
                client,
                filter,
                reason,
                rule,
            } => debug!(
                client = %Chosen(client.as_str()),
                filter = %Chosen(filter),
                ?reason,
                rule = rule.as_deref(),
                "refused to subscribe"
            ),
            Event::Closed {
                connection,
                client,
                why,
                reason,
                statement,
                ..
            } => {
                let detail = self.detail.take();
                let why = detail.as_deref().unwrap_or_else(|| words(*why, *reason));
                let reason = reason
                    .filter(|reason| *reason != ReasonCode::Success)
                    .map(tracing::field::debug);
                if let Some(client) = client {
                    info!(client = %Chosen(client.as_str()), why, reason, statement, "disconnected");
                } else {
                    debug!(
                        connection = connection.0 >> 32,
                        from = self.peer(*connection),
                        why,
                        reason,
                        statement,
                        "closed before it was connected"
                    );
                }
            }
            _ => {}
        }
    }

    fn peer(&self, connection: ConnectionId) -> Option<DisplayValue<SocketAddr>> {
        let at = self.index(connection)?;
        Some(display(self.connections[at].peer))
    }

    fn door(&self, connection: ConnectionId) -> Option<&'static str> {
        let at = self.index(connection)?;
        Some(self.connections[at].door.name())
    }
}

/// A name that a client chose: in quotes where it could be taken for more than a name.
struct Chosen<'a>(&'a str);

impl fmt::Display for Chosen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(|c: char| c.is_whitespace() || c == '=') {
            write!(f, "{:?}", self.0)
        } else {
            write!(f, "{}", self.0.escape_debug())
        }
    }
}

fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::V3_1 => "3.1",
        ProtocolVersion::V3_1_1 => "3.1.1",
        ProtocolVersion::V5 => "5.0",
    }
}

/// Why a connection ended, for people.
fn words(why: CloseReason, reason: Option<ReasonCode>) -> &'static str {
    match why {
        CloseReason::Malformed if reason == Some(ReasonCode::PacketTooLarge) => {
            "a packet came that is larger than max_packet_size"
        }
        CloseReason::ClientDisconnect => "the client said goodbye",
        CloseReason::Cut => "the connection was lost",
        CloseReason::TakenOver => "another connection uses this client identifier",
        CloseReason::KeepAlive => "nothing was heard for one and a half Keep Alive times",
        CloseReason::ProtocolError => "the client broke a rule of the protocol",
        CloseReason::Malformed => "bytes came that are no MQTT packet",
        CloseReason::Refused => "CONNECT was refused",
        CloseReason::ConnectTimeout => "no CONNECT came in time",
        CloseReason::Operator => "dropped by an operator",
        CloseReason::Limit => "a limit was reached",
        CloseReason::NotAuthorized => "the client is not welcome any more",
        CloseReason::Shutdown => "the server stops",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_chose_is_not_taken_for_more() {
        for (chosen, told) in [
            ("sensor-1", "sensor-1"),
            ("home/+/#", "home/+/#"),
            ("é", "é"),
            ("a user=root", "\"a user=root\""),
            ("a=b", "\"a=b\""),
            ("a\"", "a\\\""),
            ("a\n", "\"a\\n\""),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
            ("a\u{202e}", "a\\u{202e}"),
        ] {
            assert_eq!(Chosen(chosen).to_string(), told);
        }
    }
}
