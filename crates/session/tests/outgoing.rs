//! The sending half of the QoS flows.

use std::collections::BTreeMap;

use vitrine_packet::{PacketId, QoS};
use vitrine_session::{AckError, Outgoing, Pending, PubRecOutcome};

const Q1: QoS = QoS::AtLeastOnce;
const Q2: QoS = QoS::ExactlyOnce;

fn id(number: u16) -> PacketId {
    PacketId::new(number).unwrap()
}

/// 3.1.1: [MQTT-2.3.1-4]
/// 5.0: [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1]
#[test]
fn an_id_in_use_is_passed_over() {
    let mut outgoing: Outgoing<u32, u32> = Outgoing::new(10);
    assert_eq!(outgoing.begin(Q1, 0), Some(id(1)));
    assert_eq!(outgoing.begin(Q2, 1), Some(id(2)));
    outgoing.received(id(2), |message| message).unwrap();
    for n in 3..=65_535 {
        assert_eq!(outgoing.begin(Q1, 7), Some(id(n)));
        assert_eq!(outgoing.acknowledge(id(n)), Ok(7));
    }
    assert_eq!(outgoing.begin(Q1, 8), Some(id(3)), "1 and 2 are under way");
    outgoing.acknowledge(id(1)).unwrap();
    outgoing.complete(id(2)).unwrap();
    for n in 4..=65_535 {
        assert_eq!(outgoing.begin(Q1, 7), Some(id(n)));
        assert_eq!(outgoing.acknowledge(id(n)), Ok(7));
    }
    assert_eq!(outgoing.begin(Q1, 9), Some(id(1)));
    assert_eq!(outgoing.pending(id(3)), Some(Pending::Publish(&8)));
}

/// 5.0: [MQTT-4.9.0-2] [MQTT-3.3.4-9]
#[test]
fn the_window_counts_both_halves_of_qos_2() {
    let mut outgoing: Outgoing<u32, u32> = Outgoing::new(2);
    outgoing.begin(Q2, 0).unwrap();
    outgoing.begin(Q1, 1).unwrap();
    assert_eq!(outgoing.begin(Q1, 2), None);
    assert_eq!(
        outgoing.received(id(1), |message| message),
        Ok(PubRecOutcome::Release)
    );
    assert!(!outgoing.has_room());
    assert_eq!(outgoing.complete(id(1)), Ok(0));
    assert!(outgoing.has_room());
}

#[test]
fn every_id_can_be_in_use_at_a_time() {
    let mut outgoing: Outgoing<u16, u16> = Outgoing::new(u16::MAX);
    for n in 1..=u16::MAX {
        assert_eq!(outgoing.begin(Q1, n), Some(id(n)));
    }
    assert_eq!(outgoing.begin(Q1, 0), None);
    // Out of order, and only one is free each time.
    for n in [40_000, 1, 65_535, 2, 39_999] {
        assert_eq!(outgoing.acknowledge(id(n)), Ok(n));
        assert_eq!(outgoing.begin(Q1, n), Some(id(n)));
    }
    assert_eq!(outgoing.len(), 65_535);
}

#[test]
fn acknowledgements_of_the_wrong_kind() {
    let mut outgoing: Outgoing<u32, u32> = Outgoing::new(9);
    outgoing.begin(Q1, 0).unwrap();
    outgoing.begin(Q2, 1).unwrap();
    assert_eq!(outgoing.acknowledge(id(2)), Err(AckError::Unexpected));
    assert_eq!(outgoing.received(id(1), |m| m), Err(AckError::Unexpected));
    assert_eq!(outgoing.refused(id(1)), Err(AckError::Unexpected));
    assert_eq!(outgoing.complete(id(2)), Err(AckError::Unexpected));
    assert_eq!(outgoing.complete(id(3)), Err(AckError::Unknown));
    assert_eq!(outgoing.acknowledge(id(3)), Err(AckError::Unknown));
    outgoing.received(id(2), |m| m).unwrap();
    assert_eq!(outgoing.received(id(2), |m| m), Ok(PubRecOutcome::Again));
    assert_eq!(outgoing.acknowledge(id(2)), Err(AckError::Unexpected));
    assert_eq!(outgoing.refused(id(2)), Err(AckError::Unexpected));
    assert_eq!(outgoing.len(), 2, "nothing of that changed anything");
}

/// 3.1.1: [MQTT-4.4.0-1]
/// 5.0: [MQTT-4.4.0-1] [MQTT-4.6.0-1]
#[test]
fn sent_again_in_the_old_order_as_the_window_allows() {
    let mut outgoing: Outgoing<u32, u32> = Outgoing::new(5);
    for n in 0..5 {
        outgoing.begin(if n == 1 { Q2 } else { Q1 }, n).unwrap();
    }
    outgoing.received(id(2), |message| message).unwrap();
    outgoing.acknowledge(id(3)).unwrap();
    assert!(
        outgoing.next_resend().is_none(),
        "not while the connection lives"
    );
    outgoing.connection_lost();
    outgoing.set_limit(3);
    let again = |outgoing: &mut Outgoing<u32, u32>| {
        let mut list = vec![];
        while let Some(flight) = outgoing.next_resend() {
            list.push((flight.id().get(), flight.message));
        }
        list
    };
    assert_eq!(outgoing.releases().collect::<Vec<_>>(), [(id(2), &1)]);
    assert_eq!(again(&mut outgoing), [(1, 0), (4, 3)]);
    assert_eq!(outgoing.begin(Q1, 9), None, "behind those that wait");
    outgoing.complete(id(2)).unwrap();
    assert_eq!(again(&mut outgoing), [(5, 4)]);
    assert_eq!(again(&mut outgoing), []);
    outgoing.acknowledge(id(4)).unwrap();
    assert_eq!(outgoing.begin(Q1, 9), Some(id(6)));
}

#[test]
fn what_was_never_sent_can_be_taken_back() {
    let mut outgoing: Outgoing<u32, u32> = Outgoing::new(5);
    for n in 0..4 {
        outgoing.begin(Q1, n).unwrap();
    }
    assert_eq!(outgoing.abandon(id(2)), Some(1));
    assert_eq!(outgoing.abandon(id(2)), None);
    let taken = outgoing
        .take_back_if(|message| *message >= 2)
        .map(|flight| flight.message);
    assert_eq!(taken, Some(3));
    assert_eq!(
        outgoing
            .take_back_if(|message| *message >= 3)
            .map(|flight| flight.message),
        None
    );
    let left: Vec<_> = outgoing.flights().map(|flight| flight.message).collect();
    assert_eq!(left, [0, 2]);
    assert!(outgoing.has_room());
}

/// Random operations beside the plainest model there is. The seed is the loop's number.
#[test]
fn beside_a_map() {
    for seed in 0..200_u64 {
        let mut state = seed;
        let mut random = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let limit = random(20) as u16 + 1;
        let mut outgoing: Outgoing<u64, u64> = Outgoing::new(limit);
        // By identifier: the message, its QoS, and whether PUBREC came.
        let mut model: BTreeMap<u16, (u64, QoS, bool)> = BTreeMap::new();
        for n in 0..600 {
            let picked = model
                .keys()
                .nth(random(model.len().max(1) as u64) as usize)
                .copied();
            let picked = picked.unwrap_or(1);
            match random(5) {
                0 | 1 => {
                    let qos = if random(2) == 0 { Q1 } else { Q2 };
                    let began = outgoing.begin(qos, n);
                    assert_eq!(
                        began.is_some(),
                        model.len() < usize::from(limit),
                        "seed {seed}"
                    );
                    if let Some(began) = began {
                        assert!(
                            model.insert(began.get(), (n, qos, false)).is_none(),
                            "seed {seed}"
                        );
                    }
                }
                2 => {
                    let expected = match model.get(&picked) {
                        Some((message, Q1, _)) => Ok(*message),
                        Some(_) => Err(AckError::Unexpected),
                        None => Err(AckError::Unknown),
                    };
                    assert_eq!(outgoing.acknowledge(id(picked)), expected, "seed {seed}");
                    if expected.is_ok() {
                        model.remove(&picked);
                    }
                }
                3 => {
                    let expected = match model.get_mut(&picked) {
                        Some((_, Q2, received)) => {
                            let before = std::mem::replace(received, true);
                            Ok(if before {
                                PubRecOutcome::Again
                            } else {
                                PubRecOutcome::Release
                            })
                        }
                        Some(_) => Err(AckError::Unexpected),
                        None => Err(AckError::Unknown),
                    };
                    assert_eq!(
                        outgoing.received(id(picked), |m| m),
                        expected,
                        "seed {seed}"
                    );
                }
                _ => {
                    let expected = match model.get(&picked) {
                        Some((message, Q2, true)) => Ok(*message),
                        Some(_) => Err(AckError::Unexpected),
                        None => Err(AckError::Unknown),
                    };
                    assert_eq!(outgoing.complete(id(picked)), expected, "seed {seed}");
                    if expected.is_ok() {
                        model.remove(&picked);
                    }
                }
            }
            assert_eq!(outgoing.len(), model.len(), "seed {seed}");
            let numbers: Vec<_> = outgoing.flights().map(|flight| flight.message).collect();
            assert!(numbers.is_sorted(), "seed {seed}");
        }
    }
}

/// What was under way elsewhere goes on with its identifiers, and new ones stay clear of them.
#[test]
fn restored() {
    let flights = [
        (id(65_535), Q1, 10),
        (id(1), Q2, 11),
        (id(3), Q1, 12),
        (id(2), Q1, 13),
    ];
    let releases = [(id(9), 20), (id(5), 21), (id(9), 22)];
    let mut outgoing = Outgoing::restore(10, flights, releases);
    assert_eq!(
        outgoing.releases().collect::<Vec<_>>(),
        [(id(9), &20), (id(5), &21)]
    );
    let mut again = vec![];
    while let Some(flight) = outgoing.next_resend() {
        again.push((flight.id(), flight.qos, flight.message));
    }
    assert_eq!(again, flights);
    let begun: Vec<_> = (0..4)
        .map(|n| outgoing.begin(Q1, n).unwrap().get())
        .collect();
    assert_eq!(begun, [4, 6, 7, 8]);
    for n in [65_535, 3, 2, 4, 6, 7, 8] {
        outgoing.acknowledge(id(n)).unwrap();
    }
    outgoing.received(id(1), |message| message).unwrap();
    for n in [9, 5, 1] {
        outgoing.complete(id(n)).unwrap();
    }
    assert!(outgoing.is_empty());
}
