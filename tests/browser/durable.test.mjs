/** What is acknowledged survives the end of the worker and of the tab. */

import { assert, scene, until } from './support/scene.mjs';

/** How often the worker is ended; more with VITRINE_KILLS. */
const KILLS = Number(process.env.VITRINE_KILLS ?? 150);

/** How often the tab that hosts is closed. */
const CLOSINGS = Math.max(8, Math.round(KILLS / 20));

/** Runs one of the functions of `assets/durable.js` in a page. */
const run = (page, name, ...args) =>
  page.evaluate(async ([name, args]) => (await import('/test-assets/durable.js'))[name](...args), [name, args]);

/** Nothing acknowledged was lost, and no QoS 2 message came twice. */
function judge(report, least) {
  assert.equal(report.wrong, null);
  assert.deepEqual(report.lost, { 1: 0, 2: 0 });
  assert.equal(report.doubled, 0);
  assert.deepEqual(report.acknowledged, report.sent, 'all that was sent is acknowledged in the end');
  assert.equal(report.acknowledged[1] > least && report.acknowledged[2] > least, true, 'there was a load');
}

scene(
  'a worker that is ended under load, again and again, loses nothing that was acknowledged',
  async (it, t) => {
    const seed = Number(process.env.VITRINE_SEED ?? Math.floor(Math.random() * 2 ** 32));
    t.diagnostic(`VITRINE_SEED=${seed} VITRINE_KILLS=${KILLS}`);
    const { page } = await it.openOwn();
    await run(page, 'host');
    await run(page, 'begin');
    await run(page, 'killWorkers', KILLS, seed);
    const report = await run(page, 'finish');
    t.diagnostic(JSON.stringify(report));
    judge(report, KILLS);
    assert.equal(await run(page, 'retainedOn', 'carga/1'), String(report.retained));
  },
  { timeout: 120_000 + KILLS * 1_000 },
);

scene(
  'a tab that hosts may be closed under load: the next one goes on from what it left',
  async (it, t) => {
    const { page } = await it.openOwn();
    let { page: host } = await it.openOwn();
    await run(host, 'host');
    await run(page, 'begin');
    for (let closing = 0; closing < CLOSINGS; closing += 1) {
      await run(page, 'pass', 40);
      await host.close();
      ({ page: host } = await it.openOwn());
      await run(host, 'host');
    }
    const report = await run(page, 'finish');
    t.diagnostic(JSON.stringify(report));
    judge(report, CLOSINGS);
    assert.equal(report.connections > CLOSINGS, true);
  },
  { timeout: 180_000 },
);

scene('after a reload retained messages and persistent sessions are there, and the page shows them', async (it) => {
  const { page, view, clients } = await it.open();
  await clients.connect('fica', { clean: false });
  await clients.subscribe('fica', 'casa/#', 1);
  await clients.disconnect('fica');
  await clients.connect('fala');
  await clients.publish('fala', 'casa/luz', 'acesa', { qos: 1, retain: true });
  await clients.publish('fala', 'casa/som', 'alto', { qos: 2 });
  await page.reload();
  await view.ready();
  await until(async () => assert.equal((await view.topic('casa/luz'))?.retained, true));
  await view.turn('clients');
  await until(async () => {
    const client = await view.client('fica');
    assert.deepEqual([client?.connected, client?.queued], [false, 2]);
    assert.deepEqual(await view.subscriptionsOf('fica'), [{ filter: 'casa/#', qos: 1 }]);
  });
  assert.deepEqual(await clients.connect('fica', { clean: false }), { sessionPresent: true, reason: 0 });
  await until(async () => {
    const messages = await clients.messages('fica');
    assert.deepEqual(messages.map(({ topic, payload }) => [topic, payload]), [
      ['casa/luz', 'acesa'],
      ['casa/som', 'alto'],
    ]);
  });

  // Who wants nothing kept says so, and it is gone with the next broker.
  await view.at('settings').click();
  await until(async () => assert.equal(await view.storage(), 'kept'));
  await view.at('storage-keep').click();
  await until(async () => assert.equal(await view.storage(), 'off'));
  await page.reload();
  await view.ready();
  assert.equal(await view.topic('casa/luz'), undefined);
  assert.deepEqual(await clients.connect('fica', { clean: false }), { sessionPresent: false, reason: 0 });
  await view.at('settings').click();
  assert.equal(await view.storage(), 'off');
});

scene('what cannot be read is said, left as it is, and set aside when the user says so', async (it) => {
  const { page: own } = await it.openOwn();
  const damaged = 'This is no store.'.repeat(100);
  await own.evaluate(async (damaged) => {
    const root = await navigator.storage.getDirectory();
    const writable = await (await root.getFileHandle('vitrine.db', { create: true })).createWritable();
    await writable.write(damaged);
    await writable.close();
  }, damaged);
  const files = () =>
    own.evaluate(async () => {
      const found = {};
      for await (const [name, file] of (await navigator.storage.getDirectory()).entries()) found[name] = await (await file.getFile()).text();
      return found;
    });
  const { page, view, clients } = await it.open();
  await until(async () => assert.equal(await view.notice('storage-damaged'), true));
  assert.deepEqual(await files(), { 'vitrine.db': damaged });
  // It works, and keeps nothing.
  assert.deepEqual(await clients.connect('fica', { clean: false }), { sessionPresent: false, reason: 0 });

  await view.at('storage-aside').click();
  await until(async () => assert.equal(await view.notice('storage-set-aside'), true));
  const aside = await files();
  const [name] = Object.keys(aside).filter((name) => /^vitrine-aside-\d+\.db$/.test(name));
  assert.deepEqual(aside, { 'vitrine.db': '', [name]: damaged });
  await view.at('storage-restart').click();
  await view.ready();
  await view.at('settings').click();
  await until(async () => assert.equal(await view.storage(), 'kept'));
  assert.equal((await files())[name], damaged);
});

scene('without a file system the broker works, and the page says that nothing survives', async (it) => {
  await it.context.route('**/worker/worker.js', async (route) => {
    const answer = await route.fetch();
    const refuse = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('not here', 'SecurityError'));\n";
    await route.fulfill({ response: answer, body: refuse + (await answer.text()) });
  });
  const { view, clients } = await it.open();
  await until(async () => assert.equal(await view.notice('storage-unavailable'), true));
  assert.match(await view.at('notice').textContent(), /SecurityError: not here/);
  await clients.connect('fica', { clean: false });
  await view.at('notice-close').click();
  assert.equal(await view.notice('storage-unavailable'), false);
});
