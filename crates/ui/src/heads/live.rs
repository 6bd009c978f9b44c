//! The heads of a broker that nobody can stop: what its observations tell of who holds what, at the last row of the
//! ladder that is on screen. Nobody looks into a real client; what it must hold follows from the packets.

use vitrine_link::{Fact, FlowFrame, Head, HoldKind, Lifeline};

/// The heads, as far as the ladder tells.
pub(super) fn heads(flow: &FlowFrame) -> Vec<Head> {
    let Some(last) = flow.rows.last() else {
        return Vec::new();
    };
    let mut heads = vec![Head {
        who: "broker".into(),
        up: true,
        state: "up".into(),
        ..Head::default()
    }];
    heads.extend(flow.lifelines.iter().map(|line| {
        Head {
            who: line.name.clone(),
            up: true,
            state: if line.connected {
                "connected"
            } else {
                "offline"
            }
            .into(),
            // That it will be cut is no state of what is on its way.
            held: line
                .held
                .iter()
                .filter(|what| ["up", "down"].contains(&what.as_str()))
                .cloned()
                .collect(),
            ..Head::default()
        }
    }));
    for hold in &flow.holds {
        let lasts = hold.from <= last.number && hold.until.is_none_or(|end| end >= last.number);
        let line = flow
            .lifelines
            .iter()
            .position(|line| line.id == hold.lifeline);
        let (Some(at), true) = (line, lasts) else {
            continue;
        };
        let change = if hold.from == last.number {
            "new"
        } else if hold.until == Some(last.number) {
            "gone"
        } else {
            ""
        };
        let fact = Fact {
            kind: match hold.kind {
                HoldKind::Message => "message",
                HoldKind::PacketId => "packet-id",
                HoldKind::Queued => "queued",
            }
            .into(),
            of: if hold.at_broker {
                flow.lifelines[at].name.clone()
            } else {
                String::new()
            },
            packet_id: hold.packet_id,
            waits_for: hold.waits_for,
            publication: hold.publication,
            change: change.into(),
            ..Fact::default()
        };
        let head = if hold.at_broker { 0 } else { at + 1 };
        heads[head].facts.push(fact);
    }
    // An armed Will is told as it is now, so only while the ladder shows what is now.
    if flow.newer == 0 {
        let armed = |line: &&Lifeline| line.will;
        for line in flow.lifelines.iter().filter(armed) {
            heads[0].facts.push(Fact {
                kind: "will".into(),
                of: line.name.clone(),
                ..Fact::default()
            });
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::{FlowRow, Hold, RowKind};

    fn flow(last: u64, holds: Vec<Hold>) -> FlowFrame {
        FlowFrame {
            lifelines: vec![Lifeline {
                id: 7,
                name: "painel".into(),
                connected: true,
                will: true,
                ..Lifeline::default()
            }],
            rows: vec![FlowRow {
                number: last,
                at: 0.0,
                lifeline: None,
                publication: None,
                cause: None,
                kind: RowKind::Dropped,
            }],
            holds,
            ..FlowFrame::default()
        }
    }

    fn hold(at_broker: bool, from: u64, until: Option<u64>) -> Hold {
        Hold {
            lifeline: 7,
            at_broker,
            from,
            until,
            ..Hold::default()
        }
    }

    #[test]
    fn what_is_held_at_the_last_row_is_in_the_head_that_holds_it() {
        let heads = heads(&flow(
            10,
            vec![
                hold(true, 3, None),
                hold(false, 10, None),
                hold(false, 4, Some(10)),
                hold(false, 4, Some(9)),
                hold(false, 11, None),
            ],
        ));
        assert_eq!(heads.len(), 2);
        let told = |head: &Head| -> Vec<_> {
            let told = head.facts.iter();
            told.map(|fact| (fact.kind.clone(), fact.of.clone(), fact.change.clone()))
                .collect()
        };
        let fact = |kind: &str, of: &str, change: &str| (kind.into(), of.into(), change.into());
        assert_eq!(
            told(&heads[0]),
            [fact("message", "painel", ""), fact("will", "painel", "")]
        );
        assert_eq!(
            told(&heads[1]),
            [fact("message", "", "new"), fact("message", "", "gone")]
        );
    }

    #[test]
    fn an_old_window_tells_no_will_and_an_empty_one_nothing() {
        let mut old = flow(10, vec![]);
        old.newer = 1;
        assert_eq!(heads(&old)[0].facts, []);
        assert_eq!(heads(&FlowFrame::default()), []);
    }
}
