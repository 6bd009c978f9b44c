//! Icons: one stroke, 20 by 20, in the colour of the text.

use yew::prelude::*;

/// The icons there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconName {
    Pin,
    Envelope,
    Play,
    Pause,
    Stop,
    Live,
    Back,
    Forward,
    Filter,
    Search,
    Close,
    Publish,
    Plug,
    FoldLeft,
    FoldRight,
    Sun,
    Moon,
    Halves,
    Chevron,
    Cut,
    Redeliver,
    Warning,
    Check,
    Cross,
    Box,
    Queue,
    Lines,
    Copy,
    Stage,
    Trash,
    Dollar,
    Topics,
    Ladder,
    Match,
    Clients,
    Bytes,
    Eye,
    Pulse,
    Shield,
    Clock,
    Tag,
    Memory,
    Link,
    Download,
    Image,
    Folder,
    Flask,
    Bolt,
    Power,
    Undo,
    Columns,
    First,
    Last,
    Step,
    Fork,
    Question,
    Hand,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            Self::Pin => "M7 3h6l-1 5 3 3v1.500H5V11l3-3zM10 12.500V17.500",
            Self::Envelope => "M3 5h14v10H3zM3 5.500l7 5.500 7-5.500",
            Self::Play => "M6.500 4v12l9-6z",
            Self::Pause => "M7 4v12M13 4v12",
            Self::Stop => "M5 5h10v10H5z",
            Self::Live => "M5 4v12l8-6zM15.500 4v12",
            Self::Back => "M12 5l-5 5 5 5",
            Self::Forward => "M8 5l5 5-5 5",
            Self::Filter => "M3 5h14M6 10h8M8.500 15h3",
            Self::Search => "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.700 12.700L17 17",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Publish => "M3 10h11M10 5.500l4.500 4.500L10 14.500M17.500 4v12",
            Self::Plug => "M7 3v4M13 3v4M5 7h10v2a5 5 0 0 1-10 0zM10 14v3.500",
            Self::FoldLeft => "M3 4h14v12H3zM8 4v12",
            Self::FoldRight => "M3 4h14v12H3zM12 4v12",
            Self::Sun => {
                "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600L16 16M4 16l1.400-1.400M14.600 5.400L16 4"
            }
            Self::Moon => "M16.500 12.500A7 7 0 0 1 7.500 3.500a7 7 0 1 0 9 9z",
            Self::Halves => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 3v14",
            Self::Chevron => "M7.500 5l5 5-5 5",
            Self::Cut => "M3 10h4M13 10h4M8 14l4-8",
            Self::Redeliver => {
                "M4 10a6 6 0 0 1 10.500-4L16.500 8M16.500 3.500V8H12M16 10a6 6 0 0 1-10.500 4L3.500 12M3.500 16.500V12H8"
            }
            Self::Warning => "M10 3l8 14H2zM10 8v4.500M10 14.500v.5",
            Self::Check => "M4 10.500l4 4 8-9",
            Self::Cross => "M5 5l10 10M15 5L5 15",
            Self::Box => "M4 5h12v10H4z",
            Self::Queue => "M4 4h12v3H4zM4 9h12v3H4zM4 14h12v3H4z",
            Self::Lines => "M3 5h14M3 8.500h9M3 12.500h14M3 16h9",
            Self::Copy => "M7 7h10v10H7zM13 7V3H3v10h4",
            Self::Stage => "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
            Self::Trash => {
                "M3.500 5.500h13M8 5.500V3h4v2.500M5.500 5.500l.8 11.500h7.400l.8-11.500"
            }
            Self::Dollar => {
                "M14 6.500C13 5 11.500 4.700 10 4.700c-2 0-3.800.9-3.800 2.700 0 3.700 7.800 1.600 7.800 5.300 0 1.700-1.800 2.700-4 2.700-1.800 0-3.500-.5-4.300-2M10 2.500v15"
            }
            Self::Topics => "M4 4h5M4 4v12h5M4 10h5M12 4h4M12 10h4M12 16h4",
            Self::Ladder => {
                "M4 3v14M16 3v14M4 7h11M12.500 4.500L15.500 7l-3 2.500M16 13H5M7.500 10.500L4.500 13l3 2.500"
            }
            Self::Match => "M3 7h14M3 13h14M7 3v14M13 3v14",
            Self::Clients => {
                "M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c.5-3.500 2.800-5 6-5s5.500 1.500 6 5"
            }
            Self::Bytes => "M4 4h4v5H4zM12 4h4v5h-4zM4 12h4v5H4zM12 12h4v5h-4z",
            Self::Eye => {
                "M2 10c2-3.500 4.800-5.200 8-5.200s6 1.700 8 5.200c-2 3.500-4.800 5.200-8 5.200S4 13.500 2 10zM10 7.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400z"
            }
            Self::Pulse => "M2 10h4l2-5.500 4 11 2-5.500h4",
            Self::Flask => {
                "M8 3h4M8.500 3v5L4 15.500A1.200 1.200 0 0 0 5 17h10a1.200 1.200 0 0 0 1-1.500L11.500 8V3M6.500 12.500h7"
            }
            Self::Bolt => "M11 2.500L4.500 11H9.500L8.500 17.500L15.500 8.500H10.500z",
            Self::Power => "M10 3v7M6.200 5.500a6.200 6.200 0 1 0 7.600 0",
            Self::Undo => {
                "M7.500 4.500L3.500 8.500l4 4M3.500 8.500h8.500a4.200 4.200 0 0 1 0 8.400H8"
            }
            Self::Columns => "M3 4h14v12H3zM7.700 4v12M12.300 4v12",
            Self::First => "M5 4.500v11M15 5l-6 5 6 5",
            Self::Last => "M15 4.500v11M5 5l6 5-6 5",
            Self::Step => "M4 4.500l7.500 5.500L4 15.500zM15.500 4.500v11",
            Self::Fork => {
                "M6 17V4M6 12c0-4 8-2 8-8M3.500 6.500L6 4l2.500 2.500M11.500 6.500L14 4l2.500 2.500"
            }
            Self::Question => {
                "M10 2.800a7.200 7.200 0 1 0 0 14.400 7.200 7.200 0 0 0 0-14.400zM7.800 8a2.200 2.200 0 1 1 3.300 1.900c-.8.500-1.100.9-1.100 1.900M10 14v.2"
            }
            Self::Hand => {
                "M6 10V5.500a1.200 1.200 0 0 1 2.400 0V9M8.400 9V4a1.200 1.200 0 0 1 2.400 0v5M10.800 9V5a1.200 1.200 0 0 1 2.400 0v5M13.200 8a1.200 1.200 0 0 1 2.400 0v4c0 3-1.800 5-4.800 5S6.500 15.500 4 11.800a1.300 1.300 0 0 1 2-1.500"
            }
            Self::Shield => "M10 2.500l6 2v5c0 4-2.500 6.500-6 8-3.500-1.500-6-4-6-8v-5z",
            Self::Clock => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.500l3 2",
            Self::Tag => "M3 3h7l7 7-7 7-7-7zM6.500 6.500v.2",
            Self::Memory => {
                "M6 6h8v8H6zM8 6V3M12 6V3M8 17v-3M12 17v-3M6 8H3M6 12H3M17 8h-3M17 12h-3"
            }
            Self::Link => {
                "M8.500 11.500a3.300 3.300 0 0 0 4.700 0l3-3a3.300 3.300 0 0 0-4.700-4.700L10.500 4.800M11.500 8.500a3.300 3.300 0 0 0-4.700 0l-3 3a3.300 3.300 0 0 0 4.700 4.700l1-1"
            }
            Self::Download => "M10 3v10M5.500 8.500L10 13l4.500-4.500M3.500 16.500h13",
            Self::Image => "M3 4h14v12H3zM3 14l4.500-5 3.500 4 2.500-2.500L17 14M13 7v.2",
            Self::Folder => "M3 16V4h5l2 2.500h7V16z",
        }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) name: IconName,
    /// What it says to those who listen; without it, the words beside it say it.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) class: Classes,
}

/// An icon.
#[component]
pub(crate) fn Icon(props: &Props) -> Html {
    let svg = html! {
        <svg class={classes!("icon", props.class.clone())} viewBox="0 0 20 20"
            role={props.label.as_ref().map(|_| "img")} aria-label={props.label.clone()}
            aria-hidden={props.label.is_none().then_some("true")}>
            <path d={props.name.path()} />
        </svg>
    };
    match &props.label {
        Some(label) => html! { <span class="sign" title={label}>{ svg }</span> },
        None => svg,
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct StrokesProps {
    pub(crate) name: IconName,
}

/// Only the strokes of an icon, to be drawn inside another drawing.
#[component]
pub(crate) fn Strokes(props: &StrokesProps) -> Html {
    html! { <path class="strokes" d={props.name.path()} /> }
}
