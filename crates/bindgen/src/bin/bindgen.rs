//! The wasm-bindgen command, built from the version in Cargo.lock, so that it always fits the `wasm-bindgen` crate
//! the modules are compiled with. `cargo xtask` builds it once into the cache.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
