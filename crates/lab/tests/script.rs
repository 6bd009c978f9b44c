//! The lab's language: what is written is read as the same, and what is wrong is told with what would be right.

use std::rc::Rc;
use std::time::Duration;

use vitrine_client::{BackOff, Message, Will};
use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Act, Action, CutPoint, Direction, Line, Script, Setup};
use vitrine_packet::{Property, PropertyBuf, QoS, ReasonCode, RetainHandling, SubscriptionOptions};

/// A world with a bit of everything.
const WORLD: &str = r#"
# areas 10 and 20
broker durable commit=5ms later=100ms early=2ms max_in_flight=1 receive-maximum=2 maximum_qos=1 sys_interval=0s version="a b" response_information=x/
start 3h
user ana password="segredo" scram
user "b c" password="\"\\\n\xff\x00"
anonymous no
rule sensors user=ana client=s* allow=publish,subscribe topics=area/%c/#,b
rule rest deny=all topic="a,b"
default deny
client sensor-5000 version=3.1.1 clean=no expiry=never keep-alive=10m up=1s down=1500us will="area/x y" will-payload="off" will-qos=1 will-retain will-delay=5s
client painel user=ana password="segredo" auth=scram reconnect=1s..30s reconnect-seed=18446744073709551615 receive-maximum=2 adopt tls
client other id=painel auth=X auth-data="\x01" property="a\\=b=c=d" problem-information=no resend=4s capacity=1 fragment=7
"#;

fn world() -> Setup {
    // A password is a text.
    Setup::parse(&WORLD.replace("\\xff\\x00", "")).unwrap()
}

/// Lines in the form in which they are written.
#[test]
fn what_is_written_is_read_as_the_same() {
    let setup = world();
    for line in [
        "sensor-5000 connect",
        "painel connect clean=no expiry=60",
        "sensor-5000 connect no-will",
        "sensor-5000 connect clean=no",
        "painel connect no-user no-password no-auth no-reconnect",
        "painel connect will=a will-expiry=5 will-utf8 will-property=a=b will-content-type=\"a b\"",
        "painel disconnect",
        "painel disconnect reason=0x04 expiry=never",
        "painel subscribe area/10/# qos=1 no-local retain-as-published retain-handling=1 \"#\" qos=2 \"a=b\" id=7",
        "painel unsubscribe area/10/# \"qos=1\" +",
        "painel publish area/10/luz 21.5",
        "painel publish area/10/luz \"\" retain",
        "painel publish area/10/luz \"\\xff\\x00 \\\"\\\\\\n\" qos=2 retain utf8 expiry=60 property=a=b property=a=b content-type=x response-topic=y correlation=\"\\x00\"",
        "painel publish a \"retain\" qos=1",
        "painel publish a \"qos=1\"",
        "painel ping",
        "painel auth",
        "painel send \"\\xe0\\x00\"",
        "painel cut",
        "painel cut client=never broker=1s",
        "painel cut up+0 before",
        "painel cut down+1 after",
        "painel cut up+0 within=3",
        "painel hold up+0",
        "painel hold down+12",
        "painel release up",
        "painel line up=2s capacity=1 fragment=1",
        "painel line",
        "painel crash",
        "painel crash memory",
        "painel start",
        "broker crash",
        "broker crash flush",
        "broker start",
        "broker start empty",
        "broker drop painel",
        "broker drop painel abruptly",
        "broker access",
        "broker access user=\"ana password=segredo scram\" user=\"\\\"b c\\\" password=\\\"\\\\\\\"\\\"\" anonymous=no rule=\"r1 user=ana client=s* allow=publish,subscribe topics=area/%c/#\" rule=\"r2 deny=all topic=a,b\" default=deny",
        "sleep 1h",
        "clock +10s",
        "clock -10s",
        "wait 2s",
        "pause 35ms",
    ] {
        let action =
            Action::parse(&setup, line).unwrap_or_else(|problem| panic!("{line}: {problem}"));
        assert_eq!(action.write(&setup), line);
        let script = Script {
            setup: Rc::new(setup.clone()),
            acts: vec![
                Act {
                    at: Some(3),
                    action: action.clone(),
                },
                Act { at: None, action },
            ],
            end: Some(17),
        };
        assert_eq!(Script::parse(&script.write()).unwrap(), script, "{line}");
    }
}

/// What may be written in several ways.
#[test]
fn other_ways_to_write() {
    let setup = world();
    for (line, same) in [
        ("  painel   cut up  # comment", "painel cut up+0 before"),
        ("painel cut up +1", "painel cut up+1 before"),
        ("painel hold down", "painel hold down+0"),
        ("ping painel", "painel ping"),
        ("auth painel", "painel auth"),
        ("painel publish a b retain=no qos=0", "painel publish a b"),
        (
            "painel disconnect reason=4",
            "painel disconnect reason=0x04",
        ),
        ("painel disconnect expiry=1m", "painel disconnect expiry=60"),
        ("sleep 0.5h", "sleep 30m"),
        ("\"painel\" connect", ""),
    ] {
        let action = Action::parse(&setup, line);
        match action {
            Ok(action) => assert_eq!(action.write(&setup), same),
            Err(problem) => assert_eq!(same, "", "{problem}"),
        }
    }
}

#[test]
fn a_setup_is_written_and_read() {
    let setup = world();
    assert_eq!(Setup::parse(&setup.write()).unwrap(), setup);
    assert_eq!(setup.clients.len(), 3);
    assert_eq!(setup.client("other"), Some(2));
    assert_eq!(setup.config.access.rules.len(), 3);
    assert_eq!(setup.clients[0].line.down, Duration::from_micros(1_500));
    assert_eq!(Setup::parse("").unwrap(), Setup::default());
    assert_eq!(Setup::default().write().trim(), "");
}

/// Everything that a simulation draws has a form.
#[test]
fn every_scenario_has_a_form() {
    for seed in 0..500 {
        let scenario = Scenario::draw(seed);
        let setup = Rc::new(scenario.setup());
        let acts = scenario.steps.iter().map(|step| Act {
            at: None,
            action: step.action.clone(),
        });
        let script = Script {
            acts: acts.collect(),
            setup,
            end: None,
        };
        let read = Script::parse(&script.write())
            .unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
        assert_eq!(read, script, "seed {seed}");
    }
}

/// Odd texts wherever a text may stand.
#[test]
fn odd_texts() {
    let texts = [
        "",
        " ",
        "#",
        "#a",
        "@1",
        "\"",
        "\\",
        "a\nb",
        "a=b",
        "qos=1",
        "no-local",
        "retain",
        "é\u{2028}\u{85}\u{7f}",
        "\\x41",
        "=",
        "a b",
        "\t",
        "\u{0}",
        "'",
        "a#b",
        "ação",
    ];
    let mut setup = world();
    for text in texts {
        let client = &mut setup.clients[1];
        client.options.client_id = text.into();
        client.options.username = Some(text.into());
        client.options.password = Some(text.as_bytes().into());
        client.options.user_properties = vec![(text.into(), text.into())];
        client.options.will = Some(Will {
            topic: text.into(),
            payload: text.as_bytes().into(),
            qos: QoS::AtMostOnce,
            retain: false,
            properties: properties(text),
        });
        assert_eq!(Setup::parse(&setup.write()).unwrap(), setup, "{text:?}");
        let message = Message {
            properties: properties(text),
            ..Message::new(text, text.as_bytes(), QoS::AtLeastOnce)
        };
        let options = SubscriptionOptions {
            retain_handling: RetainHandling::DoNotSend,
            ..SubscriptionOptions::with_qos(QoS::ExactlyOnce)
        };
        let mut cleared = setup.clients[1].options.clone();
        cleared.user_properties.clear();
        cleared.reconnect = Some(BackOff::default());
        for action in [
            Action::Publish(1, message),
            Action::Subscribe(
                1,
                vec![(text.into(), options), (text.into(), options)],
                Some(1),
            ),
            Action::Unsubscribe(1, vec![text.into()]),
            Action::ConnectAs(1, Box::new(cleared)),
        ] {
            let line = action.write(&setup);
            assert!(!line.contains('\n'));
            let read = Action::parse(&setup, &line);
            assert_eq!(read.as_ref(), Ok(&action), "{line}");
        }
    }
}

fn properties(text: &str) -> PropertyBuf {
    let mut properties = PropertyBuf::new();
    for property in [
        Property::UserProperty(text, text),
        Property::ContentType(text),
        Property::CorrelationData(text.as_bytes()),
        Property::UserProperty("\\=", "="),
        Property::PayloadFormatIndicator(0),
    ] {
        properties.push(property).unwrap();
    }
    properties
}

/// What is wrong gets its line, and what would be right.
#[test]
fn mistakes_are_explained() {
    for (text, line, why) in [
        ("client a\na publsih t x", 2, "did you mean \"publish\"?"),
        (
            "client painel\npanel connect",
            2,
            "did you mean \"painel\"?",
        ),
        (
            "broker max_inflight=1",
            1,
            "did you mean \"max_in_flight\"?",
        ),
        ("client a vesion=5.0", 1, "did you mean \"version\"?"),
        ("client a version=4", 1, "there are 3.1, 3.1.1 and 5.0"),
        ("client a\nclient a", 2, "there is a client a already"),
        ("client broker", 1, "means something else"),
        (
            "client a\na connect\nclient b",
            3,
            "must stand before all that is done",
        ),
        ("client a\na publish t", 2, "wants a topic and a payload"),
        ("client a\na publish t x qos=3", 2, "a QoS is 0, 1 or 2"),
        (
            "client a\na publish t x qos=1 qos=1",
            2,
            "stands there twice",
        ),
        ("client a\na subscribe # qos=1", 2, "write \"#\""),
        (
            "client a\na subscribe qos=1 t",
            2,
            "stands before any Topic Filter",
        ),
        ("client a\na cut up-1", 2, "cut up+0 before"),
        ("client a\na publish t \"x", 2, "a quote is not closed"),
        ("client a\na publish t \"\\q\"", 2, "after \\ there may be"),
        ("sleep 5", 1, "write a number and us, ms, s, m, h or d"),
        ("sleep 99999d", 1, "3650d at most"),
        ("@5 sleep 1s\n@5 sleep 1s", 2, "write @6 or later"),
        ("@x sleep 1s", 1, "a number of moments"),
        ("@5 end\nsleep 1s", 2, "nothing comes behind the end"),
        ("client a auth=scram", 1, "needs user= and password="),
        ("client a will-qos=1", 1, "a Will needs its topic"),
        ("client a reconnect=0s..1s", 1, "from 1ms"),
        ("rule r allow=all topics=a/#/b", 1, "is no Topic Filter"),
        (
            "rule r allow=read topics=a",
            1,
            "there are publish, subscribe, receive, all",
        ),
        ("default maybe", 1, "allow or deny"),
        ("broker access default=maybe", 1, "allow or deny"),
        ("broker access rule=x", 1, "a rule is such as"),
        ("broker access anonymous=no anonymous=no", 1, ""),
        ("broker access rules=x", 1, "did you mean \"rule\"?"),
        // Keys are derived once, as the world begins.
        (
            "broker access user=\"ana password=x scram\"",
            1,
            "from the beginning",
        ),
        (
            "user ana password=y scram\nbroker access user=\"ana password=x scram\"",
            2,
            "from the beginning",
        ),
        ("user ana", 1, "password=\"segredo\""),
        ("broker durable\nbroker durable", 2, "write one"),
        ("client a\na disconnect reason=0x87000", 2, "0 to 255"),
        ("client a\na disconnect reason=0x8e", 2, ""),
    ] {
        match Script::parse(text) {
            Err(problem) => {
                assert_eq!(problem.line, line, "{text:?}: {problem}");
                assert!(problem.why.contains(why), "{text:?}: {problem}");
            }
            Ok(_) => assert_eq!(why, "", "{text:?} is taken"),
        }
    }
}

/// Whatever stands there, nobody panics.
#[test]
fn any_text_is_answered() {
    let mut random = vitrine_lab::Random::new(7);
    let pieces = [
        "client",
        "a",
        "b",
        " ",
        "\n",
        "\"",
        "\\",
        "\\x",
        "=",
        "@",
        "1",
        "99999999999999999999",
        "#",
        "publish",
        "subscribe",
        "cut",
        "up",
        "+",
        "within=",
        "hold",
        "broker",
        "durable",
        "commit=",
        "5ms",
        "end",
        "rule",
        "user",
        "password=x",
        "scram",
        "allow=",
        "topics=",
        "será",
        "\u{0}",
        "will",
        "will-",
        "clock",
        "-",
        "wait",
        "access",
        "rule=\"r allow=all topics=a\"",
        "connect",
        "line",
        "qos=1",
    ];
    for _ in 0..20_000 {
        let mut text = String::from("client a\n");
        for _ in 0..random.index(14) {
            text.push_str(random.pick(&pieces));
            if random.one_in(2) {
                text.push(' ');
            }
        }
        if let Ok(script) = Script::parse(&text) {
            assert_eq!(
                Script::parse(&script.write()).as_ref(),
                Ok(&script),
                "{text:?}"
            );
        }
    }
}

/// Actions that are not made by reading lines.
#[test]
fn actions_made_by_hand() {
    let setup = world();
    for action in [
        Action::Cut {
            node: 0,
            client: None,
            broker: Some(Duration::from_micros(1)),
        },
        Action::CutAt(2, Direction::Down, 4_000, CutPoint::Within(0)),
        Action::Line(2, Line::default()),
        Action::Clock(i64::from(i32::MIN)),
        Action::Clock(0),
        Action::Disconnect(0, ReasonCode::DisconnectWithWillMessage, Some(0)),
        Action::Send(0, (0..=255).collect()),
    ] {
        let line = action.write(&setup);
        assert_eq!(Action::parse(&setup, &line).as_ref(), Ok(&action), "{line}");
    }
}
