//! The worker as a client meets it: real ports, in a real worker.

mod lab;

use std::collections::VecDeque;

use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use vitrine_link::{Command, Event, VERSION};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessageChannel;

use super::link::{entry, object, text};
use super::*;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const CONNECT: [u8; 15] = *b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a";
const CONNACK: [u8; 4] = [0x20, 2, 0, 0];
const PINGREQ: [u8; 2] = [0xc0, 0];
const PINGRESP: [u8; 2] = [0xd0, 0];

fn worker() -> Rc<RefCell<Worker>> {
    let scope = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
    let guard = Guard::new(String::new(), String::new());
    Worker::new(&scope, Start::empty(), guard)
}

/// The far end of a port: keeps what it hears.
struct Client {
    port: MessagePort,
    heard: Rc<RefCell<VecDeque<JsValue>>>,
}

impl Client {
    fn new(worker: &Rc<RefCell<Worker>>) -> Self {
        let (client, far) = Self::alone();
        Worker::take_port(worker, far);
        client
    }

    /// One that is not connected to anything yet; the other end comes with it.
    fn alone() -> (Self, MessagePort) {
        let channel = MessageChannel::new().unwrap();
        let heard = Rc::new(RefCell::new(VecDeque::new()));
        let inbox = Rc::clone(&heard);
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            inbox.borrow_mut().push_back(event.data());
        });
        let port = channel.port1();
        port.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        (Self { port, heard }, channel.port2())
    }

    /// A client whose link is open for MQTT.
    async fn connected(worker: &Rc<RefCell<Worker>>) -> Self {
        let client = Self::new(worker);
        client.open("mqtt", &["mqtt"]);
        client.hear().await;
        client.say(&Uint8Array::from(&CONNECT[..]).buffer());
        assert_eq!(client.bytes().await, CONNACK);
        client
    }

    fn say(&self, value: &JsValue) {
        self.port.post_message(value).unwrap();
    }

    fn open(&self, mode: &str, protocols: &[&str]) {
        let protocols: Array = protocols.iter().map(|name| JsValue::from(*name)).collect();
        self.say(&object(
            "open",
            &[("mode", mode.into()), ("protocols", protocols.into())],
        ));
    }

    /// The next message.
    async fn hear(&self) -> JsValue {
        loop {
            if let Some(message) = self.heard.borrow_mut().pop_front() {
                return message;
            }
            turn().await;
        }
    }

    /// The next message's type.
    async fn word(&self) -> String {
        text(&self.hear().await, "type").unwrap_or_default()
    }

    /// The next message that is bytes.
    async fn bytes(&self) -> Vec<u8> {
        loop {
            if let Ok(buffer) = self.hear().await.dyn_into::<ArrayBuffer>() {
                return Uint8Array::new(&buffer).to_vec();
            }
        }
    }
}

/// Lets other tasks run.
async fn turn() {
    let promise = Promise::new(&mut |resolve, _| {
        let channel = MessageChannel::new().unwrap();
        channel.port1().set_onmessage(Some(&resolve));
        channel.port2().post_message(&JsValue::NULL).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// 3.1.1: [MQTT-6.0.0-4]
/// 5.0: [MQTT-6.0.0-4]
#[wasm_bindgen_test]
async fn the_first_known_sub_protocol_is_chosen() {
    let worker = worker();
    for (asked, chosen) in [
        (&["mqttv3.1", "mqtt"][..], "mqttv3.1"),
        (&["chat", "mqtt"], "mqtt"),
        (&[], ""),
    ] {
        let client = Client::new(&worker);
        client.open("mqtt", asked);
        let answer = client.hear().await;
        assert_eq!(text(&answer, "type").as_deref(), Some("opened"));
        assert_eq!(text(&answer, "protocol").as_deref(), Some(chosen));
    }
    let client = Client::new(&worker);
    client.open("mqtt", &["chat"]);
    assert_eq!(client.word().await, "refused");
}

/// However bytes are cut on their way in, they come out whole and in order.
///
/// 3.1.1: [MQTT-7.1.1-1]
/// 5.0: [MQTT-4.2-1]
#[wasm_bindgen_test]
async fn a_port_keeps_bytes_whole_and_in_order() {
    let client = Client::connected(&worker()).await;
    let mut sent = b"\x82\x06\x00\x01\x00\x01t\x00".to_vec();
    let mut expected = b"\x90\x03\x00\x01\x00".to_vec();
    for number in 0..=u8::MAX {
        let payload = vec![number; usize::from(number % 100)];
        let head = [0x30, 3 + number % 100, 0, 1, b't'];
        let publish = [&head[..], &payload].concat();
        sent.extend(&publish);
        expected.extend(&publish);
    }
    for piece in sent.chunks(7) {
        client.say(&Uint8Array::from(piece).buffer());
    }
    let mut got = Vec::new();
    while got.len() < expected.len() {
        got.extend(client.bytes().await);
    }
    assert_eq!(got, expected);
}

#[wasm_bindgen_test]
async fn bytes_go_in_and_come_out_and_are_credited() {
    let client = Client::connected(&worker()).await;
    client.say(&Uint8Array::from(&PINGREQ[..]).buffer());
    assert_eq!(client.bytes().await, PINGRESP);
    let credit = client.hear().await.as_f64();
    #[expect(clippy::cast_precision_loss)]
    let all = (CONNECT.len() + PINGREQ.len()) as f64;
    // In one word or in two: the first may have been said before the ping came.
    assert!(credit == Some(all) || credit == Some(2.0), "{credit:?}");
}

/// However much one message holds, it is handled bit by bit, others are served in between, and what comes behind it
/// waits for its turn.
#[wasm_bindgen_test]
async fn a_huge_message_holds_up_nobody_else() {
    const PUBLISHES: usize = 2_000;
    let worker = worker();
    let huge = Client::connected(&worker).await;
    let small = Client::new(&worker);
    small.open("mqtt", &[]);
    assert_eq!(small.word().await, "opened");
    // 8 KiB each, QoS 0, to `t`: 16 MB.
    let mut publish = b"\x30\x80\x40\x00\x01t".to_vec();
    publish.resize(3 + 8_192, 0);
    let mut bytes = publish.repeat(PUBLISHES);
    bytes.extend(PINGREQ);
    huge.say(&Uint8Array::from(&bytes[..]).buffer());
    huge.say(&Uint8Array::from(&PINGREQ[..]).buffer());
    let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01b";
    small.say(&Uint8Array::from(&connect[..]).buffer());
    assert_eq!(small.bytes().await, CONNACK);
    let credited = |messages: &VecDeque<JsValue>| {
        let credits = messages.iter().filter_map(JsValue::as_f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        credits.map(|credit| credit as usize).sum::<usize>()
    };
    assert!(credited(&huge.heard.borrow()) < bytes.len());
    // A ping that came too early would have been taken for a part of a PUBLISH.
    let mut answers = Vec::new();
    while answers.len() < 2 * PINGRESP.len() {
        answers.extend(huge.bytes().await);
    }
    assert_eq!(answers, PINGRESP.repeat(2));
}

/// 3.1.1: [MQTT-6.0.0-1]
/// 5.0: [MQTT-6.0.0-1]
#[wasm_bindgen_test]
async fn a_text_closes_the_connection() {
    let client = Client::connected(&worker()).await;
    client.say(&"PINGREQ".into());
    loop {
        let message = client.hear().await;
        if message.is_object() {
            assert_eq!(text(&message, "type").as_deref(), Some("close"));
            assert_eq!(entry(&message, "code").as_f64(), Some(1003.0));
            break;
        }
    }
}

#[wasm_bindgen_test]
async fn a_close_is_answered_in_kind() {
    let client = Client::connected(&worker()).await;
    client.say(&object(
        "close",
        &[("code", 3001.into()), ("reason", "done".into())],
    ));
    loop {
        let message = client.hear().await;
        if message.is_object() {
            assert_eq!(text(&message, "type").as_deref(), Some("closed"));
            assert_eq!(entry(&message, "code").as_f64(), Some(3001.0));
            assert_eq!(text(&message, "reason").as_deref(), Some("done"));
            break;
        }
    }
}

#[wasm_bindgen_test]
async fn nonsense_changes_nothing() {
    let worker = worker();
    let client = Client::connected(&worker).await;
    for nonsense in [
        JsValue::NULL,
        JsValue::UNDEFINED,
        JsValue::TRUE,
        js_sys::BigInt::from(7).into(),
        f64::NAN.into(),
        (-1.0).into(),
        Array::new().into(),
        object("open", &[("mode", 7.into()), ("protocols", 7.into())]),
        object("data", &[]),
        object("?", &[]),
    ] {
        client.say(&nonsense);
    }
    client.say(&Uint8Array::from(&PINGREQ[..]).buffer());
    assert_eq!(client.bytes().await, PINGRESP);
}

#[wasm_bindgen_test]
async fn a_page_of_the_same_build_is_welcome_and_gets_frames_as_it_draws_them() {
    let worker = worker();
    let page = Client::new(&worker);
    page.open("view", &[]);
    assert_eq!(page.word().await, "opened");
    let say = |command: &Command| {
        let data = serde_wasm_bindgen::to_value(command).unwrap();
        page.say(&object("data", &[("data", data)]));
    };
    let event = async || {
        let data = entry(&page.hear().await, "data");
        serde_wasm_bindgen::from_value::<Event>(data).unwrap()
    };
    // What the page is told besides, of what is kept and who may do what, comes in between.
    let frame = async || {
        loop {
            match event().await {
                Event::Frame(frame) => return frame,
                Event::Storage(_) | Event::Access(_) => {}
                other @ (Event::Welcome { .. }
                | Event::Refused { .. }
                | Event::Exported(_)
                | Event::Shared(_)
                | Event::LabProblem(_)) => panic!("no frame but {other:?}"),
            }
        }
    };
    say(&Command::Hello {
        version: VERSION,
        build: "another".into(),
    });
    assert!(matches!(event().await, Event::Refused { .. }));
    // The tests' worker has no build.
    say(&Command::Hello {
        version: VERSION,
        build: String::new(),
    });
    assert!(matches!(event().await, Event::Welcome { .. }));
    say(&Command::Look(Box::default()));
    let first = frame().await;
    assert_eq!(first.totals.connected, 0);
    Client::connected(&worker).await;
    say(&Command::Seen {
        frame: first.number,
    });
    let second = frame().await;
    assert_eq!(
        (second.number, second.totals.connected),
        (first.number + 1, 1)
    );
}
