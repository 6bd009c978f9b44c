//! A server that is killed again and again, at any moment, loses nothing that it acknowledged: clients that keep their
//! own state get every QoS 1 message at least once, and every QoS 2 message exactly once and in order. Of a group of shared
//! subscriptions somebody gets every QoS 1 message, also when it was another's whose Session ended with the server.
//!
//! `VITRINE_KILLS` says how often it is killed, `VITRINE_SEED` when (as far as that depends on the test).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "lists of events are not closed"
)]

mod people;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vitrine_client::Time;
use vitrine_packet::ProtocolVersion;

use people::{Person, Publisher, Subscriber, is_qos1};

const V3: ProtocolVersion = ProtocolVersion::V3_1_1;
const V5: ProtocolVersion = ProtocolVersion::V5;

/// No wait in here takes so long unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn nothing_acknowledged_is_lost() {
    run("batched", number("VITRINE_KILLS").unwrap_or(300));
}

#[test]
fn nothing_acknowledged_is_lost_with_a_commit_for_each_input() {
    run("each", number("VITRINE_KILLS").unwrap_or(300) / 5);
}

fn run(durability: &str, kills: u64) {
    let seed = number("VITRINE_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("VITRINE_SEED={seed} VITRINE_KILLS={kills}");
    let mut random = Random(seed);
    let folder = Folder::new(durability);
    let mut server = Server::new(&folder.0, durability);
    let started = Instant::now();
    let mut world = World {
        address: server.address,
        started,
        publishers: [("p3", V3), ("p5", V5)]
            .map(|(name, version)| Publisher::new(name, version))
            .into(),
        subscribers: [("s3", V3), ("s5", V5), ("sleeper", V5)]
            .map(|(name, version)| Subscriber::new(name, version, &["1/#", "2/#"], true))
            .into(),
        group: [("member", true), ("passing", false)]
            .map(|(name, stays)| Subscriber::new(name, V5, &["$share/g/1/#"], stays))
            .into(),
        steps: 0,
    };
    // Nothing is published before all are subscribed: then everybody gets everything.
    server.start();
    world.until("all are subscribed", |world| {
        let mut all = world.subscribers.iter().chain(&world.group);
        all.all(|subscriber| subscriber.subscribed)
    });

    for kill in 0..kills {
        server.start();
        world.subscribers[2].person.awake = random.below(3) > 0;
        for member in &mut world.group {
            member.person.awake = random.below(3) > 0;
        }
        let enough = random.below(400);
        let time = Duration::from_millis(random.below(120));
        // Mostly counted from when a publisher was let in: otherwise a slow machine does little but start.
        let mut latest = (random.below(4) == 0).then(|| Instant::now() + time);
        let mut events = 0;
        while events < enough && latest.is_none_or(|latest| Instant::now() < latest) {
            events += world.step(true);
            let mut publishers = world.publishers.iter();
            if publishers.any(|publisher| publisher.person.client.is_connected()) {
                latest.get_or_insert_with(|| Instant::now() + time);
            }
            assert!(started.elapsed() < PATIENCE * 10, "nobody gets in");
        }
        if random.below(10) == 0 {
            // Or with all that is in the pipe and nobody listening.
            thread::sleep(Duration::from_millis(random.below(10)));
        }
        server.kill();
        // What was sent to the member whose Session ends with it is not read any more.
        let now = world.now();
        world.group[1].person.lost(now);
        assert!(
            started.elapsed() < PATIENCE * 10,
            "only {kill} kills so far"
        );
    }

    world.subscribers[2].person.awake = true;
    world.group[0].person.awake = true;
    for _ in 0..2 {
        server.start();
        world.until("all is acknowledged and delivered", World::is_done);
        // Also when all come back once more nothing comes that was delivered.
        server.kill();
        while world.step(false) > 0 {}
    }
    server.start();
    world.until("all are back", |world| {
        world.everybody().all(|person| person.client.is_connected())
    });
    world.report();
}

fn number(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|value| value.parse().expect("a number"))
}

/// The clients.
struct World {
    address: SocketAddr,
    started: Instant,
    publishers: Vec<Publisher>,
    subscribers: Vec<Subscriber>,
    /// A group of shared subscriptions, the first with a Session that stays.
    group: Vec<Subscriber>,
    steps: u64,
}

impl World {
    fn now(&self) -> Time {
        Time::from_micros(self.started.elapsed().as_micros() as u64)
    }

    /// Lets everybody do what can be done now. Says how much that was.
    fn step(&mut self, publishing: bool) -> u64 {
        let now = self.now();
        let mut events = 0;
        for publisher in &mut self.publishers {
            if publishing {
                publisher.publish(now);
            }
            for event in publisher.person.step(self.address, now) {
                events += 1;
                publisher.happened(event);
            }
        }
        self.steps += 1;
        // The last of the group is slow, so that it mostly has something that it did not read.
        let last = &self.group[1];
        let is_slow = last.person.client.is_connected() && last.subscribed;
        let slow = self.group.len() - usize::from(is_slow && !self.steps.is_multiple_of(8));
        for subscriber in self.subscribers.iter_mut().chain(&mut self.group[..slow]) {
            for event in subscriber.person.step(self.address, now) {
                events += 1;
                subscriber.happened(event, now);
            }
        }
        if events == 0 {
            thread::sleep(Duration::from_micros(50));
        }
        events
    }

    fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let latest = Instant::now() + PATIENCE;
        while !is_so(self) {
            self.step(false);
            assert!(
                Instant::now() < latest,
                "waiting in vain until {what}: {}",
                self.summary()
            );
        }
    }

    fn everybody(&self) -> impl Iterator<Item = &Person> {
        let publishers = self.publishers.iter().map(|publisher| &publisher.person);
        let subscribers = self.subscribers.iter().chain(&self.group);
        let subscribers = subscribers.map(|subscriber| &subscriber.person);
        publishers.chain(subscribers.filter(|person| person.awake))
    }

    fn is_done(&self) -> bool {
        self.publishers.iter().all(|publisher| publisher.is_done())
            && self.everybody().all(|person| person.client.is_connected())
            && self.subscribers.iter().all(|subscriber| {
                let releasing = subscriber.person.client.receiving().next().is_some();
                !releasing && self.missing(subscriber).is_empty()
            })
            && self.missing_in_group().is_empty()
    }

    /// What was acknowledged and a subscriber has not got.
    fn missing(&self, subscriber: &Subscriber) -> Vec<String> {
        let mut missing = Vec::new();
        for publisher in &self.publishers {
            for number in 0..publisher.next {
                let payload = format!("{} {number}", publisher.person.name);
                let open = publisher.open.values().any(|open| *open == number);
                if !open && !subscriber.got.contains_key(&payload) {
                    missing.push(payload);
                }
            }
        }
        missing
    }

    /// What was acknowledged at QoS 1 and nobody of the group has got.
    fn missing_in_group(&self) -> Vec<String> {
        let [first, second] = [0, 1].map(|member| self.missing(&self.group[member]));
        let second: BTreeSet<_> = second.into_iter().collect();
        let missing = first.into_iter().filter(|payload| second.contains(payload));
        missing.filter(|payload| is_qos1(payload)).collect()
    }

    fn summary(&self) -> String {
        let mut lines = String::new();
        for publisher in &self.publishers {
            lines += &format!(
                "{}: {} published, {} of them open; ",
                publisher.person.name,
                publisher.next,
                publisher.open.len()
            );
        }
        for subscriber in &self.subscribers {
            let missing = self.missing(subscriber);
            lines += &format!(
                "{} (connected {}, in flight {}, receiving {}): {} got, {} missing {:?}; ",
                subscriber.person.name,
                subscriber.person.client.is_connected(),
                subscriber.person.client.in_flight().count(),
                subscriber.person.client.receiving().count(),
                subscriber.got.len(),
                missing.len(),
                missing.first()
            );
        }
        let (missing, got) = (
            self.missing_in_group(),
            [0, 1].map(|at| self.group[at].got.len()),
        );
        lines += &format!(
            "group: {got:?} got, {} missing {:?}; ",
            missing.len(),
            missing.first()
        );
        lines
    }

    fn report(&self) {
        for subscriber in &self.subscribers {
            let again: u64 = subscriber.got.values().map(|count| count - 1).sum();
            eprintln!("{}: {again} of QoS 1 came again", subscriber.person.name);
        }
        eprintln!("{} after {:?}", self.summary(), self.started.elapsed());
        let published: u64 = self.publishers.iter().map(|publisher| publisher.next).sum();
        assert!(
            published > 100,
            "so few messages prove nothing: {published}"
        );
    }
}

/// The server as a process.
struct Server {
    address: SocketAddr,
    store: PathBuf,
    durability: String,
    process: Option<Child>,
}

impl Server {
    fn new(folder: &Path, durability: &str) -> Self {
        // A port that is free now, and the same in all lives of the server.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Self {
            address: free.expect("a free port"),
            store: folder.join("vitrine.db"),
            durability: durability.into(),
            process: None,
        }
    }

    /// Starts it, if it does not run. Clients try until it listens.
    fn start(&mut self) {
        if self.process.is_some() {
            return;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command
            .args([
                "broker",
                "--log",
                "warn",
                "--durability",
                &self.durability,
                "--tcp",
            ])
            .arg(self.address.to_string())
            .arg("--store")
            .arg(&self.store)
            .stdin(Stdio::null());
        self.process = Some(command.spawn().expect("the server starts"));
    }

    /// Ends it without asking.
    fn kill(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let ended = process.try_wait().expect("it is ours");
        assert!(ended.is_none(), "the server ended by itself: {ended:?}");
        process.kill().expect("it is ours");
        process.wait().expect("it is ours");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("vitrine-survive-{name}-{}", std::process::id());
        let path = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// SplitMix64: numbers that a seed replays.
struct Random(u64);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}
