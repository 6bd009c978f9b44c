//! What is left of random changes.

use std::rc::Rc;

use vitrine_broker::{
    Change, ClientId, Message, PersistentState, PublicationId, SavedDelivery, SavedMessage,
    SessionSettings,
};
use vitrine_packet::{PropertyBuf, QoS};

use super::*;
use crate::Batch;

#[path = "../../../broker/tests/harness/random.rs"]
#[allow(dead_code)]
mod random;

use random::{Random, seeds};

fn id(random: &mut Random) -> PacketId {
    PacketId::new(1 + random.below(3) as u16).expect("it is not 0")
}

fn message(publication: u64) -> SavedMessage {
    let message = Message {
        publication: PublicationId(publication),
        publisher: None,
        topic: "area/10".into(),
        qos: QoS::ExactlyOnce,
        expires: None,
        properties: PropertyBuf::default(),
        payload: b"21".as_slice().into(),
    };
    SavedMessage {
        message: Rc::new(message),
        qos: QoS::ExactlyOnce,
        retain: false,
        identifiers: Vec::new(),
        group: None,
    }
}

fn began(client: &ClientId) -> Change {
    let settings = SessionSettings {
        expiry: 60,
        left: None,
        will: None,
        user: None,
    };
    let client = client.clone();
    Change::Session { client, settings }
}

/// Any change that a broker may tell of after others that led to `state`; of what is over it may still say that it moves or ends.
fn change(state: &PersistentState, begun: &mut [u64; 2], random: &mut Random) -> Change {
    let which = random.below(2);
    let client = ClientId::from(["one", "two"][which]);
    let Some(session) = state.sessions.get(&client) else {
        begun[which] = 0;
        return began(&client);
    };
    let number = 1 + random.below(begun[which].max(1) as usize) as u64;
    let packet_id = id(random);
    match random.below(16) {
        0 => Change::SessionEnded { client },
        1..4 => {
            begun[which] += 1;
            let (number, message) = (begun[which], message(random.below(1_000) as u64));
            let delivery = match random.below(2) {
                0 => SavedDelivery::Queued(message),
                _ => SavedDelivery::Sent(packet_id, message),
            };
            Change::Delivery {
                client,
                number,
                delivery,
            }
        }
        4..7 => {
            let packet_id = (random.below(2) == 0).then_some(packet_id);
            Change::Moved {
                client,
                number,
                packet_id,
            }
        }
        7..9 if session.deliveries.contains_key(&number) => {
            let (publication, order) = (PublicationId(1), random.below(9) as u64);
            let delivery = SavedDelivery::Released {
                packet_id,
                publication,
                order,
            };
            Change::Delivery {
                client,
                number,
                delivery,
            }
        }
        9..12 if !session.received.contains_key(&packet_id) => Change::Received {
            client,
            packet_id,
            publication: None,
        },
        12..14 => Change::Released { client, packet_id },
        _ => Change::Delivered { client, number },
    }
}

/// Whose delivery or Packet Identifier it is that begins with a change.
fn begins(change: &Change) -> Option<&ClientId> {
    if let Change::Delivery {
        client, delivery, ..
    } = change
    {
        let goes_on = matches!(delivery, SavedDelivery::Released { .. });
        return (!goes_on).then_some(client);
    }
    let Change::Received { client, .. } = change else {
        return None;
    };
    Some(client)
}

#[test]
fn what_is_left_comes_to_the_same_as_all() {
    for seed in seeds(3_000) {
        let mut random = Random::new(seed);
        // What is in the tables, and with all that happens then.
        let (mut tables, mut all) = (PersistentState::default(), PersistentState::default());
        let (mut begun, mut left, mut batches) = ([0; 2], Left::default(), Vec::new());
        for batch in 0..5 {
            let mut changes = Vec::new();
            for _ in 0..1 + random.below(20) {
                let change = change(&all, &mut begun, &mut random);
                all.apply(change.clone());
                changes.push(change);
            }
            if batch == 0 {
                changes.into_iter().for_each(|change| tables.apply(change));
                continue;
            }
            let batch = Batch::from_changes(changes);
            left.take_in(batch.as_bytes()).expect("it is sound");
            batches.push(batch.changes().expect("it is sound"));
        }
        let mut named = Vec::new();
        for place in left.places() {
            let change = &batches[place.batch as usize][place.change as usize];
            if let Some(client) = begins(change) {
                named.push(client.clone());
            }
            if let Change::SessionEnded { client } = change {
                assert!(!named.contains(client), "seed {seed}: that is over");
            }
            tables.apply(change.clone());
        }
        assert_eq!(tables, all, "seed {seed}");
    }
}
