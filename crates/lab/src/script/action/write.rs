//! Writing: the line that is read as the same.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use vitrine_packet::{QoS, ReasonCode};

use super::link::place;
use super::subscribe::put_filter;
use crate::script::client::write_line;
use crate::script::line::Line as Written;
use crate::script::value::{Value, write_duration, write_seconds};
use crate::script::{Setup, access, options, properties};
use crate::{Action, CutPoint};

impl Action {
    /// The line that [`Self::parse`] reads as the same.
    #[must_use]
    pub fn write(&self, setup: &Setup) -> String {
        let mut line = Written::default();
        self.put(setup, &mut line);
        line.finish()
    }

    fn put<'a>(&self, setup: &Setup, line: &'a mut Written) -> &'a mut Written {
        let who = |line: &'a mut Written, node: &usize, verb: &str| {
            line.word(&setup.name(*node)).word(verb)
        };
        match self {
            Self::Connect(node) => who(line, node, "connect"),
            Self::ConnectAs(node, options) => {
                let line = who(line, node, "connect");
                // With one key at least it is told from the other.
                if let Some(client) = setup.clients.get(*node) {
                    if **options == client.options {
                        line.key("", "clean", &options.clean_start.write());
                    }
                    options::write(line, options, &client.options);
                }
                line
            }
            Self::Disconnect(node, reason, expiry) => {
                let line = who(line, node, "disconnect");
                if *reason != ReasonCode::Success {
                    line.key("", "reason", &format!("0x{:02x}", reason.as_u8()));
                }
                if let Some(expiry) = expiry {
                    line.key("", "expiry", &write_seconds(*expiry));
                }
                line
            }
            Self::Publish(node, message) => {
                let line = who(line, node, "publish");
                line.plain(message.topic.as_bytes(), &[]);
                line.plain(&message.payload, &["retain", "utf8"]);
                line.unless("qos", &message.qos, &QoS::AtMostOnce)
                    .when(message.retain, "retain");
                properties::write(line, "", &message.properties);
                line
            }
            Self::Subscribe(node, filters, identifier) => {
                let line = who(line, node, "subscribe");
                for (filter, options) in filters {
                    put_filter(line, filter, *options);
                }
                if let Some(identifier) = identifier {
                    line.key("", "id", &identifier.to_string());
                }
                line
            }
            Self::Unsubscribe(node, filters) => {
                let line = who(line, node, "unsubscribe");
                for filter in filters {
                    line.plain(filter.as_bytes(), &[]);
                }
                line
            }
            Self::Ping(node) => who(line, node, "ping"),
            Self::Authenticate(node) => who(line, node, "auth"),
            Self::Send(node, bytes) => who(line, node, "send").plain(bytes, &[]),
            Self::Cut {
                node,
                client,
                broker,
            } => {
                let line = who(line, node, "cut");
                for (key, notice) in [("client", client), ("broker", broker)] {
                    match notice {
                        Some(Duration::ZERO) => {}
                        Some(notice) => {
                            line.key("", key, &write_duration(*notice));
                        }
                        None => {
                            line.key("", key, "never");
                        }
                    }
                }
                line
            }
            Self::CutAt(node, direction, packets, point) => {
                let line = who(line, node, "cut").word(&place(*direction, *packets));
                match point {
                    CutPoint::Before => line.word("before"),
                    CutPoint::After => line.word("after"),
                    CutPoint::Within(bytes) => line.key("", "within", &bytes.to_string()),
                }
            }
            Self::Hold(node, direction, packets) => {
                who(line, node, "hold").word(&place(*direction, *packets))
            }
            Self::Release(node, direction) => who(line, node, "release").word(direction.word()),
            Self::Line(node, to) => {
                let line = who(line, node, "line");
                if let Some(client) = setup.clients.get(*node) {
                    write_line(line, to, &client.line);
                }
                line
            }
            Self::CrashClient { node, memory } => who(line, node, "crash").when(*memory, "memory"),
            Self::StartClient(node) => who(line, node, "start"),
            Self::CrashBroker { flush } => line.word("broker crash").when(*flush, "flush"),
            Self::StartBroker { stored } => line.word("broker start").when(!*stored, "empty"),
            Self::Drop { node, politely } => {
                let line = line.word("broker drop").word(&setup.name(*node));
                line.when(!*politely, "abruptly")
            }
            Self::SetAccess(access) => {
                let line = line.word("broker access");
                access::put_all(line, access);
                line
            }
            Self::Sleep(time) => line.word("sleep").word(&write_duration(*time)),
            Self::Wait(time) => line.word("wait").word(&write_duration(*time)),
            Self::Pause(time) => line.word("pause").word(&write_duration(*time)),
            Self::Clock(micros) => {
                let sign = if *micros < 0 { '-' } else { '+' };
                let time = Duration::from_micros(micros.unsigned_abs());
                line.word("clock")
                    .word(&format!("{sign}{}", write_duration(time)))
            }
        }
    }
}
