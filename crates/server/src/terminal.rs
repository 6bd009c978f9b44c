//! The terminal that the server was started in, which its user may close.
//!
//! SIGHUP tells whatever runs in a terminal that the terminal is gone: the system tells what runs in front, and the shell tells what it
//! has in the background. From anybody else, SIGHUP means what it means to a server: read your files again. So the signal says that the
//! terminal is gone when it comes from one of these two (the shell may have started what started the server) and a terminal that was
//! there is there no more. A server that is to go on is started with `nohup`, which leaves it no terminal, or taken from the shell with
//! `disown`, which then does not tell it; or it is a service.

use std::io::{self, IsTerminal};
use std::os::unix::process::parent_id;

/// See the module.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Which of the standard streams were a terminal.
    streams: [bool; 3],
    /// Who started the server, as a rule a shell.
    parent: u32,
    /// Who leads the session that it is in: in a terminal, the shell. As the parent, it may be 0: somebody outside, where the
    /// server sees only the processes of its container.
    leader: Option<u32>,
}

impl Terminal {
    /// The one that it is in now, if it is.
    pub(crate) fn here() -> Self {
        Self {
            streams: streams(),
            parent: parent_id(),
            leader: nix::unistd::getsid(None)
                .ok()
                .map(|leader| leader.as_raw().cast_unsigned()),
        }
    }

    /// Whether a SIGHUP says that it is gone, which came from the process `from`, or else from the system.
    pub(crate) fn is_gone(&self, from: Option<u32>) -> bool {
        self.may_tell(from) && self.lacks(streams())
    }

    fn may_tell(&self, from: Option<u32>) -> bool {
        from.is_none_or(|process| process == self.parent || Some(process) == self.leader)
    }

    /// Whether one that was there is none of these.
    fn lacks(&self, now: [bool; 3]) -> bool {
        self.streams.iter().zip(now).any(|(was, is)| *was && !is)
    }
}

/// One that was a terminal is none any more when that is closed.
fn streams() -> [bool; 3] {
    [
        io::stdin().is_terminal(),
        io::stdout().is_terminal(),
        io::stderr().is_terminal(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_tells_of_the_terminal_when_it_is_gone_and_system_or_shell_say_so() {
        let terminal = |streams| Terminal {
            streams,
            parent: 7,
            leader: Some(6),
        };
        let in_front = terminal([true, true, true]);
        assert!(in_front.lacks([false; 3]));
        assert!(!in_front.lacks([true; 3]));
        assert!(terminal([true, false, false]).lacks([false; 3]));
        // As with `nohup`, or as a service.
        assert!(!terminal([false; 3]).lacks([false; 3]));
        for (from, may_tell) in [
            (None, true),
            (Some(7), true),
            (Some(6), true),
            (Some(8), false),
        ] {
            assert_eq!(in_front.may_tell(from), may_tell);
        }
    }
}
