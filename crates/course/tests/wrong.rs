//! Files that are wrong: each mistake is told with its line, and with what would be right.

use proptest::prelude::*;
use vitrine_course::{Error, Lesson};

/// A lesson that is right. Tests spoil it.
const RIGHT: &str = r#"depth = "handshake"
standard = [{ name = "MQTT 5.0", at = "https://docs.oasis-open.org/" }]
title = { pt = "Um", en = "One", es = "Uno" }
summary = { pt = "Um", en = "One", es = "Uno" }
world = '''
client ana up=100ms
# a comment

client bia
'''
before = '''
ana connect
bia connect
wait 1s
bia subscribe a
'''

[[step]]
point = ["ana", "PUBLISH", "broker"]
do = ['ana publish a "1"']
until = "arrived PUBLISH at bia"
count = [{ at = "bia", times = 1 }]
text = { pt = "Olá", en = "Hello", es = "Hola" }
ask.text = { pt = "Quantas?", en = "How many?", es = "¿Cuántas?" }
ask.option = [
  { pt = "Uma", en = "One", es = "Una" },
  { pt = "Duas", en = "Two", es = "Dos" },
]
ask.right = 0
ask.because = { pt = "Sim", en = "Yes", es = "Sí" }

[[step]]
text = { pt = "Fim", en = "End", es = "Fin" }
"#;

fn check(text: &str) -> Result<(), Error> {
    Lesson::parse(text)?.lay_out().map(|_| ())
}

/// With `from` replaced by `to`, the error is on this line and says all of this.
#[track_caller]
fn wrong(from: &str, to: &str, line: u32, says: &[&str]) {
    assert!(RIGHT.contains(from), "{from}");
    let error = check(&RIGHT.replacen(from, to, 1)).unwrap_err();
    for part in says {
        assert!(error.why.contains(part), "{part:?} is not in: {error}");
    }
    assert_eq!(error.line, line, "{error}");
}

#[test]
fn what_is_right_is_right() {
    assert_eq!(check(RIGHT), Ok(()));
}

#[test]
fn no_toml() {
    wrong("depth = ", "depth ", 1, &[]);
    wrong("['ana publish", "[ana publish", 20, &[]);
}

#[test]
fn keys() {
    wrong("depth", "deep", 1, &["no key `deep`", "depth"]);
    wrong(
        "until",
        "untill",
        21,
        &["a step has no key `untill`", "until"],
    );
    wrong(
        "depth = \"handshake\"\n",
        "",
        1,
        &["has no `depth`", "story"],
    );
    wrong(
        "\"handshake\"",
        "\"deep\"",
        1,
        &["`deep`", "story, handshake or bytes"],
    );
    wrong("\"handshake\"", "3", 1, &["story", "in quotes"]);
    wrong("ask.right", "compare = yes\nask.right", 29, &[]);
    wrong(
        "standard",
        "compare = \"yes\"\nstandard",
        2,
        &["true or false"],
    );
    wrong("https://docs", "docs", 2, &["https://"]);
    wrong(
        "standard = [{",
        "standard = { x = 1 }\n#",
        2,
        &["a list of sections"],
    );
}

#[test]
fn languages() {
    wrong(
        ", es = \"Uno\" }\nsummary",
        " }\nsummary",
        3,
        &["no `es`", "pt, en and es"],
    );
    wrong(
        "es = \"Hola\"",
        "fr = \"Salut\"",
        23,
        &["no key `fr`", "pt, en, es"],
    );
    wrong("\"Hello\"", "\" \"", 23, &["step[0].text.en", "empty"]);
    wrong("\"Hello\"", "\"a *b\"", 23, &["has no partner"]);
    wrong("\"Dos\"", "5", 27, &["in quotes"]);
    let long = format!("\"{}\"", "a".repeat(701));
    wrong("\"Hello\"", &long, 23, &["701 characters", "700"]);
}

#[test]
fn the_world() {
    wrong("up=100ms", "up=100", 6, &["100"]);
    wrong("client bia", "clint bia", 9, &["clint"]);
    wrong("client bia", "ana connect", 9, &["something done"]);
    wrong("wait 1s", "wait", 14, &["wait 2s"]);
    wrong(
        "bia subscribe a",
        "eva subscribe a",
        15,
        &["eva", "did you mean \"ana\"?"],
    );
    wrong(
        "wait 1s\n",
        "",
        14,
        &["`bia subscribe a` does nothing here", "connect first"],
    );
}

#[test]
fn blocks_whose_lines_cannot_be_told_apart() {
    let spoilt = RIGHT.replace(
        "before = '''\nana connect\nbia connect\nwait 1s\nbia subscribe a\n'''",
        "before = \"ana connect\\nbia connect\"",
    );
    let error = check(&spoilt).unwrap_err();
    assert_eq!(error.line, 11);
    assert!(error.why.contains("between ''' and '''"), "{error}");
}

#[test]
fn steps() {
    wrong(
        "\"ana\", \"PUBLISH\"",
        "\"eva\"",
        19,
        &["no client `eva`", "ana, bia, broker"],
    );
    wrong("\"PUBLISH\"", "\"PUBLICH\"", 19, &["PUBLICH"]);
    wrong(
        "'ana publish a \"1\"'",
        "'ana publsih a \"1\"'",
        20,
        &["publsih", "publish"],
    );
    wrong(
        "'ana publish a \"1\"'",
        "'', 'ana publish a \"1\"'",
        20,
        &["one action"],
    );
    wrong(
        "'ana publish a \"1\"'",
        "'bia connect'",
        20,
        &["`bia connect` does nothing here"],
    );
    wrong(
        "until = \"arrived PUBLISH at bia\"\n",
        "",
        18,
        &["no `until`", "quiet"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "arrives PUBLISH at bia",
        21,
        &["no condition", "quiet, arrived PACKET at NAME"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "arrived PUBLICH at bia",
        21,
        &["no Control Packet `PUBLICH`", "PUBACK"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "arrived PUBLISH at eva",
        21,
        &["no client `eva`", "ana, bia"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "wait 5",
        21,
        &["`5` is no time", "2s"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "steps 0",
        21,
        &["from 1 to 10000"],
    );
    wrong(
        "arrived PUBLISH at bia",
        "arrived PUBACK at ana",
        21,
        &["`arrived PUBACK at ana` does not come true"],
    );
    wrong(
        "until = \"arrived PUBLISH at bia\"\n",
        "until = \"closed ana\"\n",
        21,
        &["does not come true"],
    );
    wrong(
        "do = ['ana publish a \"1\"']\nuntil = \"arrived PUBLISH at bia\"",
        "until = \"quiet\"",
        20,
        &["nothing happens until `quiet`"],
    );
    wrong(
        "text = { pt = \"Fim\"",
        "until = \"quiet\"\ntext = { pt = \"Fim\"",
        33,
        &["the last text is the end"],
    );
    wrong(
        "text = { pt = \"Fim\"",
        "do = ['ana cut']\ntext = { pt = \"Fim\"",
        32,
        &["the last text is the end"],
    );
    let one = RIGHT.split("\n[[step]]\ntext").next().unwrap();
    let error = check(one).unwrap_err();
    assert!(error.why.contains("two texts at least"), "{error}");
}

#[test]
fn questions() {
    wrong(
        "ask.right = 0",
        "ask.right = 2",
        29,
        &["from 0 to 1", "there are 2"],
    );
    wrong(
        "ask.right = 0",
        "ask.right = \"0\"",
        29,
        &["without quotes"],
    );
    wrong("ask.right = 0", "ask.right = -1", 29, &["from 0 to 1"]);
    wrong("ask.right = 0\n", "", 24, &["a question has no `right`"]);
    wrong(
        "  { pt = \"Duas\", en = \"Two\", es = \"Dos\" },\n",
        "",
        25,
        &["two answers at least"],
    );
    wrong("ask.because", "ask.why", 30, &["no key `why`", "because"]);
}

#[test]
fn counts() {
    wrong(
        "times = 1",
        "qos = 1, times = 1",
        22,
        &["bia gets 0 messages at QoS 1 here, not 1"],
    );
    wrong(
        "times = 1",
        "dup = true, retain = false, times = 1",
        22,
        &["with DUP without RETAIN"],
    );
    wrong("times = 1", "qos = 3, times = 1", 22, &["from 0 to 2"]);
    let reason = "packet = \"PUBACK\", reason = 0x87, times = 1";
    wrong("times = 1", reason, 22, &["0 PUBACK with reason 0x87 here"]);

    wrong(
        "times = 1",
        "times = 2",
        22,
        &["bia gets 1 messages here, not 2"],
    );
    wrong(
        "at = \"bia\", times = 1",
        "at = \"bia\", topic = \"b\", times = 1",
        22,
        &["bia gets 0 messages on b here, not 1"],
    );
    wrong(
        "at = \"bia\", times = 1",
        "at = \"broker\", packet = \"PUBLISH\", times = 2",
        22,
        &["broker gets 1 PUBLISH"],
    );
    wrong(
        "at = \"bia\", times = 1",
        "at = \"broker\", times = 2",
        22,
        &["packet ="],
    );
    wrong("at = \"bia\"", "at = \"eva\"", 22, &["no client `eva`"]);
    wrong(
        "times = 1",
        "times = 1, texts = 2",
        22,
        &["no 2 texts after this one"],
    );
}

#[test]
fn names_of_files() {
    let lesson = Lesson::parse(RIGHT).unwrap();
    for name in [
        "7-a.toml",
        "07.toml",
        "07-.toml",
        "07-A.toml",
        "07-a.txt",
        "07-a-.toml",
        "ab-c.toml",
    ] {
        let error = vitrine_course::Entry::of(name, &lesson).unwrap_err();
        assert!(
            error.why.contains("07-late-acknowledgement.toml"),
            "{error}"
        );
    }
    assert_eq!(
        vitrine_course::Entry::of("07-a-b2.toml", &lesson)
            .unwrap()
            .number,
        7
    );
}

proptest! {
    /// Whatever the file, it is read or refused.
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        let _ = check(&text);
    }

    /// Nor where a piece of a lesson is replaced by anything.
    #[test]
    fn arbitrary_pieces_never_panic(from in 0..RIGHT.len(), length in 0..40_usize, piece in "[ -~\n]{0,12}") {
        let to = (from + length).min(RIGHT.len());
        let (Some(before), Some(after)) = (RIGHT.get(..from), RIGHT.get(to..)) else {
            return Ok(());
        };
        let text = format!("{before}{piece}{after}");
        if let Err(error) = check(&text) {
            prop_assert!(error.line >= 1 && !error.why.is_empty());
            let lines = u32::try_from(text.lines().count()).unwrap();
            prop_assert!(error.line <= lines.max(1) + 1, "{error}");
        }
    }
}
