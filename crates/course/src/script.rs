//! The script's lines: read by the lab, and told by their lines in the file.

use vitrine_lab::{Action, Setup};

use crate::Error;
use crate::document::Written;
use crate::lesson::Deed;
use crate::until::packet;

/// The world of a block of lines.
pub(crate) fn setup(lines: &[Written]) -> Result<Setup, Error> {
    let text: String = lines.iter().flat_map(|line| [&line.text, "\n"]).collect();
    Setup::parse(&text).map_err(|problem| {
        let at = (problem.line as usize).saturating_sub(1);
        let line = lines.get(at).or_else(|| lines.last());
        Error::new(line.map_or(1, |line| line.line), problem.why)
    })
}

/// Whether nothing stands on a line but a comment.
pub(crate) fn is_empty(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// What a line does.
pub(crate) fn deed(setup: &Setup, line: Written) -> Result<Deed, Error> {
    let Written { line, text } = line;
    let action = Action::parse(setup, &text).map_err(|problem| Error::new(line, problem.why))?;
    Ok(Deed { line, text, action })
}

/// A client's name, or what else may be meant.
pub(crate) fn client(setup: &Setup, name: &str) -> Result<usize, String> {
    setup.client(name).ok_or_else(|| {
        let names: Vec<_> = setup.clients.iter().map(|client| &*client.name).collect();
        format!(
            "there is no client `{name}`: there are {}",
            names.join(", ")
        )
    })
}

/// Whether a text can point at this: a client, the broker, or a Control Packet type.
pub(crate) fn is_there(setup: &Setup, name: &str) -> Result<(), String> {
    if name == "broker" || setup.client(name).is_some() || packet(name).is_ok() {
        return Ok(());
    }
    let why = client(setup, name).err().unwrap_or_default();
    Err(format!("{why}, broker, and Control Packets such as PUBACK"))
}
