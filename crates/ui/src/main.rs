//! Starts the page.

fn main() {
    vitrine_ui::start();
}
