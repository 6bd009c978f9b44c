/** Wills: published when a client is cut off, and not when it says goodbye. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';

const will = { topic: 'vida/ana', payload: 'morta', qos: /** @type {1} */ (1), retain: false };

for (const version of /** @type {const} */ ([4, 5])) {
  const name = version === 4 ? '3.1.1' : '5.0';

  pageTest(
    `MQTT.js ${name}: a cut publishes the will, a DISCONNECT drops it`,
    async ({ view, clients }) => {
      await clients.connect('vigia', { version });
      await clients.subscribe('vigia', 'vida/+', 1);

      await clients.connect('bia', { version, will: { ...will, topic: 'vida/bia' } });
      await clients.disconnect('bia');
      const goodbye = await view.row(({ kind, client }) => kind === 'closed' && client === 'bia');
      assert.equal(goodbye.why, 'client-disconnect');

      await clients.connect('ana', { version, will });
      await clients.cut('ana');
      const lost = await view.row(({ kind, client }) => kind === 'closed' && client === 'ana');
      assert.equal(lost.why, 'cut');
      const fired = await view.row(({ kind }) => kind === 'will');
      assert.equal(fired.client, 'ana');
      assert.match(fired.title, /vida\/ana/);
      await until(async () =>
        assert.deepEqual(await clients.messages('vigia'), [
          { topic: 'vida/ana', payload: 'morta', qos: 1, retain: false, dup: false },
        ]),
      );
      // The will and what the watcher got are one publication.
      const delivered = await view.row(({ client, type }) => client === 'vigia' && type === 'PUBLISH');
      assert.equal(delivered.publication, fired.publication);
      assert.equal((await view.topic('vida/ana'))?.publisher, 'ana');
      // The one of the goodbye never came, though there was time for it.
      assert.equal(await view.topic('vida/bia'), undefined);
      assert.equal((await view.rows()).filter(({ kind }) => kind === 'will').length, 1);
    },
    { viewport: TALL },
  );
}
