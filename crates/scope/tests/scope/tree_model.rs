//! The tree against a simple model of it: a sorted set of topics, flattened from scratch.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use vitrine_link::{TreeFrame, TreeView};
use vitrine_scope::Limits;

use crate::common::{Feed, Random, open_to};

/// Every node's name (as its levels) with the messages it carried.
#[derive(Default)]
struct Model(BTreeMap<Vec<Label>, u64>);

/// A level in natural order. Only levels like `n7` are made, so the order is easily said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Label(String);

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |label: &Self| {
            let digits = label.0.trim_start_matches(|c: char| !c.is_ascii_digit());
            let number: u64 = digits.parse().unwrap_or(0);
            (label.0[..label.0.len() - digits.len()].to_owned(), number)
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Model {
    fn publish(&mut self, topic: &str) {
        let levels: Vec<Label> = topic.split('/').map(|level| Label(level.into())).collect();
        for depth in 1..levels.len() {
            self.0.entry(levels[..depth].to_vec()).or_default();
        }
        *self.0.entry(levels).or_default() += 1;
    }

    /// Topic, depth, count and topics below of every row that is shown.
    fn rows(&self, view: &TreeView) -> Vec<(String, u16, u64, u32)> {
        let toggled: BTreeSet<&str> = view.toggled.iter().map(String::as_str).collect();
        let name = |levels: &[Label]| {
            levels
                .iter()
                .map(|label| label.0.as_str())
                .collect::<Vec<_>>()
                .join("/")
        };
        let contains = |levels: &[Label]| name(levels).contains(&view.search);
        let below = |levels: &[Label]| -> Vec<_> {
            let under = |other: &[Label]| other.len() > levels.len() && other.starts_with(levels);
            self.0.iter().filter(|(other, _)| under(other)).collect()
        };
        let way = |levels: &[Label]| {
            let found = below(levels).iter().any(|(other, _)| contains(other));
            !contains(levels) && found
        };
        let open = |levels: &[Label]| {
            let by_depth = levels.len() <= usize::from(view.open_depth);
            by_depth != toggled.contains(name(levels).as_str()) || way(levels)
        };
        let shown = |levels: &[Label]| {
            (1..levels.len()).all(|depth| open(&levels[..depth]))
                && (contains(levels) || way(levels))
        };
        (self.0.iter().filter(|(levels, _)| shown(levels)))
            .map(|(levels, count)| {
                let topics = below(levels)
                    .iter()
                    .filter(|(_, count)| **count > 0)
                    .count();
                (name(levels), levels.len() as u16 - 1, *count, topics as u32)
            })
            .collect()
    }
}

fn told(frame: &TreeFrame) -> Vec<(String, u16, u64, u32)> {
    let row =
        |row: &vitrine_link::TreeRow| (row.topic.clone(), row.depth, row.count, row.topics_below);
    frame.rows.iter().map(row).collect()
}

fn random_topic(random: &mut Random) -> String {
    let depth = 1 + random.below(4);
    let level = |random: &mut Random| match random.below(4) {
        0 => format!("a{}", random.below(12)),
        1 => format!("b{}", random.below(3)),
        2 => "c".into(),
        _ => String::new(),
    };
    let topic = (0..depth)
        .map(|_| level(random))
        .collect::<Vec<_>>()
        .join("/");
    // An empty Topic Name does not exist.
    if topic.is_empty() { "x".into() } else { topic }
}

#[test]
fn rows_are_those_of_a_tree_flattened_from_scratch() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut feed = Feed::new(Limits::default());
        let mut model = Model::default();
        let mut view = open_to(2);
        let mut known = vec![String::new()];
        for step in 0..60 {
            let topic = random_topic(&mut random);
            feed.published(&topic, b"");
            model.publish(&topic);
            known.push(topic);
            match random.below(6) {
                0 => view.open_depth = random.below(4) as u16,
                1 => {
                    let topic = &known[random.below(known.len() as u64) as usize];
                    let parent = topic.rsplit_once('/').map_or("", |(parent, _)| parent);
                    view.toggled.push(parent.into());
                    view.toggled.sort_unstable();
                    view.toggled.dedup();
                }
                2 => view.search = (random.pick(&["", "", "a1", "c", "b2/", "x"])).into(),
                _ => {}
            }
            let frame = feed.tree(view.clone());
            assert_eq!(
                told(&frame),
                model.rows(&view),
                "seed {seed}, step {step}, {view:?}"
            );
            assert_eq!(frame.total as usize, frame.rows.len());
        }
    }
}
