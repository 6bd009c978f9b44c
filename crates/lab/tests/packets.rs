//! Every Control Packet, sent for real by virtual clients; logging in; and what is seen of packets under way.

use std::collections::BTreeSet;
use std::time::Duration;

use vitrine_broker::{Event as Seen, ObservationMask};
use vitrine_client::{Event, Loss};
use vitrine_lab::{Action, Direction, Happening, Lost, Road, Script, State, Trace, Watch, World};
use vitrine_packet::{PacketType, ReasonCode};

#[derive(Clone, Debug, Default)]
struct Traces(Vec<Trace>);

impl Watch for Traces {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, _: &World, trace: Trace) {
        self.0.push(trace);
    }
}

fn play(text: &str) -> Road<Traces> {
    let script = Script::parse(text).unwrap_or_else(|problem| panic!("{problem}"));
    Road::of(&script, Traces::default()).unwrap_or_else(|problem| panic!("{problem}"))
}

fn kind(bytes: &[u8]) -> PacketType {
    PacketType::from_bits(bytes[0] >> 4).unwrap()
}

/// Types that left a client, and that left the broker.
fn types(road: &Road<Traces>) -> [BTreeSet<PacketType>; 2] {
    let [mut up, mut down] = [BTreeSet::new(), BTreeSet::new()];
    for trace in &road.watch().0 {
        match &trace.what {
            Happening::FromClient(_, _, bytes) => up.insert(kind(bytes)),
            Happening::FromBroker(_, bytes) => down.insert(kind(bytes)),
            _ => false,
        };
    }
    [up, down]
}

/// What clients told their applications, in its order.
fn events(road: &Road<Traces>, node: usize) -> Vec<Event> {
    let traces = road.watch().0.iter();
    let events = traces.filter_map(|trace| match &trace.what {
        Happening::Client(of, event) if *of == node => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

const WORLD: &str = "
user ana password=segredo scram
client ana user=ana password=segredo auth=scram reconnect=1s..2s
client old version=3.1.1
client new
";

#[test]
fn every_control_packet_is_sent() {
    let all = |version: &str| {
        format!(
            "{WORLD}
            {version} connect
            wait 1s
            {version} subscribe a/# qos=2
            wait 1s
            {version} publish a/b x qos=0
            {version} publish a/b x qos=1
            {version} publish a/b x qos=2
            wait 2s
            {version} unsubscribe a/#
            {version} ping
            wait 1s
            {version} disconnect
            wait 1s"
        )
    };
    use PacketType::*;
    let of_client = [
        Connect,
        Publish,
        PubAck,
        PubRec,
        PubRel,
        PubComp,
        Subscribe,
        Unsubscribe,
        PingReq,
        Disconnect,
    ];
    let of_server = [
        ConnAck, Publish, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, PingResp,
    ];
    for version in ["old", "new"] {
        let [up, down] = types(&play(&all(version)));
        assert_eq!(up, BTreeSet::from(of_client), "{version}");
        assert_eq!(down, BTreeSet::from(of_server), "{version}");
    }
    // 5.0 has AUTH, both ways, and a DISCONNECT of the server's.
    let road = play(&format!(
        "{}\n ana connect\nwait 1s\nana auth\nwait 1s\nbroker drop ana",
        all("new")
    ));
    let [up, down] = types(&road);
    assert_eq!(up.len(), 11);
    assert!(up.contains(&Auth) && down.contains(&Auth) && down.contains(&Disconnect));
    let total: BTreeSet<_> = up.union(&down).collect();
    assert_eq!(total.len(), 15);
}

/// By SCRAM-SHA-256: the client proves the password, and the broker that it knows it; then both do so again.
#[test]
fn a_password_is_proved() {
    let road = play(&format!(
        "{WORLD}\nana connect\nwait 1s\nana auth\nwait 1s\n"
    ));
    let events = events(&road, 0);
    let reasons: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Auth { reason, .. } => Some(*reason),
            _ => None,
        })
        .collect();
    use ReasonCode::{ContinueAuthentication, Success};
    assert_eq!(
        reasons,
        [
            ContinueAuthentication,
            Success,
            ContinueAuthentication,
            Success
        ]
    );
    assert!(road.world().client(0).is_connected());
    let session = road.world().broker().unwrap().session("ana").unwrap();
    assert_eq!(session.user.as_deref(), Some("ana"));
    // The password is nowhere on the wire.
    for trace in &road.watch().0 {
        if let Happening::FromClient(_, _, bytes) = &trace.what {
            assert!(!bytes.windows(7).any(|window| window == b"segredo"));
        }
    }
    // It can come back by itself, with another nonce each time.
    let mut road = road;
    road.act(Action::parse(road.setup(), "ana cut").unwrap())
        .unwrap();
    road.wait(Duration::from_secs(5));
    assert!(road.world().client(0).is_connected());
}

#[test]
fn who_is_refused() {
    let refused = |clients: &str, who: usize| {
        let road = play(&format!(
            "user ana password=segredo scram\nanonymous no\n{clients}\nc connect\nwait 2s\n"
        ));
        let lost = events(&road, who)
            .into_iter()
            .find_map(|event| match event {
                Event::Disconnected {
                    why: Loss::Refused(code),
                    ..
                } => Some(code),
                _ => None,
            });
        assert_eq!(lost.is_some(), !road.world().client(who).is_connected());
        lost
    };
    assert_eq!(refused("client c user=ana password=segredo", 0), None);
    assert_eq!(
        refused("client c user=ana password=segredo version=3.1.1", 0),
        None
    );
    assert_eq!(refused("client c user=ana password=wrong", 0), Some(0x86));
    assert_eq!(
        refused("client c user=ana password=wrong version=3.1.1", 0),
        Some(4)
    );
    assert_eq!(refused("client c user=bia password=segredo", 0), Some(0x86));
    assert_eq!(refused("client c user=ana", 0), Some(0x86));
    assert_eq!(refused("client c", 0), Some(0x87));
    assert_eq!(
        refused("client c user=ana password=segredo auth=scram", 0),
        None
    );
    assert_eq!(
        refused("client c user=ana password=wrong auth=scram", 0),
        Some(0x87)
    );
    assert_eq!(refused("client c auth=PLAIN auth-data=x", 0), Some(0x8C));
}

#[test]
fn rules_hold_in_the_lab() {
    let road = play(
        "rule own allow=all topics=home/%c/#\ndefault deny\nclient a\na connect\nwait 1s\na publish home/a/x 1 qos=1\na publish other 1 qos=1\na subscribe other\nwait 2s\n",
    );
    let rules = road.watch().0.iter().filter_map(|trace| match &trace.what {
        Happening::Observed(seen) => match &seen.event {
            Seen::PublishRefused { rule, .. } | Seen::SubscribeRefused { rule, .. } => rule.clone(),
            _ => None,
        },
        _ => None,
    });
    let rules: Vec<_> = rules.collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
}

fn lost(road: &Road<Traces>) -> Vec<&Lost> {
    let traces = road.watch().0.iter();
    let lost = traces.filter_map(|trace| match &trace.what {
        Happening::Lost(lost) => Some(&**lost),
        _ => None,
    });
    lost.collect()
}

/// What is on a link is told in its order, and what is lost with it is named, with the broker's word for it.
#[test]
fn what_flies_and_what_is_lost() {
    let mut road = play(
        "client p up=1s\nclient s clean=no expiry=never down=1s\np connect\ns connect\nwait 3s\ns subscribe t qos=1\nwait 3s\np publish t 1 qos=1\np publish t 2 qos=1\npause 1ms\n",
    );
    let up: Vec<_> = road.world().flying().collect();
    assert_eq!(up.len(), 2);
    for (at, flying) in (0..).zip(&up) {
        assert_eq!(
            (flying.node, flying.direction, flying.index),
            (0, Direction::Up, at)
        );
        assert_eq!(flying.state, State::Moving);
        // After CONNECT.
        assert_eq!(flying.number, 1 + at);
        let way = flying.arrives.unwrap().since(flying.left.unwrap());
        assert_eq!(way, Duration::from_secs(1));
    }
    road.wait(Duration::from_millis(1_200));
    let down: Vec<_> = road
        .world()
        .flying()
        .filter(|flying| flying.node == 1)
        .collect();
    assert_eq!(down.len(), 2);
    // The observations that told of them.
    for flying in &down {
        let sent = road.watch().0.iter().find_map(|trace| match &trace.what {
            Happening::Observed(seen) if Some(seen.number) == flying.sent => match &seen.event {
                Seen::Sent { bytes, .. } => Some(bytes.clone()),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(sent.as_deref(), flying.packet);
    }
    let numbers: Vec<_> = down
        .iter()
        .map(|flying| (flying.number, flying.sent))
        .collect();
    road.act(Action::parse(road.setup(), "s cut down+1 within=3").unwrap())
        .unwrap();
    road.wait(Duration::from_secs(2));
    let lost = lost(&road);
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert_eq!((lost[0].number, lost[0].sent), numbers[1]);
    assert_eq!((lost[0].part, lost[0].direction), (3, Direction::Down));
    // The acknowledgement of the first one was on its way.
    assert_eq!(kind(&lost[1].packet), PacketType::PubAck);
    assert_eq!((lost[1].part, lost[1].direction), (0, Direction::Up));
}

/// What is sent into a link that is cut and nobody knows of is lost, packet by packet.
#[test]
fn lost_without_anybody_knowing() {
    let road = play(
        "client p\nclient s\np connect\ns connect\nwait 1s\ns subscribe t\nwait 1s\np cut client=never broker=never\ns cut client=5s broker=never\np publish t 1\nwait 1s\n",
    );
    assert_eq!(lost(&road).len(), 1);
    assert!(road.world().is_cut(0) && road.world().client(0).is_connected());
    assert!(lost(&road)[0].left.is_some());
}

#[test]
fn what_is_held_stays() {
    let mut road = play(
        "client p\np connect\nwait 1s\np hold up+1\np publish t 1 qos=1\np publish t 2 qos=1\nwait 1s\n",
    );
    let states: Vec<_> = road
        .world()
        .flying()
        .map(|flying| (flying.index, flying.state))
        .collect();
    assert_eq!(states, [(0, State::Held)]);
    assert_eq!(road.world().held(0, Direction::Up), Some(0));
    road.act(Action::parse(road.setup(), "p release up").unwrap())
        .unwrap();
    road.wait(Duration::from_secs(1));
    assert_eq!(road.world().flying().count(), 0);
}

/// With a store nothing leaves before what it promises is durable.
#[test]
fn what_waits_for_the_store() {
    let road = play(
        "broker durable commit=50ms\nclient p clean=no expiry=never\np connect\nwait 1s\np publish t 1 qos=2\nwait 120ms\n",
    );
    let waiting: Vec<_> = road
        .world()
        .flying()
        .filter(|flying| flying.state == State::Waiting)
        .collect();
    assert_eq!(
        waiting.len(),
        1,
        "{:?}",
        road.world().flying().collect::<Vec<_>>()
    );
    assert_eq!(kind(waiting[0].packet.unwrap()), PacketType::PubRec);
    assert_eq!(road.world().commits().count(), 1);
}

/// Bytes as they are: what no client sends, and what the broker says to it.
#[test]
fn bytes_by_hand() {
    let road =
        play("client p\np connect\nwait 1s\np send \"\\x30\\x01\"\np send \"\\x00\"\nwait 1s\n");
    let ends = events(&road, 0)
        .into_iter()
        .filter_map(|event| match event {
            Event::Disconnected { why, .. } => Some(why),
            _ => None,
        });
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [Loss::Server(ReasonCode::MalformedPacket)]
    );
}

/// What makes no sense is told, and changes nothing.
#[test]
fn what_cannot_be_done() {
    let mut road = play("client p\nclient q auth=X auth-data=y\n");
    for (line, why) in [
        ("p disconnect", "not connected"),
        ("p ping", "not connected"),
        ("p auth", "not connected"),
        ("p subscribe t", ""),
        ("p publish t/# x", ""),
        ("p cut", "no link"),
        ("p hold up", "no link"),
        ("p send x", "no link"),
        ("p start", "it runs"),
        ("broker start", "the broker runs"),
        ("broker drop p", "no connection"),
    ] {
        let action = Action::parse(road.setup(), line).unwrap();
        let problem = road.act(action).unwrap_err().to_string();
        assert!(
            problem.contains(why) && !problem.is_empty(),
            "{line}: {problem}"
        );
    }
    assert_eq!((road.position(), road.end()), (0, 0));
}

/// The operator changes who may do what: whoever is there is judged by it at once, and so is whoever waits; who may not be
/// there any more is told so and goes.
#[test]
fn rules_change_while_the_world_runs() {
    let begins = "user ana password=segredo scram
        client ana user=ana password=segredo auth=scram clean=no expiry=60
        client new
        ana connect
        new connect
        wait 1s
        ana subscribe a/# qos=1
        wait 1s
        broker access user=\"ana password=segredo scram\" rule=\"quiet client=ana deny=receive topics=a/b\"
        new publish a/b 1 qos=1
        new publish a/c 2 qos=1
        wait 1s\n";
    let payloads = |road: &Road<Traces>| -> Vec<Vec<u8>> {
        let messages = events(road, 0).into_iter();
        let messages = messages.filter_map(|event| match event {
            Event::Message { message, .. } => Some(message.payload.to_vec()),
            _ => None,
        });
        messages.collect()
    };
    let road = play(begins);
    assert_eq!(payloads(&road), [b"2"]);
    // A broker that crashed starts with what was said last, also while it was down.
    let road = play(&format!(
        "{begins}broker crash\nwait 1s\nbroker access user=\"ana password=segredo scram\"\nbroker start\nana connect\nnew connect\nwait 1s
        ana subscribe a/# qos=1\nwait 1s\nnew publish a/b 3 qos=1\nwait 1s\n"
    ));
    assert_eq!(payloads(&road), [b"2", b"3"]);
    let ends = |line: &str| {
        let road = play(&format!("{begins}{line}\nwait 1s\n"));
        [0, 1].map(|node| {
            let mut events = events(&road, node).into_iter();
            events.find_map(|event| match event {
                Event::Disconnected { why, .. } => Some(why),
                _ => None,
            })
        })
    };
    let refused = Some(Loss::Server(ReasonCode::NotAuthorized));
    assert_eq!(ends("broker access"), [refused, None]);
    let same = "user=\"ana password=segredo scram\"";
    assert_eq!(
        ends(&format!("broker access {same} anonymous=no")),
        [None, refused]
    );
}

/// One exchange at a time: a second AUTH would be taken for the next step of the first.
#[test]
fn authenticating_twice_at_once() {
    let mut road = play(&format!("{WORLD}\nana connect\nwait 1s\nana auth\n"));
    let auth = Action::parse(road.setup(), "ana auth").unwrap();
    let problem = road.act(auth.clone()).unwrap_err().to_string();
    assert!(problem.contains("authenticates already"), "{problem}");
    road.wait(Duration::from_secs(1));
    road.act(auth).unwrap();
}

/// Nothing rests on a subscriber's PUBACK: it is kept with what comes next, or in a while. A crash before has the message
/// sent again.
#[test]
fn an_acknowledgement_is_kept_later() {
    let begins = "broker durable later=100ms\nclient p up=10ms down=10ms\nclient s up=10ms down=10ms clean=no expiry=60 adopt
        p connect\ns connect\nwait 1s\ns subscribe t qos=1\nwait 1s\np publish t 1 qos=1\n";
    let comes = |rest: &str| {
        let road = play(&format!("{begins}{rest}"));
        let messages = events(&road, 1).into_iter();
        let messages = messages.filter(|event| matches!(event, Event::Message { .. }));
        messages.count()
    };
    let again = "broker crash\nwait 1s\nbroker start\ns connect\nwait 1s\n";
    // It comes after 30 ms.
    assert_eq!(comes(&format!("wait 129ms\n{again}")), 2);
    assert_eq!(comes(&format!("wait 131ms\n{again}")), 1);
    // What is published before has it kept at once; that itself is sent twice.
    let other = "wait 50ms\np publish t 2 qos=1\nwait 25ms\n";
    assert_eq!(comes(&format!("{other}{again}")), 3);
}

/// A QoS 1 PUBLISH rests on nothing and leaves before it is kept, and its PUBACK once it is kept, or needs it no more. At QoS 2 all
/// waits.
#[test]
fn what_rests_on_nothing_leaves_early() {
    let begins = "broker durable commit=5ms early=100ms\nclient p up=10ms down=10ms\nclient s up=10ms down=10ms clean=no expiry=60 adopt
        p connect\ns connect\nwait 1s\ns subscribe t qos=2\nwait 1s\n";
    let came = |rest: &str| {
        let road = play(&format!("{begins}{rest}"));
        let traces = road.watch().0.iter();
        let packets = traces.filter_map(|trace| match &trace.what {
            Happening::ToClient(_, _, bytes) => Some(kind(bytes)),
            _ => None,
        });
        let setup = [PacketType::ConnAck, PacketType::SubAck];
        packets
            .filter(|packet| !setup.contains(packet))
            .collect::<Vec<_>>()
    };
    let (publish, puback) = (PacketType::Publish, PacketType::PubAck);
    assert_eq!(came("p publish t 1 qos=1\nwait 19ms\n"), []);
    assert_eq!(came("p publish t 1 qos=1\nwait 21ms\n"), [publish]);
    // It was acknowledged before it was to be kept.
    assert_eq!(came("p publish t 1 qos=1\nwait 41ms\n"), [publish, puback]);
    let silent = "s hold up\np publish t 1 qos=1\n";
    assert_eq!(came(&format!("{silent}wait 124ms\n")), [publish]);
    assert_eq!(came(&format!("{silent}wait 126ms\n")), [publish, puback]);
    assert_eq!(came("p publish t 1 qos=2\nwait 124ms\n"), []);
    let both = came("p publish t 1 qos=2\nwait 126ms\n");
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both.contains(&publish) && both.contains(&PacketType::PubRec));
}

/// A client may come with something else than what its line says, and keeps to it.
#[test]
fn connecting_otherwise() {
    let road =
        play("client p will=w\np connect clean=no expiry=60 no-will keep-alive=7\nwait 1s\n");
    let session = road.world().broker().unwrap().session("p").unwrap();
    assert_eq!((session.expiry, session.will), (60, None));
    assert_eq!(road.world().client(0).options().keep_alive, 7);
}

/// A link can also be cut when its client has left already: the DISCONNECT is lost, and the Will is published; and
/// nothing comes behind a packet that came in part.
#[test]
fn a_disconnect_that_does_not_arrive() {
    let road = play(
        "client p will=w\np connect\nwait 1s\np disconnect\np hold up\nwait 1s\np cut\nwait 1s\n",
    );
    assert_eq!(lost(&road).len(), 1);
    for cut in ["before", "within=1"] {
        let road = play(&format!(
            "client p will=w will-payload=x\nclient s\np connect\ns connect\nwait 1s\ns subscribe w\nwait 1s\np cut up+0 {cut}\np publish t 1\np disconnect\nwait 2s\n"
        ));
        let types: Vec<_> = lost(&road).iter().map(|lost| kind(&lost.packet)).collect();
        assert_eq!(
            types,
            [PacketType::Publish, PacketType::Disconnect],
            "{cut}"
        );
        let messages = events(&road, 1);
        let messages = messages
            .iter()
            .filter(|event| matches!(event, Event::Message { .. }));
        assert_eq!(messages.count(), 1, "{cut}");
    }
}
