//! What a list of lessons says of each.

use crate::{Error, Lesson, Texts};

/// A lesson in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the course: the number with which the file's name begins.
    pub number: u32,
    /// The name of its file, without its ending: what an address says.
    pub name: String,
    /// What it is called.
    pub title: Texts,
    /// What it is about, in one line.
    pub summary: Texts,
}

impl Entry {
    /// The entry of a lesson in the file of this name.
    ///
    /// # Errors
    /// When the name is not one like `07-late-acknowledgement.toml`.
    pub fn of(file: &str, lesson: &Lesson) -> Result<Self, Error> {
        let wrong = || {
            let why = format!(
                "the file is called `{file}`: call it by its place in the course and a word or more of small \
                 letters and digits, such as 07-late-acknowledgement.toml"
            );
            Error::new(1, why)
        };
        let name = file.strip_suffix(".toml").ok_or_else(wrong)?;
        let (number, words) = name.split_once('-').ok_or_else(wrong)?;
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let digits = number.len() == 2 && number.chars().all(|c| c.is_ascii_digit());
        if !digits || !words.split('-').all(is_word) {
            return Err(wrong());
        }
        Ok(Self {
            number: number.parse().map_err(|_| wrong())?,
            name: name.to_owned(),
            title: lesson.title.clone(),
            summary: lesson.summary.clone(),
        })
    }
}
