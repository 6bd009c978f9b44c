//! The rows of the tree: those on screen, in a space as tall as all of them.

use vitrine_link::{Selection, TreeFrame, TreeRow};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::node::Node;
use crate::app::{Look, use_lens, use_page};
use crate::bridge::Shared;
use crate::flow::Focus;
use crate::hook::{use_clock, use_size};
use crate::state::Action;
use crate::text::use_texts;

/// Rows asked for beyond the screen, above and below, so that scrolling shows no gap.
const BEYOND: u32 = 6;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) tree: Shared<TreeFrame>,
    pub(super) focus: Focus,
    pub(super) now: f64,
    /// Whether a filter marks topics.
    pub(super) filtering: bool,
}

/// The tree.
#[component]
pub(super) fn Tree(props: &Props) -> Html {
    let (state, lens, texts) = (use_page(), use_lens(), use_texts());
    let view = use_node_ref();
    let (_, height) = use_size(&view);
    let clock = use_clock(props.now);
    let tree = &props.tree;
    let row = if state.tall { 50.0 } else { 30.0 };
    // Where the keyboard stands.
    let cursor = use_state_eq(|| None::<String>);

    let looked = {
        let (lens, view) = (lens.dispatcher(), view.clone());
        Callback::from(move |()| {
            let Some(element) = view.cast::<HtmlElement>() else {
                return;
            };
            if element.client_height() == 0 {
                return;
            }
            let first = (f64::from(element.scroll_top()) / row) as u32;
            let fit = (f64::from(element.client_height()) / row).ceil() as u32;
            lens.dispatch(Look::Tree(first.saturating_sub(BEYOND), fit + 2 * BEYOND));
        })
    };
    {
        let looked = looked.clone();
        use_effect_with((height as u32, row as u32), move |_| looked.emit(()));
    }
    {
        let view = view.clone();
        use_effect_with(
            (tree.total, tree.first, row as u32),
            move |(total, first, _)| {
                if let Some(element) = view.cast::<HtmlElement>() {
                    let style = element.style();
                    let _ =
                        style.set_property("--total", &format!("{}px", f64::from(*total) * row));
                    let _ =
                        style.set_property("--offset", &format!("{}px", f64::from(*first) * row));
                }
            },
        );
    }
    let scroll_to = {
        let view = view.clone();
        move |index: u32| {
            if let Some(element) = view.cast::<HtmlElement>() {
                let top = f64::from(index) * row;
                let (from, tall) = (
                    f64::from(element.scroll_top()),
                    f64::from(element.client_height()),
                );
                if top < from {
                    element.set_scroll_top(top as i32);
                } else if top + row > from + tall {
                    element.set_scroll_top((top + row - tall) as i32);
                }
            }
        }
    };
    {
        // The topic that was looked for has been found: show it, once.
        let (lens, scroll_to) = (lens.clone(), scroll_to.clone());
        use_effect_with((tree.found, lens.find.clone()), move |(found, find)| {
            if let (Some(index), false) = (found, find.is_empty()) {
                scroll_to(*index);
                lens.dispatch(Look::Find(String::new()));
            }
        });
    }
    let held = |held: bool| {
        let lens = lens.dispatcher();
        Callback::from(move |event: PointerEvent| {
            if event.pointer_type() == "mouse" {
                lens.dispatch(Look::HoldTree(held));
            }
        })
    };
    let release = {
        let lens = lens.dispatcher();
        Callback::from(move |_: MouseEvent| lens.dispatch(Look::HoldTree(false)))
    };
    let onkeydown = {
        let (state, cursor, tree) = (state.clone(), cursor.clone(), tree.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(moved) = walk(&tree, cursor.as_deref(), &event.key()) else {
                return;
            };
            event.prevent_default();
            event.stop_propagation();
            match moved {
                Walk::To(index, topic) => {
                    scroll_to(index);
                    cursor.set(Some(topic));
                }
                Walk::Beyond(index) => scroll_to(index),
                Walk::Toggle(topic) => state.dispatch(Action::Toggle(topic)),
                Walk::Select(topic) => state.dispatch(Action::Select(Selection::Topic(topic))),
            }
        })
    };
    let onfocus = {
        let (cursor, tree) = (cursor.clone(), tree.clone());
        Callback::from(move |_: FocusEvent| {
            if cursor.is_none()
                && let Some(row) = tree.rows.first()
            {
                cursor.set(Some(row.topic.clone()));
            }
        })
    };
    let active = tree
        .rows
        .iter()
        .position(|row| Some(&row.topic) == cursor.as_ref())
        .map(|index| format!("node-{}", tree.first as usize + index));
    html! {
        <div class="tree-frame">
            <div ref={view} class={classes!("tree", state.tall.then_some("tall"), props.filtering.then_some("filtering"))}
                role="tree" tabindex="0" aria-label={texts.get("topics.title")} aria-activedescendant={active}
                onscroll={move |_: Event| looked.emit(())} {onkeydown} {onfocus}
                onpointerenter={held(true)} onpointerleave={held(false)}>
                <div class="space" role="presentation">
                    <div class="rows" role="presentation">
                        { for tree.rows.iter().enumerate().map(|(index, row)| {
                            let from_top = tree.first as usize + index;
                            html! {
                                <Node key={row.topic.clone()} row={row.clone()} index={from_top as u32}
                                    age={row.last.as_ref().map(|last| ((clock - last.at) / 1000.0).max(0.0) as u64)}
                                    lit={props.focus.topic.as_ref() == Some(&row.topic)}
                                    at={cursor.as_ref() == Some(&row.topic)} filtering={props.filtering} tall={state.tall} />
                            }
                        }) }
                    </div>
                </div>
            </div>
            if tree.withheld > 0 {
                <button type="button" class="button small newer" data-testid="withheld" onclick={release}>
                    { texts.count("topics.withheld", tree.withheld.into()) }
                </button>
            }
        </div>
    }
}

/// Where a key leads.
#[derive(Debug, PartialEq)]
enum Walk {
    To(u32, String),
    /// To a row that is not here yet: scrolling brings it.
    Beyond(u32),
    Toggle(String),
    Select(String),
}

fn walk(tree: &TreeFrame, cursor: Option<&str>, key: &str) -> Option<Walk> {
    let at = tree
        .rows
        .iter()
        .position(|row| Some(row.topic.as_str()) == cursor);
    let to = |index: usize| match tree.rows.get(index) {
        Some(row) => Some(Walk::To(tree.first + index as u32, row.topic.clone())),
        None if tree.first + (index as u32) < tree.total => {
            Some(Walk::Beyond(tree.first + index as u32))
        }
        None => None,
    };
    let row: Option<&TreeRow> = at.and_then(|at| tree.rows.get(at));
    match key {
        "ArrowDown" => to(at.map_or(0, |at| at + 1)),
        "ArrowUp" => match at {
            Some(0) => tree.first.checked_sub(1).map(Walk::Beyond),
            Some(at) => to(at - 1),
            None => to(0),
        },
        "Home" => match tree.first {
            0 => to(0),
            _ => Some(Walk::Beyond(0)),
        },
        "End" => to((tree.total.saturating_sub(1 + tree.first)) as usize),
        "ArrowRight" => {
            let row = row?;
            match (row.children, row.open) {
                (0, _) => None,
                (_, false) => Some(Walk::Toggle(row.topic.clone())),
                (_, true) => to(at? + 1),
            }
        }
        "ArrowLeft" => {
            let row = row?;
            if row.open && row.children > 0 {
                return Some(Walk::Toggle(row.topic.clone()));
            }
            let parent = (0..at?)
                .rev()
                .find(|index| tree.rows[*index].depth < row.depth)?;
            to(parent)
        }
        "Enter" | " " => row.map(|row| Walk::Select(row.topic.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> TreeFrame {
        let row = |topic: &str, depth, children, open| TreeRow {
            topic: topic.into(),
            depth,
            children,
            open,
            ..TreeRow::default()
        };
        TreeFrame {
            total: 5,
            rows: vec![
                row("a", 0, 2, true),
                row("a/b", 1, 1, false),
                row("a/c", 1, 0, false),
            ],
            ..TreeFrame::default()
        }
    }

    #[test]
    fn up_and_down_go_from_row_to_row() {
        assert_eq!(
            walk(&tree(), None, "ArrowDown"),
            Some(Walk::To(0, "a".into()))
        );
        assert_eq!(
            walk(&tree(), Some("a"), "ArrowDown"),
            Some(Walk::To(1, "a/b".into()))
        );
        assert_eq!(
            walk(&tree(), Some("a/b"), "ArrowUp"),
            Some(Walk::To(0, "a".into()))
        );
        assert_eq!(walk(&tree(), Some("a"), "ArrowUp"), None);
    }

    #[test]
    fn beyond_the_rows_that_are_here_it_scrolls() {
        assert_eq!(
            walk(&tree(), Some("a/c"), "ArrowDown"),
            Some(Walk::Beyond(3))
        );
        assert_eq!(walk(&tree(), Some("a"), "End"), Some(Walk::Beyond(4)));
    }

    #[test]
    fn right_opens_and_left_closes_or_goes_to_the_parent() {
        assert_eq!(
            walk(&tree(), Some("a/b"), "ArrowRight"),
            Some(Walk::Toggle("a/b".into()))
        );
        assert_eq!(
            walk(&tree(), Some("a"), "ArrowRight"),
            Some(Walk::To(1, "a/b".into()))
        );
        assert_eq!(walk(&tree(), Some("a/c"), "ArrowRight"), None);
        assert_eq!(
            walk(&tree(), Some("a/c"), "ArrowLeft"),
            Some(Walk::To(0, "a".into()))
        );
        assert_eq!(
            walk(&tree(), Some("a"), "ArrowLeft"),
            Some(Walk::Toggle("a".into()))
        );
    }

    #[test]
    fn other_keys_are_left_to_the_page() {
        assert_eq!(walk(&tree(), Some("a"), "x"), None);
    }
}
