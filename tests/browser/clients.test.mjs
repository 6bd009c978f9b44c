/** Clients made and unmade with the page's own controls. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';

pageTest(
  'a client is connected, cut, reconnected and disconnected from the page, and each is shown as what it is',
  async ({ view }) => {
    await view.connectClient({ id: 'aluno-x', version: 5 });
    await view.row(({ client, type }) => client === 'aluno-x' && type === 'CONNACK');
    await view.turn('clients');
    const row = async () => (await view.clients()).find(({ client }) => client === 'aluno-x');
    await until(async () => assert.deepEqual([(await row())?.connected, (await row())?.version], [true, 5]));

    await view.control('cut', 'aluno-x');
    const cut = await view.row(({ kind, client }) => kind === 'closed' && client === 'aluno-x');
    assert.deepEqual([cut.why, cut.cut], ['cut', true]);
    // A cut client says no DISCONNECT.
    assert.equal((await view.lines('aluno-x')).includes('> DISCONNECT'), false);
    await until(async () =>
      assert.equal((await view.lifelines()).find(({ client }) => client === 'aluno-x')?.connected, false),
    );

    await view.control('reconnect', 'aluno-x');
    await until(async () => assert.equal((await view.lines('aluno-x')).filter((text) => text === '< CONNACK').length, 2));
    await until(async () => assert.equal((await row())?.connected, true));

    await view.control('disconnect', 'aluno-x');
    await until(async () => assert.equal((await view.lines('aluno-x')).at(-1), '> DISCONNECT'));
    const ends = (await view.rowsOf('aluno-x')).filter(({ kind }) => kind === 'closed');
    assert.deepEqual(ends.map(({ why, cut }) => [why, cut]), [
      ['cut', true],
      ['client-disconnect', false],
    ]);
  },
  { viewport: TALL },
);

pageTest('publishing from the page, at any QoS, retained or not', async ({ view, clients }) => {
  await clients.connect('escuta');
  await clients.subscribe('escuta', 'quadro/#', 2);
  for (const qos of /** @type {const} */ ([0, 1, 2])) {
    await view.publish({ topic: `quadro/${qos}`, payload: `giz ${qos}`, qos, retain: qos === 2 });
    await until(async () => {
      const got = (await clients.messages('escuta')).at(-1);
      assert.deepEqual([got?.topic, got?.payload, got?.qos], [`quadro/${qos}`, `giz ${qos}`, qos]);
    });
    await until(async () => {
      const topic = await view.topic(`quadro/${qos}`);
      assert.deepEqual([topic?.payload, topic?.qos, topic?.retained], [`giz ${qos}`, qos, qos === 2]);
    });
  }
});

pageTest('subscribing and unsubscribing from the page', async ({ view }) => {
  await view.connectClient({ id: 'aluno-y', version: 4 });
  await view.subscribe('aluno-y', 'quadro/+', 1);
  await until(async () => assert.deepEqual(await view.subscriptionsOf('aluno-y'), [{ filter: 'quadro/+', qos: 1 }]));
  await view.unsubscribe('aluno-y', 'quadro/+');
  await until(async () => assert.deepEqual(await view.subscriptionsOf('aluno-y'), []));
  await view.row(({ client, type }) => client === 'aluno-y' && type === 'UNSUBACK');
});

pageTest('the controls of the world cut a sensor off, and bring it back', async ({ view }) => {
  await view.at('start-world').click();
  await until(async () => assert.equal((await view.totals()).connected, 6));
  await view.turn('clients');
  await view.control('cut', 'sensor-5000');
  const cut = await view.row(({ kind, client }) => kind === 'closed' && client === 'sensor-5000');
  assert.equal(cut.cut, true);
  await until(async () => assert.equal((await view.totals()).connected, 5));
  await view.control('reconnect', 'sensor-5000');
  await until(async () => assert.equal((await view.totals()).connected, 6));
});
