//! What a page gives out of every lesson, as tshark reads it. Type `cargo xtask test --only capture`.

use vitrine_link::Format;
use vitrine_link::LabCommand::{Act, Go, Wait};

use crate::lessons::{all, open};

#[path = "../../scope/tests/scope/common/tshark.rs"]
#[allow(dead_code, reason = "the view model's own tests use all of it")]
mod tshark;

/// Every packet of every lesson is in the file that the page saves for Wireshark: its type, identifier and flags, its
/// topic and its payload. So is what is done on the way by hand.
#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn every_lesson_that_a_page_gives_out_is_read() {
    for (name, text) in all() {
        let mut page = open(&name, &text);
        let end = page.lab_frame().end;
        page.does(Go { moment: end });
        let recording = page.lab.export(Format::Recording, page.now);
        let capture = page.lab.export(Format::Pcapng, page.now);
        let packets = tshark::compare(&format!("page-{name}"), &recording.bytes, &capture.bytes);
        // The free world has nothing but its clients' connections.
        assert!(packets >= 4, "{name}: {packets} packets");
    }
}

#[test]
#[ignore = "needs tshark; type cargo xtask test --only capture"]
fn a_road_that_was_forked_by_hand_is_read() {
    let mut page = crate::lessons::lost_acknowledgement();
    page.does(Act("sensor-5000 cut".into()));
    page.does(Wait { seconds: 30.0 });
    page.does(Act("sensor-5000 connect".into()));
    page.does(Wait { seconds: 30.0 });
    let recording = page.lab.export(Format::Recording, page.now);
    let capture = page.lab.export(Format::Pcapng, page.now);
    let packets = tshark::compare("page-forked", &recording.bytes, &capture.bytes);
    assert!(packets > 8, "{packets} packets");
}
