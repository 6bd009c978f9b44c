//! The receiving half of the QoS 2 flow, and Topic Aliases.

use vitrine_packet::PacketId;
use vitrine_session::{AliasBook, Incoming, TopicAliases};

/// 5.0: [MQTT-4.3.3-10] [MQTT-4.3.3-12]
#[test]
fn an_id_is_known_until_it_is_released() {
    let id = PacketId::new(7).unwrap();
    let mut incoming = Incoming::default();
    assert_eq!(incoming.get(id), None);
    incoming.insert(id, "message");
    assert_eq!(incoming.get(id), Some(&"message"));
    assert_eq!(incoming.iter().collect::<Vec<_>>(), [(id, &"message")]);
    assert_eq!(incoming.release(id), Some("message"));
    assert_eq!(incoming.release(id), None);
    assert!(incoming.is_empty());
}

/// 5.0: [MQTT-3.3.2-8] [MQTT-3.3.2-12]
#[test]
fn aliases_up_to_the_maximum() {
    let mut aliases = TopicAliases::new(2);
    assert!(!aliases.set(0, "zero"));
    assert!(!aliases.set(3, "three"));
    assert!(aliases.set(2, "two"));
    assert!(aliases.set(2, "other"));
    assert_eq!(
        (aliases.get(0), aliases.get(1), aliases.get(2)),
        (None, None, Some(&"other"))
    );
    assert!(!TopicAliases::new(0).set(1, "one"));
}

/// 5.0: [MQTT-3.1.2-26] [MQTT-3.1.2-27] [MQTT-3.3.2-8]
#[test]
fn aliases_are_given_until_none_is_left() {
    let mut book = AliasBook::new(2);
    assert_eq!(
        (book.give("a"), book.give("b"), book.give("c")),
        (Some(1), Some(2), None)
    );
    assert_eq!(
        (book.get("a"), book.get("b"), book.get("c")),
        (Some(1), Some(2), None)
    );
    assert_eq!(AliasBook::new(0).give("a"), None);
}
