//! What can be done to a packet under way, to a client and to the broker: one press on the ladder, where it concerns.

use vitrine_link::{Flying, Head, LabCommand, Meddle, PacketType, Selection};
use yew::prelude::*;

use crate::app::{StateHandle, use_clients, use_page};
use crate::bridge::{Ask, Lab, World, use_ask, use_lab};
use crate::lab::script::{cut_at, hold, name, release, verb};
use crate::lab::words::lasts;
use crate::part::Item;
use crate::sign::IconName;
use crate::state::{Action, Drawer};
use crate::text::{Texts, use_texts};

/// What the broker has yet to do for a client that is away, in milliseconds from now.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) struct Pending {
    /// It forgets the session.
    pub(super) expires: Option<f64>,
    /// It publishes the Will.
    pub(super) will: Option<f64>,
}

/// What makes the entries of these menus.
#[derive(Clone)]
pub(super) struct Faults {
    texts: std::rc::Rc<Texts>,
    state: StateHandle,
    door: Lab,
    world: std::rc::Rc<World>,
    ask: Ask,
}

/// What makes the entries of these menus.
#[hook]
pub(super) fn use_faults() -> Faults {
    Faults {
        texts: use_texts(),
        state: use_page(),
        door: use_lab(),
        world: use_clients(),
        ask: use_ask(),
    }
}

impl Faults {
    /// An entry with its words under `fault.` that sends `what` to the lab.
    fn act(&self, key: &'static str, icon: IconName, what: String) -> Item {
        let door = self.door.clone();
        Item::new(
            key,
            self.texts.get(&format!("fault.{key}")),
            icon,
            Callback::from(move |()| door.act(what.clone())),
        )
    }

    fn noted(&self, key: &'static str, icon: IconName, what: String) -> Item {
        let note = self.texts.get(&format!("fault.{key}.long"));
        self.act(key, icon, what).note(note)
    }

    fn turn(&self, key: &'static str, icon: IconName, action: Action) -> Item {
        let state = self.state.clone();
        Item::new(
            key,
            self.texts.get(&format!("fault.{key}")),
            icon,
            Callback::from(move |()| state.dispatch(action.clone())),
        )
    }

    /// For a packet under way.
    pub(super) fn of_packet(&self, flying: &Flying) -> Vec<Item> {
        let (client, up, index) = (&flying.who, flying.to_broker, flying.index);
        let mut items = vec![
            self.noted(
                "cut-before",
                IconName::Cut,
                cut_at(client, up, index, false),
            ),
            self.noted("cut-after", IconName::Cut, cut_at(client, up, index, true)),
        ];
        items.push(if flying.state == "held" {
            self.act("let-go", IconName::Play, release(client, up))
        } else {
            self.noted("hold-here", IconName::Hand, hold(client, up, index))
        });
        if let Some(row) = flying.row {
            let select = Action::SelectRow(row, None);
            items.push(self.turn("look", IconName::Eye, select).parted());
        }
        items
    }

    /// For a client of the lab: by its Client Identifier, and in its head its name in the script.
    pub(super) fn of_client(&self, id: &str, head: Option<&Head>, pending: Pending) -> Vec<Item> {
        let client = head.map_or(id, |head| head.who.as_str());
        let state = head.map_or("offline", |head| head.state.as_str());
        let held = |way: &str| head.is_some_and(|head| head.held.iter().any(|held| held == way));
        let mut items = vec![self.turn(
            "look",
            IconName::Eye,
            Action::Select(Selection::Client(id.to_owned())),
        )];
        let up = state == "connected" || state == "connecting";
        if up {
            items.push(self.turn(
                "publish",
                IconName::Publish,
                Action::Compose(Drawer::Publish, client.to_owned()),
            ));
            items.push(self.turn(
                "subscribe",
                IconName::Match,
                Action::Compose(Drawer::Connect, client.to_owned()),
            ));
        }
        if up {
            items.push(
                self.noted("cut", IconName::Cut, verb(client, "cut"))
                    .parted(),
            );
            let armed = |head: &Head| head.facts.iter().any(|fact| fact.kind == "will");
            if head.is_some_and(armed) {
                // A connection that ends without DISCONNECT is what publishes it.
                items.push(self.noted("will", IconName::Envelope, verb(client, "cut")));
            }
            for (way, to_broker, hold_key, release_key) in [
                ("up", true, "hold-up", "release-up"),
                ("down", false, "hold-down", "release-down"),
            ] {
                items.push(if held(way) {
                    self.act(release_key, IconName::Play, release(client, to_broker))
                } else {
                    self.act(
                        hold_key,
                        IconName::Hand,
                        format!("{} hold {way}", name(client)),
                    )
                });
            }
            items.push(self.act("disconnect", IconName::Stop, verb(client, "disconnect")));
            if head.is_some_and(|head| head.facts.iter().any(|fact| fact.kind == "will")) {
                let line = verb(client, "disconnect reason=0x04");
                items.push(self.noted("disconnect-will", IconName::Envelope, line));
            }
        } else if state != "down" {
            items.push(
                self.act("connect", IconName::Plug, verb(client, "connect"))
                    .parted(),
            );
            let line = verb(client, "connect clean=yes");
            items.push(self.noted("connect-clean", IconName::Plug, line));
        }
        if state == "down" {
            items.push(
                self.act("start", IconName::Power, verb(client, "start"))
                    .parted(),
            );
        } else {
            items.push(
                self.noted("crash-memory", IconName::Bolt, verb(client, "crash memory"))
                    .parted(),
            );
            items.push(self.noted("crash", IconName::Bolt, verb(client, "crash")));
        }
        let waits = [
            ("will-delayed", IconName::Envelope, pending.will),
            ("expire", IconName::Clock, pending.expires),
        ];
        items.extend(
            waits
                .into_iter()
                .filter_map(|(key, icon, due)| Some(self.wait(key, icon, due?))),
        );
        if up && head.is_some() {
            items.push(self.act("ping", IconName::Pulse, format!("ping {}", name(client))));
        }
        items
    }

    /// Lets so many milliseconds pass, and a little more, so that what is due then has happened.
    fn wait(&self, key: &'static str, icon: IconName, due: f64) -> Item {
        let seconds = due.max(0.0) / 1000.0 + 0.001;
        let words = self.texts.fill(
            &format!("fault.{key}"),
            &[("span", &lasts(&self.texts, due))],
        );
        let door = self.door.clone();
        let wait = Callback::from(move |()| door.ask(LabCommand::Wait { seconds }));
        Item::new(key, words, icon, wait).parted()
    }

    /// For the lab's broker.
    pub(super) fn of_broker(&self, head: Option<&Head>) -> Vec<Item> {
        let mut items = if head.is_some_and(|head| !head.up) {
            vec![
                self.noted("broker-start", IconName::Power, "broker start".into()),
                self.noted(
                    "broker-start-empty",
                    IconName::Power,
                    "broker start empty".into(),
                ),
            ]
        } else {
            vec![
                self.noted("broker-crash", IconName::Bolt, "broker crash".into()),
                self.noted(
                    "broker-crash-flush",
                    IconName::Bolt,
                    "broker crash flush".into(),
                ),
            ]
        };
        items.push(
            self.act("clock-on", IconName::Clock, "clock +1m".into())
                .parted(),
        );
        items.push(self.act("clock-back", IconName::Clock, "clock -1m".into()));
        items.push(self.noted("sleep", IconName::Moon, "sleep 1h".into()));
        items
    }

    /// For a client of the broker in the tab, which is connected or not; `held` says what is done to it from in between.
    pub(super) fn of_live(&self, client: &str, connected: bool, held: &[String]) -> Vec<Item> {
        let item = |key: &'static str, icon: IconName, run: Callback<()>| {
            Item::new(key, self.texts.get(&format!("fault.{key}")), icon, run)
        };
        let meddle = |key: &'static str, icon: IconName, meddle: Meddle| {
            let door = self.door.clone();
            item(
                key,
                icon,
                Callback::from(move |()| door.meddle(meddle.clone())),
            )
        };
        let whose = || client.to_owned();
        let look = Action::Select(Selection::Client(whose()));
        let about = self.texts.get("fault.live");
        let mut items = vec![self.turn("look", IconName::Eye, look).note(about)];
        let publish = Action::Compose(Drawer::Publish, whose());
        let subscribe = Action::Compose(Drawer::Subscribe, whose());
        let subscribe = self.turn("subscribe", IconName::Match, subscribe);
        if self.state.virtuals.iter().any(|known| known == client) {
            let verb = |verb: &str| Meddle::Virtual(format!("{} {verb}", name(client)));
            items.push(self.turn("publish", IconName::Publish, publish).parted());
            items.push(subscribe);
            items.push(meddle("connect", IconName::Plug, verb("connect")));
            items.push(meddle("disconnect", IconName::Stop, verb("disconnect")));
        } else if let Some(own) = self.world.client(client) {
            let ask = |what: Own| {
                let (ask, id) = (self.ask.clone(), whose());
                Callback::from(move |()| what.ask(&ask, id.clone()))
            };
            if own.state == "connected" {
                items.push(self.turn("publish", IconName::Publish, publish).parted());
                items.push(subscribe);
                items.push(item("disconnect", IconName::Stop, ask(Own::Disconnect)));
                let note = self.texts.get("fault.cut.long");
                items.push(item("cut", IconName::Cut, ask(Own::Cut)).note(note));
            } else {
                items.push(item("connect", IconName::Plug, ask(Own::Reconnect)).parted());
            }
        }
        if !connected {
            return items;
        }
        for (way, to_broker, hold, release) in [
            ("up", true, "hold-up", "release-up"),
            ("down", false, "hold-down", "release-down"),
        ] {
            let client = whose();
            let item = if held.iter().any(|held| held == way) {
                meddle(
                    release,
                    IconName::Play,
                    Meddle::Release { client, to_broker },
                )
            } else {
                meddle(hold, IconName::Hand, Meddle::Hold { client, to_broker })
            };
            items.push(if to_broker { item.parted() } else { item });
        }
        let cut = |to_broker, packet_type: Option<PacketType>, after| Meddle::CutAt {
            client: whose(),
            to_broker,
            packet_type: packet_type.map_or(0, PacketType::as_u8),
            after,
        };
        let puback = Some(PacketType::PubAck);
        items.push(meddle("cut-next-up", IconName::Cut, cut(true, None, false)).parted());
        items.extend([
            meddle("cut-next-down", IconName::Cut, cut(false, None, false)),
            meddle(
                "cut-puback-before",
                IconName::Cut,
                cut(false, puback, false),
            ),
            meddle("cut-puback-after", IconName::Cut, cut(true, puback, false)),
        ]);
        items
    }
}

/// What one of the page's own clients does of itself.
#[derive(Clone, Copy)]
enum Own {
    Disconnect,
    Cut,
    Reconnect,
}

impl Own {
    fn ask(self, ask: &Ask, id: String) {
        ask.ask(
            move |world| async move {
                match self {
                    Self::Disconnect => world.disconnect(&id).await,
                    Self::Cut => world.cut(&id),
                    Self::Reconnect => world.reconnect(&id).await,
                }
                .map(drop)
            },
            |_| {},
        );
    }
}
