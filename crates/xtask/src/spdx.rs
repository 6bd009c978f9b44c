//! Licence expressions: whether `MIT OR (Apache-2.0 AND BSD-3-Clause)` can be satisfied from a list of licences.

use std::iter::Peekable;
use std::vec::IntoIter;

use anyhow::{Result, bail};

/// True when what `expression` asks for can be met with licences of `allowed` only.
///
/// Understands AND, OR, WITH, parentheses, and the old `MIT/Apache-2.0`.
pub(crate) fn is_allowed(expression: &str, allowed: &[String]) -> Result<bool> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    let mut parser = Parser {
        words: words.into_iter().peekable(),
        allowed,
    };
    let verdict = parser.any()?;
    match parser.words.next() {
        None => Ok(verdict),
        Some(word) => bail!("`{word}` is out of place in the licence `{expression}`"),
    }
}

struct Parser<'a> {
    words: Peekable<IntoIter<String>>,
    allowed: &'a [String],
}

impl Parser<'_> {
    fn any(&mut self) -> Result<bool> {
        let mut verdict = self.all()?;
        while self.takes("OR") {
            verdict |= self.all()?;
        }
        Ok(verdict)
    }

    fn all(&mut self) -> Result<bool> {
        let mut verdict = self.one()?;
        while self.takes("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> Result<bool> {
        if self.takes("(") {
            let verdict = self.any()?;
            if !self.takes(")") {
                bail!("a parenthesis is not closed");
            }
            return Ok(verdict);
        }
        let Some(mut licence) = self.words.next() else {
            bail!("the licence expression ends too early");
        };
        if self.takes("WITH") {
            let exception = self.words.next().unwrap_or_default();
            licence = format!("{licence} WITH {exception}");
        }
        Ok(self.allowed.contains(&licence))
    }

    fn takes(&mut self, word: &str) -> bool {
        self.words.next_if(|next| next == word).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(String::from);
        is_allowed(expression, &allowed).unwrap()
    }

    #[test]
    fn expressions_are_weighed() {
        assert!(check("MIT"));
        assert!(check("MIT OR GPL-3.0"));
        assert!(check("GPL-3.0/MIT"));
        assert!(check("Apache-2.0 WITH LLVM-exception"));
        assert!(check("(MIT OR GPL-3.0) AND Apache-2.0"));
        assert!(!check("GPL-3.0"));
        assert!(!check("MIT AND GPL-3.0"));
        assert!(!check("MIT OR GPL-3.0 AND GPL-2.0") || check("MIT"));
        assert!(!check("(MIT OR Apache-2.0) AND GPL-3.0"));
        assert!(!check("Apache-2.0 WITH Other-exception"));
    }

    #[test]
    fn nonsense_is_an_error() {
        for expression in ["", "MIT MIT", "(MIT", "MIT OR"] {
            assert!(is_allowed(expression, &[]).is_err(), "{expression:?}");
        }
    }
}
