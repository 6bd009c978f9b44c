/** Sessions that outlive their connection. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';

for (const version of /** @type {const} */ ([4, 5])) {
  const name = version === 4 ? '3.1.1' : '5.0';
  const kept = version === 4 ? { clean: false } : { clean: false, sessionExpiry: 3600 };

  pageTest(
    `MQTT.js ${name}: what comes at QoS 1 and 2 while a session is away waits for it`,
    async ({ view, clients }) => {
      const first = await clients.connect('aluno', { version, ...kept });
      assert.equal(first.sessionPresent, false);
      await clients.subscribe('aluno', 'aviso/#', 2);
      await clients.cut('aluno');
      await view.row(({ kind, client, why }) => kind === 'closed' && client === 'aluno' && why === 'cut');

      await clients.connect('prof', { version });
      for (const qos of /** @type {const} */ ([0, 1, 2])) {
        await clients.publish('prof', `aviso/${qos}`, `m${qos}`, { qos });
      }
      // One message is not kept, two are: the ladder says so as it happens.
      const discarded = await view.row(({ kind, client }) => kind === 'discarded' && client === 'aluno');
      assert.equal(discarded.why, 'offline-qos0');
      await until(async () => {
        const queued = (await view.rowsOf('aluno')).filter(({ kind }) => kind === 'queued');
        assert.deepEqual(queued.map(({ title }) => Number(/\d+$/.exec(title)?.[0])), [1, 2]);
      });
      await view.turn('clients');
      await until(async () => {
        const row = await view.client('aluno');
        assert.deepEqual([row?.connected, row?.queued], [false, 2]);
      });

      const again = await clients.reconnect('aluno');
      assert.equal(again.sessionPresent, true);
      await until(async () =>
        assert.deepEqual(
          (await clients.messages('aluno')).map(({ payload, qos, dup }) => [payload, qos, dup]),
          [
            ['m1', 1, false],
            ['m2', 2, false],
          ],
        ),
      );
      await until(async () => {
        const row = await view.client('aluno');
        assert.deepEqual([row?.connected, row?.queued, row?.inFlight], [true, 0, 0]);
      });
      const delivered = (await view.rowsOf('aluno')).filter(({ type, direction }) => type === 'PUBLISH' && direction === 'out');
      assert.deepEqual(
        delivered.map(({ topic, qos }) => [topic, qos]),
        [
          ['aviso/1', 1],
          ['aviso/2', 2],
        ],
      );
    },
    { viewport: TALL },
  );

  pageTest(`MQTT.js ${name}: a clean session leaves nothing behind`, async ({ view, clients }) => {
    await clients.connect('aluno', { version, clean: true });
    await clients.subscribe('aluno', 'aviso/#', 1);
    await clients.cut('aluno');
    await view.row(({ kind, client }) => kind === 'closed' && client === 'aluno');
    await clients.connect('prof', { version });
    await clients.publish('prof', 'aviso/1', 'm1', { qos: 1 });
    const again = await clients.reconnect('aluno');
    assert.equal(again.sessionPresent, false);
    await clients.subscribe('aluno', 'aviso/#', 1);
    await clients.publish('prof', 'aviso/2', 'm2', { qos: 1 });
    await until(async () => assert.deepEqual((await clients.messages('aluno')).map(({ payload }) => payload), ['m2']));
  });

  pageTest(`MQTT.js ${name}: the same Client Identifier takes the session over`, async ({ view, clients, scene }) => {
    await clients.connect('aluno', { version });
    const other = await scene.openOwn();
    await other.clients.connect('aluno', { version });
    const closed = await view.row(({ kind, client }) => kind === 'closed' && client === 'aluno');
    assert.equal(closed.why, 'taken-over');
    await view.turn('clients');
    await until(async () => {
      const rows = (await view.clients()).filter(({ client }) => client === 'aluno');
      assert.deepEqual(rows.map(({ connected, door }) => [connected, door]), [[true, 'tab']]);
    });
  });
}

for (const kept of [false, true]) {
  pageTest(
    `one of the page's own clients says goodbye and comes back, ${kept ? 'to the session that waits for it' : 'to a new session'}`,
    async ({ view }) => {
      await view.connectClient({ id: 'aluno', filter: 'casa/#', qos: 1, kept });
      await view.row(({ client, type }) => client === 'aluno' && type === 'SUBACK');
      await view.act('disconnect', 'aluno');
      await view.row(({ client, why }) => client === 'aluno' && why === 'client-disconnect');
      await view.publish({ topic: 'casa/sala', payload: 'longe', qos: 1, retain: false });
      await view.row(({ client, type }) => client === 'professor' && type === 'PUBACK');
      await view.act('reconnect', 'aluno');
      await until(async () => assert.equal((await view.rowsOf('aluno')).filter(({ type }) => type === 'CONNACK').length, 2));
      const delivered = async () => (await view.rowsOf('aluno')).filter(({ type, direction }) => type === 'PUBLISH' && direction === 'out');
      if (kept) await until(async () => assert.equal((await delivered()).length, 1));
      // The page knows that it is back: it can publish.
      await view.at('client-disconnect', { client: 'aluno' }).waitFor();
      await view.at('publish-client').selectOption('aluno');
      await view.publish({ topic: 'casa/rua', payload: 'perto', qos: 0, retain: false });
      await view.row(({ client, type, topic, direction }) => client === 'aluno' && type === 'PUBLISH' && topic === 'casa/rua' && direction === 'in');
      // What waited in a session comes right after CONNACK, and so before this.
      const waited = (await delivered()).filter(({ topic }) => topic === 'casa/sala');
      assert.equal(waited.length, kept ? 1 : 0);
    },
    { viewport: TALL },
  );
}

pageTest(
  "one of the page's own clients subscribes to more, and to less, while it is connected; goes, comes back and publishes from its head",
  async ({ view }) => {
    await view.connectClient({ id: 'colega', filter: 'area/30/+', qos: 1, kept: true });
    await view.row(({ client, type }) => client === 'colega' && type === 'SUBACK');
    await view.connectClient({ id: 'aluno', filter: 'area/10/+', qos: 1, kept: true });
    await view.row(({ client, type }) => client === 'aluno' && type === 'SUBACK');
    const chosen = (client) => until(async () => assert.equal(await view.at('subscribe-client').inputValue(), client));
    await view.act('subscribe', 'aluno');
    await chosen('aluno');
    // It is for that client again, whoever was picked in the form meanwhile.
    for (const picked of ['colega', 'aluno', 'colega']) {
      await view.at('subscribe-client').selectOption(picked);
      await view.act('subscribe', 'aluno');
      await chosen('aluno');
    }
    await view.at('subscribe-filter').fill('area/20/#');
    await view.at('subscribe-send').click();
    await view.turn('clients');
    const filters = async () => (await view.subscriptionsOf('aluno')).map(({ filter }) => filter).sort();
    await until(async () => assert.deepEqual(await filters(), ['area/10/+', 'area/20/#']));
    await view.at('subscribe-filter').fill('area/10/+');
    await view.at('subscribe-drop').click();
    await until(async () => assert.deepEqual(await filters(), ['area/20/#']));

    const at = async (entry) => {
      await view.at('lifeline-menu', { client: 'aluno' }).click();
      await view.at(`fault-${entry}`).click();
    };
    await at('disconnect');
    await view.row(({ client, why }) => client === 'aluno' && why === 'client-disconnect');
    await at('connect');
    await until(async () => assert.equal((await view.rowsOf('aluno')).filter(({ type }) => type === 'CONNACK').length, 2));
    await at('cut');
    await view.row(({ client, why }) => client === 'aluno' && why === 'cut');
    await at('connect');
    await until(async () => assert.equal((await view.rowsOf('aluno')).filter(({ type }) => type === 'CONNACK').length, 3));
    await at('publish');
    assert.equal(await view.at('publish-client').inputValue(), 'aluno');
  },
  { viewport: TALL },
);
