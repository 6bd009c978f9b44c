//! The rules of a world explain what is seen in it, live and in a recording.

use vitrine_link::{Format, LabCommand, LabSource, MatchView, Receiver, View};
use vitrine_stage::Lab;

use crate::common::Page;

const WORLD: &str = r#"
user ana password=segredo
rule own user=ana allow=all topics=a/#
default deny
client ana user=ana password=segredo
client stranger
ana connect
stranger connect
wait 1s
ana subscribe a/# qos=1
wait 1s
"#;

/// Who would receive a message of the stranger's, and what keeps it from publishing it.
fn asked(page: &mut Page) -> (Option<String>, Vec<Receiver>) {
    let matches = Some(MatchView {
        filter: "a/#".into(),
        topic: "a/b".into(),
        qos: 1,
        publisher: "stranger".into(),
    });
    page.lens.look(View {
        matches,
        ..View::default()
    });
    page.draw();
    let matches = page.whole().matches.clone().expect("it was asked for");
    (matches.publisher_forbidden, matches.receivers)
}

#[test]
fn rules_explain_what_is_seen() {
    let mut page = Page::of(WORLD);
    let (forbidden, receivers) = asked(&mut page);
    assert_eq!(forbidden.as_deref(), Some("default"));
    let outcomes: Vec<_> = receivers.iter().map(|it| it.outcome.as_str()).collect();
    assert_eq!(outcomes, ["now"]);

    let file = page.lab.export(Format::Recording, page.now);
    let source = LabSource::Recording {
        name: file.name,
        bytes: file.bytes,
    };
    let mut again = Page::with(Lab::open(&source).expect("it can be opened"));
    let end = again.lab_frame().end;
    again.does(LabCommand::Go { moment: end });
    assert_eq!(asked(&mut again), (forbidden, receivers));
}
