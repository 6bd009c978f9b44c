//! What was committed is read when the store is opened again.

use std::sync::Arc;

use vitrine_broker::{
    Access, Broker, Command, Config, Message, PersistentState, SavedDelivery, Time, User,
};
use vitrine_store::{Batch, InMemoryBackend, StorageBackend, Store};

use crate::harness::*;
use crate::life::Life;

fn open(medium: &Arc<dyn StorageBackend>) -> (Store, PersistentState) {
    Store::with_backend(Arc::clone(medium), "memory").unwrap()
}

/// However often the store is opened again, after being closed or not, and whether the broker goes on or
/// another one from what was kept.
#[test]
fn what_was_committed_is_there() {
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
        let mut life = Life::new(seed, 400);
        let journal = random.pick(&[0, 4_000, 200_000]);
        let opened = Store::with_journal(Arc::clone(&medium), journal, "memory");
        let (mut store, state) = opened.unwrap();
        assert_eq!(state, PersistentState::default());
        while !life.is_over() {
            let changes = life.steps(1 + random.below(25));
            store.commit(&Batch::from_changes(changes)).unwrap();
            if random.one_in(6) {
                if random.one_in(2) {
                    store.close().unwrap();
                } else {
                    drop(store);
                }
                let state;
                (store, state) = open(&medium);
                assert_eq!(state, life.state);
                if random.one_in(2) {
                    let changes = life.restart(state);
                    store.commit(&Batch::from_changes(changes)).unwrap();
                }
            }
        }
    }
}

/// Of a message for a thousand Sessions there is one: in the batch, in the store, and in memory again.
#[test]
fn a_message_for_many_is_kept_once() {
    let mut world = World::with(Config {
        durable: true,
        ..Config::default()
    });
    for n in 0..1_000 {
        let client = format!("s{n}");
        let connection = world.connect(Hello::v3(&client).kept());
        world.subscribe(connection, "a", Q1);
        world.cut(connection);
    }
    let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
    let (mut store, _) = open(&medium);
    let batch = Batch::from_changes(world.broker.take_changes());
    store.commit(&batch).unwrap();
    let publisher = world.connect(Hello::v3("p"));
    let payload = "0123456789".repeat(10_000);
    world.publish(publisher, message("a", &payload).q1(1));
    let batch = Batch::from_changes(world.broker.take_changes());
    let size = batch.as_bytes().len();
    assert!(size < payload.len() + 20_000, "{size} bytes");
    store.commit(&batch).unwrap();
    store.close().unwrap();
    assert!(medium.len().unwrap() < (4 << 20) + 2_000_000);

    let (_, state) = open(&medium);
    let mut messages: Vec<*const Message> = vec![];
    for session in state.sessions.values() {
        for delivery in session.deliveries.values() {
            let SavedDelivery::Queued(saved) = delivery else {
                panic!("{delivery:?}");
            };
            messages.push(std::rc::Rc::as_ptr(&saved.message));
        }
    }
    assert_eq!(messages.len(), 1_000);
    messages.dedup();
    assert_eq!(messages.len(), 1);
    let broker = Broker::restore(Config::default(), state, Time::ZERO).unwrap();
    assert_eq!(broker.counts().sessions, 1_000);
}

/// The rules for what waits for a client are those for its user, also after a restart.
#[test]
fn a_session_keeps_its_user() {
    let user = User {
        password: Some("hash".into()),
        scram: None,
    };
    let access = Access {
        users: [("ann".into(), user)].into(),
        ..Access::default()
    };
    let mut world = World::with(Config {
        access: access.into(),
        durable: true,
        ..Config::default()
    });
    let connection = world.say(&Hello::v3("named").kept().user("ann", "secret"));
    assert_eq!(world.asked, [connection]);
    world.command(Command::Authenticated {
        connection,
        accepted: true,
    });
    world.connect(Hello::v3("anonymous").kept());
    let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
    let (mut store, _) = open(&medium);
    let batch = Batch::from_changes(world.broker.take_changes());
    store.commit(&batch).unwrap();
    drop(store);
    let (_, state) = open(&medium);
    let broker = Broker::restore(Config::default(), state, Time::ZERO).unwrap();
    let user = |client| broker.session(client).unwrap().user;
    assert_eq!(user("named").as_deref(), Some("ann"));
    assert_eq!(user("anonymous"), None);
}
