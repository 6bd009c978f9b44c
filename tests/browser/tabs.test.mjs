/** One broker for all of one origin: clients in other tabs, in workers and in iframes, and what happens when the host closes. */

import { assert, scene, until } from './support/scene.mjs';
import { Clients } from './support/clients.mjs';

/** A client that publishes and another that gets it, and the door by which the first came. */
async function meets(view, host, guest, door) {
  await host.connect('casa', { version: 5 });
  await host.subscribe('casa', 'visita/#', 1);
  await guest.connect('visita', { version: 4 });
  await guest.subscribe('visita', 'casa/#', 2);
  await guest.publish('visita', 'visita/oi', 'oi', { qos: 2 });
  await host.publish('casa', 'casa/oi', 'olá', { qos: 2 });
  await until(async () => assert.deepEqual((await host.messages('casa')).map(({ payload }) => payload), ['oi']));
  await until(async () => assert.deepEqual((await guest.messages('visita')).map(({ payload }) => payload), ['olá']));
  await view.turn('clients');
  await until(async () => {
    const row = await view.client('visita');
    assert.deepEqual([row?.connected, row?.door], [true, door]);
  });
}

scene('a client in a second tab', async (it) => {
  const { view, clients } = await it.open();
  const own = await it.openOwn();
  await meets(view, clients, own.clients, 'tab');
  // A tab that is closed takes its clients with it.
  await own.page.close();
  const gone = await view.row(({ kind, client }) => kind === 'closed' && client === 'visita');
  assert.equal(gone.why, 'cut');
});

scene('a client in a worker', async (it) => {
  const { page, view, clients } = await it.open();
  const started = page.waitForEvent('worker', (worker) => worker.url().endsWith('/test-assets/worker.js'));
  await page.evaluate(() => void (window.theirs = new Worker('/test-assets/worker.js', { type: 'module' })));
  await meets(view, clients, new Clients(await started), 'worker');
  await page.evaluate(() => window.theirs.terminate());
  const gone = await view.row(({ kind, client }) => kind === 'closed' && client === 'visita');
  assert.equal(gone.why, 'cut');
});

scene('a client in an iframe', async (it) => {
  const { page, view, clients } = await it.open();
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.name = 'aluno';
        frame.title = 'aluno';
        frame.src = '/test-assets/own.html';
        frame.onload = resolve;
        document.body.append(frame);
      }),
  );
  await meets(view, clients, new Clients(page.frame('aluno')), 'iframe');
  await page.evaluate(() => document.querySelector('iframe[name=aluno]').remove());
  const gone = await view.row(({ kind, client }) => kind === 'closed' && client === 'visita');
  assert.equal(gone.why, 'cut');
});

scene('of two tabs exactly one hosts, and both show the same', async (it) => {
  const [one, two] = await Promise.all([it.open(), it.open()]);
  assert.deepEqual([await one.view.role(), await two.view.role()].sort(), ['guest', 'host']);
  await one.clients.connect('um');
  await two.clients.connect('dois');
  await one.clients.subscribe('um', 'x', 2);
  await two.clients.publish('dois', 'x', 'de lá', { qos: 2 });
  await until(async () => assert.deepEqual((await one.clients.messages('um')).map(({ payload }) => payload), ['de lá']));
  for (const id of ['um', 'dois']) {
    await until(async () => {
      assert.deepEqual(await one.view.lines(id), await two.view.lines(id));
      assert.equal((await one.view.lines(id)).length > 0, true);
    });
  }
});

scene('when the host closes, the other tab takes over and its clients come back', async (it) => {
  const host = await it.open();
  const guest = await it.open();
  assert.deepEqual([await host.view.role(), await guest.view.role()], ['host', 'guest']);
  await guest.clients.connect('fica', { version: 5, reconnectPeriod: 100 });
  await host.clients.connect('vai');

  await host.page.close();
  await until(async () => assert.equal(await guest.view.role(), 'host'), 'the guest to host');
  await guest.view.ready();
  await until(async () => assert.equal(await guest.clients.connections('fica'), 2), 'the client to come back');
  await guest.clients.subscribe('fica', 'novo/#', 1);
  await guest.clients.publish('fica', 'novo/oi', 'de novo', { qos: 1 });
  await until(async () => assert.deepEqual((await guest.clients.messages('fica')).map(({ payload }) => payload), ['de novo']));
  await until(async () => assert.equal((await guest.view.topic('novo/oi'))?.payload, 'de novo'));
  // A tab that comes later finds the new host.
  const late = await it.open();
  assert.equal(await late.view.role(), 'guest');
  await until(async () => assert.equal((await late.view.topic('novo/oi'))?.payload, 'de novo'));
});

scene('the console: mqtt and connect() are there for a student to type', async (it) => {
  const { page, view } = await it.open();
  const got = await page.evaluate(async () => {
    const client = await connect();
    const answer = new Promise((resolve) => client.on('message', (topic, payload) => resolve([topic, String(payload)])));
    await client.subscribeAsync('console/#');
    await client.publishAsync('console/oi', 'olá');
    return { answer: await answer, real: typeof mqtt.connect, id: client.options.clientId };
  });
  assert.deepEqual(got.answer, ['console/oi', 'olá']);
  assert.equal(got.real, 'function');
  await view.row(({ client, type }) => client === got.id && type === 'PUBLISH');
});
