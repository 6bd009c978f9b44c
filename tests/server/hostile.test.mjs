// Peers that are no MQTT clients, or bad ones.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { client, socket } from './support/raw.mjs';
import { certificate, folder, start, until } from './support/server.mjs';

const UPGRADE =
  'GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n';

/** A masked frame. */
function frame(first, payload, length = payload.length) {
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([Buffer.from([first, 0x80 | length]), key, Buffer.from(payload).map((byte, at) => byte ^ key[at % 4])]);
}

async function upgraded(port) {
  const raw = await socket(port);
  raw.write(UPGRADE);
  await until(() => raw.text().includes('\r\n\r\n'));
  const head = raw.bytes().length;
  return { ...raw, frames: () => raw.bytes().subarray(head) };
}

test('a browser that looks at the WebSocket port gets a page, and any path opens a WebSocket', async (t) => {
  const server = await start(t, { doors: ['ws'] });
  const response = await fetch(`http://127.0.0.1:${server.ports.ws}/`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /MQTT broker/);
  assert.equal((await fetch(`http://127.0.0.1:${server.ports.ws}/`, { method: 'POST', body: 'x' })).status, 405);
  const raw = await socket(server.ports.ws);
  raw.write(UPGRADE.replace('/mqtt ', '/any/path?x=1 '));
  await until(() => raw.text().includes('101 Switching Protocols'));
  assert.match(raw.text(), /Sec-WebSocket-Protocol: mqtt\r\n/);
});

// 3.1.1: [MQTT-6.0.0-1]
// 5.0: [MQTT-6.0.0-1]
test('malformed WebSocket frames end the connection with a status code', async (t) => {
  const server = await start(t, { doors: ['ws'] });
  const cases = [
    ['a text frame', frame(0x81, 'hi'), 1003],
    ['no mask', Buffer.from([0x82, 1, 0]), 1002],
    ['a reserved bit', frame(0xc2, ''), 1002],
    ['a fragmented PING', frame(0x09, ''), 1002],
    ['a long PING', frame(0x89, '', 126), 1002],
    ['a continuation of nothing', frame(0x80, ''), 1002],
    ['a goodbye', frame(0x88, [3, 232]), 1000],
  ];
  for (const [what, bytes, code] of cases) {
    const raw = await upgraded(server.ports.ws);
    raw.write(bytes);
    await raw.ended();
    assert.deepEqual([...raw.frames()], [0x88, 2, code >> 8, code & 255], what);
    raw.stream.destroy();
  }
});

test('a WebSocket handshake that never ends is ended, as a connection without CONNECT is', async (t) => {
  const server = await start(t, { doors: ['ws', 'tcp'], args: ['--connect-timeout', '1'] });
  const half = await socket(server.ports.ws);
  half.write(UPGRADE.slice(0, 50));
  const silent = await socket(server.ports.tcp);
  const framed = await upgraded(server.ports.ws);
  await Promise.all([half.ended(), silent.ended(), framed.ended()]);
  assert.deepEqual([...framed.frames()], [0x88, 2, 3, 232]);
});

test('bytes that are not TLS end the connection; the others go on', async (t) => {
  const tls = certificate(folder(t));
  const server = await start(t, { doors: ['tls'], tls });
  for (const garbage of [Buffer.alloc(2_000, 0x16), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from([0x10, 12, 0, 4]), Buffer.from([0x16, 3, 1, 255, 255, 1])]) {
    const raw = await socket(server.ports.tls);
    raw.write(garbage);
    if (garbage.length > 10) await raw.ended();
    raw.stream.destroy();
  }
  const secure = await socket(server.ports.tls, { secure: readFileSync(tls.certificate) });
  secure.write(Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]));
  await until(() => secure.bytes().equals(Buffer.from([0x20, 2, 0, 0])));
});

// 3.1.1: [MQTT-6.0.0-2] [MQTT-7.1.1-1]
test('packets may come byte by byte, over WebSocket each in a frame of its own', async (t) => {
  const server = await start(t, { doors: ['tcp', 'ws'] });
  const connect = [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61];
  const plain = await socket(server.ports.tcp);
  plain.stream.setNoDelay();
  const framed = await upgraded(server.ports.ws);
  for (const byte of connect) {
    plain.write(Buffer.from([byte]));
    framed.write(frame(0x82, [byte]));
    await sleep(5);
  }
  await until(() => plain.bytes().equals(Buffer.from([0x20, 2, 0, 0])), 'CONNACK');
  // The second one with the same Client Identifier took over the first, or the other way round.
  await until(() => framed.frames().includes(0x20), 'CONNACK in a frame');
});

test('who does not read what it is sent costs a bounded amount of memory, and nobody else time', async (t) => {
  const server = await start(t, { args: ['--max-unsent-bytes', '1000000', '--max-queued-bytes', '2000000'] });
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1_024;
  const slow = await client(server.ports.tcp, { clientId: 'slow' });
  const fast = await client(server.ports.tcp, { clientId: 'fast' });
  const publisher = await client(server.ports.tcp, { clientId: 'publisher' });
  for (const [who, qos] of [[slow, 1], [fast, 0]]) {
    who.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't', qos }] });
    await who.take('suback');
  }
  slow.stream.pause();
  const before = memory();
  let bytes = 0;
  fast.stream.on('data', (chunk) => (bytes += chunk.length));
  const payload = Buffer.alloc(50_000, 1);
  // 60 MB, of which the system's buffers and the limits take a part.
  for (let n = 1; n <= 1_200; n += 1) {
    publisher.send({ cmd: 'publish', topic: 't', qos: 1, messageId: n, payload });
    if (n % 20 === 0) await until(() => publisher.packets.length === n);
  }
  await until(() => bytes > 1_200 * 50_000);
  assert.ok(memory() - before < 30e6, `${memory() - before} bytes more`);
});

test('more connections than the limit are closed, and accepted again when there is room', async (t) => {
  const server = await start(t, { args: ['--max-connections', '2'] });
  const one = await client(server.ports.tcp, { clientId: 'one' });
  await client(server.ports.tcp, { clientId: 'two' });
  const third = await socket(server.ports.tcp);
  await third.ended();
  one.send({ cmd: 'disconnect' });
  await one.ended();
  await client(server.ports.tcp, { clientId: 'three' });
});

test('without file descriptors it waits, says so, and goes on', async (t) => {
  const { execFileSync } = await import('node:child_process');
  const server = await start(t);
  const used = Number(execFileSync('sh', ['-c', `ls /proc/${server.pid}/fd | wc -l`], { encoding: 'utf8' }));
  try {
    execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${used + 2}:${used + 2}`]);
  } catch {
    return t.skip('prlimit is not there (package util-linux)');
  }
  const open = [await client(server.ports.tcp, { clientId: 'a' }), await client(server.ports.tcp, { clientId: 'b' })];
  const third = client(server.ports.tcp, { clientId: 'c' });
  await until(() => server.log().includes('cannot accept connections for now'));
  open[0].stream.destroy();
  await third;
});
