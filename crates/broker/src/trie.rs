//! All Subscriptions, in a tree over the levels of their Topic Filters.
//!
//! A publication walks down the levels of its topic. At each it looks at three places at most: the node
//! for the level, the node for `+`, and the subscriptions that end in `#`. So its cost grows with what
//! matches, not with what is subscribed.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use slab::Slab;
use vitrine_packet::{SubscriptionOptions, topic};

use crate::hash;

const ROOT: usize = 0;

/// A Subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// The session it belongs to.
    pub(crate) session: usize,
    /// The Topic Filter as subscribed, `$share/name/` included.
    pub(crate) filter: Rc<str>,
    /// Its options; the QoS among them is the granted one.
    pub(crate) options: SubscriptionOptions,
    /// Its Subscription Identifier.
    pub(crate) identifier: Option<u32>,
    /// Where it stands in the tree.
    place: Place,
    /// Its index in the list at that place.
    position: usize,
}

/// A list of subscriptions in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At a node: the filter ends there.
    Here(usize),
    /// At a node: the filter ends there with a further `#`.
    Below(usize),
    /// In a group of shared subscriptions.
    Group(usize),
}

/// Shared subscriptions with the same share name and filter: each message goes to one of them.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// No other group has it, also none that was before or comes later.
    number: NonZeroU32,
    name: Box<str>,
    place: Place,
    /// Its index in the list at that place.
    position: usize,
    /// Its subscriptions.
    pub(crate) members: Vec<usize>,
    /// The index of the member whose turn it is; may be past the end.
    pub(crate) turn: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    parent: usize,
    level: Box<str>,
    /// The node for `+`; the root stands for none.
    plus: usize,
    /// How many nodes for other levels are below.
    children: usize,
    here: Matching,
    below: Matching,
}

/// What is subscribed at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matching {
    pub(crate) subscriptions: Vec<usize>,
    pub(crate) groups: Vec<usize>,
}

impl Matching {
    fn is_empty(&self) -> bool {
        self.subscriptions.is_empty() && self.groups.is_empty()
    }
}

/// Whether a valid Topic Filter is one of a shared subscription.
pub(crate) fn is_shared(filter: &str) -> bool {
    topic::parse_share(filter).is_some()
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    hasher: FixedState,
    nodes: Slab<Node>,
    /// Nodes by parent and level, but for those for `+`.
    children: HashTable<usize>,
    subscriptions: Slab<Subscription>,
    groups: Slab<Group>,
    /// Groups by place and name.
    group_names: HashTable<usize>,
    groups_made: u32,
}

/// A group that may be gone when it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupRef(NonZeroU64);

impl Trie {
    pub(crate) fn new(hasher: FixedState) -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node::default());
        Self {
            hasher,
            nodes,
            children: HashTable::new(),
            subscriptions: Slab::new(),
            groups: Slab::new(),
            group_names: HashTable::new(),
            groups_made: 0,
        }
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// How many subscriptions there are.
    pub(crate) fn len(&self) -> usize {
        self.subscriptions.len()
    }

    pub(crate) fn get(&self, subscription: usize) -> &Subscription {
        &self.subscriptions[subscription]
    }

    /// For changing options and identifier of a subscription that is replaced.
    pub(crate) fn get_mut(&mut self, subscription: usize) -> &mut Subscription {
        &mut self.subscriptions[subscription]
    }

    pub(crate) fn group(&self, group: usize) -> &Group {
        &self.groups[group]
    }

    /// How a group is found later, if it is still there.
    pub(crate) fn group_ref(&self, group: usize) -> Option<GroupRef> {
        let number = self.groups[group].number;
        let index = u32::try_from(group).ok()?;
        // In one word: it is copied with every message.
        let both = u64::from(index) << 32 | u64::from(number.get());
        NonZeroU64::new(both).map(GroupRef)
    }

    /// The group that was referred to, unless it is gone.
    pub(crate) fn find_group(&self, group: GroupRef) -> Option<usize> {
        let both = group.0.get();
        let index = (both >> 32) as usize;
        let found = self.groups.get(index)?;
        (found.number.get() == both as u32).then_some(index)
    }

    /// The group that a subscription belongs to, if it is a shared one.
    pub(crate) fn group_of(&self, subscription: usize) -> Option<GroupRef> {
        match self.subscriptions[subscription].place {
            Place::Group(group) => self.group_ref(group),
            Place::Here(_) | Place::Below(_) => None,
        }
    }

    /// A member of a group, by its index there, took its turn: next is the one after it.
    pub(crate) fn took_turn(&mut self, group: usize, member: usize) {
        self.groups[group].turn = member + 1;
    }

    /// Adds a subscription to a valid Topic Filter that the session is not subscribed to.
    pub(crate) fn add(
        &mut self,
        session: usize,
        filter: Rc<str>,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> usize {
        let share = topic::parse_share(&filter);
        let mut place = self.make_place(share.map_or(&*filter, |(_, path)| path));
        if let Some((name, _)) = share {
            place = Place::Group(self.make_group(name, place));
        }
        let id = self.subscriptions.vacant_key();
        let list = self.list(place);
        list.push(id);
        let position = list.len() - 1;
        self.subscriptions.insert(Subscription {
            session,
            filter,
            options,
            identifier,
            place,
            position,
        });
        id
    }

    /// Removes a subscription.
    pub(crate) fn remove(&mut self, subscription: usize) {
        let Subscription {
            place, position, ..
        } = self.subscriptions.remove(subscription);
        let list = self.list(place);
        list.swap_remove(position);
        if let Some(moved) = list.get(position).copied() {
            self.subscriptions[moved].position = position;
        }
        match place {
            Place::Here(node) | Place::Below(node) => self.prune(node),
            Place::Group(group) => {
                if self.groups[group].members.is_empty() {
                    self.remove_group(group);
                }
            }
        }
    }

    /// Calls `visit` for every place whose filters match a valid Topic Name.
    pub(crate) fn walk(&self, topic: &str, mut visit: impl FnMut(&Matching)) {
        // A filter that begins with a wildcard does not match `$…` [MQTT-4.7.2-1].
        let dollar = topic.starts_with('$');
        let mut node = ROOT;
        let mut at = 0;
        // Where to go on after this way down: nodes, each with the place in the topic.
        let mut pending = Vec::new();
        loop {
            let Node {
                plus,
                children,
                here,
                below,
                ..
            } = &self.nodes[node];
            let wildcards = !(dollar && node == ROOT);
            if wildcards {
                visit(below);
            }
            let mut next = None;
            if at > topic.len() {
                visit(here);
            } else {
                let rest = &topic[at..];
                let end = rest
                    .bytes()
                    .position(|byte| byte == b'/')
                    .unwrap_or(rest.len());
                let after = at + end + 1;
                if *children > 0 {
                    next = self.child(node, &rest[..end]);
                }
                if *plus != ROOT && wildcards {
                    match next {
                        None => next = Some(*plus),
                        Some(_) => pending.push((*plus, after)),
                    }
                }
                at = after;
            }
            match next {
                Some(child) => node = child,
                None => match pending.pop() {
                    Some(place) => (node, at) = place,
                    None => return,
                },
            }
        }
    }

    fn list(&mut self, place: Place) -> &mut Vec<usize> {
        match place {
            Place::Group(group) => &mut self.groups[group].members,
            Place::Here(_) | Place::Below(_) => &mut self.matching(place).subscriptions,
        }
    }

    /// What is subscribed at a place; for a group, at the place of the group.
    fn matching(&mut self, place: Place) -> &mut Matching {
        match place {
            Place::Here(node) => &mut self.nodes[node].here,
            Place::Below(node) => &mut self.nodes[node].below,
            Place::Group(group) => {
                let place = self.groups[group].place;
                self.matching(place)
            }
        }
    }

    fn child(&self, parent: usize, level: &str) -> Option<usize> {
        let hash = hash::text(&self.hasher, parent as u64, level);
        let is = |node: &usize| {
            let node = &self.nodes[*node];
            node.parent == parent && *node.level == *level
        };
        self.children.find(hash, is).copied()
    }

    /// The place for a filter; makes the nodes on the way.
    fn make_place(&mut self, path: &str) -> Place {
        let mut node = ROOT;
        for level in path.split('/') {
            node = match level {
                "#" => return Place::Below(node),
                "+" => self.make_plus(node),
                _ => self.make_child(node, level),
            };
        }
        Place::Here(node)
    }

    fn make_plus(&mut self, parent: usize) -> usize {
        if self.nodes[parent].plus == ROOT {
            let node = Node {
                parent,
                level: "+".into(),
                ..Node::default()
            };
            self.nodes[parent].plus = self.nodes.insert(node);
        }
        self.nodes[parent].plus
    }

    fn make_child(&mut self, parent: usize, level: &str) -> usize {
        if let Some(child) = self.child(parent, level) {
            return child;
        }
        let node = self.nodes.insert(Node {
            parent,
            level: level.into(),
            ..Node::default()
        });
        self.nodes[parent].children += 1;
        let hash = hash::text(&self.hasher, parent as u64, level);
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        self.children.insert_unique(hash, node, |node| {
            let node = &nodes[*node];
            hash::text(hasher, node.parent as u64, &node.level)
        });
        node
    }

    fn make_group(&mut self, name: &str, place: Place) -> usize {
        let hash = group_hash(&self.hasher, name, place);
        let groups = &self.groups;
        let is = |group: &usize| groups[*group].place == place && *groups[*group].name == *name;
        if let Some(group) = self.group_names.find(hash, is) {
            return *group;
        }
        let group = self.groups.vacant_key();
        let at_place = &mut self.matching(place).groups;
        at_place.push(group);
        let position = at_place.len() - 1;
        let number = NonZeroU32::MIN.saturating_add(self.groups_made);
        self.groups_made = self.groups_made.wrapping_add(1);
        self.groups.insert(Group {
            number,
            name: name.into(),
            place,
            position,
            members: Vec::new(),
            turn: 0,
        });
        let (groups, hasher) = (&self.groups, &self.hasher);
        self.group_names.insert_unique(hash, group, |group| {
            let group = &groups[*group];
            group_hash(hasher, &group.name, group.place)
        });
        group
    }

    fn remove_group(&mut self, group: usize) {
        let Group {
            name,
            place,
            position,
            ..
        } = self.groups.remove(group);
        let hash = group_hash(&self.hasher, &name, place);
        if let Ok(entry) = self.group_names.find_entry(hash, |other| *other == group) {
            entry.remove();
        }
        let at_place = &mut self.matching(place).groups;
        at_place.swap_remove(position);
        if let Some(moved) = at_place.get(position).copied() {
            self.groups[moved].position = position;
        }
        if let Place::Here(node) | Place::Below(node) = place {
            self.prune(node);
        }
    }

    /// Removes a node with nothing in it, and those above it that are left with nothing.
    fn prune(&mut self, mut node: usize) {
        while node != ROOT {
            let Node {
                parent,
                plus,
                children,
                here,
                below,
                level,
            } = &self.nodes[node];
            let parent = *parent;
            if *plus != ROOT || *children > 0 || !here.is_empty() || !below.is_empty() {
                return;
            }
            if self.nodes[parent].plus == node {
                self.nodes[parent].plus = ROOT;
            } else {
                let hash = hash::text(&self.hasher, parent as u64, level);
                if let Ok(entry) = self.children.find_entry(hash, |other| *other == node) {
                    entry.remove();
                }
                self.nodes[parent].children -= 1;
            }
            self.nodes.remove(node);
            node = parent;
        }
    }
}

fn group_hash(hasher: &FixedState, name: &str, place: Place) -> u64 {
    let place = match place {
        Place::Here(node) => node * 2,
        Place::Below(node) | Place::Group(node) => node * 2 + 1,
    };
    hash::text(hasher, place as u64, name)
}
