//! The lab, recordings, and what is done to clients from in between, as a page meets them.

use vitrine_link::{
    ClientsView, Exported, Fate, FlowView, Format, Frame, LabCommand, LabProblem, LabSource,
    Meddle, RowKind, View,
};

use super::*;

/// A small lesson, as a file.
const LESSON: &str = r#"
title.pt = "Olá"
title.en = "Hello"
title.es = "Hola"
summary.pt = "a"
summary.en = "b"
summary.es = "c"
depth = "handshake"
standard = [{ name = "MQTT 5.0 §4.3.1", at = "https://docs.oasis-open.org/mqtt/" }]
world = '''
client sensor
client painel
'''
before = '''
painel connect
sensor connect
wait 1s
painel subscribe area/# qos=0
'''
[[step]]
do = ['sensor publish area/10 "21.5"']
until = "quiet"
text.pt = "um"
text.en = "one"
text.es = "uno"
[[step]]
text.pt = "dois"
text.en = "two"
text.es = "dos"
"#;

/// A page that looks at ladder and clients.
struct Page(Client);

impl Page {
    /// One at the worker that hosts the broker.
    async fn new(worker: &Rc<RefCell<Worker>>) -> Self {
        let client = Client::new(worker);
        client.open("view", &[]);
        assert_eq!(client.word().await, "opened");
        Self(client).greet(String::new())
    }

    /// One at a worker for its lab.
    fn of_lab() -> Self {
        Self::of_lab_of(String::new())
    }

    /// One that came from `build`, as the tests' worker does not.
    fn of_lab_of(build: String) -> Self {
        let (client, far) = Client::alone();
        let scope = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
        let post = far.clone();
        let lab = LabWorker::new(&scope, move |said| post.post_message(said).unwrap());
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            lab.borrow_mut().hear(&event.data());
        });
        far.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        Self(client).greet(build)
    }

    fn greet(self, build: String) -> Self {
        let page = self;
        page.say(&Command::Hello {
            version: VERSION,
            build,
        });
        page.say(&Command::Look(Box::new(View {
            flow: Some(FlowView {
                rows: 200,
                ..FlowView::default()
            }),
            clients: Some(ClientsView { first: 0, rows: 50 }),
            ..View::default()
        })));
        page
    }

    fn say(&self, command: &Command) {
        let data = serde_wasm_bindgen::to_value(command).unwrap();
        self.0.say(&object("data", &[("data", data)]));
    }

    fn lab(&self, command: LabCommand) {
        self.say(&Command::Lab(Box::new(command)));
    }

    async fn event(&self) -> Event {
        loop {
            let message = self.0.hear().await;
            if text(&message, "type").as_deref() == Some("data") {
                return serde_wasm_bindgen::from_value(entry(&message, "data")).unwrap();
            }
        }
    }

    /// The first frame that is as wished; all before it are drawn.
    async fn frame(&self, is_it: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            if let Event::Frame(frame) = self.event().await {
                self.say(&Command::Seen {
                    frame: frame.number,
                });
                if is_it(&frame) {
                    return *frame;
                }
            }
        }
    }

    async fn problem(&self) -> LabProblem {
        loop {
            match self.event().await {
                Event::LabProblem(problem) => return problem,
                Event::Frame(frame) => self.say(&Command::Seen {
                    frame: frame.number,
                }),
                Event::Welcome { .. }
                | Event::Refused { .. }
                | Event::Storage(_)
                | Event::Access(_)
                | Event::Exported(_)
                | Event::Shared(_) => {}
            }
        }
    }

    /// A whole file, piece by piece.
    async fn exported(&self, format: Format) -> Exported {
        let mut file = self.piece(&Command::Export(format)).await;
        while !file.last {
            let piece = self.piece(&Command::ExportMore).await;
            assert_eq!(piece.at, file.bytes.len() as u64);
            file.bytes.extend(piece.bytes);
            file.last = piece.last;
        }
        file
    }

    /// The piece of a file that comes of a command.
    async fn piece(&self, command: &Command) -> Exported {
        self.say(command);
        loop {
            match self.event().await {
                Event::Exported(exported) => return *exported,
                Event::Frame(frame) => self.say(&Command::Seen {
                    frame: frame.number,
                }),
                Event::Welcome { .. }
                | Event::Refused { .. }
                | Event::Storage(_)
                | Event::Access(_)
                | Event::LabProblem(_)
                | Event::Shared(_) => {}
            }
        }
    }

    fn open(&self) {
        self.lab(LabCommand::Language("en".into()));
        self.lab(LabCommand::Open(LabSource::Lesson {
            name: "hello".into(),
            text: LESSON.into(),
        }));
    }
}

/// What happened outside of the broker, as the ladder tells it.
fn outside(frame: &Frame) -> Vec<String> {
    let rows = frame.flow.iter().flat_map(|flow| &flow.rows);
    rows.filter_map(|row| {
        if let RowKind::Outside(outside) = &row.kind {
            Some(outside.what.clone())
        } else {
            None
        }
    })
    .collect()
}

/// What is done to a client, as its row tells it.
fn held(frame: &Frame, client: &str) -> Vec<String> {
    let rows = frame.clients.iter().flat_map(|clients| &clients.rows);
    let mut rows = rows.filter(|row| row.client == client);
    rows.next().map_or_else(Vec::new, |row| row.held.clone())
}

/// A page opens a lesson in a worker of its own; the one that hosts the broker has no part in it.
#[wasm_bindgen_test]
async fn a_lab_is_one_pages_own() {
    let worker = worker();
    let (lab, live) = (Page::of_lab(), Page::new(&worker).await);
    lab.open();
    let first = lab.frame(|_| true).await;
    let told = first.lab.unwrap();
    assert_eq!(
        (told.kind.as_str(), told.title.as_str()),
        ("lesson", "Hello")
    );
    assert_eq!(first.totals.connected, 2);
    lab.lab(LabCommand::Step);
    let second = lab
        .frame(|frame| {
            frame
                .lab
                .as_ref()
                .is_some_and(|lab| lab.moment > told.moment)
        })
        .await;
    assert_eq!(second.number, first.number + 1);
    live.open();
    let _real = Client::connected(&worker).await;
    let seen = live.frame(|frame| frame.totals.connected == 1).await;
    assert!(seen.lab.is_none());
    lab.lab(LabCommand::Leave);
    lab.lab(LabCommand::Step);
    assert!(lab.problem().await.why.contains("nothing is open"));
}

/// What was not built together opens nothing.
#[wasm_bindgen_test]
async fn a_page_of_another_build_has_no_lab_here() {
    let page = Page::of_lab_of("another".into());
    assert!(matches!(page.event().await, Event::Refused { .. }));
    page.open();
    page.say(&Command::Hello {
        version: VERSION,
        build: String::new(),
    });
    page.lab(LabCommand::Step);
    assert!(matches!(page.event().await, Event::Welcome { .. }));
    assert!(page.problem().await.why.contains("nothing is open"));
}

/// A page knows by this that its lab is at work.
#[wasm_bindgen_test]
async fn all_that_is_said_to_a_lab_is_answered_when_it_is_done() {
    let page = Page::of_lab();
    page.open();
    page.lab(LabCommand::Share);
    // Hello, what it looks at, the language, the lesson.
    let mut done = 0;
    loop {
        let message = page.0.hear().await;
        match text(&message, "type").as_deref() {
            Some("done") => done += 1,
            // A frame, which nobody asked for.
            Some("begins") => done -= 1,
            Some("data") => {
                let event = serde_wasm_bindgen::from_value(entry(&message, "data")).unwrap();
                if let Event::Shared(_) = event {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(done, 4);
    assert_eq!(page.0.word().await, "done");
}

/// Of what takes long without having been asked for, too.
#[wasm_bindgen_test]
async fn what_a_lab_does_of_itself_begins_and_is_done() {
    let page = Page::of_lab();
    page.open();
    let mut words = Vec::new();
    while words.last().map(String::as_str) != Some("done") {
        let word = page.0.word().await;
        // What was asked for comes before.
        if word == "begins" || !words.is_empty() {
            words.push(word);
        }
    }
    assert_eq!(words, ["begins", "data", "done"]);
}

/// Time goes on by the worker's timers.
#[wasm_bindgen_test]
async fn a_lab_runs_by_itself() {
    let page = Page::of_lab();
    page.open();
    let first = page.frame(|frame| frame.lab.is_some()).await.lab.unwrap();
    page.lab(LabCommand::Run { speed: 20.0 });
    let later = page
        .frame(|frame| {
            frame
                .lab
                .as_ref()
                .is_some_and(|lab| lab.time > first.time + 1_000.0)
        })
        .await;
    assert!(later.lab.unwrap().speed > 1.0);
}

/// A lesson that is wrong leaves all as it was.
#[wasm_bindgen_test]
async fn what_cannot_be_opened_is_said() {
    let page = Page::of_lab();
    page.open();
    page.frame(|frame| frame.lab.is_some()).await;
    page.lab(LabCommand::Open(LabSource::Lesson {
        name: "hello".into(),
        text: LESSON.replace("connect", "conect"),
    }));
    let problem = page.problem().await;
    assert_eq!(
        (problem.what.as_str(), problem.name.as_str()),
        ("lesson", "hello")
    );
    assert!(problem.line > 1);
    page.lab(LabCommand::Next);
    page.frame(|frame| {
        frame
            .lab
            .as_ref()
            .is_some_and(|lab| lab.lesson.as_ref().unwrap().step == 1)
    })
    .await;
}

/// Bytes of a real client are held, let go, and its connection is cut at a packet; the ladder and its row tell of it.
#[wasm_bindgen_test]
async fn a_real_client_is_held_and_cut() {
    let worker = worker();
    let page = Page::new(&worker).await;
    let client = Client::connected(&worker).await;
    page.frame(|frame| frame.totals.connected == 1).await;
    let hold = |client: &str, to_broker| Meddle::Hold {
        client: client.into(),
        to_broker,
    };
    page.say(&Command::Meddle(hold("a", true)));
    let frame = page.frame(|frame| !held(frame, "a").is_empty()).await;
    assert_eq!(
        (held(&frame, "a"), outside(&frame)),
        (vec!["up".into()], vec!["hold".into()])
    );
    client.say(&Uint8Array::from(&PINGREQ[..]).buffer());
    page.say(&Command::Meddle(Meddle::Release {
        client: "a".into(),
        to_broker: true,
    }));
    assert_eq!(client.bytes().await, PINGRESP);
    page.say(&Command::Meddle(Meddle::CutAt {
        client: "a".into(),
        to_broker: false,
        packet_type: 13,
        after: false,
    }));
    page.frame(|frame| held(frame, "a") == ["cut-down"]).await;
    client.say(&Uint8Array::from(&PINGREQ[..]).buffer());
    loop {
        let said = client.hear().await;
        assert!(
            said.dyn_ref::<ArrayBuffer>().is_none(),
            "the PINGRESP arrived"
        );
        if text(&said, "type").as_deref() == Some("cut") {
            break;
        }
    }
    let frame = page.frame(|frame| frame.totals.connected == 0).await;
    assert_eq!(outside(&frame), ["hold", "release", "cut"]);
    // The PINGRESP left the broker and was lost.
    let rows = frame.flow.iter().flat_map(|flow| &flow.rows);
    let fates = rows.filter_map(|row| {
        if let RowKind::Packet(packet) = &row.kind {
            Some((packet.packet_type, packet.fate))
        } else {
            None
        }
    });
    let fates: Vec<_> = fates
        .filter(|(packet_type, _)| *packet_type == 13)
        .collect();
    assert_eq!(fates, [(13, Fate::Unknown), (13, Fate::Lost)]);
    page.say(&Command::Meddle(hold("a", true)));
    let problem = page.problem().await;
    assert_eq!((problem.what.as_str(), problem.name.as_str()), ("act", "a"));
}

/// A virtual client and a real one meet on the broker in the tab.
#[wasm_bindgen_test]
async fn virtual_clients_meet_real_ones() {
    let worker = worker();
    let page = Page::new(&worker).await;
    let real = Client::connected(&worker).await;
    // SUBSCRIBE to `area/#`.
    let subscribe = b"\x82\x0b\x00\x01\x00\x06area/#\x00";
    real.say(&Uint8Array::from(&subscribe[..]).buffer());
    assert_eq!(real.bytes().await, [0x90, 3, 0, 1, 0]);
    let say = |line: &str| page.say(&Command::Meddle(Meddle::Virtual(line.into())));
    say("client ana version=5.0");
    let frame = page.frame(|frame| frame.totals.connected == 2).await;
    let rows = frame.clients.unwrap().rows;
    assert!(
        rows.iter()
            .any(|row| row.client == "ana" && row.door == "lab")
    );
    say("ana publish area/10 \"21.5\" qos=2");
    assert_eq!(real.bytes().await, b"\x30\x0d\x00\x07area/1021.5");
    for (line, why) in [
        ("client ana", "has joined"),
        ("bia publish a \"1\"", "bia"),
        ("broker crash", "real time"),
        ("sleep 1h", "real time"),
        ("ana line up=1s", "no time passes"),
    ] {
        say(line);
        let problem = page.problem().await;
        assert!(problem.why.contains(why), "{line}: {problem:?}");
    }
    say("ana disconnect");
    page.frame(|frame| frame.totals.connected == 1).await;
}

/// What happened in the tab is saved, opened again, and shows the same.
#[wasm_bindgen_test]
async fn a_live_session_is_saved_and_played() {
    let worker = worker();
    let page = Page::new(&worker).await;
    let _client = Client::connected(&worker).await;
    let live = page.frame(|frame| frame.totals.connected == 1).await;
    let file = page.exported(Format::Recording).await;
    assert_eq!(file.name, "", "the page gives it one");
    let lab = Page::of_lab();
    lab.lab(LabCommand::Open(LabSource::Recording {
        name: "today.vitrine".into(),
        bytes: file.bytes,
    }));
    let first = lab.frame(|_| true).await.lab.unwrap();
    lab.lab(LabCommand::Go { moment: first.end });
    let last = lab
        .frame(|frame| {
            frame
                .lab
                .as_ref()
                .is_some_and(|lab| lab.moment == first.end)
        })
        .await;
    assert_eq!(last.flow, live.flow);
    for page in [page, lab] {
        let capture = page.exported(Format::Pcapng).await;
        assert_eq!(capture.bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    }
}

/// However much was recorded, the broker's worker makes a little of a file at a time, and only what the page asks for:
/// clients are served in between.
#[wasm_bindgen_test]
async fn clients_are_served_while_a_recording_is_given_out() {
    const PUBLISHES: usize = 3_000;
    let worker = worker();
    let page = Page::new(&worker).await;
    let client = Client::connected(&worker).await;
    // QoS 0, to `t`.
    let mut bytes = b"\x30\x04\x00\x01tx".repeat(PUBLISHES);
    bytes.extend(PINGREQ);
    client.say(&Uint8Array::from(&bytes[..]).buffer());
    assert_eq!(client.bytes().await, PINGRESP);
    let ping = async || {
        client.say(&Uint8Array::from(&PINGREQ[..]).buffer());
        assert_eq!(client.bytes().await, PINGRESP);
    };
    let mut file = page.piece(&Command::Export(Format::JsonLines)).await;
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    let mut pieces = 1;
    while !file.last {
        ping().await;
        let asked = file.bytes.len() as u64;
        let piece = page.piece(&Command::ExportMore).await;
        // Nothing came that was not asked for.
        assert_eq!(piece.at, asked);
        assert!(lines(&piece.bytes) <= 512);
        file.bytes.extend(piece.bytes);
        file.last = piece.last;
        pieces += 1;
    }
    assert!(pieces > PUBLISHES / 512, "{pieces}");
    // What came since it was begun is not in it.
    let published = file.bytes.split(|byte| *byte == b'\n').filter(|line| {
        let line = String::from_utf8_lossy(line);
        line.contains("\"event\":\"published\"")
    });
    assert_eq!(published.count(), PUBLISHES);
    // Nothing more comes of a file that was given up.
    page.piece(&Command::Export(Format::JsonLines)).await;
    page.say(&Command::ExportStop);
    page.say(&Command::ExportMore);
    let next = page.piece(&Command::Export(Format::Pcapng)).await;
    assert_eq!((next.at, next.format), (0, Format::Pcapng));
}
