// MQTT.js over every door, in both versions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import mqtt from 'mqtt';

import { certificate, folder, start, suite } from './support/server.mjs';

const DOORS = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' };

describe('MQTT.js', () => {
  let server;
  let ca;
  const t = suite();
  before(async () => {
    const tls = certificate(folder(t));
    ca = readFileSync(tls.certificate);
    server = await start(t, { doors: Object.keys(DOORS), tls });
  });

  const connect = async (t, door, options) => {
    const url = `${DOORS[door]}://localhost:${server.ports[door]}/mqtt`;
    const client = await mqtt.connectAsync(url, { family: 4, ca, reconnectPeriod: 0, ...options });
    t.after(() => client.endAsync(true));
    const messages = [];
    const waiting = [];
    client.on('message', (topic, payload, packet) => {
      const message = { topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain };
      const next = waiting.shift();
      if (next) next(message);
      else messages.push(message);
    });
    client.next = () => (messages.length ? messages.shift() : new Promise((resolve) => waiting.push(resolve)));
    return client;
  };

  for (const door of Object.keys(DOORS)) {
    for (const protocolVersion of [4, 5]) {
      const name = `${door}, ${protocolVersion === 5 ? '5.0' : '3.1.1'}`;
      // 3.1.1: [MQTT-7.1.1-1] [MQTT-7.0.0-2] [MQTT-6.0.0-4]
      // 5.0: [MQTT-4.2-1] [MQTT-6.0.0-4]
      test(`${name}: each QoS, retained, large and many`, async (t) => {
        const subscriber = await connect(t, door, { protocolVersion });
        const publisher = await connect(t, door, { protocolVersion });
        const root = `${door}${protocolVersion}`;
        await subscriber.subscribeAsync(`${root}/+`, { qos: 2 });
        for (const qos of [0, 1, 2]) {
          await publisher.publishAsync(`${root}/q`, `at ${qos}`, { qos });
          assert.deepEqual(await subscriber.next(), { topic: `${root}/q`, payload: `at ${qos}`, qos, retain: false });
        }
        const large = 'x'.repeat(700_000);
        await publisher.publishAsync(`${root}/large`, large, { qos: 1 });
        assert.equal((await subscriber.next()).payload.length, large.length);
        const many = Array.from({ length: 500 }, (_, n) => publisher.publishAsync(`${root}/n`, String(n), { qos: 1 }));
        for (let n = 0; n < 500; n += 1) assert.equal((await subscriber.next()).payload, String(n));
        await Promise.all(many);
        await publisher.publishAsync(`kept/${root}`, 'still here', { qos: 1, retain: true });
        await subscriber.subscribeAsync(`kept/${root}`, { qos: 1 });
        assert.deepEqual(await subscriber.next(), { topic: `kept/${root}`, payload: 'still here', qos: 1, retain: true });
      });

      test(`${name}: a will, and a session that waits`, async (t) => {
        const root = `will/${door}${protocolVersion}`;
        const watcher = await connect(t, door, { protocolVersion });
        await watcher.subscribeAsync(root, { qos: 1 });
        const kept = { protocolVersion, clientId: root, clean: false, properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined };
        const client = await connect(t, door, { ...kept, will: { topic: root, payload: 'gone', qos: 1 } });
        await client.subscribeAsync(`${root}/mail`, { qos: 2 });
        client.stream.destroy();
        assert.equal((await watcher.next()).payload, 'gone');
        await watcher.publishAsync(`${root}/mail`, 'waited', { qos: 2 });
        const again = await connect(t, door, kept);
        assert.equal((await again.next()).payload, 'waited');
      });
    }
  }
});
