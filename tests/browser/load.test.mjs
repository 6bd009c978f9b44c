/** Many messages: none lost, none out of order, and the page keeps up. */

import { assert, pageTest, until } from './support/scene.mjs';

for (const version of /** @type {const} */ ([4, 5])) {
  pageTest(`MQTT.js ${version === 4 ? '3.1.1' : '5.0'}: 200 publications in flight at each QoS`, async ({ view, clients }) => {
    await clients.connect('escuta', { version });
    await clients.connect('fala', { version });
    for (const qos of /** @type {const} */ ([1, 2])) {
      await clients.subscribe('escuta', `muito/${qos}`, qos);
      await clients.publishMany('fala', `muito/${qos}`, 200, qos);
      await until(async () => {
        const got = (await clients.messages('escuta')).filter(({ topic }) => topic === `muito/${qos}`);
        assert.deepEqual(got.map(({ payload }) => payload), Array.from({ length: 200 }, (_, n) => String(n)));
        assert.equal(got.every((message) => message.qos === qos), true);
      });
      await until(async () => {
        const topic = await view.topic(`muito/${qos}`);
        assert.deepEqual([topic?.count, topic?.payload], [200, '199']);
      });
    }
    await view.turn('clients');
    await until(async () => {
      const rows = await view.clients();
      assert.deepEqual(rows.map(({ inFlight, queued }) => [inFlight, queued]), [
        [0, 0],
        [0, 0],
      ]);
    });
  });
}

for (const qos of /** @type {const} */ ([0, 1])) {
  pageTest(
    `20,000 messages at QoS ${qos} arrive in order, and the page shows the last`,
    async ({ view, clients }) => {
      await clients.connect('escuta', { version: 5 });
      await clients.subscribe('escuta', 'rio', qos);
      await clients.connect('fala', { version: 5 });
      await clients.publishMany('fala', 'rio', 20_000, qos);
      await until(
        async () => assert.deepEqual(await clients.counted('escuta'), { count: 20_000, firstWrong: null }),
        'all messages',
        30_000,
      );
      await until(async () => {
        const topic = await view.topic('rio');
        assert.deepEqual([topic?.count, topic?.payload], [20_000, '19999']);
      });
    },
    { timeout: 90_000 },
  );
}
