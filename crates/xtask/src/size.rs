//! `cargo xtask size`: how many bytes a browser loads, raw and as servers compress them.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::command;
use crate::page::{self, Mode};

/// Node compresses: it is here anyway, and its levels are what servers use for files that do not change.
const SCRIPT: &str = r"
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const root = process.argv[1];
const rows = [];
const walk = (dir) => {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) { walk(file); continue; }
    const bytes = fs.readFileSync(file);
    rows.push([path.relative(root, file), bytes.length, zlib.gzipSync(bytes, { level: 9 }).length,
      zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length]);
  }
};
walk(root);
rows.sort((a, b) => b[1] - a[1]);
rows.push(rows.reduce((sum, row) => ['total', sum[1] + row[1], sum[2] + row[2], sum[3] + row[3]], ['', 0, 0, 0]));
const line = (cells) => console.log(cells.map((cell, i) => i ? String(cell).padStart(10) : cell.padEnd(36)).join(''));
line(['file', 'raw', 'gzip -9', 'brotli 11']);
rows.forEach(line);
";

/// `cargo xtask size`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    if let Some(other) = args.next()? {
        return Err(other.unexpected().into());
    }
    let dist = page::build(Mode::Release)?;
    println!();
    command::run(Command::new("node").args(["-e", SCRIPT]).arg(dist))?;
    Ok(ExitCode::SUCCESS)
}
