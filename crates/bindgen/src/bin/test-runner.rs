//! The runner that takes a wasm test binary into a browser, of the same version as the `wasm-bindgen` command beside it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
