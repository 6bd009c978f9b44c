// The program under test: started on ports that the system chooses, which are read from what it says.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** The program, as `cargo xtask test --only server` built it. */
export const PROGRAM = process.env.VITRINE ?? join(import.meta.dirname, '../../../target/debug/vitrine');

/** In a suite: something with an `after` as a test has it, for the end of the suite. */
export function suite() {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

/** A folder that is gone when the test is over. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs the program to its end. */
export function run(...args) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

/** Makes a certificate for localhost in `path`. */
export function certificate(path) {
  const files = { certificate: join(path, 'certificate.pem'), key: join(path, 'key.pem') };
  const { status, stderr } = run('certificate', '--certificate', files.certificate, '--key', files.key);
  if (status !== 0) throw new Error(stderr);
  return files;
}

/**
 * Starts `vitrine broker` with these arguments; `doors` are the listeners wanted. Ends with the test at the latest.
 * Gives the ports by door, `log()` for all it said, and `stop(signal)`, which waits and gives the exit code.
 */
export async function start(t, { doors = ['tcp'], args = [], tls } = {}) {
  const listen = doors.flatMap((door) => [`--${door}`, '127.0.0.1:0']);
  const secure = tls ? ['--certificate', tls.certificate, '--key', tls.key] : [];
  const child = spawn(PROGRAM, ['broker', '--log', 'debug', ...listen, ...secure, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const ports = {};
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const schemes = { mqtt: 'tcp', mqtts: 'tls', ws: 'ws', wss: 'wss' };
  await new Promise((resolve, reject) => {
    ended.then((code) => reject(new Error(`ended with ${code}: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      for (const [, scheme, port] of said.matchAll(/listening on (\w+):\/\/127\.0\.0\.1:(\d+)/g)) ports[schemes[scheme]] = Number(port);
      if (doors.every((door) => ports[door])) resolve();
    });
  });
  return {
    ports,
    pid: child.pid,
    log: () => said,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Waits until `check` gives something true, and gives it. */
export async function until(check, what = String(check)) {
  for (let tries = 0; tries < 6_000; tries += 1) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never: ${what}`);
}
