//! Plays lessons and prints what happens in them, with their texts: `lesson [pt|en|es] FILE…`.

use std::process::ExitCode;

use vitrine_course::{Error, LANGUAGES, Lesson};

fn main() -> ExitCode {
    let mut language = "pt".to_owned();
    let mut code = ExitCode::SUCCESS;
    for argument in std::env::args().skip(1) {
        if LANGUAGES.contains(&&*argument) {
            language = argument;
            continue;
        }
        match std::fs::read_to_string(&argument) {
            Ok(text) => match told(&text, &language) {
                Ok(told) => println!("{argument}\n{told}"),
                Err(error) => {
                    eprintln!("{argument}:{}: {}", error.line, error.why);
                    code = ExitCode::FAILURE;
                }
            },
            Err(error) => {
                eprintln!("{argument}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn told(text: &str, language: &str) -> Result<String, Error> {
    let lesson = Lesson::parse(text)?;
    lesson.ladder(&lesson.lay_out()?, Some(language))
}
