//! Every Reason Code of the broker's DISCONNECT, and that the documentation knows which there are.

use std::collections::BTreeSet;
use std::time::Duration;

use vitrine_broker::{Access, Command, Config, ConnectionId};
use vitrine_packet::{Packet, PacketType, Property, ReasonCode, SubscriptionOptions};

use super::*;

const DOCUMENT: &str = include_str!("../../../../docs/reason-codes.md");

/// A way to be disconnected: what the broker is set to, and what happens to a client of its.
struct Case {
    code: u8,
    set: fn(&mut Config),
    happens: fn(&mut World, ConnectionId),
}

const fn case(code: u8, happens: fn(&mut World, ConnectionId)) -> Case {
    Case {
        code,
        set: |_| {},
        happens,
    }
}

const fn case_of(code: u8, set: fn(&mut Config), happens: fn(&mut World, ConnectionId)) -> Case {
    Case { code, set, happens }
}

fn subscribe(world: &mut World, client: ConnectionId, filter: &str, properties: &[Property<'_>]) {
    let options = SubscriptionOptions::with_qos(Q0);
    world.send_subscribe(client, &[(filter, options)], properties);
}

const CASES: &[Case] = &[
    case(0x81, |world, client| world.send_bytes(client, &[0x36, 0])),
    case(0x82, |world, client| world.send(client, Packet::PingResp)),
    case(0x87, |world, _| {
        let access = Access {
            anonymous: false,
            ..Access::default()
        };
        world.command(Command::SetAccess(access.into()));
    }),
    case(0x8B, |world, _| world.command(Command::Shutdown)),
    case(0x8D, |world, _| world.pass(Duration::from_secs(90))),
    case(0x8E, |world, _| {
        world.connect(Hello::v5("c"));
    }),
    case_of(
        0x93,
        |config| config.receive_maximum = 1,
        |world, client| {
            world.publish(client, message("a", "").q2(1));
            world.publish(client, message("a", "").q2(2));
        },
    ),
    case(0x94, |world, client| {
        let alias = Property::TopicAlias(65);
        world.publish(client, message("a", "").with(alias));
    }),
    case_of(
        0x95,
        |config| config.max_packet_size = 100,
        |world, client| world.publish(client, message("a", &"x".repeat(100))),
    ),
    case_of(
        0x96,
        |config| config.max_packets_per_second = 3,
        |world, client| (0..4).for_each(|_| world.send(client, Packet::PingReq)),
    ),
    case_of(
        0x97,
        |config| config.max_unsent_control_bytes = 100,
        |world, client| {
            world.pulling = false;
            (0..60).for_each(|_| world.send(client, Packet::PingReq));
        },
    ),
    case(0x98, |world, _| {
        world.command(Command::Drop {
            client: "c",
            politely: true,
        });
    }),
    case_of(
        0x9A,
        |config| config.retain_available = false,
        |world, client| world.publish(client, message("a", "x").retain()),
    ),
    case_of(
        0x9B,
        |config| config.maximum_qos = Q1,
        |world, client| world.publish(client, message("a", "x").q2(1)),
    ),
    case_of(
        0x9E,
        |config| config.shared_subscription_available = false,
        |world, client| subscribe(world, client, "$share/g/a", &[]),
    ),
    case_of(
        0xA1,
        |config| config.subscription_identifiers_available = false,
        |world, client| subscribe(world, client, "a", &[Property::SubscriptionIdentifier(1)]),
    ),
    case_of(
        0xA2,
        |config| config.wildcard_subscription_available = false,
        |world, client| subscribe(world, client, "a/#", &[]),
    ),
];

/// 5.0: [MQTT-3.14.2-1] [MQTT-3.14.2-2] [MQTT-3.14.4-1] [MQTT-3.14.4-2] [MQTT-4.13.1-1] [MQTT-4.13.2-1]
#[test]
fn every_reason_of_a_disconnect() {
    for Case { code, set, happens } in CASES {
        let mut config = Config::default();
        set(&mut config);
        let mut world = World::with(config);
        // Before 5.0 the same ends the connection without a word.
        let three = |world: &mut World| world.connect(Hello::v3("c").keep_alive(60));
        let five = |world: &mut World| world.connect(Hello::v5("c").keep_alive(60));
        for (version, connect) in [(V5, five as fn(&mut World) -> _), (V3, three)] {
            // A Topic Alias, a Subscription Identifier and a Receive Maximum are 5.0's alone, and what is
            // not offered is refused in other ways.
            if version == V3 && ([0x93, 0x94, 0x9E].contains(code) || *code >= 0xA1) {
                continue;
            }
            world.pulling = true;
            world.command(Command::SetAccess(Access::default().into()));
            let client = connect(&mut world);
            happens(&mut world, client);
            let lines = plain(world.take(client));
            let (last, before) = lines.split_last().unwrap();
            assert_eq!(last, "closed", "{code:02X}");
            let told = before.last().filter(|line| line.starts_with("DISCONNECT"));
            let expected = format!("DISCONNECT {code:02X}");
            assert_eq!(told, (version == V5).then_some(&expected), "{version:?}");
        }
    }
}

/// The table has each Reason Code of a DISCONNECT, and says of those that no case above brings about that they never
/// come.
#[test]
fn the_documentation_knows_them() {
    let rows = DOCUMENT.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("| 0x")?.split_once(" | ")?;
        let (name, when) = rest.split_once(" | ")?;
        Some((u8::from_str_radix(code, 16).unwrap(), name, when))
    });
    let rows: Vec<_> = rows.collect();
    let all = ReasonCode::ALL.iter().filter(|reason| {
        // Section 3.14.2.1 has no 0x8C, and 0x04 is for a client only.
        reason.is_allowed_in(PacketType::Disconnect) && ![0x04, 0x8C].contains(&reason.as_u8())
    });
    let all: Vec<_> = all
        .map(|reason| (reason.as_u8(), reason.name_in(PacketType::Disconnect)))
        .collect();
    let named: Vec<_> = rows.iter().map(|(code, name, _)| (*code, *name)).collect();
    assert_eq!(named, all);
    let sent: BTreeSet<_> = CASES.iter().map(|case| case.code).collect();
    for (code, _, when) in rows {
        let never = when.starts_with("never: ");
        assert_eq!(never, !sent.contains(&code), "{code:02X}: {when}");
    }
}
