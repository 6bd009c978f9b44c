// paho-mqtt (Python) over every door, in both versions.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { certificate, folder, start, suite } from './support/server.mjs';

const PYTHON = process.env.PYTHON ?? 'python3';

describe('paho-mqtt', () => {
  let server;
  let tls;
  const t = suite();
  before(async () => {
    tls = certificate(folder(t));
    server = await start(t, { doors: ['tcp', 'tls', 'ws', 'wss'], tls });
  });
  for (const [door, transport] of Object.entries({ tcp: 'tcp', tls: 'tcp', ws: 'websockets', wss: 'websockets' })) {
    for (const version of [4, 5]) {
      test(`${door}, ${version === 5 ? '5.0' : '3.1.1'}`, async () => {
        const authority = door.endsWith('s') && door !== 'ws' ? tls.certificate : '';
        const script = join(import.meta.dirname, 'support/paho_client.py');
        const args = [script, String(server.ports[door]), transport, String(version), authority];
        const { stdout } = await promisify(execFile)(PYTHON, args, { timeout: 120_000 });
        assert.equal(stdout, 'ok\n');
      });
    }
  }
});
