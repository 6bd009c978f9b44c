//! Connecting a client by hand, and subscribing it.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::app::use_page;
use crate::bridge::{Tell, use_ask, use_lab};
use crate::lab::script;
use crate::part::{Choice, QosChoice, Segment, typed_into};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;
use vitrine_link::Meddle;

/// What the page names a client that was given no name.
const FREE_NAME: &str = "aluno-1";
/// What a virtual client is called that was given no name.
const VIRTUAL: &str = "virtual-1";
/// Seconds that a 5.0 session lasts when it is to outlive its connection.
const EXPIRY: f64 = 3600.0;

/// The form.
#[component]
pub(super) fn Connect() -> Html {
    let (state, texts, ask) = (use_page(), use_texts(), use_ask());
    let id = use_state_eq(String::new);
    let (username, password) = (use_state_eq(String::new), use_state_eq(String::new));
    let version = use_state_eq(|| "4".to_owned());
    let session = use_state_eq(|| "clean".to_owned());
    let filter = use_state_eq(|| "area/+/sensor/#".to_owned());
    let qos = use_state_eq(|| 1_u8);
    let will = use_state_eq(|| false);
    let busy = use_state_eq(|| false);
    let kind = use_state_eq(|| "real".to_owned());
    let door = use_lab();
    let tell = use_context::<Tell>();

    let onsubmit = {
        let (id, version, session, filter) =
            (id.clone(), version.clone(), session.clone(), filter.clone());
        let (username, password) = (username.clone(), password.clone());
        let (qos, will, busy) = (*qos, *will, busy.setter());
        let (kind, door) = (kind.clone(), door.clone());
        let (texts, tell) = (texts.clone(), tell.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let clean = *session == "clean";
            if *kind == "virtual" {
                let name = match id.trim() {
                    "" => VIRTUAL,
                    name => name,
                };
                let may = script::is_name(name);
                if let Some(Tell(tell)) = &tell {
                    tell.emit(if may {
                        String::new()
                    } else {
                        texts.fill("why.name", &[("name", &name)])
                    });
                }
                if !may {
                    return;
                }
                let mut line = format!("client {}", script::name(name));
                line += if *version == "5" {
                    " version=5.0"
                } else {
                    " version=3.1.1"
                };
                if !clean {
                    line += " clean=no expiry=3600";
                }
                if !username.is_empty() {
                    line += &format!(
                        " user={} password={}",
                        script::word(&username),
                        script::quoted(&password)
                    );
                }
                if will {
                    line += &format!(
                        " will={} will-payload=\"offline\" will-qos=1 will-retain",
                        script::topic(&format!("status/{name}"))
                    );
                }
                door.meddle(Meddle::Virtual(line));
                state.dispatch(Action::Virtual(name.to_owned()));
                let filter = filter.trim();
                if !filter.is_empty() {
                    door.meddle(Meddle::Virtual(script::subscribe(name, filter, qos)));
                }
                return;
            }
            let mut fields = vec![("clean", JsValue::from(clean))];
            if !id.trim().is_empty() {
                fields.push(("clientId", JsValue::from_str(id.trim())));
            }
            for (key, value) in [("username", &username), ("password", &password)] {
                if !value.is_empty() {
                    fields.push((key, JsValue::from_str(value)));
                }
            }
            let five = *version == "5";
            fields.push(("version", JsValue::from(if five { 5 } else { 4 })));
            if five && !clean {
                fields.push(("sessionExpiry", JsValue::from_f64(EXPIRY)));
            }
            if will {
                let name = if id.trim().is_empty() {
                    "aluno"
                } else {
                    id.trim()
                };
                fields.push((
                    "will",
                    object([
                        ("topic", JsValue::from_str(&format!("status/{name}"))),
                        ("payload", JsValue::from_str("offline")),
                        ("qos", JsValue::from(1)),
                        ("retain", JsValue::TRUE),
                    ]),
                ));
            }
            let options = object(fields);
            let filter = filter.trim().to_owned();
            busy.set(true);
            let (state, done, id) = (state.clone(), busy.clone(), id.setter());
            ask.ask(
                move |world| async move {
                    let name = world
                        .connect(&options)
                        .await?
                        .as_string()
                        .unwrap_or_default();
                    let shown = vitrine_link::Selection::Client(name.clone());
                    if !filter.is_empty() {
                        world.subscribe(&name, &filter, qos).await?;
                    }
                    state.dispatch(Action::Select(shown));
                    id.set(String::new());
                    Ok(())
                },
                move |_| done.set(false),
            );
        })
    };
    let choose = |field: &UseStateHandle<String>| {
        let field = field.setter();
        Callback::from(move |chosen: String| field.set(chosen))
    };
    let choice = |id: &str, key: &str| Choice {
        id: id.to_owned(),
        label: html! { { texts.get(key) } },
        title: texts.get(&format!("{key}.long")),
    };
    let onqos = {
        let qos = qos.setter();
        Callback::from(move |chosen| qos.set(chosen))
    };
    let onwill = {
        let will = will.clone();
        Callback::from(move |_| will.set(!*will))
    };
    html! {
        <form class="compose" {onsubmit}>
            <div class="field">
                <span>{ texts.get("connect.kind") }</span>
                <Segment label={texts.get("connect.kind")} testid="connect-kind" chosen={(*kind).clone()}
                    choices={vec![choice("real", "connect.kind.real"), choice("virtual", "connect.kind.virtual")]} onchoose={choose(&kind)} />
            </div>
            <label class="field client">
                <span>{ texts.get("connect.id") }</span>
                <input type="text" class="mono" value={(*id).clone()} oninput={typed_into(&id)} placeholder={FREE_NAME} spellcheck="false"
                    autocapitalize="off" autocomplete="off" data-testid="connect-id" />
            </label>
            <label class="field user">
                <span>{ texts.get("connect.username") }</span>
                <input type="text" class="mono" value={(*username).clone()} oninput={typed_into(&username)} spellcheck="false"
                    placeholder={texts.get("connect.optional")} autocapitalize="off" autocomplete="off" data-testid="connect-username" />
            </label>
            <label class="field user">
                <span>{ texts.get("connect.password") }</span>
                <input type="password" class="mono" value={(*password).clone()} oninput={typed_into(&password)}
                    placeholder={texts.get("connect.optional")} autocomplete="off" data-testid="connect-password" />
            </label>
            <label class="field topic">
                <span>{ texts.get("connect.filter") }</span>
                <input type="text" class="mono" value={(*filter).clone()} oninput={typed_into(&filter)} spellcheck="false"
                    autocapitalize="off" autocomplete="off" data-testid="connect-filter" />
            </label>
            <div class="field">
                <span>{ texts.get("word.qos") }</span>
                <QosChoice qos={*qos} testid="connect-qos" onchoose={onqos} />
            </div>
            <div class="field">
                <span>{ texts.get("connect.version") }</span>
                <Segment label={texts.get("connect.version")} testid="connect-version" chosen={(*version).clone()}
                    choices={vec![choice("4", "connect.version.4"), choice("5", "connect.version.5")]} onchoose={choose(&version)} />
            </div>
            <div class="field">
                <span>{ texts.get("connect.session") }</span>
                <Segment label={texts.get("connect.session")} testid="connect-session" chosen={(*session).clone()}
                    choices={vec![choice("clean", "connect.clean"), choice("kept", "connect.kept")]} onchoose={choose(&session)} />
            </div>
            <button type="button" class="button toggle" aria-pressed={will.to_string()} onclick={onwill}
                data-testid="connect-will" title={texts.get("connect.will.long")}>
                <Icon name={IconName::Envelope} /><span>{ texts.get("connect.will") }</span>
            </button>
            <button type="submit" class="button primary" data-testid="connect-send" disabled={*busy} aria-busy={busy.to_string()}>
                <Icon name={IconName::Plug} /><span>{ texts.get("connect.send") }</span>
            </button>
        </form>
    }
}

fn object(fields: impl IntoIterator<Item = (&'static str, JsValue)>) -> JsValue {
    let object = Object::new();
    for (key, value) in fields {
        // A plain object takes any property.
        let _ = Reflect::set(&object, &JsValue::from_str(key), &value);
    }
    object.into()
}
