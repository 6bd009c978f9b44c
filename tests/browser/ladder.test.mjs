/** The ladder: pause and resume, filters, scrolling, and an address for what one sees. */

import { assert, pageTest, scene, TALL, until } from './support/scene.mjs';

/** The topics published by `fala`, as the rows on screen have them. */
const topics = async (view) =>
  (await view.rows()).filter(({ client, type }) => client === 'fala' && type === 'PUBLISH').map(({ topic }) => topic);

const names = (from, to) => Array.from({ length: to - from }, (_, n) => `t/${String(from + n).padStart(2, '0')}`);

pageTest(
  'while paused nothing moves, and nothing is lost',
  async ({ view, clients }) => {
    await clients.connect('fala');
    await clients.publishTo('fala', names(0, 5));
    await until(async () => assert.deepEqual(await topics(view), names(0, 5)));

    await view.pause();
    const before = await view.rows();
    await clients.publishTo('fala', names(5, 40));
    await until(async () => assert.equal((await view.topic('t/39'))?.count, 1));
    assert.deepEqual((await view.rows()).map(({ number }) => number), before.map(({ number }) => number));
    assert.equal((await view.ladder()).following, false);
    await until(async () => assert.equal((await view.ladder()).newer >= 35, true));

    await view.resume();
    await until(async () => assert.deepEqual(await topics(view), names(0, 40)));
    const numbers = (await view.rows()).map(({ number }) => number);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
    assert.equal(new Set(numbers).size, numbers.length);
    assert.deepEqual(await view.ladder(), { total: numbers.length, newer: 0, following: true });
  },
  { viewport: TALL },
);

pageTest(
  'filters by client, by topic and by packet type',
  async ({ view, clients }) => {
    await clients.connect('escuta');
    await clients.subscribe('escuta', '#', 1);
    await clients.connect('fala');
    await clients.publish('fala', 'casa/sala', '1', { qos: 2 });
    await clients.publish('fala', 'casa/cozinha', '2', { qos: 1 });
    await clients.publish('fala', 'rua/luz', '3', { qos: 0 });
    await view.row(({ client, topic }) => client === 'escuta' && topic === 'rua/luz');
    const all = (await view.rows()).length;

    await view.filterClient('fala');
    await until(async () => {
      assert.deepEqual([...new Set((await view.rows()).map(({ client }) => client))], ['fala']);
      assert.equal((await view.lines('fala')).length, 9);
    });
    await view.clearFilters();
    await until(async () => assert.equal((await view.rows()).length, all));

    await view.filterTopic('casa/+');
    await until(async () => {
      const packets = (await view.rows()).filter(({ kind }) => kind === 'packet');
      const seen = new Set(packets.filter(({ type }) => type === 'PUBLISH').map(({ topic }) => topic));
      assert.deepEqual([...seen].sort(), ['casa/cozinha', 'casa/sala']);
      // Their handshakes stay with them.
      assert.deepEqual(
        packets.filter(({ client }) => client === 'fala').map(({ type }) => type),
        ['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP', 'PUBLISH', 'PUBACK'],
      );
    });
    await view.clearFilters();

    await view.filterTypes('subscribe');
    await until(async () => assert.deepEqual((await view.rows()).map(({ type }) => type), ['SUBSCRIBE', 'SUBACK']));
    await view.clearFilters();
    await until(async () => assert.equal((await view.rows()).length, all));
  },
  { viewport: TALL },
);

pageTest('only what is on screen is drawn, and everything can be reached', async ({ page, view, clients }) => {
  await clients.connect('fala');
  await clients.publishMany('fala', 'rio', 500, 1);
  await until(async () => assert.equal((await view.ladder()).total >= 1002, true));
  assert.equal((await view.rows()).length < 120, true);
  const last = (await view.rows()).at(-1);
  await view.at('row').first().hover();
  await page.mouse.wheel(0, -1e6);
  await until(async () => assert.deepEqual((await view.rows()).find(({ type }) => type === 'CONNECT')?.client, 'fala'));
  // A message that comes does not take the reader away.
  await clients.publish('fala', 'rio', 'mais', { qos: 1 });
  await until(async () => assert.equal((await view.topic('rio'))?.count, 501));
  assert.equal((await view.rows()).some(({ type }) => type === 'CONNECT'), true);
  await view.resume();
  await until(async () => assert.equal((await view.rows()).at(-1).number > last.number, true));
});

scene('an address keeps depth, selection and filter over a reload', async (it) => {
  // The broker lives in the first tab; the second one is reloaded.
  const host = await it.open();
  await host.clients.connect('fala');
  await host.clients.publish('fala', 'casa/sala', 'um', { qos: 1 });
  const { page, view } = await it.open();
  const row = await view.row(({ client, type }) => client === 'fala' && type === 'PUBLISH');
  await view.at('depth-bytes').click();
  await view.selectRow(row);
  await view.turn('packet');
  await until(async () => assert.equal((await view.hex()).length, row.size));
  const bytes = await view.hex();
  const address = page.url();
  assert.match(address, /#/);

  await page.reload();
  await view.ready();
  await until(async () => assert.deepEqual(await view.hex(), bytes));
  assert.equal((await view.rows()).find(({ selected }) => selected)?.number, row.number);
  assert.equal(await view.depth(), 'bytes');
  assert.equal(page.url(), address);

  // The same address in a new tab shows the same.
  const other = await it.open(new URL(address).hash);
  await until(async () => assert.deepEqual(await other.view.hex(), bytes));
  // Back leads to what was selected before: nothing.
  await view.selectTopic('casa/sala');
  await until(async () => assert.match(page.url(), /topic=casa\/sala/));
  await page.goBack();
  await until(async () => assert.equal((await view.rows()).find(({ selected }) => selected)?.number, row.number));
});

pageTest('three depths: publications only, every packet, every packet with its bytes', async ({ view, clients }) => {
  await clients.connect('escuta');
  await clients.subscribe('escuta', '#', 2);
  await clients.connect('fala');
  await clients.publish('fala', 'x', 'um', { qos: 2 });
  await view.row(({ client, type }) => client === 'escuta' && type === 'PUBCOMP');
  await view.at('depth-story').click();
  await until(async () =>
    assert.deepEqual(
      (await view.rows()).filter(({ kind }) => kind === 'packet').map(({ client, type }) => [client, type]),
      [
        ['fala', 'PUBLISH'],
        ['escuta', 'PUBLISH'],
      ],
    ),
  );
  await view.at('depth-handshake').click();
  await view.row(({ client, type }) => client === 'escuta' && type === 'PUBCOMP');
  await view.at('depth-bytes').click();
  // PUBREL is 62 02 and its identifier.
  await until(async () => {
    const row = (await view.rows()).find(({ client, type }) => client === 'escuta' && type === 'PUBREL');
    const id = row.packetId.toString(16).padStart(4, '0');
    assert.match(row.text.replaceAll(/\s+/g, ' '), new RegExp(`62 02 ${id.slice(0, 2)} ${id.slice(2)}`, 'i'));
  });
});

pageTest('who only connected and then subscribes is seen to go to the other side of the broker', async ({ page, view, clients }) => {
  await clients.connect('fala');
  await clients.connect('escuta');
  await view.row(({ client, type }) => client === 'escuta' && type === 'CONNACK');
  const crossing = () => page.locator('.stage').evaluate((stage) => stage.classList.contains('crossing'));
  const side = (client) => view.at('lifeline', { client }).getAttribute('data-side');
  const middle = async (client) => {
    const { x, width } = await view.at('lifeline', { client }).boundingBox();
    return x + width / 2;
  };
  assert.deepEqual([await side('fala'), await side('escuta'), await crossing()], ['left', 'left', false]);
  const before = await middle('escuta');
  await clients.subscribe('escuta', '#', 1);
  await until(async () => assert.equal(await side('escuta'), 'right'));
  assert.equal(await crossing(), true);
  // It comes from where it stood: as far as it went.
  const way = await view.at('lifeline', { client: 'escuta' }).evaluate((head) => parseFloat(head.parentElement.style.getPropertyValue('--way')));
  const went = (await middle('escuta')) - before;
  assert.ok(Math.abs(way + went) < 2, `${way} for ${went}`);
});

// Of lines so near the broker's that not even the fewest letters fit there are none here: those cross it.
for (const [width, height] of [
  [1280, 720],
  [390, 844],
]) {
  pageTest(
    `no words of what happened cross the broker's line, ${width}×${height}`,
    async ({ page, view, clients }) => {
      await clients.connect('escuta', { version: 5 });
      await clients.subscribe('escuta', 'predio/#', 1);
      for (const id of ['um', 'dois', 'tres', 'com-testamento']) {
        await clients.connect(id, { version: 5, will: { topic: `predio/andar/3/sala/12/estado/${id}`, payload: 'caiu', qos: 1 } });
        await clients.publish(id, 'predio/vivo', id, { qos: 1 });
        await clients.cut(id);
      }
      await view.row(({ kind, client }) => kind === 'will' && client === 'com-testamento');
      const broker = (await view.at('lifeline-broker').boundingBox()) ?? assert.fail('it is not drawn');
      const line = broker.x + broker.width / 2;
      const marks = await page.locator('.mark').evaluateAll((all) =>
        all.map((mark) => {
          const circle = mark.querySelector('circle').getBoundingClientRect();
          const texts = [...mark.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
          const words = mark.textContent.trim();
          return { words, at: circle.x + circle.width / 2, from: Math.min(...texts.map((box) => box.left)), to: Math.max(...texts.map((box) => box.right)), lines: texts.length };
        }),
      );
      assert.ok(marks.some(({ lines }) => lines === 2), 'some take two lines');
      for (const { words, lines } of marks) assert.ok(lines > 0 && words.length > 1, 'a mark without words');
      for (const { words, at, from, to } of marks) assert.ok(at < line ? to < line : from > line, `${words}: ${from} to ${to} at ${at}, the broker at ${line}`);
    },
    { viewport: { width, height } },
  );
}

pageTest('End shows what is newest, also where the pointer rests over the rows', async ({ page, view, clients }) => {
  // For the page no time passes: rows that a pointer holds would go on by themselves once it has rested for a while.
  await page.evaluate(() => {
    const now = Date.now();
    Date.now = () => now;
  });
  await clients.connect('fala');
  for (let n = 0; n < 20; n += 1) await clients.publish('fala', 'casa/sala', `${n}`);
  await view.row(({ payload, topic, text }) => topic === 'casa/sala' && /19/.test(text ?? payload));
  await view.at('ladder-rows').hover();
  await page.mouse.move(500, 400);
  await clients.publish('fala', 'casa/rua', 'nova');
  await until(async () => assert.equal((await view.ladder()).newer > 0, true));
  assert.equal((await view.rows()).some(({ topic }) => topic === 'casa/rua'), false);
  await page.keyboard.press('End');
  await view.row(({ topic }) => topic === 'casa/rua');
});

pageTest('with many clients a row says whose it is, for that line may be off the screen', async ({ view, clients }) => {
  for (let n = 0; n < 26; n += 1) await clients.connect(`c${n}`);
  await clients.publish('c0', 'casa/sala', '1', { qos: 1 });
  const row = await view.row(({ client, type }) => client === 'c0' && type === 'PUBACK');
  const words = view.at('row', { number: row.number }).locator('.label .who');
  assert.equal(await words.innerText(), 'c0');
});
