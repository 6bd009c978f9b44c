/** Topic Filters with wildcards, and the rule for topics that begin with `$`. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';

const TOPICS = ['a', 'a/b', 'a/c', 'a/b/c', 'a//c', '/a', 'b'];
const EXPECTED = {
  '#': TOPICS,
  'a/#': ['a', 'a/b', 'a/c', 'a/b/c', 'a//c'],
  'a/+': ['a/b', 'a/c'],
  'a/+/c': ['a/b/c', 'a//c'],
  '+': ['a', 'b'],
  '+/+': ['a/b', 'a/c', '/a'],
  '+/b/#': ['a/b', 'a/b/c'],
};

for (const version of /** @type {const} */ ([4, 5])) {
  const name = version === 4 ? '3.1.1' : '5.0';

  pageTest(`MQTT.js ${name}: + and # match what the standard says`, async ({ view, clients }) => {
    const filters = Object.entries(EXPECTED);
    for (const [n, [filter]] of filters.entries()) {
      await clients.connect(`s${n}`, { version });
      await clients.subscribe(`s${n}`, filter, 1);
    }
    await clients.connect('fala', { version });
    for (const topic of TOPICS) await clients.publish('fala', topic, topic, { qos: 1 });
    for (const [n, [filter, topics]] of filters.entries()) {
      await until(async () =>
        assert.deepEqual((await clients.messages(`s${n}`)).map(({ topic }) => topic).sort(), [...topics].sort(), filter),
      );
      // The page, asked for the same filter, marks the same topics.
      await view.tryFilter(filter);
      await until(async () => {
        const marked = (await view.tree()).filter(({ matched }) => matched).map(({ topic }) => topic);
        assert.deepEqual(marked.sort(), [...topics].sort(), `marked for ${filter}`);
      });
    }
  });

  pageTest(
    `MQTT.js ${name}: topics that begin with $ are the broker's own`,
    async ({ view, clients }) => {
      await clients.connect('tudo', { version });
      await clients.subscribe('tudo', '#', 1);
      await clients.subscribe('tudo', '+/teste', 1);
      await clients.connect('fala', { version });
      // 5.0 can say no; 3.1.1 has no word for it.
      const refused = await clients.publish('fala', '$x/teste', 'x', { qos: 1 }).then(
        () => false,
        () => true,
      );
      if (version === 5) assert.equal(refused, true);
      const published = await view.row(({ client, type }) => client === 'fala' && type === 'PUBLISH');
      assert.equal(published.topic, '$x/teste');
      await clients.connect('outra', { version });
      await clients.publish('outra', 'x/teste', 'y', { qos: 1 });
      await until(async () => assert.equal((await clients.messages('tudo')).some(({ topic }) => topic === 'x/teste'), true));
      assert.deepEqual(
        (await clients.messages('tudo')).filter(({ topic }) => topic.startsWith('$')),
        [],
      );
      // Nor did it reach the tree, also where `$` topics are shown.
      await view.toggleSystem();
      await until(async () => assert.notEqual(await view.topic('x/teste'), undefined));
      assert.equal(await view.topic('$x/teste'), undefined);
    },
    { viewport: TALL },
  );
}
