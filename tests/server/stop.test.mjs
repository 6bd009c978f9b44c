// Stopping and starting again.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { client, socket } from './support/raw.mjs';
import { folder, run, start, until } from './support/server.mjs';

const KEPT = { protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 600 } };

// 5.0: [MQTT-4.13.2-1]
test('SIGTERM tells clients of 5.0 and sends what is on its way', async (t) => {
  const server = await start(t);
  const modern = await client(server.ports.tcp, { protocolVersion: 5, clientId: 'modern' });
  const old = await client(server.ports.tcp, { clientId: 'old' });
  const silent = await socket(server.ports.tcp);
  assert.equal(await server.stop(), 0);
  assert.equal((await modern.take('disconnect')).reasonCode, 0x8b);
  await Promise.all([modern.ended(), old.ended(), silent.ended()]);
  assert.match(server.log(), /stopped\n$/);
});

for (const durability of ['batched', 'each']) {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL']) {
    test(`${signal} loses nothing that was acknowledged (${durability})`, async (t) => {
      const store = join(folder(t), 'store.db');
      const args = ['--store', store, '--durability', durability];
      const first = await start(t, { args });
      const mailbox = await client(first.ports.tcp, { ...KEPT, clientId: 'mailbox' });
      mailbox.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'mail/#', qos: 2 }] });
      await mailbox.take('suback');
      mailbox.stream.destroy();
      const publisher = await client(first.ports.tcp, { ...KEPT, clientId: 'publisher' });
      publisher.send({ cmd: 'publish', topic: 'kept', payload: 'r', qos: 1, messageId: 9_999, retain: true });
      await publisher.take('puback');
      const acknowledged = [];
      for (let n = 1; n <= 200; n += 1) {
        publisher.send({ cmd: 'publish', topic: `mail/${n}`, payload: String(n), qos: 1, messageId: n });
      }
      while (acknowledged.length < 120) acknowledged.push((await publisher.take('puback')).messageId);
      assert.equal(await first.stop(signal), signal === 'SIGKILL' ? 'SIGKILL' : 0);

      const second = await start(t, { args });
      const again = await client(second.ports.tcp, { ...KEPT, clientId: 'mailbox' });
      const got = new Set();
      await until(() => {
        for (const packet of again.packets.splice(0)) {
          if (packet.cmd !== 'publish') continue;
          got.add(Number(packet.payload.toString()));
          if (packet.qos === 1) again.send({ cmd: 'puback', messageId: packet.messageId });
        }
        return acknowledged.every((n) => got.has(n));
      }, 'all that was acknowledged comes');
      again.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'kept', qos: 0 }] });
      const retained = await until(() => again.packets.find((packet) => packet.cmd === 'publish' && packet.topic === 'kept'));
      assert.equal(retained.payload.toString(), 'r');
    });
  }
}

test('durability none keeps nothing, and needs no file', async (t) => {
  const store = join(folder(t), 'store.db');
  const server = await start(t, { args: ['--store', store, '--durability', 'none'] });
  await client(server.ports.tcp, { ...KEPT });
  assert.equal(await server.stop(), 0);
  assert.deepEqual(readdirSync(join(store, '..')), []);
});

test('a store that cannot be read stops the start, and is moved aside only when asked', async (t) => {
  const path = folder(t);
  const store = join(path, 'store.db');
  writeFileSync(store, 'this is no database');
  const { status, stderr } = run('broker', '--tcp', '127.0.0.1:0', '--store', store);
  assert.equal(status, 1);
  assert.match(stderr, /store\.db is no Vitrine store.*--set-store-aside/);
  const server = await start(t, { args: ['--store', store, '--set-store-aside'] });
  assert.match(server.log(), /It is now .*store\.db\.damaged-\d+/);
  assert.equal(await server.stop(), 0);
  assert.equal(readdirSync(path).filter((name) => name.includes('damaged')).length, 1);
});

test('a store that another broker has open is told', async (t) => {
  const store = join(folder(t), 'store.db');
  await start(t, { args: ['--store', store] });
  const { status, stderr } = run('broker', '--tcp', '127.0.0.1:0', '--store', store);
  assert.equal(status, 1);
  assert.match(stderr, /store\.db is in use: another broker has it open/);
});
