// Builds mqtt5-wasm's broker as a page loads it, into peer/target/page, and says where that is.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
}

export function buildPeer() {
  const target = `${here}target`;
  run('cargo', ['build', '--release', '--locked', '--target', 'wasm32-unknown-unknown', '--target-dir', target], here);
  const bind = [
    '--target',
    'web',
    '--no-typescript',
    '--out-dir',
    `${target}/page`,
    '--out-name',
    'peer',
    `${target}/wasm32-unknown-unknown/release/bench_wasm_peer.wasm`,
  ];
  const program = process.env.WASM_BINDGEN;
  if (program) run(program, bind, here);
  else
    run('cargo', ['run', '--quiet', '--package', 'vitrine-bindgen', '--bin', 'vitrine-bindgen', '--', ...bind], root);
  return `${target}/page`;
}
