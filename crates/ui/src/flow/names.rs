//! Whose line is whose: the clients of the lab are called by their names in the script, the lines by Client Identifiers.

use vitrine_link::{Head, Lifeline};

/// The lines of all clients of the lab: those of which nothing was seen yet stand there too, for they can be made to act.
pub(super) fn all_lines(lifelines: &[Lifeline], heads: &[Head]) -> Vec<Lifeline> {
    let mut lines = lifelines.to_vec();
    for (at, head) in (1_u32..).zip(heads) {
        let name = line_name(heads, head);
        if head.who != "broker" && !lines.iter().any(|line| line.name == name) {
            lines.push(Lifeline {
                id: u32::MAX - at,
                name: name.to_owned(),
                ..Lifeline::default()
            });
        }
    }
    lines
}

/// How the line of a client of the lab is called: by its Client Identifier, as the broker knows it. Of several with the
/// same one that line is whose name it is in the script, or the first one's; the others have one by their names.
pub(super) fn line_name<'a>(heads: &'a [Head], head: &'a Head) -> &'a str {
    let same = heads
        .iter()
        .filter(|one| !one.id.is_empty() && one.id == head.id);
    // Of equals it is the first.
    let owner = same.min_by_key(|one| one.who != one.id);
    match owner {
        Some(owner) if owner.who == head.who => &head.id,
        _ => &head.who,
    }
}

/// The broker's head.
pub(super) fn broker_of(heads: &[Head]) -> Option<&Head> {
    heads.iter().find(|head| head.who == "broker")
}

/// The head of the client whose line is called so. No client is called `broker` in a script, but its Client Identifier
/// may be that.
pub(super) fn head_of<'a>(heads: &'a [Head], name: &str) -> Option<&'a Head> {
    heads
        .iter()
        .find(|head| head.who != "broker" && line_name(heads, head) == name)
}

/// Two lines, for tests.
#[cfg(test)]
pub(super) fn two_lines() -> Vec<Lifeline> {
    ["sensor", "painel"]
        .into_iter()
        .zip(1..)
        .map(|(name, id)| Lifeline {
            id,
            name: name.into(),
            ..Lifeline::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(who: &str, id: &str) -> Head {
        Head {
            who: who.into(),
            id: id.into(),
            ..Head::default()
        }
    }

    #[test]
    fn clients_that_did_nothing_yet_have_a_line() {
        let heads = [head("broker", ""), head("painel", ""), head("novo", "")];
        let all = all_lines(&two_lines(), &heads);
        let names: Vec<_> = all.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["sensor", "painel", "novo"]);
    }

    #[test]
    fn a_client_has_one_line_by_its_client_identifier() {
        // The first is seen by its identifier, the second has the same one, the third is not seen yet.
        let heads = [
            head("broker", ""),
            head("tela", "painel"),
            head("celular", "painel"),
            head("reserva", "painel-2"),
        ];
        let all = all_lines(&two_lines(), &heads);
        let names: Vec<_> = all.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["sensor", "painel", "celular", "painel-2"]);
        let who = |name| head_of(&heads, name).map(|head| head.who.as_str());
        assert_eq!(who("painel"), Some("tela"));
        assert_eq!(who("celular"), Some("celular"));
        assert_eq!(who("painel-2"), Some("reserva"));
        assert_eq!(who("broker"), None);
        assert_eq!(who("sensor"), None);
        let broker = broker_of(&heads).map(|head| head.who.as_str());
        assert_eq!(broker, Some("broker"));
    }

    #[test]
    fn a_client_that_takes_anothers_name_or_the_brokers_hides_nobody() {
        let heads = [
            head("broker", ""),
            head("celular", "painel"),
            head("painel", "painel"),
            head("x", "broker"),
        ];
        let all = all_lines(&two_lines(), &heads);
        let names: Vec<_> = all.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["sensor", "painel", "celular", "broker"]);
        let who = |name| head_of(&heads, name).map(|head| head.who.as_str());
        assert_eq!(who("painel"), Some("painel"));
        assert_eq!(who("celular"), Some("celular"));
        assert_eq!(who("broker"), Some("x"));
        let broker = broker_of(&heads).map(|head| head.who.as_str());
        assert_eq!(broker, Some("broker"));
    }
}
