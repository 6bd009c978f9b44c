//! Authenticating again on a connection that lives.

use super::*;

/// 5.0: [MQTT-4.12.1-1] [MQTT-4.12.0-5] [MQTT-3.15.2-1]
#[test]
fn a_client_may_prove_itself_again() {
    let mut world = world();
    let (connection, mut client) = world.ann();
    for _ in 0..2 {
        world.auth(connection, AGAIN, METHOD, &client.first());
        let challenge = world.step(connection, CONTINUE);
        assert_eq!(world.take(connection).len(), 1);
        // All goes on meanwhile.
        world.publish(connection, message("a", "x").q1(1));
        assert_eq!(world.take(connection), ["PUBACK #1 10"]);
        let last = client.last(&challenge);
        world.auth(connection, CONTINUE, METHOD, &last);
        let answer = world.step(connection, ReasonCode::Success);
        assert_eq!(answer, client.signature);
        assert_eq!(world.take(connection).len(), 1);
    }
    assert_eq!(user_of(&world, "a").as_deref(), Some("ann"));
}

/// 5.0: [MQTT-4.12.1-2] [MQTT-4.12.0-4]
#[test]
fn who_fails_is_disconnected() {
    for mut other in [
        Client::new("ann", "wrong"),
        Client::new("nobody", "ann"),
        // Nobody becomes somebody else.
        Client::new("b,b=", "b,b="),
    ] {
        let mut world = world();
        world.observe();
        let (connection, _) = world.ann();
        world.auth(connection, AGAIN, METHOD, &other.first());
        let last = other.last(&world.step(connection, CONTINUE));
        world.take(connection);
        world.auth(connection, CONTINUE, METHOD, &last);
        assert_eq!(world.take(connection), ["DISCONNECT 87", "closed"]);
        let ending = world.ending();
        let statement = Some("MQTT-4.12.1-2");
        assert_eq!(
            ending,
            ("not-authorized", Some(ReasonCode::NotAuthorized), statement)
        );
    }
    let mut world = world();
    let (connection, _) = world.ann();
    world.auth(connection, AGAIN, METHOD, "nonsense");
    assert_eq!(world.take(connection), ["DISCONNECT 87", "closed"]);
}

/// 5.0: [MQTT-4.12.1-1] [MQTT-4.12.0-5] [MQTT-4.12.0-3] [MQTT-3.15.2-1]
#[test]
fn an_auth_that_is_not_the_next_step_ends_the_connection() {
    for (before, reason, method, code, statement) in [
        (false, AGAIN, "SCRAM-SHA-1", "8C", "MQTT-4.12.1-1"),
        (false, CONTINUE, METHOD, "82", "MQTT-4.12.0-3"),
        (false, ReasonCode::Success, METHOD, "82", "MQTT-3.15.2-1"),
        (true, AGAIN, METHOD, "82", "MQTT-4.12.0-3"),
        (true, CONTINUE, "SCRAM-SHA-1", "8C", "MQTT-4.12.0-5"),
    ] {
        let mut world = world();
        world.observe();
        let (connection, client) = world.ann();
        if before {
            world.auth(connection, AGAIN, METHOD, &client.first());
            world.take(connection);
        }
        world.auth(connection, reason, method, "n,,n=ann,r=x");
        let answers = world.take(connection);
        assert!(
            answers[0].starts_with(&format!("DISCONNECT {code}")),
            "{answers:?}"
        );
        assert_eq!(answers[1..], ["closed"]);
        assert_eq!(world.ending().2, Some(statement));
    }
}

/// 5.0: [MQTT-4.12.0-7] [MQTT-4.12.0-6]
#[test]
fn who_named_no_method_cannot() {
    let mut access = users();
    access.anonymous = true;
    let mut world = World::with(config(access));
    world.observe();
    let connection = world.connect(Hello::v5("a"));
    world.auth(connection, AGAIN, METHOD, "n,,n=ann,r=x");
    let answers = world.take(connection);
    assert!(answers[0].starts_with("DISCONNECT 82"), "{answers:?}");
    assert_eq!(world.ending().2, Some("MQTT-4.12.0-7"));
}
