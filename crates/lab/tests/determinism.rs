//! The same worlds, natively and in the browser: what is on the wire, and when, is the same to the last byte.
//!
//! `determinism.tsv` holds a hash for each world. Where the lab or the broker is meant to do something else now,
//! `VITRINE_BLESS=1 cargo nextest run -p vitrine-lab --test determinism` writes it anew; what is not meant shows there.
#![expect(clippy::wildcard_enum_match_arm, reason = "all else is told in words")]

use vitrine_broker::ObservationMask;
use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Happening, Road, Script, Trace, Watch, World};

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const HASHES: &str = include_str!("determinism.tsv");

/// A world with all that scenarios do not draw: logging in, aliases, a store, what is done by hand.
const BY_HAND: &str = r#"
broker durable commit=5ms sys_interval=1s
user ana password="segredo" scram
rule own allow=all topics=area/#,$SYS/#
client painel user=ana password="segredo" auth=scram clean=no expiry=1h reconnect=1s..30s topic-alias-maximum=5 will="area/x" will-delay=5s
client sensor version=3.1.1 clean=no resend=2s up=30ms down=70ms fragment=3
client new aliases=4 receive-maximum=1 up=1500us id=""
painel connect
sensor connect
new connect
wait 1s
painel subscribe area/+/# qos=2 $SYS/broker/load/# id=3
new subscribe $share/g/area/# qos=1
wait 1s
sensor hold down+0
sensor publish area/10/luz "21.5" qos=2 retain
new publish area/20/luz "\x00\xff" qos=1 expiry=5 property="a=b"
pause 35ms
painel cut down+1 within=3
wait 3s
painel auth
sensor release down
broker crash flush
new send "\xe0\x00"
wait 2s
clock +10s
broker start
sleep 1m
sensor crash memory
wait 5s
sensor start
painel connect
wait 90s
broker drop painel
wait 10s
"#;

/// FNV-1a over all that is told.
#[derive(Clone, Debug)]
struct Hashed(u64, u64);

impl Hashed {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

impl Watch for Hashed {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, _: &World, trace: Trace) {
        self.take(&trace.at.0.to_le_bytes());
        self.take(&trace.broker_at.0.to_le_bytes());
        self.1 += 1;
        let (kind, bytes) = match &trace.what {
            Happening::FromClient(_, _, bytes) => (1, &bytes[..]),
            Happening::ToBroker(_, bytes) => (2, &bytes[..]),
            Happening::FromBroker(_, bytes) => (3, &bytes[..]),
            Happening::ToClient(_, _, bytes) => (4, &bytes[..]),
            Happening::Lost(lost) => (5, &lost.packet[..]),
            other => {
                // All else in words.
                let words = format!("{other:?}");
                return self.take(words.as_bytes());
            }
        };
        self.take(&[kind]);
        self.take(bytes);
    }
}

const START: Hashed = Hashed(0xcbf2_9ce4_8422_2325, 0);

/// Each world's name, hash, and how much was told.
fn hashes() -> String {
    let by_hand = Road::of(&Script::parse(BY_HAND).unwrap(), START).unwrap();
    let drawn = (0..60).map(|seed| {
        let road = Road::of_scenario(&Scenario::draw(seed), START);
        (format!("seed {seed}"), road)
    });
    let roads = std::iter::once(("by hand".to_string(), by_hand)).chain(drawn);
    let lines = roads.map(|(name, road)| {
        let Hashed(hash, count) = road.watch();
        format!("{name}\t{hash:016x}\t{count}\t{}\n", road.end())
    });
    lines.collect()
}

#[cfg_attr(not(target_family = "wasm"), test)]
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_everywhere() {
    let found = hashes();
    if std::env::var_os("VITRINE_BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/determinism.tsv");
        std::fs::write(file, found).unwrap();
        return;
    }
    for (found, known) in found.lines().zip(HASHES.lines()) {
        assert_eq!(found, known, "if this is meant: see the file's head");
    }
    assert_eq!(found.lines().count(), HASHES.lines().count());
}

/// The same twice, and the same when gone in another way.
#[cfg_attr(not(target_family = "wasm"), test)]
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_there_and_back() {
    let script = Script::parse(BY_HAND).unwrap();
    let mut road = Road::of(&script, START).unwrap();
    let hash = road.watch().0;
    let end = road.end();
    assert!(end > 200, "{end}");
    for back in [0, 5, end / 2, end - 1, 17, end / 3] {
        road.go(back);
        road.go(end);
        assert_eq!(road.watch().0, hash, "from {back}");
    }
    let again = Road::of(&road.script(), START).unwrap();
    assert_eq!(again.watch().0, hash);
}
