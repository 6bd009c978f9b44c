//! A packet's arrow: thickness, head and tail tell its family, the head doubles for DUP.

use vitrine_link::PacketRow;
use yew::prelude::*;

use super::packets::{Family, family};

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) packet: PacketRow,
    /// Where the client's line stands, and the broker's.
    pub(super) x: f64,
    pub(super) broker: f64,
    pub(super) y: f64,
    /// It has just come: a dot moves along it.
    pub(super) fresh: bool,
    /// How far it goes.
    #[prop_or_default]
    pub(super) reach: Reach,
}

/// How far an arrow goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Reach {
    /// From line to line.
    #[default]
    Whole,
    /// It is on its way, and has gone this much of it, from 0 to 1.
    Gone(f32),
    /// It was lost on its way, where it had gone this much of it.
    Lost(f32),
}

impl Reach {
    /// Where the arrow's head is, in the room between two lines: never so near to either that it would not be seen.
    pub(super) fn head(self, from: f64, to: f64) -> f64 {
        match self {
            Self::Whole => to,
            Self::Gone(gone) | Self::Lost(gone) => {
                from + (to - from) * f64::from(gone).clamp(0.0, 1.0).clamp(0.3, 0.86)
            }
        }
    }
}

/// The arrow.
#[component]
pub(super) fn Arrow(props: &Props) -> Html {
    let Props { packet, y, .. } = props;
    let (from, to) = if packet.to_broker {
        (props.x, props.broker)
    } else {
        (props.broker, props.x)
    };
    let way = if from < to { 1.0 } else { -1.0 };
    let family = family(packet.packet_type);
    let class = match family {
        Family::Publication => "publication",
        Family::Acknowledgement => "acknowledgement",
        Family::Connection => "connection",
        Family::Subscription => "subscription",
        Family::Ping => "ping",
    };
    let end_of_way = to;
    let to = props.reach.head(from, to);
    let whole = props.reach == Reach::Whole;
    let lost = matches!(props.reach, Reach::Lost(_));
    let tip = if whole { to - way * 2.0 } else { to };
    let head = |tip: f64| {
        let (long, half) = match family {
            Family::Publication => (12.0, 6.0),
            Family::Acknowledgement | Family::Connection | Family::Subscription | Family::Ping => {
                (8.0, 4.5)
            }
        };
        let back = tip - way * long;
        let (up, down) = (y - half, y + half);
        if family == Family::Publication {
            html! { <path class="head full" d={format!("M{tip} {y}L{back} {up}V{down}z")} /> }
        } else {
            html! { <path class="head open" d={format!("M{back} {up}L{tip} {y}L{back} {down}")} /> }
        }
    };
    let start = from + way * 2.0;
    let center = from + way * 8.0;
    let tail = match family {
        Family::Publication => {
            let qos = packet.qos.unwrap_or(0);
            html! {
                <g class="tail">
                    <circle class="sign" cx={center.to_string()} cy={y.to_string()} r="6" />
                    if qos == 1 {
                        <path class="sign-fill" d={format!("M{center} {}a6 6 0 0 0 0 12z", y - 6.0)} />
                    } else if qos == 2 {
                        <circle class="sign-fill" cx={center.to_string()} cy={y.to_string()} r="6" />
                    }
                </g>
            }
        }
        Family::Connection => html! {
            <rect class="tail-mark" x={(center - 4.0).to_string()} y={(y - 4.0).to_string()} width="8" height="8" />
        },
        Family::Subscription => html! {
            <path class="tail-mark" d={format!("M{center} {}l5 5-5 5-5-5z", y - 5.0)} />
        },
        Family::Acknowledgement | Family::Ping => Html::default(),
    };
    let end = if family == Family::Publication && !lost {
        tip - way * 9.0
    } else {
        tip
    };
    let qos = packet.qos.map(|qos| format!("qos-{qos}"));
    html! {
        <g class={classes!("arrow", class, qos, (!whole).then_some("underway"), lost.then_some("broken"))}>
            if !whole && !lost {
                // The way that is left.
                <line class="rest" x1={(tip + way * 4.0).to_string()} x2={(end_of_way - way * 2.0).to_string()}
                    y1={y.to_string()} y2={y.to_string()} />
            }
            <line class="glow" x1={start.to_string()} x2={tip.to_string()} y1={y.to_string()} y2={y.to_string()} />
            <line class="shaft" x1={start.to_string()} x2={end.to_string()} y1={y.to_string()} y2={y.to_string()} />
            { tail }
            if lost {
                <path class="broke" d={format!("M{} {}l10 10m0-10l-10 10", tip + way * 9.0 - 5.0, y - 5.0)} />
            } else {
                { head(tip) }
                if packet.dup {
                    { head(tip - way * 9.0) }
                }
            }
            if props.fresh {
                // The box is as long as the way: moved by its own width, the dot goes from end to end.
                <g class={classes!("flight", if way > 0.0 { "right" } else { "left" })}>
                    <rect x={from.min(to).to_string()} y={(y - 5.0).to_string()} width={(to - from).abs().to_string()} height="10" fill="none" />
                    <circle cx={to.to_string()} cy={y.to_string()} r="5" />
                </g>
            }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_on_its_way_is_between_the_lines() {
        assert_eq!(Reach::Whole.head(100.0, 300.0), 300.0);
        for gone in [0.0, 0.5, 1.0, f32::NAN, 7.0] {
            for (from, to) in [(100.0, 300.0), (300.0, 100.0)] {
                let head = Reach::Gone(gone).head(from, to);
                assert!(
                    gone.is_nan() || (head > 120.0 && head < 280.0),
                    "{gone}: {head}"
                );
            }
        }
        assert_eq!(Reach::Lost(0.5).head(300.0, 100.0), 200.0);
    }
}
