//! Whatever comes, the broker stands, stays within its limits, and serves the others.

use vitrine_broker::{Broker, Config, ConnectionId, Input, Peer, Time};

use crate::harness::*;

/// Random bytes, and valid packets with a byte changed, on several connections at once.
#[test]
fn random_bytes() {
    for seed in seeds(200) {
        let mut random = Random::new(seed);
        let mut script = Script::random(seed, 300);
        for step in &mut script.steps {
            if let Step::Bytes(_, bytes) = step
                && random.one_in(8)
                && !bytes.is_empty()
            {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
        }
        let config = Config {
            max_packet_size: 1_000,
            max_queued_messages: 10,
            max_unsent_bytes: 1_000,
            max_unsent_control_bytes: 500,
            max_retained_messages: 3,
            max_subscriptions: 4,
            max_connections: 6,
            max_sessions: 4,
            ..Config::default()
        };
        script.run(config.clone(), Some(seed));
        // So little that most answers are one too many.
        let config = Config {
            max_unsent_bytes: 60,
            max_unsent_control_bytes: 12,
            max_queued_messages: 2,
            max_queued_bytes: 200,
            max_queued_bytes_total: 300,
            max_filters_per_subscribe: 1,
            ..config
        };
        script.run(config, Some(seed));
    }
}

/// The fuzz target's body on input that is mostly steps of one byte.
#[test]
fn the_fuzz_target() {
    for seed in seeds(300) {
        let mut random = Random::new(seed);
        let data: Vec<u8> = (0..2_000)
            .map(|_| {
                if random.one_in(3) {
                    random.next() as u8
                } else {
                    24 + random.below(40) as u8
                }
            })
            .collect();
        crate::fuzz::run(&data);
    }
}

/// One connection's bytes, whatever they are, change nothing for a pair of clients beside it that has
/// topics of its own.
#[test]
fn others_are_not_disturbed() {
    for seed in seeds(50) {
        let mut random = Random::new(seed);
        let mut broker = Broker::new(Config::default(), Time::ZERO);
        let now = Time::ZERO;
        let (good, bad) = (ConnectionId(1), ConnectionId(2));
        let peer = Peer::by("lab");
        broker.handle(
            Input::Opened {
                connection: good,
                peer: peer.clone(),
            },
            now,
        );
        let mut bytes = Hello::v5("good").bytes();
        bytes.extend([0x82, 10, 0, 1, 0, 4, b'm', b'i', b'n', b'e', 2]);
        // An options byte follows the filter.
        bytes[Hello::v5("good").bytes().len() + 4] = 0;
        let subscribe = &mut bytes;
        subscribe.truncate(Hello::v5("good").bytes().len());
        subscribe.extend([0x82, 10, 0, 1, 0, 0, 4, b'm', b'i', b'n', b'e', 2]);
        broker.handle(
            Input::Received {
                connection: good,
                bytes: &bytes,
            },
            now,
        );
        broker.handle(
            Input::Opened {
                connection: bad,
                peer,
            },
            now,
        );
        let hello = Hello::v5("bad").bytes();
        broker.handle(
            Input::Received {
                connection: bad,
                bytes: &hello,
            },
            now,
        );
        let mut out = vec![];
        broker.poll_transmit(good, &mut out, usize::MAX, now);
        for n in 0..100 {
            let noise: Vec<u8> = (0..random.below(30)).map(|_| random.next() as u8).collect();
            broker.handle(
                Input::Received {
                    connection: bad,
                    bytes: &noise,
                },
                now,
            );
            let payload = n.to_string();
            let publish = message("mine", &payload).bytes(V5);
            broker.handle(
                Input::Received {
                    connection: good,
                    bytes: &publish,
                },
                now,
            );
            out.clear();
            broker.poll_transmit(good, &mut out, usize::MAX, now);
            assert_eq!(out, publish);
        }
    }
}
