//! A road as a file.

use vitrine_broker::ObservationMask;
use vitrine_lab::{Road, Trace, Watch, World};
use vitrine_link::Format;
use vitrine_scope::{Pieces, Tape, TapeLimits};

use crate::outside::Teller;
use crate::watcher::Watcher;

/// Records what happens on a road.
#[derive(Clone)]
struct Recorder {
    tape: Tape,
    teller: Teller,
}

impl Watch for Recorder {
    const OBSERVES: ObservationMask = ObservationMask::ALL;

    fn happened(&mut self, world: &World, trace: Trace) {
        self.teller.tell(&mut self.tape, world, &trace);
    }

    fn ended(&mut self, world: &World, _: u64) {
        self.teller.ended(&mut self.tape, world);
    }
}

/// All that happens on a road, as far as it is known.
pub(crate) fn export(road: &Road<Watcher>, format: Format, now: u64) -> Vec<u8> {
    let recorder = Recorder {
        tape: Tape::new(TapeLimits::default()),
        teller: Teller::default(),
    };
    // The same acts at the same positions lead to the same road: it cannot fail where it was gone before.
    let tape = Road::of(&road.script(), recorder).map_or_else(
        |_| Tape::new(TapeLimits::default()),
        |road| road.watch().tape.clone(),
    );
    match format {
        // A recording is JSON Lines: what is for programs can be opened again.
        Format::Recording | Format::JsonLines => tape.write(now),
        Format::Pcapng => tape.pcapng(),
    }
}

/// What is on a tape, as a file that is made piece by piece.
#[must_use]
pub fn in_pieces(tape: &Tape, format: Format, now: u64) -> Pieces {
    match format {
        Format::Recording | Format::JsonLines => Pieces::of_recording(tape, now),
        Format::Pcapng => Pieces::of_pcapng(tape),
    }
}
