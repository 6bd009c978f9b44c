//! What going back and forth in time costs, as a wasm module for `travel.mjs`: on a bare road, and in what a page has
//! open, with a frame drawn each time.
//!
//! ```text
//! cargo build --release -p vitrine-stage --example travel --target wasm32-unknown-unknown
//! node crates/stage/examples/travel.mjs
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use vitrine_broker::ObservationMask;
use vitrine_broker::Time;
use vitrine_lab::{Action, Link, Road, Script, Trace, Watch, World};
use vitrine_link::{LabCommand, LabSource};
use vitrine_scope::Lens;
use vitrine_stage::Lab;

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

/// What a page has open, with its lens.
struct Page {
    lab: Lab,
    lens: Lens,
    end: u64,
}

impl Page {
    /// Draws what is on screen. Gives how much of the ladder is.
    fn draw(&mut self) -> u32 {
        let frame = self.lab.frame(&mut self.lens, Time::ZERO);
        let frame = frame.expect("something changed");
        self.lens.seen(frame.number);
        let lab = frame.lab.expect("a lab is open");
        self.end = lab.end;
        lab.heads.len() as u32
    }
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
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

/// Opens the road as a link in a page, and forgets it.
#[unsafe(no_mangle)]
pub extern "C" fn open() -> u32 {
    let code = with(|road| Link::to(road).encode()).expect("it fits");
    ROAD.with(|road| *road.borrow_mut() = None);
    let lesson = None;
    let lab = Lab::open(&LabSource::Link { code, lesson });
    let Ok(lab) = lab else {
        panic!("it is right");
    };
    let lens = Lens::new();
    let mut page = Page { lab, lens, end: 0 };
    page.draw();
    let end = page.end as u32;
    PAGE.with(|held| *held.borrow_mut() = Some(page));
    end
}

fn command(command: LabCommand) -> u32 {
    PAGE.with(|page| {
        let mut page = page.borrow_mut();
        let page = page.as_mut().expect("it was opened");
        let problem = page.lab.command(command, Time::ZERO);
        assert!(problem.is_none(), "{problem:?}");
        page.draw()
    })
}

/// Goes to a position, and draws it.
#[unsafe(no_mangle)]
pub extern "C" fn jump(position: u32) -> u32 {
    command(LabCommand::Go {
        moment: position.into(),
    })
}

/// Goes back to where something was to be seen, and draws it.
#[unsafe(no_mangle)]
pub extern "C" fn back() -> u32 {
    command(LabCommand::Back)
}

/// Goes on to where something is to be seen, and draws it.
#[unsafe(no_mangle)]
pub extern "C" fn step() -> u32 {
    command(LabCommand::Step)
}

fn main() {}
