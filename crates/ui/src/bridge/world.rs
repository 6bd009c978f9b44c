//! The page's own clients: real MQTT clients that run in this page, the course's world among them.

use std::rc::Rc;

use serde::Deserialize;
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::door::page_world;

/// One of the page's clients.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct PageClient {
    /// The Client Identifier.
    pub(crate) id: String,
    /// `sensor`, `subscriber`, `student`.
    pub(crate) role: String,
    /// `connecting`, `connected`, `closed`, `cut`.
    pub(crate) state: String,
    /// What went wrong last.
    pub(crate) error: Option<String>,
}

/// The page's clients now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct World {
    /// The course's world runs.
    pub(crate) running: bool,
    /// It runs, but its sensors keep still.
    pub(crate) paused: bool,
    /// Milliseconds from a sensor's reading to its next.
    pub(crate) rate: f64,
    pub(crate) clients: Vec<PageClient>,
}

impl World {
    fn now() -> Self {
        let Some(world) = page_world() else {
            return Self::default();
        };
        Self {
            running: world.running().unwrap_or(false),
            paused: world.paused().unwrap_or(false),
            rate: world.rate().unwrap_or(2000.0),
            clients: world
                .clients()
                .ok()
                .and_then(|clients| serde_wasm_bindgen::from_value(clients).ok())
                .unwrap_or_default(),
        }
    }

    /// The page's client with this Client Identifier.
    pub(crate) fn client(&self, id: &str) -> Option<&PageClient> {
        self.clients.iter().find(|client| client.id == id)
    }
}

/// The page's clients, now and whenever they change.
#[hook]
pub(crate) fn use_world() -> Rc<World> {
    let world = use_state_eq(|| Rc::new(World::now()));
    {
        let world = world.setter();
        use_effect_with((), move |()| {
            let changed = Closure::<dyn FnMut()>::new(move || world.set(Rc::new(World::now())));
            if let Some(object) = super::door::page_world() {
                object.on_change(changed.as_ref().unchecked_ref());
            }
            // The page listens as long as it lives: the door offers no way to stop.
            changed.forget();
        });
    }
    (*world).clone()
}
