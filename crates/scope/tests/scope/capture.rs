//! Captures, as tshark reads them. Type `cargo xtask test --only capture`.

use std::time::Duration;

use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Road, Script, Trace, Watch, World as Lab};
use vitrine_packet::{Property, PropertyBuf, ProtocolVersion, QoS};
use vitrine_scope::{Reel, Tape, TapeLimits};
use vitrine_stage::Teller;

use crate::common::World;
use crate::common::lab::{play, tell, watch};
use crate::common::tshark::{Capture, compare};

/// Records a road.
#[derive(Clone)]
struct Recorder {
    tape: Tape,
    teller: Teller,
}

impl Recorder {
    fn new() -> Self {
        Self {
            tape: Tape::new(TapeLimits::default()),
            teller: Teller::default(),
        }
    }
}

impl Watch for Recorder {
    const OBSERVES: vitrine_broker::ObservationMask = vitrine_broker::ObservationMask::ALL;

    fn happened(&mut self, world: &Lab, trace: Trace) {
        self.teller.tell(&mut self.tape, world, &trace);
    }

    fn ended(&mut self, world: &Lab, _: u64) {
        self.teller.ended(&mut self.tape, world);
    }
}

fn recorded(script: &str) -> Tape {
    tape(&Script::parse(script).unwrap_or_else(|problem| panic!("{problem}")))
}

fn tape(script: &Script) -> Tape {
    let road = Road::of(script, Recorder::new());
    let mut road = road.unwrap_or_else(|problem| panic!("{problem}"));
    road.go(road.end());
    road.watch().tape.clone()
}

fn check(name: &str, tape: &Tape) -> usize {
    let file = tape.write(0);
    let reel = Reel::read(&file).unwrap_or_else(|error| panic!("{error}"));
    let pcapng = tape.pcapng();
    assert!(
        reel.pcapng() == pcapng,
        "a tape that was saved gives the same"
    );
    compare(name, &file, &pcapng)
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn every_control_packet_is_read() {
    for (name, version) in [("packets-4", "3.1.1"), ("packets-5", "5.0")] {
        let long = "x".repeat(60_000);
        let login = if version == "5.0" { " auth=scram" } else { "" };
        let count = check(
            name,
            &recorded(&format!(
                "user ana password=segredo{}
                client k version={version} clean=no expiry=100 user=ana password=segredo{login} will=\"w\" will-payload=\"off\"
                client l version={version} clean=yes
                k connect
                l connect
                wait 1s
                k subscribe a/# qos=2 b/+/c qos=1
                l subscribe a/# qos=1
                wait 1s
                l publish a/b zero qos=0
                l publish a/ção um qos=1 retain
                l publish a/b dois qos=2
                l publish a/long \"{long}\" qos=1
                wait 5s
                k cut
                l publish a/b três qos=1
                wait 1s
                k connect
                wait 2s
                k unsubscribe b/+/c
                k ping
                wait 1s
                {}
                wait 1s
                k disconnect
                l disconnect
                wait 1s",
                if version == "5.0" { " scram" } else { "" },
                if version == "5.0" { "k auth" } else { "" },
            )),
        );
        assert!(count > 40, "{count}");
    }
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn redelivery_is_read_with_its_dup() {
    let tape = recorded(
        "client k version=3.1.1 clean=no
        client l version=3.1.1
        k connect
        l connect
        wait 1s
        k subscribe t qos=2
        wait 1s
        k cut up+0 before
        l publish t 1 qos=2
        wait 2s
        k connect
        wait 2s",
    );
    assert!(check("dup", &tape) > 10);
    let dup =
        Capture::new("dup-again", &tape.pcapng()).fields("mqtt.dupflag == 1", &["mqtt.topic"]);
    assert_eq!(dup, [["t"]]);
}

/// A session by one door: every QoS, lengths at which something below MQTT changes, all ways to end.
fn by_door(door: &'static str) -> Tape {
    let mut world = World::new();
    world.door = door;
    world.tape = Some(Tape::new(TapeLimits::default()));
    world.join("sensor");
    world.connect("five", |connect| connect.version = ProtocolVersion::V5);
    world.join("stays until it is cut");
    world.subscribe("five", "a/#", QoS::ExactlyOnce);
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        world.publish("sensor", "a/b", "21.5", qos);
    }
    // Lengths at which a frame's head changes, and one that no TCP segment holds.
    for length in [100, 120, 125, 126, 300, 65_520, 65_540, 200_000] {
        world.publish("sensor", "a/b", &"x".repeat(length), QoS::AtLeastOnce);
    }
    let mut properties = PropertyBuf::new();
    properties
        .push(Property::UserProperty("a", "b"))
        .expect("there is room");
    properties
        .push(Property::ContentType("text/plain"))
        .expect("there is room");
    world.publish_with("five", "a/five", "1", |publish| {
        publish.properties = properties.as_properties();
        publish.retain = true;
    });
    world.disconnect("sensor");
    world.cut("stays until it is cut");
    world.drop_client("five", true);
    world.tape.take().expect("it was recorded")
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn tcp_is_read_as_such() {
    let tape = by_door("tcp");
    assert!(check("tcp", &tape) > 50);
    let capture = Capture::new("tcp-again", &tape.pcapng());
    let ports = capture.fields("mqtt.msgtype == 1", &["tcp.dstport"]);
    assert_eq!(ports, vec![["1883"]; 3]);
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn websocket_is_read_as_such() {
    let tape = by_door("page");
    assert!(check("websocket", &tape) > 50);
    let capture = Capture::new("websocket-again", &tape.pcapng());
    let upgrades = capture.fields(
        "http.request",
        &["http.sec_websocket_protocol", "tcp.dstport"],
    );
    assert_eq!(upgrades, vec![["mqtt", "80"]; 3]);
    let properties = capture.fields(
        "mqtt.topic == \"a/five\" && frame.comment == \"from five\"",
        &["mqtt.prop_key", "mqtt.prop_value"],
    );
    assert_eq!(properties, [["a", "b"]]);
    let resets = capture.fields("tcp.flags.reset == 1", &["frame.comment"]);
    assert_eq!(resets, [["the connection of stays until it is cut is cut"]]);
    let ends = capture.fields("tcp.flags.fin == 1", &["tcp.dstport"]);
    assert_eq!(
        ends.len(),
        4,
        "two connections end in order, from both sides"
    );
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn addresses_are_called_by_their_clients() {
    let tape = recorded("client painel\npainel connect\nwait 1s\npainel disconnect\nwait 1s");
    let capture = Capture::new("names", &tape.pcapng());
    let names = capture.fields("mqtt.msgtype == 1", &["ip.src_host", "ip.dst_host"]);
    assert_eq!(names, [["10.0.0.2", "10.0.0.1"]]);
    assert_eq!(
        capture.resolved("mqtt.msgtype == 1"),
        [["painel", "broker"]]
    );
}

/// Whatever happens: clients and brokers that crash, links that are cut within a packet, clocks that jump.
#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn what_the_lab_plays_is_read() {
    let mut count = 0;
    for seed in 200..206 {
        let scenario = Scenario::draw(seed);
        let mut world = scenario.setup().world();
        watch(&mut world);
        let mut recorder = Recorder::new();
        for step in &scenario.steps {
            let after = step.after.max(Duration::from_micros(1));
            play(&mut world, after, Some(&step.action), |world| {
                tell(&mut recorder.teller, &mut recorder.tape, world);
            });
        }
        count += check(&format!("lab-{seed}"), &recorder.tape);
    }
    assert!(count > 300, "{count}");
}
