//! Enhanced authentication (5.0 section 4.12): the application has the method, the client carries its steps.

use vitrine_client::{Event, Options};
use vitrine_packet::{Auth, Packet, Property, ReasonCode};

use crate::desk::*;

fn options() -> Options {
    Options {
        authentication: Some(("M".into(), (*b"first").into())),
        ..named("c", V5)
    }
}

fn auth(desk: &mut Desk, reason: ReasonCode, method: &str, data: &[u8]) {
    let properties = buf(&[
        Property::AuthenticationMethod(method),
        Property::AuthenticationData(data),
    ]);
    desk.serve(&Packet::Auth(Auth {
        reason,
        properties: properties.as_properties(),
    }));
}

/// 5.0: [MQTT-4.12.0-3] [MQTT-4.12.0-5]
#[test]
fn steps_before_connack() {
    let mut desk = Desk::opened(options());
    let connect = &desk.sent()[0];
    assert!(
        connect.contains("AuthenticationMethod(\"M\")") && connect.contains("AuthenticationData")
    );
    auth(
        &mut desk,
        ReasonCode::ContinueAuthentication,
        "M",
        b"challenge",
    );
    let reason = ReasonCode::ContinueAuthentication;
    assert_eq!(
        desk.events(),
        [Event::Auth {
            reason,
            data: (*b"challenge").into()
        }]
    );
    desk.client.authenticate(b"proof", desk.now);
    let data = format!("{:?}", b"proof");
    assert_eq!(
        desk.sent(),
        [format!(
            "AUTH 18 [AuthenticationMethod(\"M\"), AuthenticationData({data})]"
        )]
    );
    desk.welcome(
        false,
        &[
            Property::AuthenticationMethod("M"),
            Property::AuthenticationData(b"done"),
        ],
    );
    let events = desk.events();
    assert!(
        matches!(&events[..], [Event::Connected { .. }, Event::Auth { data, .. }] if **data == *b"done")
    );
    // What was answered before CONNACK is no challenge that still waits.
    desk.client.authenticate(b"again", desk.now);
    assert!(desk.sent()[0].starts_with("AUTH 19 "));
}

/// 5.0: [MQTT-4.12.1-1]
#[test]
fn again_on_a_connection_that_lives() {
    let mut desk = Desk::connected(options());
    desk.client.authenticate(b"again", desk.now);
    assert!(desk.sent()[0].starts_with("AUTH 19 "));
    auth(&mut desk, ReasonCode::ContinueAuthentication, "M", b"");
    desk.client.authenticate(b"proof", desk.now);
    assert!(desk.sent()[0].starts_with("AUTH 18 "));
    auth(&mut desk, ReasonCode::Success, "M", b"");
    assert!(desk.client.is_connected());
    auth(&mut desk, ReasonCode::Success, "other", b"");
    assert!(!desk.client.is_connected());
}

/// 5.0: [MQTT-4.12.0-6]
#[test]
fn a_server_that_was_not_asked() {
    let mut desk = Desk::connected(named("c", V5));
    desk.client.authenticate(b"x", desk.now);
    assert!(desk.sent().is_empty());
    auth(&mut desk, ReasonCode::ContinueAuthentication, "M", b"");
    assert_eq!(desk.sent(), ["DISCONNECT 82 []"]);
}
