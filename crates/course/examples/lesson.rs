//! Prints what is wrong with lesson files, or that nothing is.
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        match vitrine_course::Lesson::parse(&text) {
            Ok(_) => println!("{file}: ok"),
            Err(error) => {
                println!("{file}:{}: {}", error.line, error.why);
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
