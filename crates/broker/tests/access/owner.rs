//! A Session is its user's.

use super::*;

/// Asks as a user whose password is right, and gives the answers.
fn ask(world: &mut World, hello: Hello<'_>, name: &str) -> Vec<String> {
    let connection = world.say(&hello.user(name, name));
    world.check_passwords();
    world.take(connection)
}

/// A client with a Session that waits for it, and the beginning of the answer to one that may not be.
fn clients() -> impl Iterator<Item = (fn() -> Hello<'static>, &'static str)> {
    let clients: [(fn() -> Hello<'static>, _); 2] = [
        (|| Hello::v3("sensor").kept(), "CONNACK 02"),
        (|| Hello::v5("sensor").kept(), "CONNACK 85"),
    ];
    clients.into_iter()
}

#[test]
fn nobody_takes_over_the_client_of_another_user() {
    for (hello, refused) in clients() {
        for clean in [false, true] {
            let mut world = World::guarded(users());
            let bobs = || Hello { clean, ..hello() };
            let ann = world.log_in(hello(), "ann");
            let answers = ask(&mut world, bobs(), "bob");
            assert!(answers[0].starts_with(refused), "{answers:?}");
            assert_eq!(world.take(ann), [""; 0], "she stays");
            // Nor while she is away.
            world.cut(ann);
            let answers = ask(&mut world, bobs(), "bob");
            assert!(answers[0].starts_with(refused), "{answers:?}");
            let answers = ask(&mut world, hello(), "ann");
            assert!(answers[0].starts_with("CONNACK 00 present"), "{answers:?}");
        }
    }
}

#[test]
fn an_anonymous_client_takes_over_nobody_elses() {
    let mut world = World::guarded(Access {
        anonymous: true,
        ..users()
    });
    let ann = world.log_in(Hello::v5("sensor").kept(), "ann");
    let answers = ask_anonymously(&mut world, Hello::v5("sensor").kept());
    assert!(answers[0].starts_with("CONNACK 85"), "{answers:?}");
    assert_eq!(world.take(ann), [""; 0]);
}

#[test]
fn what_an_anonymous_client_began_a_user_goes_on_with() {
    let mut world = World::guarded(Access {
        anonymous: true,
        ..users()
    });
    ask_anonymously(&mut world, Hello::v5("sensor").kept());
    let answers = ask(&mut world, Hello::v5("sensor").kept(), "ann");
    assert!(answers[0].starts_with("CONNACK 00 present"), "{answers:?}");
}

#[test]
fn when_a_user_is_gone_the_next_one_begins_anew() {
    for (hello, _) in clients() {
        let mut world = World::guarded(users());
        let ann = world.log_in(hello(), "ann");
        world.subscribe(ann, "t", Q1);
        world.cut(ann);
        let mut without = users();
        without.users.remove("ann");
        world.set_access(without);
        let answers = ask(&mut world, hello(), "bob");
        assert!(answers[0].starts_with("CONNACK 00"), "{answers:?}");
        assert!(!answers[0].contains("present"), "{answers:?}");
        assert_eq!(world.broker.counts().subscriptions, 0);
    }
}

fn ask_anonymously(world: &mut World, hello: Hello<'_>) -> Vec<String> {
    let connection = world.say(&hello);
    world.take(connection)
}
