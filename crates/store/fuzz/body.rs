//! What must hold for any bytes. Run by the fuzz target, and by the tests on seeded input.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use vitrine_broker::{
    Broker, Change, ClientId, ClockReading, Config, Message, PublicationId, SavedDelivery,
    SavedMessage, SavedSubscription, SessionSettings, Time,
};
use vitrine_packet::{PacketId, PropertyBuf, QoS, SubscriptionOptions};
use vitrine_store::{Batch, InMemoryBackend, StorageBackend, Store, StoreError};

/// Takes the bytes as a file, or as what happened to one. Whatever it is there is an error that says so, and
/// the file is as it was, or a store that takes a batch and has it ever after.
pub(crate) fn open(data: &[u8]) {
    let bytes = file(data);
    let medium = medium(&bytes);
    let opened = Store::with_backend(Arc::clone(&medium), "memory");
    let (mut store, mut state) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            assert!(error.kind.may_be_set_aside(), "{error}");
            assert!(contents(&*medium) == bytes, "{error}");
            return;
        }
    };
    if let Ok(broker) = Broker::restore(Config::default(), state.clone(), Time::ZERO) {
        assert_eq!(broker.verify(), Ok(()));
    }
    let change = Change::RetainedRemoved { topic: "a".into() };
    state.apply(change.clone());
    match store.commit(&Batch::from_changes(vec![change])) {
        Ok(()) => {}
        Err(error) => panic!("{error}"),
    }
    drop(store);
    let (_, again) = Store::with_backend(medium, "memory").expect("it was opened before");
    assert_eq!(again, state);
}

/// The first byte says whether the others are a file, or lines of what is written where in one: an address of
/// two bytes, in steps of four within the first 256 KiB; and a byte.
fn file(data: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = data.split_first() else {
        return Vec::new();
    };
    if first & 1 != 0 {
        return rest.to_vec();
    }
    static SAMPLES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let samples = SAMPLES.get_or_init(|| [sample(false), sample(true)]);
    let mut bytes = samples[usize::from(first >> 1 & 1)].clone();
    if let Some(byte) = rest.first()
        && first & 4 != 0
    {
        bytes.truncate(bytes.len() * usize::from(*byte) / 256);
    }
    for line in rest.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([line[0], line[1]])) * 4 + usize::from(line[2] & 3);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = line[3];
        }
    }
    bytes
}

/// A store with something of each kind in it: in the journal, or in the tables.
fn sample(closed: bool) -> Vec<u8> {
    let message = |publication| {
        Rc::new(Message {
            publication: PublicationId(publication),
            publisher: Some("p".into()),
            qos: QoS::ExactlyOnce,
            expires: Some(Time::from_secs(9)),
            topic: "a".into(),
            properties: PropertyBuf::default(),
            payload: [7; 9].into(),
        })
    };
    let client = ClientId::from("c");
    let delivery = |number, packet_id| Change::Delivery {
        client: client.clone(),
        number,
        delivery: {
            let saved = SavedMessage {
                message: message(number),
                qos: QoS::AtLeastOnce,
                retain: true,
                identifiers: vec![1, 200],
                group: Some("$share/g/a".into()),
            };
            match packet_id {
                None => SavedDelivery::Queued(saved),
                Some(id) => SavedDelivery::Sent(id, saved),
            }
        },
    };
    let changes = vec![
        Change::Session {
            client: client.clone(),
            settings: SessionSettings {
                expiry: 60,
                left: Some(Time::from_secs(3)),
                will: None,
                user: Some("u".into()),
            },
        },
        Change::Subscribed {
            client: client.clone(),
            filter: "$share/g/a".into(),
            subscription: SavedSubscription {
                options: SubscriptionOptions::with_qos(QoS::AtLeastOnce),
                identifier: Some(3),
            },
        },
        delivery(1, None),
        delivery(2, Some(PacketId::MIN)),
        Change::Received {
            client: client.clone(),
            packet_id: PacketId::MIN,
            publication: None,
        },
        Change::Retained(message(3)),
        Change::Clock(ClockReading::default()),
    ];
    let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
    let opened = Store::with_journal(Arc::clone(&medium), 8_192, "memory");
    let (mut store, _) = opened.expect("it is new");
    let batch = Batch::from_changes(changes);
    store.commit(&batch).expect("there is room");
    if closed {
        store.close().expect("there is room");
        return contents(&*medium);
    }
    let bytes = contents(&*medium);
    drop(store);
    bytes
}

fn medium(bytes: &[u8]) -> Arc<dyn StorageBackend> {
    let medium = InMemoryBackend::new();
    let length = medium.set_len(bytes.len() as u64);
    let written = length.and_then(|()| medium.write(0, bytes));
    written.expect("memory takes all");
    Arc::new(medium)
}

fn contents(medium: &dyn StorageBackend) -> Vec<u8> {
    let length = medium.len().expect("memory knows");
    let mut bytes = vec![0; length as usize];
    medium.read(0, &mut bytes).expect("it is as long");
    bytes
}

/// Takes the bytes as a batch.
pub(crate) fn run(data: &[u8]) {
    let batch = match Batch::from_bytes(data.into()) {
        Ok(batch) => batch,
        Err(error) => {
            assert!(error.at <= data.len(), "{error}");
            return;
        }
    };
    let changes = batch.changes().expect("they were read before");
    // What is read is written in such a way that it is read again.
    let again = Batch::from_changes(changes.clone());
    let read = again.changes().expect("it was just written");
    assert_eq!(
        read,
        Batch::from_changes(read.clone())
            .changes()
            .expect("as before")
    );

    // No broker may have left such changes, so that it need not be the same as without a store; but a
    // store that took them can be opened, or says what is wrong.
    let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
    let (mut store, _) =
        Store::with_journal(Arc::clone(&medium), 10_000, "memory").expect("it is new");
    match store.commit(&batch) {
        Ok(()) | Err(StoreError::Damaged { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    drop(store);
    match Store::with_backend(medium, "memory") {
        Ok((_, state)) => {
            if let Ok(broker) = Broker::restore(Config::default(), state, Time::ZERO) {
                assert_eq!(broker.verify(), Ok(()));
            }
        }
        Err(error) => assert!(error.kind.may_be_set_aside(), "{error}"),
    }
}
