//! Reading the text in a code.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use core::time::Duration;

use super::{Link, LinkRoad, MOST_ROADS};
use crate::MOST_MOMENTS;
use crate::script::{Reader, Setting, Word, split};

/// Reads a text, line by line.
#[derive(Debug, Default)]
pub(super) struct LinkReader {
    link: Link,
    reader: Reader,
    /// The road that is read.
    road: Option<LinkRoad>,
}

impl LinkReader {
    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
        let words = split(line)?;
        let Some((first, rest)) = words.split_first() else {
            return Ok(());
        };
        match first.bare() {
            Some("lesson") => {
                let name = match rest {
                    [name] => name.plain(),
                    _ => None,
                };
                let name = name.and_then(|name| core::str::from_utf8(name).ok());
                self.link.lesson = Some(name.ok_or("lesson wants one name")?.into());
            }
            Some("beside") if rest.is_empty() => self.link.beside = true,
            Some("show") => {
                let number = match rest {
                    [number] => number.bare().and_then(|number| number.parse().ok()),
                    _ => None,
                };
                self.link.shown = number.ok_or("show wants the number of a road")?;
            }
            Some("road") => self.begin(rest)?,
            _ => {
                self.reader.line(line)?;
                if self.road.is_none() && self.reader.has_acts() {
                    return Err("what is done stands behind a line road".to_string());
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, words: &[Word]) -> Result<(), String> {
        self.end_road()?;
        let (mut from, mut at, mut position) = (None, None, 0);
        let mut elapsed = Duration::ZERO;
        for word in words {
            let setting = Setting::of(word)?;
            match setting.key {
                "from" => from = Some(setting.number(0, MOST_ROADS as u64)? as usize),
                "at" => at = Some(setting.number(0, MOST_MOMENTS)?),
                "position" => position = setting.number(0, MOST_MOMENTS)?,
                "elapsed" => elapsed = setting.duration(Duration::ZERO)?,
                key => {
                    return Err(format!(
                        "a road has from, at, position and elapsed, but no {key}"
                    ));
                }
            }
        }
        let before = self.link.roads.len();
        let from = match (from, at) {
            (None, None) if before == 0 => None,
            (Some(from), Some(at)) if from < before => Some((from, at)),
            _ => {
                return Err(
                    "all roads but the first leave one before them: from=0 at=7".to_string()
                );
            }
        };
        if before >= MOST_ROADS {
            return Err(format!("there are more than {MOST_ROADS} roads"));
        }
        self.reader.take();
        self.road = Some(LinkRoad {
            from,
            position,
            elapsed,
            ..LinkRoad::default()
        });
        Ok(())
    }

    fn end_road(&mut self) -> Result<(), String> {
        let Some(road) = self.road.take() else {
            return Ok(());
        };
        let (acts, end) = self.reader.take();
        let end = end.ok_or("a road ends with a line @N end")?;
        let from = road.from.map_or(0, |(_, at)| at);
        let fits = acts.iter().all(|act| act.at.is_some_and(|at| at >= from));
        if !fits || end < from || road.position > end || end > MOST_MOMENTS {
            return Err(format!(
                "on a road from {from} to {end} (at most {MOST_MOMENTS}) all that is done has its position, and one stands on it"
            ));
        }
        self.link.roads.push(LinkRoad { acts, end, ..road });
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Link, String> {
        self.end_road()?;
        self.link.setup = Rc::new(self.reader.finish().0);
        if self.link.shown >= self.link.roads.len() {
            return Err("it shows a road that is not there".to_string());
        }
        Ok(self.link)
    }
}
