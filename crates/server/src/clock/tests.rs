//! A machine whose clock is set, with a store that is kept from life to life of the broker on it.

use std::sync::Arc;

use vitrine_broker::{Broker, Change, Config, ConnectionId, Input, Peer};
use vitrine_store::{Batch, InMemoryBackend, StorageBackend, Store};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const YEARS: Duration = Duration::from_secs(20 * 365 * 86_400);
/// In the year 2026.
const NOW: Time = Time::from_secs(1_780_000_000);

/// The machine: what its clock says, and what really passes.
struct Machine {
    clock: Time,
    medium: Arc<dyn StorageBackend>,
    life: Option<Life>,
}

/// The broker, from one start to its end.
struct Life {
    broker: Broker,
    store: Store,
    reckoning: Reckoning,
    elapsed: Duration,
}

impl Machine {
    fn new(clock: Time) -> Self {
        let mut machine = Self {
            clock,
            medium: Arc::new(InMemoryBackend::new()),
            life: None,
        };
        machine.start();
        machine
    }

    fn start(&mut self) {
        let opened = Store::with_backend(Arc::clone(&self.medium), "memory");
        let (mut store, state) = opened.unwrap();
        let reckoning = Reckoning::after(&state, self.clock);
        let config = Config {
            durable: true,
            ..Config::default()
        };
        let mut broker = Broker::restore(config, state, reckoning.at(Duration::ZERO)).unwrap();
        let mut changes = broker.take_changes();
        changes.push(Change::Clock(reckoning.reading(Duration::ZERO)));
        store.commit(&Batch::from_changes(changes)).unwrap();
        self.life = Some(Life {
            broker,
            store,
            reckoning,
            elapsed: Duration::ZERO,
        });
        self.pass(Duration::ZERO);
    }

    /// The broker is killed.
    fn kill(&mut self) {
        self.life = None;
    }

    fn life(&mut self) -> &mut Life {
        self.life.as_mut().unwrap()
    }

    /// Time passes, for the broker too where it runs.
    fn pass(&mut self, time: Duration) {
        self.clock = self.clock + time;
        if let Some(life) = &mut self.life {
            life.elapsed += time;
            life.handle(Input::Deadline);
        }
    }

    /// The clock is set, and a broker that runs sees it. Says whether it thought it worth keeping.
    fn set(&mut self, clock: Time) -> bool {
        self.clock = clock;
        let Some(life) = &mut self.life else {
            return false;
        };
        let jump = life.reckoning.look(life.elapsed, clock);
        if jump.is_some() {
            let change = Change::Clock(life.reckoning.reading(life.elapsed));
            life.store
                .commit(&Batch::from_changes(vec![change]))
                .unwrap();
        }
        jump.is_some()
    }

    /// A client comes, whose Session lasts for an hour, and goes.
    fn visit(&mut self) {
        let connection = ConnectionId(1);
        let peer = Peer::by("test");
        let connect = b"\x10\x13\0\x04MQTT\x05\0\0\0\x05\x11\0\0\x0e\x10\0\x01a";
        self.life().handle(Input::Opened { connection, peer });
        let bytes = &connect[..];
        self.life().handle(Input::Received { connection, bytes });
        self.life().handle(Input::Closed { connection });
        assert!(self.knows());
    }

    /// Whether the client's Session is still there.
    fn knows(&mut self) -> bool {
        self.life().broker.session("a").is_some()
    }
}

impl Life {
    fn handle(&mut self, input: Input<'_>) {
        let now = self.reckoning.at(self.elapsed);
        self.broker.handle(input, now);
        let batch = Batch::from_changes(self.broker.take_changes());
        self.store.commit(&batch).unwrap();
    }
}

/// The Session lasts for its hour, whatever the clock is set to, and no longer.
fn lasts_for_its_hour(set: impl Fn(&mut Machine)) {
    let mut machine = Machine::new(NOW);
    for restart in [false, true] {
        machine.visit();
        machine.pass(20 * MINUTE);
        set(&mut machine);
        if restart {
            machine.kill();
        }
        machine.pass(20 * MINUTE);
        if restart {
            machine.start();
        }
        assert!(machine.knows(), "after 40 minutes");
        machine.pass(15 * MINUTE);
        assert!(machine.knows(), "after 55 minutes");
        machine.pass(6 * MINUTE);
        assert!(!machine.knows(), "after 61 minutes");
    }
}

#[test]
fn a_clock_that_is_right_all_the_time() {
    lasts_for_its_hour(|machine| assert!(!machine.set(machine.clock)));
}

#[test]
fn a_clock_that_is_set_forward_while_the_broker_runs() {
    lasts_for_its_hour(|machine| assert!(machine.set(machine.clock + YEARS)));
}

#[test]
fn a_clock_that_is_set_back_while_the_broker_runs() {
    let back = |time: Time| Time(time.0 - YEARS.as_micros() as u64);
    lasts_for_its_hour(|machine| assert!(machine.set(back(machine.clock))));
}

/// One that is set a little, again and again, is followed as well.
#[test]
fn a_clock_that_is_adjusted() {
    let mut seen = 0;
    for way in [1_i64, -1] {
        let mut machine = Machine::new(NOW);
        machine.visit();
        for _ in 0..40 {
            machine.pass(MINUTE);
            let to = machine.clock.0.checked_add_signed(way * 400_000).unwrap();
            seen += u64::from(machine.set(Time(to)));
        }
        machine.kill();
        machine.pass(19 * MINUTE);
        machine.start();
        assert!(machine.knows());
        machine.pass(MINUTE + STEP);
        assert!(!machine.knows());
    }
    assert!((10..40).contains(&seen), "{seen} of 80 were kept");
}

/// As on a Raspberry Pi: it starts in 1970, and the network tells it the time a little later.
#[test]
fn a_machine_that_starts_in_1970() {
    let mut machine = Machine::new(Time::from_secs(20));
    machine.visit();
    machine.pass(MINUTE);
    machine.set(NOW);
    machine.pass(MINUTE);
    // The power fails for ten minutes, and it starts in 1970 again.
    machine.kill();
    let real = machine.clock + 10 * MINUTE;
    machine.clock = Time::from_secs(20);
    machine.start();
    assert!(machine.knows());
    machine.pass(MINUTE);
    machine.set(real + MINUTE);
    machine.pass(MINUTE);
    // And once more, but it is late: the clock is right when the broker starts.
    machine.kill();
    machine.pass(50 * MINUTE);
    machine.start();
    // What nobody could know did not count: the ten minutes.
    assert!(machine.knows(), "after 54 minutes that were counted");
    machine.pass(7 * MINUTE);
    assert!(!machine.knows());
}

/// It starts with the time at which it was stopped, or somewhat before.
#[test]
fn a_machine_that_starts_with_a_time_it_saved() {
    let mut machine = Machine::new(NOW);
    machine.visit();
    machine.kill();
    machine.clock = Time(NOW.0 - HOUR.as_micros() as u64);
    machine.start();
    machine.pass(MINUTE);
    // Three weeks were between them.
    machine.set(NOW + Duration::from_secs(21 * 86_400));
    machine.kill();
    machine.pass(30 * MINUTE);
    machine.start();
    assert!(machine.knows(), "after 31 minutes that were counted");
    machine.kill();
    machine.pass(30 * MINUTE);
    machine.start();
    assert!(!machine.knows(), "after 61 minutes that were counted");
}

/// The time is told only when the broker does not run: it cannot know how long that was, and lets nothing end.
#[test]
fn a_clock_that_is_set_while_the_broker_does_not_run() {
    let mut machine = Machine::new(Time::from_secs(20));
    machine.visit();
    machine.kill();
    machine.clock = NOW;
    machine.start();
    let differs = machine.life().reckoning.differs();
    assert!(matches!(differs, Some(Jump::Forward(by)) if by > YEARS));
    machine.pass(59 * MINUTE);
    assert!(machine.knows());
    machine.pass(2 * MINUTE);
    assert!(!machine.knows());
    // From then on it counts.
    machine.visit();
    machine.kill();
    machine.pass(2 * HOUR);
    machine.start();
    assert_eq!(machine.life().reckoning.differs(), None);
    assert!(!machine.knows());
}

/// A store of a broker that kept no readings: its times are those of the machine's clock.
#[test]
fn a_machine_that_does_not_know_the_time_makes_nothing_expire() {
    let origin = |machine: Time, kept: Option<Time>| {
        let mut state = PersistentState::default();
        if let Some(left) = kept {
            let settings = vitrine_broker::SessionSettings {
                expiry: 60,
                left: Some(left),
                will: None,
                user: None,
            };
            let client = "a".into();
            state.apply(Change::Session { client, settings });
        }
        Reckoning::after(&state, machine).origin
    };
    let [long_ago, last, now] = [100, 1_767_225_600, 1_767_312_000].map(Time::from_secs);
    // Nothing was kept: whatever the machine says.
    assert_eq!(origin(long_ago, None), long_ago);
    // As it should be: what was kept has aged by a day.
    assert_eq!(origin(now, Some(last)), now);
    // Without a clock after one that was right, or with one that was set back.
    assert_eq!(origin(long_ago, Some(last)), last);
    assert_eq!(origin(last, Some(now)), now);
    // Kept while the clock was not set, in this and in the next start.
    assert_eq!(origin(now, Some(long_ago)), long_ago);
    let later = Time::from_secs(50);
    assert_eq!(origin(later, Some(long_ago)), long_ago);
}

#[test]
fn jumps_in_words() {
    let words = [1, 119, 300, 86_400, 20 * 365 * 86_400].map(Duration::from_secs);
    let words = words.map(|by| Jump::Forward(by).to_string());
    let expected = ["1 s", "119 s", "5 min", "24 h", "7300 days"];
    assert_eq!(words, expected.map(|by| format!("forward by {by}")));
    assert_eq!(Jump::Back(MINUTE).to_string(), "back by 60 s");
}

/// Time in which the machine sleeps passes. A machine that slept shows in a namespace of times, in which only the clock that sleep
/// counts for is ahead; where the system gives none there is nothing to see.
#[cfg(target_os = "linux")]
#[test]
fn time_in_which_the_machine_sleeps_counts() {
    use std::process::Command;

    const INSIDE: &str = "VITRINE_TEST_SLEPT";
    const SLEPT: &str = "10000000";
    if std::env::var_os(INSIDE).is_some() {
        println!("<{}>", running().as_secs());
        return;
    }
    let slept = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--time", "--boottime", SLEPT]);
        command.args(["--fork", program]);
        command
    };
    if !slept("true").status().is_ok_and(|status| status.success()) {
        return eprintln!("not tested: the system gives no namespace of times");
    }
    let test = std::env::current_exe().unwrap();
    let mut inside = slept(test.to_str().unwrap());
    let name = "clock::tests::time_in_which_the_machine_sleeps_counts";
    let inside = inside
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "");
    let before = running().as_secs();
    let told = String::from_utf8(inside.output().unwrap().stdout).unwrap();
    let (_, seconds) = told.split_once('<').unwrap();
    let (seconds, _) = seconds.split_once('>').unwrap();
    let [seconds, slept]: [u64; 2] = [seconds, SLEPT].map(|number| number.parse().unwrap());
    assert!(seconds >= before + slept, "{seconds} s, from {before} s on");
}
