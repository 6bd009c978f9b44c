//! Who stands between the hub and a client.

use super::*;

/// What was done from in between since the last time, to the one to whom something was.
fn meddled(hub: &mut Hub<Remembering>) -> Vec<Deed> {
    let mut all = Vec::new();
    hub.flush(NOW, |happened| {
        if let Happened::Meddled(meddled) = happened {
            assert_eq!(
                meddled.client.as_str(),
                if meddled.connection == A { "a" } else { "b" }
            );
            all.push(meddled.what);
        }
    })
    .unwrap();
    all
}

/// Two clients: `a`, whom somebody stands in front of, and `b`, who listens.
fn watched() -> (Hub<Remembering>, Remembering, Remembering) {
    let mut hub = hub();
    let a = join(&mut hub, 1, "a");
    let b = join(&mut hub, 2, "b");
    hub.received(ConnectionId(2), &SUBSCRIBE, NOW);
    hub.flush(NOW, drop).unwrap();
    hub.credit();
    b.take();
    (hub, a, b)
}

const A: ConnectionId = ConnectionId(1);
const B: ConnectionId = ConnectionId(2);
fn cut(packet_type: u8, after: bool) -> Cut {
    Cut {
        packet_type,
        skip: 0,
        after,
    }
}

const PINGREQ: [u8; 2] = [0xc0, 0];

/// Bytes that are held are not taken, so that their sender feels it, and arrive in order when they go on.
#[test]
fn what_is_held_to_the_broker_arrives_later_and_is_credited_then() {
    let (mut hub, a, b) = watched();
    assert_eq!(hub.connection_of("a"), Some(A));
    assert!(hub.hold(A, true));
    hub.received(A, &publish()[..10], NOW);
    hub.received(A, &publish()[10..], NOW);
    assert_eq!(meddled(&mut hub), [Deed::Held(true)]);
    hub.credit();
    assert_eq!((a.take(), b.take()), (vec![], vec![]));
    assert_eq!(hub.held(A), ["up"]);
    assert!(hub.release(A, true, NOW));
    assert_eq!(meddled(&mut hub), [Deed::Released(true)]);
    hub.credit();
    assert_eq!(a.take(), [Put::Credit(1_000)]);
    assert_eq!(b.bytes(), publish());
    assert!(hub.held(A).is_empty() && !hub.release(A, true, NOW));
}

/// A direction to a client that is held stays in the broker, within its limits.
#[test]
fn what_is_held_to_a_client_is_not_pulled() {
    let (mut hub, _a, b) = watched();
    hub.hold(B, false);
    let mut sent = 0;
    for _ in 0..3 {
        hub.received(A, &publish(), NOW);
        hub.flush(NOW, |happened| sent += u32::from(is_sent(&happened)))
            .unwrap();
    }
    assert_eq!((sent, b.take()), (0, vec![]));
    hub.release(B, false, NOW);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(b.bytes(), publish().repeat(3));
}

/// Who does not keep to the window while his bytes are held does not fill the memory.
#[test]
fn who_sends_too_much_while_held_is_cut() {
    let (mut hub, a, _b) = watched();
    hub.hold(A, true);
    for _ in 0..=2 * WINDOW / 1_000 {
        hub.received(A, &publish(), NOW);
    }
    assert_eq!(a.take(), [Put::End(Ending::Cut)]);
    assert_eq!(hub.ended(), Some(A));
    let meddled = meddled(&mut hub);
    assert_eq!(meddled[0], Deed::Held(true));
    assert_eq!(meddled[1..3], [Deed::Watched, Deed::Sent(publish())]);
    assert_eq!(meddled.last(), Some(&Deed::Cut));
}

/// Before, the packet does not arrive, even where its beginning has; after, it does and nothing behind it.
#[test]
fn a_connection_is_cut_at_a_packet_to_the_broker() {
    for (after, arrives) in [(false, 0), (true, 1)] {
        for split in [1, 1_002, 1_500] {
            let (mut hub, a, b) = watched();
            assert!(hub.cut_at(A, true, cut(3, after)));
            // Another type first, which does not count.
            let bytes = [&PINGREQ[..], &publish(), &publish()].concat();
            let (first, second) = bytes.split_at(split);
            hub.received(A, first, NOW);
            hub.received(A, second, NOW);
            let meddled = meddled(&mut hub);
            let ends = a.take().contains(&Put::End(Ending::Cut));
            let got = b.bytes();
            assert!(ends, "{after} {split}");
            assert_eq!(got, publish().repeat(arrives), "{after} {split}");
            assert_eq!(meddled[0], Deed::Armed);
            assert_eq!(meddled.last(), Some(&Deed::Cut));
            let lost = meddled.iter().filter(|one| matches!(one, Deed::Sent(_)));
            // What comes when the connection is gone already is nobody's.
            let whole = if split == 1 { 2 } else { 1 };
            assert_eq!(lost.count(), whole - arrives, "{after} {split}");
        }
    }
}

/// Packets are counted from where the broker is, be it in the midst of one.
#[test]
fn a_cut_that_is_planned_within_a_packet_sees_its_end() {
    let (mut hub, _a, b) = watched();
    hub.received(A, &publish()[..500], NOW);
    hub.cut_at(A, true, cut(0, true));
    let rest = [&publish()[500..], &publish()].concat();
    hub.received(A, &rest, NOW);
    hub.flush(NOW, drop).unwrap();
    assert_eq!(b.bytes(), publish());
}

#[test]
fn a_connection_is_cut_at_a_packet_to_the_client() {
    for (after, arrives) in [(false, 0), (true, 1)] {
        let (mut hub, _a, b) = watched();
        hub.cut_at(B, false, cut(3, after));
        meddled(&mut hub);
        hub.received(A, &publish().repeat(2), NOW);
        let meddled = meddled(&mut hub);
        let put = b.take();
        assert_eq!(put.last(), Some(&Put::End(Ending::Cut)));
        assert_eq!(put.len() - 1, arrives);
        let arrived = vec![Deed::Arrived; arrives];
        let told = [vec![Deed::Watched], arrived, vec![Deed::Cut]].concat();
        assert_eq!(meddled, told);
        assert_eq!(hub.connection_of("b"), None);
    }
}
