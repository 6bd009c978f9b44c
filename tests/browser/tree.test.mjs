/** A tree of thousands of topics: only what is on screen is drawn, and all of it can be found. */

import { assert, pageTest, until } from './support/scene.mjs';

const COUNT = 5000;
const name = (n) => `campo/${String(Math.floor(n / 100)).padStart(2, '0')}/sensor/${String(n % 100).padStart(2, '0')}`;

pageTest('5,000 topics stay smooth', async ({ page, view, clients }) => {
  await clients.connect('fala');
  await clients.publishTo('fala', Array.from({ length: COUNT }, (_, n) => name(n)));
  await until(async () => assert.equal((await view.totals()).topics, COUNT));
  await until(async () => assert.equal((await view.treeTotal()) > COUNT, true));
  const top = await view.tree();
  assert.equal(top.length > 5 && top.length < 200, true, `${top.length} rows are drawn`);

  // To the end …
  await view.scrollTree(1);
  await until(async () => assert.equal((await view.tree()).some(({ topic }) => topic === name(COUNT - 1)), true));
  assert.equal((await view.tree()).length < 200, true);
  // … to the middle …
  await view.scrollTree(0.5);
  await until(async () => {
    const topics = (await view.tree()).map(({ topic }) => topic);
    assert.equal(topics.some((topic) => /^campo\/(24|25)\//.test(topic)), true, topics.join(' '));
  });
  // … and by searching.
  await view.search('17/sensor/42');
  await until(async () => assert.equal((await view.topic('campo/17/sensor/42'))?.count, 1));
  assert.equal((await view.tree()).length, 4);
  assert.equal(await page.locator('*').count() < 4000, true, 'the whole document stays small');
});

pageTest('new topics do not move the rows under the pointer', async ({ view, clients }) => {
  await clients.connect('fala');
  await clients.publish('fala', 'm/meio', '1', { qos: 1 });
  await until(async () => assert.notEqual(await view.topic('m/meio'), undefined));
  await view.at('topic', { topic: 'm/meio' }).hover();
  const before = (await view.all('topic', { topic: 'm/meio' }))[0].top;
  await clients.publish('fala', 'a/antes', '2', { qos: 1 });
  await until(async () => assert.equal((await view.totals()).topics, 2));
  await until(async () => assert.equal(await view.withholds(), true));
  assert.equal((await view.all('topic', { topic: 'm/meio' }))[0].top, before);
  // Once the pointer is gone they come.
  await view.page.mouse.move(640, 400);
  await until(async () => assert.notEqual(await view.topic('a/antes'), undefined));
});

pageTest('a node opens and closes, and tells what is below it', async ({ view, clients }) => {
  await clients.connect('fala');
  for (const topic of ['casa/sala/luz', 'casa/sala/som', 'casa/cozinha/luz']) await clients.publish('fala', topic, 'x', { qos: 1 });
  await until(async () => assert.equal((await view.tree()).length, 6));
  await view.toggleTopic('casa/sala');
  await until(async () => {
    const tree = await view.tree();
    assert.equal(tree.length, 4);
    assert.equal(tree.find(({ topic }) => topic === 'casa/sala')?.expanded, 'false');
  });
  await view.toggleTopic('casa/sala');
  await until(async () => assert.equal((await view.tree()).length, 6));
});

pageTest('a selected topic shows its last messages and who would get the next one', async ({ view, clients }) => {
  await clients.connect('escuta');
  await clients.subscribe('escuta', 'casa/+', 1);
  await clients.connect('fala');
  for (const n of [1, 2, 3]) await clients.publish('fala', 'casa/luz', `valor ${n}`, { qos: 1 });
  await until(async () => assert.equal((await view.topic('casa/luz'))?.count, 3));
  await view.selectTopic('casa/luz');
  await view.turn('selected');
  await until(async () => {
    const text = await view.panelText();
    for (const n of [1, 2, 3]) assert.match(text, new RegExp(`valor ${n}`));
    assert.match(text, /escuta/);
    assert.match(text, /casa\/\+/);
  });
});
