//! One transport connection, from the wish for it to its end.

use alloc::rc::Rc;

use vitrine_packet::{Framer, ProtocolVersion};
use vitrine_session::{AliasBook, Time, TopicAliases};

use crate::Options;
use crate::outbox::Outbox;
use crate::server::Server;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) phase: Phase,
    /// Since when it is wished for.
    pub(crate) since: Time,
    pub(crate) framer: Framer,
    pub(crate) outbox: Outbox,
    /// Whether the host knows that there are bytes to pull.
    pub(crate) announced: bool,
    pub(crate) server: Server,
    /// The server's aliases.
    pub(crate) aliases: TopicAliases<Rc<str>>,
    /// The aliases that the server was told.
    pub(crate) book: AliasBook<Rc<str>>,
    /// QoS 2 messages that came on it and are not released.
    pub(crate) receiving: usize,
    /// When bytes were pulled last.
    pub(crate) last_sent: Time,
    /// Since when a PINGREQ waits for its answer.
    pub(crate) pinged: Option<Time>,
    /// Whether CONNECT asked for a new Session.
    pub(crate) clean: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The host is to open a transport.
    Opening,
    /// CONNECT is on its way, CONNACK has not come.
    Connecting,
    /// CONNACK accepted.
    Connected,
}

impl Connection {
    pub(crate) fn new(options: &Options, clean: bool, now: Time) -> Self {
        let mut framer = Framer::new(options.max_packet_size.max(1));
        framer.set_version(options.version);
        let v5 = options.version == ProtocolVersion::V5;
        Self {
            phase: Phase::Opening,
            since: now,
            framer,
            outbox: Outbox::default(),
            announced: false,
            server: Server::default(),
            aliases: TopicAliases::new(if v5 { options.topic_alias_maximum } else { 0 }),
            book: AliasBook::new(0),
            receiving: 0,
            last_sent: now,
            pinged: None,
            clean,
        }
    }
}
