//! The lesson's text on the stage: what is read, what is asked, and the way on.

use vitrine_link::{LabCommand, LessonFrame, Question};
use yew::prelude::*;

use super::marked::{Marked, Paragraphs};
use super::use_lab_now;
use crate::bridge::use_lab;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

/// The band above the ladder; nothing where there is no lesson.
#[component]
pub(crate) fn LessonBand() -> Html {
    let lab = use_lab_now();
    let Some(frame) = &*lab else {
        return Html::default();
    };
    let Some(lesson) = frame.lesson.clone() else {
        return Html::default();
    };
    html! { <Band {lesson} title={frame.title.clone()} more={frame.next.is_some()} /> }
}

#[derive(PartialEq, Properties)]
struct Props {
    lesson: LessonFrame,
    title: String,
    /// Something will happen yet.
    more: bool,
}

#[component]
fn Band(props: &Props) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let lesson = &props.lesson;
    let text = use_node_ref();
    {
        // A new text is read from its beginning.
        let text = text.clone();
        use_effect_with((lesson.name.clone(), lesson.step), move |_| {
            if let Some(text) = text.cast::<web_sys::Element>() {
                text.set_scroll_top(0);
            }
        });
    }
    {
        // Where not all fits, as on a phone, what was right and why comes into sight when it is told.
        let text = text.clone();
        let told = (lesson.question.as_ref()).is_some_and(|question| question.right.is_some());
        let before = use_mut_ref(|| (lesson.step, told));
        use_effect_with((lesson.step, told), move |now| {
            let was = before.replace(*now);
            if let Some(text) = text.cast::<web_sys::Element>()
                && was.0 == now.0
                && now.1
                && !was.1
            {
                text.set_scroll_top(text.scroll_height());
            }
        });
    }
    let place = texts.fill(
        "lesson.place",
        &[("n", &(lesson.step + 1)), ("of", &lesson.steps.max(1))],
    );
    let waits = lesson
        .question
        .as_ref()
        .is_some_and(|question| question.right.is_none());
    html! {
        <section class={classes!("lesson", lesson.astray.then_some("astray"))} aria-label={texts.get("lesson.title")}
            data-testid="lesson" data-name={lesson.name.clone()} data-step={lesson.step.to_string()}
            data-steps={lesson.steps.to_string()} data-free={lesson.free.to_string()} data-astray={lesson.astray.to_string()}>
            <header>
                <h2 title={props.title.clone()}>{ &props.title }</h2>
                <span class="place">{ place }</span>
                if !lesson.standard.is_empty() {
                    <p class="standard">
                        <span>{ texts.get("lesson.standard") }</span>
                        { for lesson.standard.iter().map(|(name, at)| html! {
                            <a href={at.clone()} target="_blank" rel="noopener noreferrer" title={name.clone()} aria-label={name.clone()}
                                data-testid="lesson-standard">{ section(name) }</a>
                        }) }
                    </p>
                }
            </header>
            <div class="reading" ref={text} tabindex="0" role="region" aria-label={texts.get("lesson.text")}>
                <div class="said" data-testid="lesson-text" aria-live="polite">
                    if lesson.astray {
                        <p class="note"><Icon name={IconName::Fork} />{ texts.get("lesson.astray") }</p>
                    }
                    <Paragraphs text={lesson.text.clone()} />
                </div>
                if let Some(question) = &lesson.question {
                    <Ask question={question.clone()} />
                }
            </div>
            <div class="turn">
                <button type="button" class="button" data-testid="lesson-previous" title={texts.get("lesson.previous.long")}
                    aria-label={texts.get("lesson.previous.long")} disabled={lesson.step == 0 && !lesson.astray} onclick={door.on(LabCommand::Previous)}>
                    <Icon name={IconName::Back} />
                </button>
                if lesson.free {
                    <span class="free">{ texts.get("lesson.free") }</span>
                } else {
                    <button type="button" class={classes!("button", (!waits).then_some("primary"))} data-testid="lesson-next"
                        title={texts.get("lesson.next.long")} onclick={door.on(LabCommand::Next)}>
                        <span>{ texts.get(if lesson.astray { "lesson.next.astray" } else { "lesson.next" }) }</span>
                        <Icon name={IconName::Forward} />
                    </button>
                }
            </div>
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct AskProps {
    question: Question,
}

/// A question; right and wrong are told by a sign and a word.
#[component]
fn Ask(props: &AskProps) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let question = &props.question;
    let told = question.right.is_some();
    let verdict = |at: u32| match question.right {
        Some(right) if right == at => Some((IconName::Check, "right")),
        Some(_) if question.answered == Some(at) => Some((IconName::Cross, "wrong")),
        _ => None,
    };
    html! {
        <div class="ask" role="group" aria-label={question.text.clone()} data-testid="lesson-question">
            <p class="question"><Icon name={IconName::Question} /><span><Marked text={question.text.clone()} /></span></p>
            <ol>
                { for (0_u32..).zip(&question.options).map(|(at, option)| {
                    let verdict = verdict(at);
                    let chosen = question.answered == Some(at);
                    html! {
                        <li>
                            <button type="button" class={classes!("option", verdict.map(|(_, name)| name), chosen.then_some("chosen"))}
                                aria-pressed={chosen.to_string()} disabled={told} data-testid="lesson-option"
                                data-index={at.to_string()} data-verdict={verdict.map_or("none", |(_, name)| name)}
                                onclick={door.on(LabCommand::Answer(at))}>
                                <b aria-hidden="true">{ letter(at) }</b>
                                <span><Marked text={option.clone()} /></span>
                                if let Some((icon, name)) = verdict {
                                    <em><Icon name={icon} />{ texts.get(&format!("lesson.{name}")) }</em>
                                }
                            </button>
                        </li>
                    }
                }) }
            </ol>
            if told && !question.because.is_empty() {
                <p class="because" data-testid="lesson-because" role="status"><Marked text={question.because.clone()} /></p>
            }
        </div>
    }
}

/// A section by its number alone: `5.0 §4.3.2` of `MQTT 5.0 §4.3.2 QoS 1: At least once delivery`. The whole name is its
/// title.
fn section(name: &str) -> String {
    let short = name.strip_prefix("MQTT ").unwrap_or(name);
    let mut words = Vec::new();
    for word in short.split_whitespace() {
        words.push(word);
        if word.starts_with('§') {
            return words.join(" ");
        }
    }
    short.to_owned()
}

/// `A`, `B`, …: what a class calls out.
fn letter(at: u32) -> String {
    char::from_u32('A' as u32 + at)
        .map(String::from)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_called_by_its_number() {
        assert_eq!(
            section("MQTT 5.0 §4.3.2 QoS 1: At least once delivery"),
            "5.0 §4.3.2"
        );
        assert_eq!(section("MQTT 3.1.1 §4.3.2"), "3.1.1 §4.3.2");
        assert_eq!(section("RFC 5246"), "RFC 5246");
        assert_eq!(letter(2), "C");
    }
}
