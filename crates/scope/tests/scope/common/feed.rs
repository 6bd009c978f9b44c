//! Observations made by hand, and a page that looks at what comes of them.

use std::rc::Rc;

use vitrine_broker::{ClientId, ConnectionId, Event, Observation, PublicationId, Time};
use vitrine_link::{Frame, TreeFrame, TreeView, View};
use vitrine_packet::{Packet, ProtocolVersion, QoS};
use vitrine_scope::{Lens, Limits, Scope};

use crate::common::START;

/// A scope that is fed by hand.
pub(crate) struct Feed {
    pub(crate) scope: Scope,
    pub(crate) lens: Lens,
    pub(crate) now: u64,
    observations: u64,
    pub(crate) inputs: u64,
    publications: u64,
}

impl Feed {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            scope: Scope::new(limits),
            lens: Lens::new(),
            now: START,
            observations: 0,
            inputs: 0,
            publications: 0,
        }
    }

    pub(crate) fn observe(&mut self, event: Event) {
        self.observations += 1;
        self.scope.observe(&Observation {
            number: self.observations,
            cause: self.inputs,
            at: Time::from_micros(self.now),
            event,
        });
    }

    /// The broker accepts a publication. Gives its number.
    pub(crate) fn published(&mut self, topic: &str, payload: &[u8]) -> u64 {
        self.published_by(Some("sensor"), topic, payload, false)
    }

    pub(crate) fn published_by(
        &mut self,
        publisher: Option<&str>,
        topic: &str,
        payload: &[u8],
        retain: bool,
    ) -> u64 {
        self.publications += 1;
        let publication = PublicationId(self.publications);
        self.inputs += 1;
        self.observe(Event::Published {
            publication,
            publisher: publisher.map(ClientId::from),
            topic: topic.into(),
            payload: payload.into(),
            qos: QoS::AtMostOnce,
            retain,
            will: false,
        });
        if retain {
            self.observe(if payload.is_empty() {
                Event::RetainedRemoved {
                    topic: topic.into(),
                    expired: false,
                }
            } else {
                Event::Retained {
                    topic: topic.into(),
                    publication,
                    qos: QoS::AtMostOnce,
                    payload: payload.into(),
                }
            });
        }
        self.publications
    }

    /// A packet goes over a connection.
    pub(crate) fn packet(
        &mut self,
        connection: u64,
        to_broker: bool,
        packet: &Packet<'_>,
        publication: Option<u64>,
    ) {
        let connection = ConnectionId(connection);
        let version = ProtocolVersion::V5;
        let mut bytes = Vec::new();
        packet
            .encode(version, &mut bytes)
            .expect("the packet can be written");
        let bytes: Rc<[u8]> = bytes.into();
        let publication = publication.map(PublicationId);
        self.inputs += u64::from(to_broker);
        self.observe(if to_broker {
            Event::Received {
                connection,
                bytes,
                version,
                publication,
            }
        } else {
            Event::Sent {
                connection,
                bytes,
                version,
                publication,
            }
        });
    }

    /// A client's CONNECT was accepted.
    pub(crate) fn connected(&mut self, connection: u64, client: &str) {
        self.observe(Event::Connected {
            connection: ConnectionId(connection),
            client: client.into(),
            version: ProtocolVersion::V5,
            clean_start: true,
            resumed: false,
            keep_alive: 60,
            session_expiry: 0,
            username: None,
            will: None,
        });
    }

    /// What the page sees of a view; the frame counts as drawn.
    pub(crate) fn look(&mut self, view: View) -> Frame {
        self.lens.look(view);
        self.frame().expect("a view that was changed is answered")
    }

    /// The next frame, if there is one; it counts as drawn.
    pub(crate) fn frame(&mut self) -> Option<Frame> {
        let frame = self.scope.frame(&mut self.lens, self.now)?;
        self.lens.seen(frame.number);
        Some(frame)
    }

    /// What the page sees of the tree.
    pub(crate) fn tree(&mut self, tree: TreeView) -> TreeFrame {
        let view = View {
            tree: Some(tree),
            ..View::default()
        };
        self.look(view).tree.expect("the tree was asked for")
    }
}

/// A view of everything that is open down to `depth`.
pub(crate) fn open_to(depth: u16) -> TreeView {
    TreeView {
        open_depth: depth,
        rows: 500,
        ..TreeView::default()
    }
}

/// The rows' topics, in order.
pub(crate) fn topics(frame: &TreeFrame) -> Vec<&str> {
    frame.rows.iter().map(|row| row.topic.as_str()).collect()
}
