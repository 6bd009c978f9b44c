//! What the fuzz target does with its input, so that a test can do the same.
//!
//! The input is a list of steps: a byte for what happens and where, then what belongs to it. Raw bytes
//! go to a connection as they are; some steps stand for a whole packet, so that the fuzzer need not
//! find out what a CONNECT looks like before it gets anywhere. One of them ends the broker, and another
//! one goes on from what it said that must survive.

use std::collections::BTreeMap;
use std::time::Duration;

use vitrine_broker::{
    Access, Actions, Broker, Command, Config, ConnectionId, Input, Limit, ObservationMask, Output,
    Peer, PersistentState, Rule, ScramKeys, Secret, Time, User,
};
use vitrine_packet::{Framer, Packet, ProtocolVersion};

const CONNECTIONS: u8 = 4;

/// A transport, as its client sees it.
struct Link {
    id: ConnectionId,
    version: ProtocolVersion,
    framer: Framer,
    open: bool,
}

/// Runs the steps, also with limits so small that most answers are one too many. Panics when something
/// is not as it must be.
pub(crate) fn run(data: &[u8]) {
    let roomy = Config {
        max_packet_size: 2_000,
        max_sessions: 3,
        max_in_flight: 3,
        receive_maximum: 3,
        max_queued_messages: 5,
        max_queued_bytes_total: 4_000,
        max_unsent_bytes: 1_000,
        max_unsent_control_bytes: 300,
        max_retained_messages: 3,
        max_subscriptions: 4,
        secret: Secret::new([1; 32]),
        max_early_bytes: 200,
        durable: true,
        ..Config::default()
    };
    let tiny = Config {
        max_queued_messages: 2,
        max_queued_bytes: 300,
        max_unsent_bytes: 60,
        max_unsent_control_bytes: 12,
        max_filters_per_subscribe: 1,
        max_topic_levels: 2,
        receive_maximum: 1,
        ..roomy.clone()
    };
    for config in [roomy, tiny] {
        run_with(data, &config);
    }
}

/// The user `a` has a password, `b` keys; the bits of a byte say what else is allowed.
fn access(say: u8) -> Access {
    let password = User {
        password: Some("a".into()),
        scram: None,
    };
    let keys = ScramKeys {
        salt: [say & 1; 4][..].into(),
        iterations: 4_096,
        stored_key: [2; 32],
        server_key: [3; 32],
    };
    let scram = User {
        password: None,
        scram: Some(keys),
    };
    let rule = |bit: u8, actions, filter: &str| Rule {
        name: filter.into(),
        allow: say >> bit & 1 != 0,
        user: None,
        client: (bit == 2).then(|| "a".into()),
        actions,
        filter: filter.into(),
    };
    Access {
        anonymous: say & 0x02 != 0,
        users: [("a".into(), password), ("b".into(), scram)].into(),
        rules: vec![
            rule(2, Actions::ALL, "b"),
            rule(3, Actions::RECEIVE | Actions::SUBSCRIBE, "%c"),
            rule(4, Actions::PUBLISH, "+"),
        ],
        default_allow: say & 0x20 != 0,
    }
}

fn run_with(data: &[u8], config: &Config) {
    let mut broker = Broker::new(config.clone(), Time::ZERO);
    let mut now = Time::ZERO;
    let mut opened = 0;
    let mut links: BTreeMap<u8, Link> = BTreeMap::new();
    // What is kept of the changes that were taken.
    let mut state = PersistentState::default();
    let mut rest = data;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let (step, place) = (first / CONNECTIONS, first % CONNECTIONS);
        let link = links.entry(place).or_insert_with(|| {
            opened += 1;
            let id = ConnectionId(opened);
            let peer = Peer::by("fuzz");
            broker.handle(
                Input::Opened {
                    connection: id,
                    peer,
                },
                now,
            );
            let (version, framer) = (ProtocolVersion::V3_1_1, Framer::default());
            Link {
                id,
                version,
                framer,
                open: true,
            }
        });
        let connection = link.id;
        match step % 16 {
            0..=5 => {
                let length = rest
                    .first()
                    .map_or(0, |length| usize::from(*length))
                    .min(rest.len());
                let (bytes, after) = rest.split_at(length);
                rest = after;
                broker.handle(Input::Received { connection, bytes }, now);
            }
            6 | 7 => {
                // A CONNECT; the next byte says which.
                let say = rest.first().copied().unwrap_or_default();
                rest = rest.get(1..).unwrap_or_default();
                let five = say & 1 != 0;
                link.version = if five {
                    ProtocolVersion::V5
                } else {
                    ProtocolVersion::V3_1_1
                };
                let (named, proves) = (say & 0x10 != 0, five && say & 0x20 != 0);
                let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', if five { 5 } else { 4 }];
                body.extend([say & 0x02 | if named { 0xC0 } else { 0 }, 0, say >> 6]);
                let mut properties = vec![17, 0, 0, 0, 9];
                if proves {
                    properties.extend(b"\x15\0\x0dSCRAM-SHA-256\x16\0\x0an,,n=b,r=x");
                }
                if five {
                    body.push(properties.len() as u8);
                    body.extend(properties);
                }
                body.extend([0, 1, b'a' + (say >> 2 & 3)]);
                body.extend(if named { &b"\0\x01a\0\x01a"[..] } else { &[] });
                let mut bytes = vec![0x10, body.len() as u8];
                bytes.extend(body);
                broker.handle(
                    Input::Received {
                        connection,
                        bytes: &bytes,
                    },
                    now,
                );
            }
            8 | 9 => {
                // A PUBLISH to a short topic at any QoS.
                let say = rest.first().copied().unwrap_or_default();
                rest = rest.get(1..).unwrap_or_default();
                let qos = (say & 3).min(2);
                let mut body = vec![0, 1, b'a' + (say >> 2 & 3)];
                let id = [0, 1 + (say >> 4 & 3)];
                body.extend(if qos > 0 { &id[..] } else { &[] });
                body.extend(if link.version == ProtocolVersion::V5 {
                    &[0][..]
                } else {
                    &[]
                });
                body.extend(vec![b'x'; usize::from(say >> 6) * 30]);
                let mut bytes = vec![0x30 | qos << 1 | (say >> 5 & 1), body.len() as u8];
                bytes.extend(body);
                broker.handle(
                    Input::Received {
                        connection,
                        bytes: &bytes,
                    },
                    now,
                );
            }
            10 => {
                // A SUBSCRIBE to everything or to one topic, perhaps in a group.
                let say = rest.first().copied().unwrap_or_default();
                rest = rest.get(1..).unwrap_or_default();
                let filter = ["#", "+", "a", "b"][usize::from(say >> 2 & 3)];
                let share = ["", "", "$share/g/", "$share/h/"][usize::from(say >> 4 & 3)];
                let five = link.version == ProtocolVersion::V5;
                let mut body = vec![0, 1];
                body.extend(if five { &[0][..] } else { &[] });
                body.extend([0, (share.len() + 1) as u8]);
                body.extend(share.bytes().chain(filter.bytes()));
                body.push((say & 3).min(2));
                let mut bytes = vec![0x82, body.len() as u8];
                bytes.extend(body);
                broker.handle(
                    Input::Received {
                        connection,
                        bytes: &bytes,
                    },
                    now,
                );
            }
            11 => {
                broker.handle(Input::Closed { connection }, now);
                links.remove(&place);
            }
            12 => {
                now = now + Duration::from_millis(1 << (first % 16));
                broker.handle(Input::Deadline, now);
                let next = broker.next_deadline();
                assert!(
                    next.is_none_or(|next| next.at > now),
                    "what was due is still there"
                );
            }
            13 => broker.observe(if first & 1 == 0 {
                ObservationMask::ALL
            } else {
                ObservationMask::NONE
            }),
            14 => {
                // Other rules, or the answer about a password.
                let command = match rest.first().copied().unwrap_or_default() {
                    say @ 0..0x40 => Command::SetAccess(access(say).into()),
                    say => Command::Authenticated {
                        connection,
                        accepted: say & 1 != 0,
                    },
                };
                rest = rest.get(1..).unwrap_or_default();
                broker.handle(Input::Command(command), now);
            }
            // Four kinds of steps share this number.
            _ if step == 47 => {
                if place & 1 == 0 {
                    keep(&mut broker, &mut state);
                    broker = go_on(&broker, config, &state, now);
                } else {
                    // In the middle of a commit: nobody was promised anything of these changes.
                    broker = restore(config, &state, now);
                }
                links.clear();
            }
            _ if step == 63 => {
                // An acknowledgement.
                let say = rest.first().copied().unwrap_or_default();
                rest = rest.get(1..).unwrap_or_default();
                let kind = [0x40, 0x50, 0x62, 0x70][usize::from(say & 3)];
                let bytes = &[kind, 2, 0, 1 + (say >> 2 & 3)];
                broker.handle(Input::Received { connection, bytes }, now);
            }
            _ => pull(&mut broker, &mut state, link, usize::from(first), now),
        }
        while let Some(output) = broker.poll_output() {
            if let Output::Close { connection, .. } = output {
                for link in links.values_mut().filter(|link| link.id == connection) {
                    pull(&mut broker, &mut state, link, usize::MAX, now);
                    link.open = false;
                }
                broker.handle(Input::Closed { connection }, now);
            }
        }
        links.retain(|_, link| link.open);
        while broker.poll_observation().is_some() {}
        let counts = broker.counts();
        assert!(counts.sessions <= config.max_sessions + config.max_connections);
        let kept = broker.limit(Limit::Sessions).used;
        assert!(kept <= Some(config.max_sessions as u64));
        assert!(counts.retained <= config.max_retained_messages);
        assert!(counts.queued_bytes <= config.max_queued_bytes_total + 3 * 3 * 2_000);
        assert_eq!(counts.connections, links.len());
        assert_eq!(broker.verify(), Ok(()));
        for connection in broker.connections() {
            assert!(connection.unsent <= 1_000 + 300 + 2 * 2_100);
        }
    }
    drop(broker.clone());
}

/// What changed is kept.
fn keep(broker: &mut Broker, state: &mut PersistentState) {
    let changes = broker.take_changes();
    changes.into_iter().for_each(|change| state.apply(change));
}

fn restore(config: &Config, state: &PersistentState, now: Time) -> Broker {
    Broker::restore(config.clone(), state.clone(), now).expect("a broker left it")
}

/// Another broker goes on from what is kept, which is all that the old one promised.
fn go_on(old: &Broker, config: &Config, state: &PersistentState, now: Time) -> Broker {
    let new = restore(config, state, now);
    for client in old.clients() {
        let before = old.session(client).expect("it was just named");
        if before.expiry == 0 {
            continue;
        }
        let after = new.session(client).expect("it outlives the broker");
        assert_eq!(after.subscriptions, before.subscriptions, "{client}");
        let after: Vec<_> = new.held(client).collect();
        // Of Wills and of what ended sessions leave there may be more.
        for held in old.held(client).filter(|held| held.qos.is_acknowledged()) {
            assert!(after.contains(&held), "{client}: {held:?} of {after:?}");
        }
    }
    new
}

/// Pulls bytes, which must be valid packets. What they promise is kept.
fn pull(
    broker: &mut Broker,
    state: &mut PersistentState,
    link: &mut Link,
    limit: usize,
    now: Time,
) {
    keep(broker, state);
    let version = broker
        .connection(link.id)
        .map_or(link.version, |connection| connection.version);
    let mut out = Vec::new();
    broker.poll_transmit(link.id, &mut out, limit, now);
    let mut rest = &out[..];
    loop {
        let packet = link
            .framer
            .next(&mut rest)
            .expect("the broker sends packets");
        let Some(packet) = packet else {
            break;
        };
        if let Err(error) = Packet::decode(packet, version) {
            panic!("{packet:02X?} as {version:?}: {error:?}");
        }
    }
    assert_eq!(link.framer.buffered(), 0, "packets are pulled whole");
}
