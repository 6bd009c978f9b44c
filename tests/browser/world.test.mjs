/** The course's world: one button, four sensors, eight topics, two subscribers, and which filter matches what and why. */

import { assert, pageTest, until } from './support/scene.mjs';

const TOPICS = ['10/sensor/5000', '10/sensor/5001', '20/sensor/4000', '20/sensor/4001'].flatMap((sensor) =>
  ['temperatura', 'umidade'].map((quantity) => `area/${sensor}/${quantity}`),
);
const CLIENTS = ['sensor-5000', 'sensor-5001', 'sensor-4000', 'sensor-4001', 'painel', 'arquivo'];

/** Presses the one button and waits until every topic has been heard of. */
async function start(view, pace) {
  await view.startWorld(pace);
  await until(async () => {
    const topics = (await view.tree()).map(({ topic }) => topic);
    assert.deepEqual(TOPICS.filter((topic) => !topics.includes(topic)), []);
  });
}

pageTest('one button brings the world to life: eight topics, six lifelines', async ({ view }) => {
  await start(view);
  const tree = await view.tree();
  assert.deepEqual(
    tree.filter(({ count }) => count > 0).map(({ topic }) => topic).sort(),
    [...TOPICS].sort(),
  );
  for (const topic of TOPICS) {
    const row = await view.topic(topic);
    assert.match(row?.payload ?? '', /^\d+\.\d$/, topic);
    assert.equal(row?.publisher, `sensor-${topic.split('/')[3]}`);
  }
  // Readings go on.
  const before = (await view.topic(TOPICS[0]))?.count ?? 0;
  await until(async () => ((await view.topic(TOPICS[0]))?.count ?? 0) > before);

  const lifelines = await view.lifelines();
  assert.deepEqual(lifelines.map(({ client }) => client).sort(), [...CLIENTS].sort());
  const side = (name) => lifelines.find(({ client }) => client === name)?.side;
  assert.deepEqual([side('painel'), side('arquivo'), side('sensor-5000')], ['subscriber', 'subscriber', 'publisher']);
  assert.equal(lifelines.every(({ connected }) => connected), true);
  assert.deepEqual(await view.totals(), { clients: 6, topics: 8 });

  await view.turn('clients');
  await until(async () => {
    const rows = await view.clients();
    assert.deepEqual(rows.map(({ client, connected, door }) => [client, connected, door]).sort(), CLIENTS.map((client) => [client, true, 'page']).sort());
  });
  assert.deepEqual(await view.subscriptionsOf('painel'), [{ filter: 'area/10/sensor/+/temperatura', qos: 1 }]);
  assert.deepEqual(await view.subscriptionsOf('arquivo'), [{ filter: 'area/20/sensor/#', qos: 2 }]);
});

pageTest('stopping the world takes its clients away and leaves the topics', async ({ view }) => {
  await start(view, 1000);
  await view.at('stop-world').click();
  await until(async () => assert.equal((await view.totals()).clients, 0));
  await view.at('start-world').waitFor();
  assert.equal((await view.totals()).topics, 8);
});

pageTest('a filter lights up the topics it matches, and only those', async ({ view }) => {
  await start(view, 1000);
  for (const [filter, matching] of /** @type {const} */ ([
    ['area/10/sensor/+/temperatura', TOPICS.filter((topic) => /^area\/10\/.*temperatura$/.test(topic))],
    ['area/20/sensor/#', TOPICS.filter((topic) => topic.startsWith('area/20/'))],
    ['+/+/+/+/umidade', TOPICS.filter((topic) => topic.endsWith('umidade'))],
    ['area/30/#', []],
    ['#', TOPICS],
  ])) {
    await view.tryFilter(filter);
    await until(async () => {
      const marked = (await view.tree()).filter(({ matched }) => matched).map(({ topic }) => topic);
      assert.deepEqual(marked.sort(), [...matching].sort(), filter);
      assert.deepEqual(await view.matchNumbers(), [matching.length, TOPICS.length], filter);
      assert.deepEqual((await view.matchedTopics()).sort(), [...matching].sort(), filter);
    });
  }
});

pageTest('the explanation goes level by level', async ({ view }) => {
  const explained = async (filter, topic, matches, levels) => {
    await view.tryFilter(filter, topic);
    await until(async () => assert.deepEqual(await view.explanation(), { matches, levels }, `${filter} ${topic}`));
  };
  await explained('area/10/sensor/+/temperatura', 'area/10/sensor/5000/temperatura', true, [
    ['area', 'area', 'same'],
    ['10', '10', 'same'],
    ['sensor', 'sensor', 'same'],
    ['+', '5000', 'plus'],
    ['temperatura', 'temperatura', 'same'],
  ]);
  await explained('area/20/#', 'area/20/sensor/4000/umidade', true, [
    ['area', 'area', 'same'],
    ['20', '20', 'same'],
    ['#', 'sensor/4000/umidade', 'hash'],
  ]);
  await explained('area/10/+', 'area/20/x', false, [
    ['area', 'area', 'same'],
    ['10', '20', 'different'],
  ]);
  await explained('area/+', 'area', false, [
    ['area', 'area', 'same'],
    ['+', null, 'topic-ended'],
  ]);
  await explained('area', 'area/10', false, [
    ['area', 'area', 'same'],
    [null, '10', 'filter-ended'],
  ]);
  await view.tryFilter('#', '$SYS/broker/uptime');
  await until(async () => {
    const { matches, levels } = await view.explanation();
    assert.deepEqual([matches, levels[0]?.[2]], [false, 'dollar-rule']);
  });
});

pageTest('an invalid filter is told with the reason and the position, as one types', async ({ view }) => {
  await view.turn('matches');
  for (const [filter, code, at] of /** @type {const} */ ([
    ['a/#/b', 'hash-not-last', 2],
    ['área/b#', 'hash-not-alone', 6],
    ['a/b+/c', 'plus-not-alone', 3],
    ['+a', 'plus-not-alone', 0],
    ['$share//a', 'share-name', 7],
  ])) {
    await view.at('matches-filter').fill(filter);
    await until(async () => {
      const problem = await view.filterProblem();
      assert.deepEqual([problem?.code, problem?.at], [code, at], filter);
      assert.match(problem.text, /\p{L}{3}/u, 'the reason is in words');
    });
    assert.equal(await view.at('matches-filter').getAttribute('aria-invalid'), 'true');
  }
  await view.at('matches-filter').fill('a/+/b/#');
  await until(async () => assert.equal(await view.filterProblem(), undefined));
  assert.notEqual(await view.at('matches-filter').getAttribute('aria-invalid'), 'true');
});

pageTest('who would receive a message: by which filter, at which QoS, and why that QoS', async ({ view, clients }) => {
  await clients.connect('zero');
  await clients.subscribe('zero', 'area/#', 0);
  await clients.connect('dois');
  await clients.subscribe('dois', 'area/+/x', 2);
  await clients.connect('longe', { clean: false });
  await clients.subscribe('longe', 'area/10/x', 1);
  await clients.disconnect('longe');
  await clients.connect('alheio');
  await clients.subscribe('alheio', 'outra/#', 2);

  await view.tryFilter('area/#', 'area/10/x');
  for (const qos of [0, 1, 2]) {
    await view.imagineQos(qos);
    const away = qos === 0 ? 'nothing' : 'queued';
    await until(async () =>
      assert.deepEqual(await view.receivers(), [
        { client: 'dois', filter: 'area/+/x', granted: 2, qos: Math.min(qos, 2), outcome: 'now' },
        { client: 'longe', filter: 'area/10/x', granted: 1, qos: Math.min(qos, 1), outcome: away },
        { client: 'zero', filter: 'area/#', granted: 0, qos: 0, outcome: 'now' },
      ]),
    );
  }
});
