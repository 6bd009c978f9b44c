/** Clients made and unmade with the page's own controls. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';

pageTest(
  'a client is connected, cut, reconnected and disconnected from the page, and each is shown as what it is',
  async ({ view }) => {
    await view.connectClient({ id: 'aluno-x', version: 5, filter: 'quadro/+', qos: 1 });
    await view.row(({ client, type }) => client === 'aluno-x' && type === 'SUBACK');
    await view.turn('clients');
    await until(async () => {
      const row = await view.client('aluno-x');
      assert.deepEqual([row?.connected, row?.version, row?.door], [true, '5.0', 'page']);
      assert.deepEqual(await view.subscriptionsOf('aluno-x'), [{ filter: 'quadro/+', qos: 1 }]);
    });
    const line = async () => (await view.lifelines()).find(({ client }) => client === 'aluno-x');
    const ends = async () => (await view.rowsOf('aluno-x')).filter(({ kind }) => kind === 'closed').map(({ why }) => why);

    await view.act('cut', 'aluno-x');
    await until(async () => assert.deepEqual(await ends(), ['cut']));
    // A cut client says no DISCONNECT.
    assert.equal((await view.lines('aluno-x')).includes('> DISCONNECT'), false);
    await until(async () => assert.equal((await line())?.connected, false));
    // Its session went with the connection; the client is still there, and can come back.
    await view.turn('clients');
    await view.at('client-away', { client: 'aluno-x' }).waitFor();
    assert.equal(await view.client('aluno-x'), undefined);

    await view.act('reconnect', 'aluno-x');
    await until(async () => assert.equal((await view.lines('aluno-x')).filter((text) => text === '< CONNACK').length, 2));
    await until(async () => assert.equal((await line())?.connected, true));

    await view.act('disconnect', 'aluno-x');
    await until(async () => assert.deepEqual(await ends(), ['cut', 'client-disconnect']));
    assert.equal((await view.lines('aluno-x')).at(-1), '> DISCONNECT');
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

pageTest('a will and a session that is kept, from the page', async ({ view, clients }) => {
  await view.connectClient({ id: 'aluno-y', version: 4, filter: 'quadro/+', qos: 2, kept: true, will: true });
  await view.row(({ client, type }) => client === 'aluno-y' && type === 'SUBACK');
  await view.act('cut', 'aluno-y');
  await view.row(({ kind, client }) => kind === 'will' && client === 'aluno-y');
  await until(async () => assert.equal((await view.topic('status/aluno-y'))?.payload, 'offline'));
  await clients.connect('fala');
  await clients.publish('fala', 'quadro/x', 'guardada', { qos: 1 });
  await view.turn('clients');
  await until(async () => assert.deepEqual([(await view.client('aluno-y'))?.connected, (await view.client('aluno-y'))?.queued], [false, 1]));
  await view.act('reconnect', 'aluno-y');
  const delivered = await view.row(({ client, type, topic }) => client === 'aluno-y' && type === 'PUBLISH' && topic === 'quadro/x');
  assert.deepEqual([delivered.qos, delivered.direction], [1, 'out']);
});

pageTest('the controls of the world cut a sensor off, and bring it back', async ({ view }) => {
  await view.startWorld();
  await until(async () => assert.equal((await view.totals()).clients, 6));
  // In a living world rows pass quickly; those of one client stay.
  await view.filterClient('sensor-5000');
  await view.act('cut', 'sensor-5000');
  await view.row(({ kind, client, why }) => kind === 'closed' && client === 'sensor-5000' && why === 'cut');
  await until(async () => assert.equal((await view.totals()).clients, 5));
  await view.act('reconnect', 'sensor-5000');
  await until(async () => assert.equal((await view.totals()).clients, 6));
});

pageTest(
  'the operator drops a client: 5.0 is told why, 3.1.1 has no word for it',
  async ({ view, clients }) => {
    for (const version of /** @type {const} */ ([4, 5])) {
      const id = `solto-${version}`;
      await clients.connect(id, { version });
      await view.act('drop', id);
      await view.row(({ kind, client, why }) => kind === 'closed' && client === id && why === 'operator');
      const told = (await view.rowsOf(id)).filter(({ type }) => type === 'DISCONNECT');
      assert.deepEqual(
        told.map(({ direction, reason }) => [direction, reason]),
        version === 5 ? [['out', 0x98]] : [],
      );
    }
  },
  { viewport: TALL },
);
