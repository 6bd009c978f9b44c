//! Users and rules.

use vitrine_link::{AccessChange, AccessProblem, AccessState, Command};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::rules::{line_range, with_anonymous};
use crate::app::use_send;
use crate::bridge::Shared;
use crate::part::{IconButton, typed_into};
use crate::save::save;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

/// What the field for the rules offers to begin with.
const EXAMPLE: &str = r#"[access]
anonymous = false
default = "deny"

[[access.rules]]
name = "todos leem a area 10"
allow = ["subscribe", "receive"]
topics = "area/10/#"

[[access.rules]]
name = "cada um no seu canto"
user = "*"
allow = "all"
topics = "casa/%u/#"
"#;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) access: Shared<AccessState>,
}

/// The section.
#[component]
pub(super) fn AccessSection(props: &Props) -> Html {
    let (texts, send) = (use_texts(), use_send());
    let access = &props.access;
    let change = {
        let send = send.clone();
        Callback::from(move |change: AccessChange| send.emit(Command::Access(change)))
    };
    let onanonymous = {
        let (change, rules) = (change.clone(), access.rules.clone());
        let anonymous = access.anonymous;
        Callback::from(move |_: Event| {
            change.emit(AccessChange::Rules(with_anonymous(&rules, !anonymous)));
        })
    };
    // What is checked is what counts: the switch follows the answer, not the pointer.
    let says = if access.count == 0 {
        texts.get(if access.default_allow {
            "access.all"
        } else {
            "access.nothing"
        })
    } else {
        let rules = texts.count("access.rules", access.count.into());
        let else_key = if access.default_allow {
            "access.else-allow"
        } else {
            "access.else-deny"
        };
        format!("{rules} {}", texts.get(else_key))
    };
    let in_rules = access
        .problem
        .as_ref()
        .filter(|problem| !problem.in_passwords)
        .cloned();
    let in_users = access
        .problem
        .as_ref()
        .filter(|problem| problem.in_passwords)
        .cloned();
    html! {
        <section data-testid="access" data-revision={access.revision.to_string()} data-anonymous={access.anonymous.to_string()}>
            <h3>{ texts.get("access.title") }</h3>
            // What is changed here takes the place of what counts: that has to be known first.
            <fieldset class="bare" disabled={access.revision == 0}>
                <label class="check">
                    <input type="checkbox" checked={access.anonymous} onchange={onanonymous} data-testid="access-anonymous" />
                    <span>{ texts.get("access.anonymous") }</span>
                </label>
                if !access.anonymous && access.users.is_empty() {
                    <p class="note">{ texts.get("access.nobody") }</p>
                }
                <Users users={access.users.clone()} passwords={access.passwords.clone()} problem={in_users} change={change.clone()} />
                <Rules text={access.rules.clone()} revision={access.revision} problem={in_rules} {says} {change} />
            </fieldset>
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct UsersProps {
    users: Vec<String>,
    passwords: String,
    problem: Option<AccessProblem>,
    change: Callback<AccessChange>,
}

/// Who may log in.
#[component]
fn Users(props: &UsersProps) -> Html {
    let texts = use_texts();
    let (name, password) = (use_state_eq(String::new), use_state_eq(String::new));
    let onsubmit = {
        let (name, password, change) = (name.clone(), password.clone(), props.change.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            change.emit(AccessChange::SetUser {
                name: name.trim().to_owned(),
                password: (*password).clone(),
            });
            name.set(String::new());
            password.set(String::new());
        })
    };
    let user = |user: &String| {
        let (change, who) = (props.change.clone(), user.clone());
        let onclick =
            Callback::from(move |_: MouseEvent| change.emit(AccessChange::RemoveUser(who.clone())));
        html! {
            <li key={user.clone()} data-testid="access-user" data-user={user.clone()}>
                <code>{ user }</code>
                <IconButton icon={IconName::Trash} label={texts.fill("access.remove", &[("user", user)])}
                    testid="access-remove" {onclick} />
            </li>
        }
    };
    let import = {
        let change = props.change.clone();
        Callback::from(move |text: String| change.emit(AccessChange::Passwords(text)))
    };
    html! {
        <div class="users">
            <header>
                <h4>{ texts.get("access.users") }</h4>
                <Files name="vitrine-users.txt" text={props.passwords.clone()} testid="access-users" {import} />
            </header>
            if props.users.is_empty() {
                <p class="note">{ texts.get("access.no-users") }</p>
            } else {
                <ul class="chips">{ for props.users.iter().map(user) }</ul>
            }
            <form class="compose" {onsubmit}>
                <label class="field user">
                    <span>{ texts.get("connect.username") }</span>
                    <input type="text" class="mono" required=true value={(*name).clone()} oninput={typed_into(&name)} spellcheck="false"
                        autocapitalize="off" autocomplete="off" data-testid="access-name" />
                </label>
                <label class="field user">
                    <span>{ texts.get("connect.password") }</span>
                    <input type="password" class="mono" required=true value={(*password).clone()} oninput={typed_into(&password)}
                        autocomplete="new-password" data-testid="access-password" />
                </label>
                <button type="submit" class="button" data-testid="access-add">
                    <Icon name={IconName::Clients} /><span>{ texts.get("access.add") }</span>
                </button>
            </form>
            <ProblemLine problem={props.problem.clone()} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct RulesProps {
    /// The text that counts.
    text: String,
    revision: u32,
    problem: Option<AccessProblem>,
    /// What it comes to, in words.
    says: String,
    change: Callback<AccessChange>,
}

/// What they may do.
#[component]
fn Rules(props: &RulesProps) -> Html {
    let texts = use_texts();
    let text = use_state_eq(|| props.text.clone());
    let field = use_node_ref();
    {
        let text = text.setter();
        use_effect_with((props.text.clone(), props.revision), move |(counts, _)| {
            text.set(counts.clone());
        });
    }
    {
        // Where it is wrong stands out in the field itself.
        let (field, text) = (field.clone(), text.clone());
        use_effect_with(props.problem.clone(), move |problem| {
            if let (Some(problem), Some(field)) = (problem, field.cast::<HtmlTextAreaElement>())
                && let Some((begin, end)) = line_range(&text, problem.line)
            {
                let _ = field.focus();
                let _ = field.set_selection_range(begin, end);
            }
        });
    }
    let oninput = {
        let text = text.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(field.value());
            }
        })
    };
    let apply = {
        let (text, change) = (text.clone(), props.change.clone());
        move || change.emit(AccessChange::Rules((*text).clone()))
    };
    let onclick = {
        let apply = apply.clone();
        Callback::from(move |_: MouseEvent| apply())
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            apply();
        }
    });
    let example = {
        let text = text.setter();
        Callback::from(move |_: MouseEvent| text.set(EXAMPLE.to_owned()))
    };
    let import = {
        let change = props.change.clone();
        Callback::from(move |text: String| change.emit(AccessChange::Rules(text)))
    };
    let changed = *text != props.text;
    html! {
        <div class="rules">
            <header>
                <h4>{ texts.get("access.rules.title") }</h4>
                <Files name="vitrine.toml" text={props.text.clone()} testid="access-rules" {import} />
            </header>
            <p class="note">{ texts.get("access.rules.long") }</p>
            <textarea ref={field} class="mono" rows="8" spellcheck="false" autocapitalize="off" autocomplete="off"
                aria-label={texts.get("access.rules.title")} value={(*text).clone()} {oninput} {onkeydown}
                data-testid="access-text" />
            <ProblemLine problem={props.problem.clone()} />
            <div class="apply">
                <button type="button" class="button primary" disabled={!changed} data-testid="access-apply" {onclick}>
                    <Icon name={IconName::Check} /><span>{ texts.get("access.apply") }</span>
                </button>
                if text.trim().is_empty() {
                    <button type="button" class="button" data-testid="access-example" onclick={example}>{ texts.get("access.example") }</button>
                }
                <span class="note" data-testid="access-says">{ if changed { texts.get("access.changed") } else { props.says.clone() } }</span>
            </div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ProblemProps {
    problem: Option<AccessProblem>,
}

/// What is wrong with a text, and where.
#[component]
fn ProblemLine(props: &ProblemProps) -> Html {
    let texts = use_texts();
    let Some(problem) = &props.problem else {
        return Html::default();
    };
    html! {
        <p class="problem" role="alert" data-testid="access-problem" data-line={problem.line.to_string()}>
            <Icon name={IconName::Warning} />
            <span>
                if problem.line > 0 {
                    { texts.fill("access.line", &[("line", &problem.line)]) }{ " " }
                }
                if let Some(key) = &problem.key {
                    <code>{ key }</code>{ ": " }
                }
                { texts.why(&problem.message) }
            </span>
        </p>
    }
}

#[derive(PartialEq, Properties)]
struct FilesProps {
    /// What the file is called that is saved.
    name: &'static str,
    text: String,
    testid: &'static str,
    import: Callback<String>,
}

/// Saving a text as a file, and reading one.
#[component]
fn Files(props: &FilesProps) -> Html {
    let texts = use_texts();
    let save = {
        let (name, text) = (props.name, props.text.clone());
        Callback::from(move |_: MouseEvent| {
            // A browser that refuses leaves the text in the field, from where it can be copied.
            let parts = js_sys::Array::of1(&JsValue::from_str(&text));
            if let Ok(blob) = Blob::new_with_str_sequence(&parts) {
                let _ = save(name, &blob);
            }
        })
    };
    let onchange = {
        let import = props.import.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let Some(file) = input.files().and_then(|files| files.get(0)) else {
                return;
            };
            let import = import.clone();
            spawn_local(async move {
                if let Ok(text) = JsFuture::from(file.text()).await
                    && let Some(text) = text.as_string()
                {
                    import.emit(text);
                }
                // The same file may be chosen again.
                input.set_value("");
            });
        })
    };
    html! {
        <span class="files">
            <button type="button" class="button small" disabled={props.text.is_empty()} onclick={save}
                data-testid={format!("{}-save", props.testid)}>{ texts.get("access.save") }</button>
            <label class="button small">
                { texts.get("access.open") }
                <input type="file" class="unseen" {onchange} data-testid={format!("{}-open", props.testid)} />
            </label>
        </span>
    }
}
