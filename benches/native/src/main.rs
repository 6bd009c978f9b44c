//! What a message costs the native broker, sockets and all, beside Mosquitto where that is installed.
//!
//! ```text
//! cargo xtask bench native                     # the built-in measurement
//! cargo xtask bench native COMPARE [ARGS...]   # another program that compares brokers
//! ```
//!
//! COMPARE (or `VITRINE_COMPARE`) is called with `--broker 'vitrine=COMMAND'`, in which it is to put ports for `{tcp}` and
//! `{ws}`, and with the arguments that follow. The built-in measurement is one thread that writes a batch of messages for each
//! publisher, then reads what every subscriber gets, and so on; what it prints is the broker's processor time for each message
//! delivered, as Linux counts it (in hundredths of a second, so short runs tell little).

mod client;

use std::error::Error;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use client::Client;

/// Messages in a batch of one publisher.
const BATCH: usize = 50;
/// How long a case is measured.
const TIME: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let built = Command::new("cargo")
        .current_dir(root)
        .args(["build", "--release", "-q", "-p", "vitrine-server"])
        .status()?;
    if !built.success() {
        return Err("the broker could not be built".into());
    }
    let vitrine = format!(
        "{root}/target/release/vitrine broker --log error --tcp 127.0.0.1:{{tcp}} --ws 127.0.0.1:{{ws}}"
    );
    let mut arguments = std::env::args().skip(1);
    if let Some(compare) = arguments
        .next()
        .or_else(|| std::env::var("VITRINE_COMPARE").ok())
    {
        let broker = format!("vitrine={vitrine}");
        let status = Command::new(compare)
            .args(["--broker", &broker])
            .args(arguments)
            .status()?;
        return if status.success() {
            Ok(())
        } else {
            Err("the comparison failed".into())
        };
    }
    println!(
        "{:<24} {:>4} {:>22} {:>22}",
        "64 bytes of payload", "QoS", "vitrine", "mosquitto"
    );
    for (name, publishers, subscribers) in [
        ("one to one", 1, 1),
        ("one to 50", 1, 50),
        ("50 to one", 50, 1),
    ] {
        for qos in 0..=1 {
            let ours = measure(&vitrine, publishers, subscribers, qos)?;
            let theirs = measure("mosquitto -p {tcp}", publishers, subscribers, qos)
                .map_or("-".into(), |cost| cost.to_string());
            println!("{name:<24} {qos:>4} {:>22} {theirs:>22}", ours.to_string());
        }
    }
    Ok(())
}

/// What a case costs.
struct Cost {
    micros: f64,
    rate: f64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} us, {:.0}/s", self.micros, self.rate)
    }
}

fn measure(
    command: &str,
    publishers: usize,
    subscribers: usize,
    qos: u8,
) -> Result<Cost, Box<dyn Error>> {
    let (tcp, ws) = (free_port()?, free_port()?);
    let command = command
        .replace("{tcp}", &tcp.to_string())
        .replace("{ws}", &ws.to_string());
    let mut words = command.split(' ');
    let program = words.next().unwrap_or_default();
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let spawned = Command::new(program)
        .args(words)
        .env("PATH", path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let broker = Running(spawned);
    let mut receivers = (0..subscribers)
        .map(|n| Client::connect(tcp, &format!("s{n}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut senders = (0..publishers)
        .map(|n| Client::connect(tcp, &format!("p{n}")))
        .collect::<Result<Vec<_>, _>>()?;
    for receiver in &mut receivers {
        receiver.subscribe("bench/t", qos)?;
    }
    let mut turn = || -> Result<usize, Box<dyn Error>> {
        for sender in &mut senders {
            sender.publish("bench/t", qos, BATCH)?;
        }
        for receiver in &mut receivers {
            receiver.receive(BATCH * publishers, qos)?;
        }
        for sender in &mut senders {
            sender.acknowledged(if qos > 0 { BATCH } else { 0 })?;
        }
        Ok(BATCH * publishers * subscribers)
    };
    let warm = Instant::now();
    while warm.elapsed() < TIME / 3 {
        turn()?;
    }
    let (start, before, mut delivered) = (Instant::now(), processor(&broker.0)?, 0);
    while start.elapsed() < TIME {
        delivered += turn()?;
    }
    let spent = processor(&broker.0)? - before;
    Ok(Cost {
        micros: spent * 1e6 / delivered as f64,
        rate: delivered as f64 / start.elapsed().as_secs_f64(),
    })
}

/// A broker that ends with its measurement.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, Box<dyn Error>> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Seconds that a process was on a processor, in its own code and in the kernel's.
fn processor(child: &Child) -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
    // The program's name may hold blanks: the fields are counted from its end.
    let fields = stat
        .rsplit_once(") ")
        .ok_or("no name")?
        .1
        .split(' ')
        .skip(11)
        .take(2);
    let ticks: Result<Vec<f64>, _> = fields.map(str::parse).collect();
    Ok(ticks?.iter().sum::<f64>() / 100.0)
}

/// Waits until `attempt` gives something, ten seconds at most.
pub(crate) fn patiently<T, E>(mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(_) if start.elapsed() < Duration::from_secs(10) => sleep(Duration::from_millis(20)),
            result => return result,
        }
    }
}
