// A certificate that is renewed while the broker runs.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import tls from 'node:tls';

import { certificate, folder, run, start, until } from './support/server.mjs';

/** Connects, and gives the socket and the certificate that was shown. */
async function shown(t, port) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  // The broker is stopped before this end is closed; how it takes leave is not what this is about.
  socket.on('error', () => {});
  return { socket, fingerprint: socket.getPeerCertificate().fingerprint256 };
}

/** Whether the broker still speaks MQTT on this connection. */
async function answers(socket) {
  socket.write(Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]));
  const [bytes] = await once(socket, 'data');
  return bytes[0] === 0x20;
}

test('SIGHUP has certificate and key read again, and those that cannot be used change nothing', async (t) => {
  const files = certificate(folder(t));
  const broker = await start(t, { doors: ['tls', 'wss'], tls: files });
  const before = await shown(t, broker.ports.tls);
  const beforeWss = await shown(t, broker.ports.wss);
  assert.equal(before.fingerprint, beforeWss.fingerprint);

  const renewed = run('certificate', '--force', '--certificate', files.certificate, '--key', files.key);
  assert.equal(renewed.status, 0, renewed.stderr);
  assert.equal((await shown(t, broker.ports.tls)).fingerprint, before.fingerprint, 'not before it is told');
  process.kill(broker.pid, 'SIGHUP');
  await until(() => broker.log().includes('read the certificate again'));
  const after = await shown(t, broker.ports.tls);
  assert.notEqual(after.fingerprint, before.fingerprint);
  assert.equal((await shown(t, broker.ports.wss)).fingerprint, after.fingerprint);
  assert.ok(await answers(before.socket), 'a connection of before goes on');

  // Half of a renewal: the key is another one.
  const key = readFileSync(files.key);
  run('certificate', '--force', '--certificate', files.certificate, '--key', files.key);
  writeFileSync(files.key, key);
  process.kill(broker.pid, 'SIGHUP');
  await until(() => broker.log().includes('The certificate of before goes on to be shown'));
  assert.match(broker.log(), /WARN SIGHUP: .*certificate\.pem and .*key\.pem cannot be used together: the key is not the one/);
  assert.equal((await shown(t, broker.ports.tls)).fingerprint, after.fingerprint);
});
