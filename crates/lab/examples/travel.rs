//! What going back and forth in time costs: a road of 10,000 moments as a wasm module for `travel.mjs`, or run natively.
//!
//! ```text
//! cargo build --release -p vitrine-lab --example travel --target wasm32-unknown-unknown && node crates/lab/examples/travel.mjs
//! cargo run --release -p vitrine-lab --example travel
//! ```

#![allow(clippy::print_stdout)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use vitrine_broker::ObservationMask;
use vitrine_lab::{Action, Road, Script, Trace, Watch, World};

/// Counts what is allocated.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all; this counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Looks at everything and keeps nothing: what a view model costs comes on top.
#[derive(Clone, Default)]
struct Looking(u64);

impl Watch for Looking {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, _: &World, _: Trace) {
        self.0 += 1;
    }
}

/// Six clients of the course's world, that publish at all QoS and are cut now and then.
const WORLD: &str = r##"
broker durable commit=5ms
client sensor-1 clean=no expiry=never reconnect=1s..5s
client sensor-2 version=3.1.1 clean=no reconnect=1s..5s
client sensor-3
client sensor-4
client painel clean=no expiry=never reconnect=1s..5s
client registo
sensor-1 connect
sensor-2 connect
sensor-3 connect
sensor-4 connect
painel connect
registo connect
wait 1s
painel subscribe area/+/# qos=2
registo subscribe "#" qos=1
wait 1s
"##;

fn build(moments: u64) -> Road<Looking> {
    let script = Script::parse(WORLD).expect("it is right");
    let mut road = Road::of(&script, Looking::default()).expect("it goes");
    let setup = road.setup().clone();
    let mut round = 0_u64;
    while road.end() < moments {
        round += 1;
        let (who, qos) = (1 + round % 4, round % 3);
        let line = match round % 50 {
            0 => "painel cut client=1s broker=1s".to_string(),
            _ => format!(
                "sensor-{who} publish area/10/sensor/{who}/temperatura \"{round}\" qos={qos} retain"
            ),
        };
        let action = Action::parse(&setup, &line).expect("it is right");
        // Who has no link cannot be cut.
        let _ = road.act(action);
        road.wait(core::time::Duration::from_millis(150));
    }
    road
}

thread_local! {
    static ROAD: RefCell<Option<Road<Looking>>> = const { RefCell::new(None) };
}

fn with<T>(then: impl FnOnce(&mut Road<Looking>) -> T) -> T {
    ROAD.with(|road| then(road.borrow_mut().get_or_insert_with(|| build(0))))
}

/// Builds a road of so many moments, and forgets the one before.
#[unsafe(no_mangle)]
pub extern "C" fn begin(moments: u32) -> u32 {
    ROAD.with(|road| *road.borrow_mut() = None);
    let road = build(moments.into());
    let end = road.end() as u32;
    ROAD.with(|held| *held.borrow_mut() = Some(road));
    end
}

/// Goes to a position.
#[unsafe(no_mangle)]
pub extern "C" fn go(position: u32) -> u32 {
    with(|road| road.go(position.into()) as u32)
}

/// Forks at the position, and forgets the fork.
#[unsafe(no_mangle)]
pub extern "C" fn fork() -> u32 {
    with(|road| road.fork().end() as u32)
}

/// Snapshots that the road holds.
#[unsafe(no_mangle)]
pub extern "C" fn snapshots() -> u32 {
    with(|road| road.snapshots() as u32)
}

/// Bytes that are allocated.
#[unsafe(no_mangle)]
pub extern "C" fn held() -> u32 {
    HELD.load(Ordering::Relaxed) as u32
}

fn main() {
    #[cfg(not(target_family = "wasm"))]
    native();
}

#[cfg(not(target_family = "wasm"))]
fn native() {
    use std::time::Instant;
    for moments in [1_000, 10_000, 50_000] {
        let (before, start) = (held(), Instant::now());
        let end = begin(moments);
        let built = start.elapsed();
        let bytes = held() - before;
        let mut jumps: Vec<_> = (0..200_u32)
            .map(|at| {
                let position = at.wrapping_mul(2_654_435_761) % (end + 1);
                let start = Instant::now();
                go(position);
                start.elapsed()
            })
            .collect();
        jumps.sort_unstable();
        println!(
            "{end} moments: {built:?} to build, {bytes} bytes held with {} snapshots, a jump takes {:?} (median), {:?} (longest)",
            snapshots(),
            jumps[100],
            jumps[199],
        );
    }
}
