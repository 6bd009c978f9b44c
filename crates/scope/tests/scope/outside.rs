//! What the broker cannot know, and somebody tells: what became of packets, and what clients hold (sections 4.3
//! and 4.4 of the standard).

use vitrine_broker::ConnectionId;
use vitrine_link::{Depth, FlowFilter, FlowRow, FlowView, RowKind};
use vitrine_packet::{
    Ack, Connect, Packet, PacketId, Properties, ProtocolVersion, Publish, QoS, ReasonCode,
};
use vitrine_scope::Outside;

use crate::common::World;

fn bytes(packet: &Packet<'_>) -> std::rc::Rc<[u8]> {
    let mut bytes = Vec::new();
    packet
        .encode(ProtocolVersion::V3_1_1, &mut bytes)
        .expect("it can be written");
    bytes.into()
}

fn publish(id: u16, qos: QoS, dup: bool) -> Packet<'static> {
    Packet::Publish(Publish {
        dup,
        qos,
        retain: false,
        topic: "t",
        packet_id: PacketId::new(id),
        properties: Properties::default(),
        payload: b"1",
    })
}

fn ack(id: u16) -> Ack<'static> {
    Ack {
        packet_id: PacketId::new(id).expect("it is not 0"),
        reason: ReasonCode::Success,
        properties: Properties::default(),
    }
}

fn connect(client: &str, clean_start: bool) -> Packet<'_> {
    Packet::Connect(Connect {
        version: ProtocolVersion::V3_1_1,
        clean_start,
        keep_alive: 60,
        properties: Properties::default(),
        client_id: client,
        will: None,
        username: None,
        password: None,
    })
}

/// A client whose link somebody watches. Its packets and the broker's arrive when the test says so.
struct Watched<'a> {
    world: World,
    client: &'a str,
    connection: ConnectionId,
}

impl<'a> Watched<'a> {
    fn join(mut world: World, client: &'a str, clean_start: bool) -> Self {
        let connection = world.next_connection();
        world.outside(&Outside::Opening {
            connection,
            client: client.into(),
        });
        let mut watched = Self {
            world,
            client,
            connection,
        };
        watched.world.open(client, ProtocolVersion::V3_1_1);
        watched.world.mute(client);
        watched.through(&connect(client, clean_start));
        watched.arrive();
        watched
    }

    /// The client sends a packet, which is on its way.
    fn send(&mut self, packet: &Packet<'_>) {
        let (connection, packet) = (self.connection, bytes(packet));
        self.world.outside(&Outside::Sent { connection, packet });
    }

    /// The client sends a packet, and it arrives.
    fn through(&mut self, packet: &Packet<'_>) {
        self.send(packet);
        self.world.send(self.client, packet);
    }

    /// The broker's next packet arrives.
    fn arrive(&mut self) {
        let connection = self.connection;
        self.world.outside(&Outside::Arrived { connection });
    }

    fn cut(&mut self) {
        let (client, connection) = (self.client.into(), self.connection);
        self.world.outside(&Outside::Cut { client, connection });
    }

    fn ended(&mut self) {
        let connection = self.connection;
        self.world.outside(&Outside::Ended { connection });
    }

    /// What is held now.
    fn held(&mut self) -> Vec<String> {
        let mut holds = self.world.holds();
        holds.retain(|hold| hold.contains("-,") || hold.ends_with('-'));
        holds
    }
}

/// A sender stores the message until it is acknowledged, whether or not the broker has heard of it (section 4.3.2).
#[test]
fn a_publisher_holds_what_was_lost_on_its_way() {
    let mut sensor = Watched::join(World::new(), "sensor", false);
    sensor.send(&publish(1, QoS::AtLeastOnce, false));
    assert_eq!(sensor.held(), ["sensor holds message 1, 3-, until PUBACK"]);
    sensor.cut();
    sensor.ended();
    sensor.world.cut("sensor");
    assert_eq!(sensor.held(), ["sensor holds message 1, 3-, until PUBACK"]);
    assert_eq!(
        sensor.world.ladder_from(4),
        [
            "4 sensor cut",
            "5 sensor lost PUBLISH q1 id1 t \"1\"",
            "6 sensor closed: cut",
        ]
    );
    let mut sensor = Watched::join(sensor.world, "sensor", false);
    sensor.send(&publish(1, QoS::AtLeastOnce, true));
    assert_eq!(sensor.held(), ["sensor holds message 1, 3-, until PUBACK"]);
    sensor
        .world
        .send("sensor", &publish(1, QoS::AtLeastOnce, true));
    // Now that the broker has it, it is known which publication it is.
    assert_eq!(
        sensor.held(),
        ["sensor holds message 1 #1, 3-, until PUBACK"]
    );
    sensor.arrive();
    assert_eq!(sensor.held(), [""; 0]);
    assert_eq!(
        sensor.world.ladder_from(10),
        [
            "10 sensor -> broker PUBLISH q1 dup id1 t \"1\" #1",
            "11 broker -> sensor PUBACK id1 arrived #1 <10",
        ]
    );
}

#[test]
fn a_lost_acknowledgement_ends_nothing_at_the_client() {
    let mut sensor = Watched::join(World::new(), "sensor", false);
    sensor.through(&publish(1, QoS::ExactlyOnce, false));
    let expected = [
        "sensor holds message 1 #1, 3-, until PUBREC",
        "broker holds id 1 of sensor #1, 4-, until PUBREL",
    ];
    assert_eq!(sensor.held(), expected);
    assert!(sensor.world.ladder()[4].contains("PUBREC id1 flying"));
    sensor.cut();
    assert!(sensor.world.ladder()[4].contains("PUBREC id1 lost"));
    sensor.ended();
    sensor.world.cut("sensor");
    assert_eq!(sensor.held(), expected);
    // Once more, and this time it arrives; then PUBREL is lost, and what is held stays.
    let mut sensor = Watched::join(sensor.world, "sensor", false);
    sensor.through(&publish(1, QoS::ExactlyOnce, true));
    sensor.arrive();
    sensor.send(&Packet::PubRel(ack(1)));
    let expected = [
        "broker holds id 1 of sensor #1, 4-, until PUBREL",
        "sensor holds id 1 #1, 12-, until PUBCOMP",
    ];
    assert_eq!(sensor.held(), expected);
    sensor.cut();
    assert_eq!(
        sensor.world.ladder_from(13),
        ["13 sensor cut", "14 sensor lost PUBREL id1 #1"]
    );
    assert_eq!(sensor.held(), expected);
}

/// The receiver remembers the identifier from when the PUBLISH arrived until PUBREL arrived (section 4.3.3).
#[test]
fn a_receiver_holds_from_arrival_to_arrival() {
    let mut world = World::new();
    world.join("sensor");
    let mut painel = Watched::join(world, "painel", false);
    painel.world.subscribe("painel", "t", QoS::ExactlyOnce);
    painel.arrive();
    let of_painel = |painel: &mut Watched<'_>| {
        let mut held = painel.held();
        held.retain(|hold| hold.starts_with("painel"));
        held
    };
    painel.world.publish("sensor", "t", "1", QoS::AtMostOnce);
    painel.world.publish("sensor", "t", "2", QoS::ExactlyOnce);
    painel.arrive();
    assert_eq!(of_painel(&mut painel), [""; 0], "it is still on its way");
    painel.arrive();
    let held = ["painel holds id 1 #2, 15-, until PUBREL"];
    assert_eq!(of_painel(&mut painel), held);
    painel.through(&Packet::PubRec(ack(1)));
    assert_eq!(of_painel(&mut painel), held, "PUBREL is on its way");
    painel.arrive();
    assert_eq!(of_painel(&mut painel), [""; 0]);
    // The broker waits for PUBCOMP, which is lost: it is known whose it was.
    painel.send(&Packet::PubComp(ack(1)));
    painel.cut();
    let ladder = painel.world.ladder();
    let last = ladder.last().expect("there are rows");
    assert!(last.ends_with("painel lost PUBCOMP id1 #2"), "{last}");
    let held = painel.held();
    assert_eq!(held.len(), 1);
    assert!(
        held[0].starts_with("broker holds id 1 of painel #2"),
        "{held:?}"
    );
}

/// A lost PUBLISH became no publication, yet it is a message to its topic.
#[test]
fn a_lost_publication_is_found_by_its_topic() {
    let mut sensor = Watched::join(World::new(), "sensor", false);
    sensor.send(&publish(0, QoS::AtMostOnce, false));
    sensor.send(&Packet::PingReq);
    sensor.cut();
    let mut lost = |topic: &str, depth| {
        let filter = FlowFilter {
            topic: topic.into(),
            ..FlowFilter::default()
        };
        let frame = sensor.world.flow(FlowView {
            rows: 100,
            filter,
            depth,
            ..FlowView::default()
        });
        let lost = |row: &&FlowRow| matches!(row.kind, RowKind::Lost(_));
        frame.rows.iter().filter(lost).count()
    };
    assert_eq!(lost("", Depth::Handshake), 2);
    assert_eq!(lost("", Depth::Story), 1);
    assert_eq!(lost("t", Depth::Handshake), 1);
    assert_eq!(lost("u", Depth::Handshake), 0);
}

#[test]
fn what_is_sent_into_a_broken_link_is_lost_at_once() {
    let mut world = World::new();
    world.join("sensor");
    let mut painel = Watched::join(world, "painel", false);
    painel.world.subscribe("painel", "t", QoS::AtLeastOnce);
    painel.cut();
    let first = painel.world.next_row();
    painel.world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    painel.send(&Packet::PingReq);
    assert_eq!(
        painel.world.ladder_from(first),
        [
            "10 sensor -> broker PUBLISH q1 id1 t \"1\" #1",
            "11 broker -> painel PUBLISH q1 id1 t \"1\" lost #1 <10",
            "12 broker -> sensor PUBACK id1 #1 <10",
            "13 painel lost PINGREQ",
        ]
    );
    let held = painel.held();
    assert_eq!(
        held,
        ["broker holds message 1 of painel #1, 11-, until PUBACK"]
    );
}

/// Where the broker closes the connection, what still comes is not read: it is lost when the client learns of it.
#[test]
fn what_the_broker_does_not_read_any_more_is_lost() {
    let mut sensor = Watched::join(World::new(), "sensor", false);
    sensor.send(&publish(1, QoS::AtLeastOnce, false));
    sensor.world.drop_client("sensor", false);
    let ladder = sensor.world.ladder();
    assert!(
        ladder.iter().all(|row| !row.contains("lost")),
        "{ladder:#?}"
    );
    sensor.ended();
    let ladder = sensor.world.ladder();
    let last = ladder.last().expect("there are rows");
    assert!(last.contains("sensor lost PUBLISH q1 id1"), "{last}");
}

/// With its Session a client forgets all that belongs to it (sections 3.1.2.4, 3.2.2.2 and 4.1).
#[test]
fn a_client_forgets_with_its_session() {
    let holding = |clean_start| {
        let mut sensor = Watched::join(World::new(), "sensor", clean_start);
        sensor.send(&publish(1, QoS::AtLeastOnce, false));
        sensor.cut();
        assert_eq!(sensor.held().len(), 1);
        sensor.world.cut("sensor");
        assert_eq!(sensor.held().len(), 1, "the broker's end is not its own");
        sensor.ended();
        sensor
    };
    // A Session that ends with its connection.
    assert_eq!(holding(true).held(), [""; 0]);
    // One that goes on, until a crash without memory …
    for memory in [true, false] {
        let mut sensor = holding(false);
        sensor.world.outside(&Outside::ClientCrashed {
            client: "sensor".into(),
            memory,
        });
        assert_eq!(sensor.held().len(), usize::from(memory));
    }
    // … or until it is begun anew.
    let sensor = holding(false);
    let mut sensor = Watched::join(sensor.world, "sensor", true);
    assert_eq!(sensor.held(), [""; 0]);
}

#[test]
fn what_was_done_stands_in_the_ladder() {
    let mut sensor = Watched::join(World::new(), "sensor", false);
    let client = || "sensor".into();
    for happened in [
        Outside::Held {
            client: client(),
            to_broker: true,
        },
        Outside::Released {
            client: client(),
            to_broker: false,
        },
        Outside::ClientCrashed {
            client: client(),
            memory: true,
        },
        Outside::ClientStarted { client: client() },
        Outside::Reconnecting {
            client: client(),
            wait: 1_500_000,
        },
        Outside::GaveUp { client: client() },
        Outside::Skipped {
            time: 3_600_000_000,
        },
        Outside::ClockJumped { by: -10_000_000 },
    ] {
        sensor.world.outside(&happened);
    }
    assert_eq!(
        sensor.world.ladder_from(4),
        [
            "4 sensor hold up",
            "5 sensor release down",
            "6 sensor client-crashed kept",
            "7 sensor client-started",
            "8 sensor reconnecting 1500 ms",
            "9 sensor gave-up",
            "10 - skipped 3600000 ms",
            "11 - clock -10000 ms",
        ]
    );
}

/// A client that is known from outside has its line before the broker knows who it is.
#[test]
fn a_connection_stands_on_its_clients_line_from_the_start() {
    let mut world = World::new();
    let connection = world.next_connection();
    world.outside(&Outside::Opening {
        connection,
        client: "sensor".into(),
    });
    world.open("sensor", ProtocolVersion::V3_1_1);
    assert_eq!(world.ladder(), ["1 sensor opened by page"]);
    let packet = bytes(&connect("sensor", true));
    world.outside(&Outside::Sent { connection, packet });
    world.outside(&Outside::Cut {
        client: "sensor".into(),
        connection,
    });
    world.cut("sensor");
    assert_eq!(
        world.ladder_from(2),
        [
            "2 sensor cut",
            "3 sensor lost CONNECT",
            "4 sensor closed: cut"
        ]
    );
}
