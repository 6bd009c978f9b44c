/** Retained messages: who gets them with RETAIN 1, and the pin on the topic. */

import { assert, pageTest, until } from './support/scene.mjs';

for (const version of /** @type {const} */ ([4, 5])) {
  const name = version === 4 ? '3.1.1' : '5.0';

  pageTest(`MQTT.js ${name}: a late subscriber gets the retained message, with RETAIN 1`, async ({ view, clients }) => {
    await clients.connect('cedo', { version });
    await clients.subscribe('cedo', 'porta/#', 1);
    await clients.connect('fala', { version });
    await clients.publish('fala', 'porta/estado', 'aberta', { qos: 1, retain: true });
    await clients.connect('tarde', { version });
    await clients.subscribe('tarde', 'porta/#', 1);

    const wanted = { topic: 'porta/estado', payload: 'aberta', qos: 1, dup: false };
    await until(async () => assert.deepEqual(await clients.messages('tarde'), [{ ...wanted, retain: true }]));
    // Who was there before gets it as any other message.
    await until(async () => assert.deepEqual(await clients.messages('cedo'), [{ ...wanted, retain: false }]));

    const shown = (client) => view.row((row) => row.client === client && row.type === 'PUBLISH');
    assert.equal((await shown('fala')).retain, true);
    assert.equal((await shown('cedo')).retain, false);
    assert.equal((await shown('tarde')).retain, true);
  });

  pageTest(`MQTT.js ${name}: the topic wears a pin while it holds a retained message`, async ({ view, clients }) => {
    await clients.connect('fala', { version });
    await clients.publish('fala', 'porta/estado', 'aberta', { qos: 1, retain: true });
    await until(async () => {
      const topic = await view.topic('porta/estado');
      assert.deepEqual([topic?.retained, topic?.pin, topic?.payload], [true, true, 'aberta']);
    });
  
    // A message without RETAIN changes the last payload, and leaves the retained one where it is.
    await clients.publish('fala', 'porta/estado', 'fechada', { qos: 1 });
    await until(async () => {
      const topic = await view.topic('porta/estado');
      assert.deepEqual([topic?.retained, topic?.pin, topic?.payload], [true, true, 'fechada']);
    });
    await clients.connect('tarde', { version });
    await clients.subscribe('tarde', 'porta/estado', 0);
    await until(async () =>
      assert.deepEqual(await clients.messages('tarde'), [
        { topic: 'porta/estado', payload: 'aberta', qos: 0, retain: true, dup: false },
      ]),
    );

    // An empty payload with RETAIN removes it.
    await clients.publish('fala', 'porta/estado', '', { qos: 1, retain: true });
    await until(async () => {
      const topic = await view.topic('porta/estado');
      assert.deepEqual([topic?.retained, topic?.pin, topic?.count], [false, false, 3]);
    });
    await clients.connect('depois', { version });
    await clients.subscribe('depois', 'porta/estado', 0);
    await clients.publish('fala', 'porta/estado', 'fim', { qos: 0 });
    await until(async () => assert.deepEqual((await clients.messages('depois')).map(({ payload }) => payload), ['fim']));
  });
}
