import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { VitrineSocket, createWebsocket } from '../index.js';
import { WINDOW } from '../wire.js';
import { connected, hostHere, next } from './far-end.js';

const host = hostHere().start();
after(() => host.stop());

const isBytes = (value) => value instanceof ArrayBuffer;
const ofType = (type) => (value) => value.type === type;

test('the constants are where WebSocket has them', () => {
  for (const [name, value] of [['CONNECTING', 0], ['OPEN', 1], ['CLOSING', 2], ['CLOSED', 3]]) {
    for (const place of [VitrineSocket, VitrineSocket.prototype]) {
      const { writable, enumerable, configurable, ...rest } = Object.getOwnPropertyDescriptor(place, name);
      assert.deepEqual([rest.value, writable, enumerable, configurable], [value, false, true, false]);
    }
  }
});

test('a new socket is connecting and cannot send', async () => {
  const socket = new VitrineSocket('http://vitrine.local/mqtt');
  assert.equal(socket.readyState, VitrineSocket.CONNECTING);
  assert.equal(socket.url, 'ws://vitrine.local/mqtt');
  assert.equal(socket.binaryType, 'blob');
  assert.equal(socket.extensions, '');
  assert.equal(socket.protocol, '');
  assert.throws(() => socket.send('x'), { name: 'InvalidStateError' });
  const closed = next(socket, 'close');
  socket.close();
  assert.equal(socket.readyState, VitrineSocket.CLOSING);
  assert.equal((await closed).code, 1006);
});

test('the sub-protocol is the one the host picked', async () => {
  const { socket } = await connected(host, ['mqttv3.1', 'mqtt']);
  assert.equal(socket.protocol, 'mqttv3.1');
  socket.cut();
  const plain = await connected(host, []);
  assert.equal(plain.socket.protocol, '');
  plain.socket.cut();
});

test('a host that picks what was not asked for is no host', async () => {
  for (const [asked, picked] of [[['mqtt'], 'mqttv3.1'], [['mqtt'], ''], [[], 'mqtt']]) {
    const socket = new VitrineSocket('ws://vitrine.local', asked);
    const events = [];
    for (const type of ['open', 'error', 'close']) socket.addEventListener(type, () => events.push(type));
    host.ends.at(-1).say({ type: 'opened', protocol: picked });
    assert.equal((await next(socket, 'close')).code, 1006);
    assert.deepEqual(events, ['error', 'close']);
  }
});

test('a refusal is an error and a close', async () => {
  const socket = createWebsocket('ws://vitrine.local', ['graphql-ws']);
  const error = next(socket, 'error');
  host.ends.at(-1).say({ type: 'refused', reason: 'protocol' });
  await error;
  assert.equal(socket.readyState, VitrineSocket.CLOSED);
});

test('bytes come as Blob or ArrayBuffer, as asked', async () => {
  const { socket, end } = await connected(host);
  end.say(Uint8Array.of(1, 2).buffer);
  const first = await next(socket, 'message');
  assert.ok(first.data instanceof Blob);
  assert.equal(first.origin, 'ws://vitrine.local');
  socket.binaryType = 'nonsense';
  assert.equal(socket.binaryType, 'blob');
  socket.binaryType = 'arraybuffer';
  end.say(Uint8Array.of(3).buffer);
  assert.deepEqual(new Uint8Array((await next(socket, 'message')).data), Uint8Array.of(3));
  socket.cut();
});

test('whatever is sent arrives in order, and the caller keeps his buffer', async () => {
  const { socket, end } = await connected(host);
  const view = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
  socket.send(view);
  view[0] = 9;
  socket.send(new Blob([Uint8Array.of(3)]));
  socket.send(Uint8Array.of(4).buffer);
  socket.send(new DataView(Uint8Array.of(5, 6).buffer, 1));
  assert.equal(socket.bufferedAmount, 5);
  const got = [];
  while (got.length < 5) got.push(...new Uint8Array(await end.hear(isBytes)));
  assert.deepEqual(got, [1, 2, 3, 4, 6]);
  assert.equal(view.buffer.byteLength, 4);
  socket.cut();
});

test('sends of one task are one message', async () => {
  const { socket, end } = await connected(host);
  for (let i = 0; i < 10; i += 1) socket.send(Uint8Array.of(i));
  assert.equal((await end.hear(isBytes)).byteLength, 10);
  assert.equal(end.heard.length, 0);
  socket.cut();
});

test('bufferedAmount is what the host has not taken', async () => {
  const { socket, end } = await connected(host);
  socket.send(new Uint8Array(1000));
  await end.hear(isBytes);
  assert.equal(socket.bufferedAmount, 1000);
  end.say(400);
  end.say(Uint8Array.of(0).buffer);
  await next(socket, 'message');
  assert.equal(socket.bufferedAmount, 600);
  socket.cut();
});

test('no more is under way than the window', async () => {
  const { socket, end } = await connected(host);
  const size = 3 * WINDOW + 17;
  socket.send(Uint8Array.from({ length: size }, (_, i) => i % 251));
  let got = 0;
  let unreported = 0;
  let sum = 0;
  while (got < size) {
    const bytes = new Uint8Array(await end.hear(isBytes));
    for (const byte of bytes) {
      sum += byte === got % 251 ? 1 : 0;
      got += 1;
    }
    unreported += bytes.length;
    assert.ok(unreported <= WINDOW);
    assert.equal(socket.bufferedAmount, size - got + unreported);
    if (unreported === WINDOW) {
      end.say(unreported);
      unreported = 0;
    }
  }
  assert.equal(sum, size);
  socket.cut();
});

test('what is read is reported', async () => {
  const { socket, end } = await connected(host);
  for (let i = 0; i < 4; i += 1) end.say(new ArrayBuffer(40_000));
  const reported = await end.hear((value) => typeof value === 'number');
  assert.equal(reported, 80_000);
  assert.equal(await end.hear((value) => typeof value === 'number'), 80_000);
  socket.cut();
});

test('a text frame goes out as one', async () => {
  const { socket, end } = await connected(host);
  socket.send('é');
  assert.equal(socket.bufferedAmount, 2);
  assert.equal(await end.hear(), 'é');
  socket.cut();
});

test('close waits for what was sent, and for the answer', async () => {
  const { socket, end } = await connected(host);
  socket.send(new Blob(['abc']));
  socket.close(3001, 'done');
  assert.equal(socket.readyState, VitrineSocket.CLOSING);
  assert.equal((await end.hear(isBytes)).byteLength, 3);
  assert.deepEqual(await end.hear(ofType('close')), { type: 'close', code: 3001, reason: 'done' });
  socket.onmessage = () => assert.fail('no message after close()');
  end.say(Uint8Array.of(1).buffer);
  end.say({ type: 'closed', code: 3001, reason: 'done' });
  const { code, reason, wasClean } = await next(socket, 'close');
  assert.deepEqual([code, reason, wasClean], [3001, 'done', true]);
  const before = socket.bufferedAmount;
  socket.send('xy');
  assert.equal(socket.bufferedAmount, before + 2);
  socket.close();
});

test('a close without a code is 1005', async () => {
  const { socket, end } = await connected(host);
  socket.close();
  await end.hear(ofType('close'));
  end.say({ type: 'closed' });
  const { code, wasClean } = await next(socket, 'close');
  assert.deepEqual([code, wasClean], [1005, true]);
});

test('who waits no longer for the answer to a close tells the host so', async (t) => {
  const { socket, end } = await connected(host);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = next(socket, 'close');
  socket.close();
  await end.hear(ofType('close'));
  t.mock.timers.tick(60_000);
  const { code, wasClean } = await closed;
  assert.deepEqual([code, wasClean, socket.failure], [1006, false, 'timeout']);
  assert.deepEqual(await end.hear(), { type: 'cut' });
});

test('who waits no longer for an opening tells the host so', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const socket = new VitrineSocket('ws://vitrine.local', 'mqtt');
  const end = host.ends.at(-1);
  await end.hear(ofType('open'));
  const closed = next(socket, 'close');
  t.mock.timers.tick(60_000);
  await closed;
  assert.equal(socket.failure, 'timeout');
  assert.deepEqual(await end.hear(), { type: 'cut' });
});

test('the host may close', async () => {
  const { socket, end } = await connected(host);
  socket.addEventListener('error', () => assert.fail('no error in a clean close'));
  end.say({ type: 'close', code: 1000, reason: 'Session taken over' });
  const { code, reason, wasClean } = await next(socket, 'close');
  assert.deepEqual([code, reason, wasClean], [1000, 'Session taken over', true]);
  assert.equal(socket.readyState, VitrineSocket.CLOSED);
  assert.equal((await end.hear(ofType('closed'))).code, 1000);
});

test('a cut is an error and 1006, and says no goodbye', async () => {
  const { socket, end } = await connected(host);
  const events = [];
  socket.onerror = () => events.push('error');
  socket.onclose = ({ code, wasClean }) => events.push(code, wasClean);
  const closed = next(socket, 'close');
  socket.send(Uint8Array.of(1));
  socket.cut();
  assert.deepEqual(events, []);
  await closed;
  assert.deepEqual(events, ['error', 1006, false]);
  assert.deepEqual(await end.hear(), { type: 'cut' });
});

test('when the host is lost every socket is told', async () => {
  const { socket } = await connected(host);
  const closed = next(socket, 'close');
  host.stop();
  assert.equal((await closed).code, 1006);
  host.start();
});

test('a port that is handed over is a door too, and may come late', async () => {
  const { port1, port2 } = new MessageChannel();
  const socket = new VitrineSocket('ws://vitrine.local', 'mqtt', { port: Promise.resolve(port1) });
  port2.onmessage = ({ data }) => {
    if (data.type === 'open') port2.postMessage({ type: 'opened', protocol: data.protocols[0] });
  };
  await next(socket, 'open');
  const closed = next(socket, 'close');
  port2.close();
  assert.equal((await closed).code, 1006);
});

test('handlers keep their place among the listeners', async () => {
  const { socket, end } = await connected(host);
  const calls = [];
  socket.onmessage = () => calls.push('first');
  socket.addEventListener('message', () => calls.push('second'));
  socket.onmessage = () => calls.push('replaced');
  end.say(new ArrayBuffer(1));
  await next(socket, 'message');
  assert.deepEqual(calls.splice(0), ['replaced', 'second']);
  socket.onmessage = null;
  assert.equal(socket.onmessage, null);
  socket.onmessage = () => calls.push('last');
  end.say(new ArrayBuffer(1));
  await next(socket, 'message');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(calls, ['second', 'last']);
  socket.onmessage = 5;
  assert.equal(socket.onmessage, null);
  socket.cut();
});
