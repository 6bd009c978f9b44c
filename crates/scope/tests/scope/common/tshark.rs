//! What tshark reads in a capture against what the recording of the same session says, packet by packet.
//!
//! It needs nothing of the tests around it: other crates' tests use this file as it is, by its path. `TSHARK` names
//! the program (`cargo xtask test --only capture` finds or installs it).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vitrine_packet::PacketType;

/// What is compared of a packet, in the order of [`FIELDS`] behind the frame's own.
type Row = Vec<String>;

/// What tshark prints of each frame.
const FIELDS: [&str; 10] = [
    "frame.comment",
    "mqtt.msgtype",
    "mqtt.msgid",
    "mqtt.qos",
    "mqtt.dupflag",
    "mqtt.retain",
    "mqtt.topic",
    "mqtt.msg",
    "mqtt.clientid",
    "mqtt.ver",
];

/// What nobody who looks at the capture may find in it.
const FAULTS: &str = "_ws.malformed || tcp.analysis.flags || ip.checksum.status == \"Bad\" \
    || tcp.checksum.status == \"Bad\" || _ws.expert.severity == \"Error\"";

/// A capture that was written somewhere.
pub(crate) struct Capture {
    tshark: PathBuf,
    file: PathBuf,
}

impl Capture {
    /// Writes a capture into the tests' own folder.
    pub(crate) fn new(name: &str, pcapng: &[u8]) -> Self {
        let tshark = std::env::var_os("TSHARK").expect("TSHARK names the program tshark");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pcapng"));
        std::fs::write(&file, pcapng).expect("the capture can be written");
        Self {
            tshark: tshark.into(),
            file,
        }
    }

    /// Where frames that pass the filter come from and go to, by the names that the capture has for addresses.
    pub(crate) fn resolved(&self, filter: &str) -> Vec<Row> {
        let mut tshark = Command::new(&self.tshark);
        tshark.arg("-r").arg(&self.file).args(["-Y", filter]);
        tshark.args(["-N", "ndt", "-o", "nameres.dns_pkt_addr_resolution:TRUE"]);
        tshark.args(["-T", "fields", "-e", "ip.src_host", "-e", "ip.dst_host"]);
        read(&mut tshark)
    }

    /// As [`Self::fields`], of MQTT that stands in WebSocket.
    pub(crate) fn websocket(&self, fields: &[&str]) -> Vec<Row> {
        let script = self.file.with_extension("lua");
        let line = r#"DissectorTable.get("ws.protocol"):add("mqtt", Dissector.get("mqtt"))"#;
        std::fs::write(&script, line).expect("the script can be written");
        let mut tshark = Command::new(&self.tshark);
        tshark
            .arg("-X")
            .arg(format!("lua_script:{}", script.display()));
        self.print(tshark, "mqtt && websocket", fields)
    }

    /// What tshark prints: a line for each frame that passes the filter, with these fields.
    pub(crate) fn fields(&self, filter: &str, fields: &[&str]) -> Vec<Row> {
        self.print(Command::new(&self.tshark), filter, fields)
    }

    fn print(&self, mut tshark: Command, filter: &str, fields: &[&str]) -> Vec<Row> {
        tshark.arg("-r").arg(&self.file).args(["-Y", filter]);
        tshark.args([
            "-o",
            "ip.check_checksum:TRUE",
            "-o",
            "tcp.check_checksum:TRUE",
        ]);
        tshark.args(["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"]);
        fields.iter().for_each(|field| {
            tshark.args(["-e", field]);
        });
        read(&mut tshark)
    }
}

fn read(tshark: &mut Command) -> Vec<Row> {
    let said = tshark.output().expect("tshark can be run");
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{tshark:?}: {errors}");
    let text = String::from_utf8(said.stdout).expect("tshark writes UTF-8");
    let row = |line: &str| line.split('\t').map(String::from).collect();
    text.lines().map(row).collect()
}

/// Compares a session's capture with its recording, and gives how many packets there were.
///
/// # Panics
/// When tshark finds a fault in the capture, or another packet than the recording tells of.
pub(crate) fn compare(name: &str, recording: &[u8], pcapng: &[u8]) -> usize {
    let capture = Capture::new(name, pcapng);
    let faults = capture.fields(
        FAULTS,
        &["frame.number", "_ws.col.Protocol", "_ws.col.Info"],
    );
    assert!(
        faults.is_empty(),
        "{name}: tshark finds faults: {faults:#?}"
    );
    let told = told(recording);
    let dissected = capture.fields("mqtt", &FIELDS);
    same(name, dissected, told.iter().map(|packet| &packet.row));
    // Where tshark is told to, it finds the same in the frames of WebSocket.
    if told.iter().any(|packet| packet.websocket) {
        let within = told.iter().filter(|packet| packet.websocket);
        let dissected = capture.websocket(&FIELDS);
        same(name, dissected, within.map(|packet| &packet.row));
    }
    told.len()
}

fn same<'a>(name: &str, dissected: Vec<Row>, told: impl Iterator<Item = &'a Row>) {
    let told: Vec<&Row> = told.collect();
    let dissected: Vec<Row> = dissected.into_iter().map(normal).collect();
    for (number, (dissected, told)) in dissected.iter().zip(&told).enumerate() {
        assert_eq!(&dissected, told, "{name}, packet {number} of {FIELDS:?}");
    }
    assert_eq!(dissected.len(), told.len(), "{name}: packets");
}

/// Versions of tshark write truth in two ways; and what is empty is not there.
fn normal(row: Row) -> Row {
    let normal = |text: String| match text.as_str() {
        "True" => "1".into(),
        "False" => "0".into(),
        "<MISSING>" => String::new(),
        _ => text,
    };
    row.into_iter().map(normal).collect()
}

/// A packet that a recording tells of.
struct Packet {
    row: Row,
    websocket: bool,
}

/// What a connection is known as.
#[derive(Default)]
struct Connection {
    client: Option<String>,
    websocket: bool,
    /// Topics by direction and alias (5.0): tshark tells the topic that an alias stands for.
    aliases: BTreeMap<(bool, u64), String>,
}

/// The packets that a recording tells of, as tshark tells them.
fn told(recording: &[u8]) -> Vec<Packet> {
    let text = std::str::from_utf8(recording).expect("it is text");
    let lines = text
        .lines()
        .map(|line| -> Value { serde_json::from_str(line).expect("each line is a JSON object") });
    let lines: Vec<Value> = lines.collect();
    let mut connections: BTreeMap<u64, Connection> = BTreeMap::new();
    for line in &lines {
        let Some(connection) = line["connection"].as_u64() else {
            continue;
        };
        let connection = connections.entry(connection).or_default();
        match line["event"].as_str() {
            Some("opening" | "connected") => {
                connection.client = line["client"].as_str().map(String::from);
            }
            Some("opened") => {
                connection.websocket = matches!(line["door"].as_str(), Some("page" | "websocket"));
            }
            _ => {}
        }
    }
    let packets = lines
        .iter()
        .filter(|line| matches!(line["event"].as_str(), Some("received" | "sent")));
    let tell = |line: &Value| {
        let number = line["connection"].as_u64().expect("it has one");
        let connection = connections.get_mut(&number).expect("it is known");
        Packet {
            row: row(line, number, connection),
            websocket: connection.websocket,
        }
    };
    packets.map(tell).collect()
}

fn row(line: &Value, number: u64, connection: &mut Connection) -> Row {
    let packet = &line["packet"];
    let client = connection.client.clone();
    let client = client.unwrap_or_else(|| format!("#{number}"));
    let kind = packet["type"].as_str().expect("each packet has one");
    let publish = kind == "PUBLISH";
    let to_broker = line["event"] == "received";
    let comment = format!("{} {client}", if to_broker { "from" } else { "to" });
    let number = |value: &Value| value.as_u64().map_or_else(String::new, |n| n.to_string());
    let flag = |value: &Value| {
        value
            .as_bool()
            .map_or("", |flag| if flag { "1" } else { "0" })
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let topics = match packet["filters"].as_array() {
        Some(filters) => {
            let filters: Vec<_> = filters.iter().map(|it| text(&it["filter"])).collect();
            filters.join(",")
        }
        None => text(&packet["topic"]),
    };
    let topics = match packet["topic_alias"].as_u64() {
        Some(alias) => {
            let known = connection.aliases.entry((to_broker, alias)).or_default();
            if !topics.is_empty() {
                *known = topics;
            }
            known.clone()
        }
        None => topics,
    };
    let bytes = text(&line["bytes"]);
    let payload = packet["size"].as_u64().filter(|_| publish).unwrap_or(0) as usize;
    let connect = kind == "CONNECT";
    vec![
        comment,
        type_of(kind).to_string(),
        number(&packet["packet_id"]),
        number(&packet["qos"]),
        if publish {
            flag(&packet["dup"]).into()
        } else {
            String::new()
        },
        if publish {
            flag(&packet["retain"]).into()
        } else {
            String::new()
        },
        topics,
        bytes[bytes.len() - 2 * payload..].to_owned(),
        if connect {
            text(&packet["client"])
        } else {
            String::new()
        },
        if connect {
            number(&line["version"])
        } else {
            String::new()
        },
    ]
}

fn type_of(name: &str) -> u8 {
    let mut all = PacketType::ALL.into_iter();
    let known = all.find(|known| known.name() == name);
    known.expect("it is known").as_u8()
}
