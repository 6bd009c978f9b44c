/** What outlives a reload or a change of host, what does not, and that the page says so. */

import { assert, pageTest, scene, until } from './support/scene.mjs';

scene('an address of a recording that is gone comes up live, and says why', async (it) => {
  const { page, view, clients } = await it.open();
  await clients.connect('fala');
  await clients.publishMany('fala', 'rio', 60, 1);
  const row = await view.row(({ client, type, packetId }) => client === 'fala' && type === 'PUBACK' && packetId !== undefined);
  await view.selectRow(row);
  await until(async () => assert.match(page.url(), /#row=\d+&until=\d+&record=[0-9a-f]{8}/));
  const address = page.url();

  // The only tab takes the broker with it.
  await page.reload();
  await view.ready();
  await until(async () => assert.equal(await view.notice('address-gone'), true));
  assert.equal((await view.ladder()).following, true);
  await until(async () => assert.doesNotMatch(page.url(), /row=|until=|record=/));
  await clients.connect('depois');
  await view.row(({ client, type }) => client === 'depois' && type === 'CONNACK');
  assert.equal((await view.rows()).some(({ selected }) => selected), false);
  await view.at('notice-close').click();
  assert.equal(await view.notice('address-gone'), false);

  // Nor does the address mean anything in a new tab.
  const late = await it.open(new URL(address).hash);
  await late.view.row(({ client, type }) => client === 'depois' && type === 'CONNACK');
  assert.equal((await late.view.ladder()).following, true);
  assert.equal(await late.view.notice('address-gone'), true);
});

scene('a tab that takes over says what is gone, and goes on from what was kept', async (it) => {
  const host = await it.open();
  const guest = await it.open();
  const third = await it.open();
  await host.clients.connect('vai');
  await host.clients.publish('vai', 'casa/luz', '1', { qos: 1, retain: true });
  await guest.view.selectRow(await guest.view.row(({ type }) => type === 'PUBLISH'));
  await host.page.close();
  for (const { view } of [guest, third]) {
    await until(async () => assert.equal(await view.notice('host-gone'), true), 'the notice');
    assert.equal((await view.ladder()).following, true);
    await until(async () => assert.equal((await view.topic('casa/luz'))?.retained, true));
    assert.match(await view.at('notice').textContent(), /retained messages go on/);
  }
  assert.deepEqual([await guest.view.role(), await third.view.role()].sort(), ['guest', 'host']);
});

scene('without keeping, a tab that takes over says that all is gone', async (it) => {
  const { page: own } = await it.openOwn();
  await own.evaluate(() => localStorage.setItem('vitrine.keep', '0'));
  const host = await it.open();
  const guest = await it.open();
  await host.clients.connect('vai');
  await host.clients.publish('vai', 'casa/luz', '1', { qos: 1, retain: true });
  await until(async () => assert.equal((await guest.view.topic('casa/luz'))?.retained, true));
  await host.page.close();
  await until(async () => assert.equal(await guest.view.notice('host-gone'), true), 'the notice');
  assert.match(await guest.view.at('notice').textContent(), /retained messages of before are gone/);
  await until(async () => assert.equal(await guest.view.topic('casa/luz'), undefined));
});

pageTest('which nodes of the tree are open is remembered in the tab', async ({ page, view, clients }) => {
  const publish = async () => {
    await clients.connect('fala');
    for (const topic of ['casa/sala/luz', 'casa/sala/som', 'rua/luz']) await clients.publish('fala', topic, 'x', { qos: 1 });
  };
  const shown = async () => (await view.tree()).map(({ topic }) => topic);
  await publish();
  await until(async () => assert.equal((await shown()).length, 6));
  await view.toggleTopic('casa/sala');
  await until(async () => assert.deepEqual(await shown(), ['casa', 'casa/sala', 'rua', 'rua/luz']));
  await page.reload();
  await view.ready();
  await publish();
  await until(async () => assert.deepEqual(await shown(), ['casa', 'casa/sala', 'rua', 'rua/luz']));
});

pageTest('a client of the page that publishes much at once warns of nothing', async ({ page, view }) => {
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  await page.evaluate(async () => {
    const { world } = window.vitrine;
    const id = await world.connect({ clientId: 'muito' });
    await Promise.all(Array.from({ length: 50 }, (_, n) => world.publish({ client: id, topic: 'x', payload: String(n), qos: 1 })));
  });
  await until(async () => assert.equal((await view.topic('x'))?.count, 50));
  assert.deepEqual(said.filter((text) => /MaxListeners|leak/i.test(text)), []);
});

pageTest('with many clients no head is cut at the left, and the broker is in sight', async ({ page, view, clients }) => {
  for (let n = 1; n <= 11; n += 1) await clients.connect(`cliente-${n}`);
  await until(async () => assert.equal((await view.lifelines()).length, 11));
  await until(async () => {
    const cut = await page.locator('.stage').evaluate((stage) => {
      const { left, right } = stage.getBoundingClientRect();
      const heads = [...stage.querySelectorAll('[data-testid=lifeline], [data-testid=lifeline-broker]')].map((head) => ({
        name: head.textContent,
        broker: head.dataset.testid === 'lifeline-broker',
        box: head.getBoundingClientRect(),
      }));
      return {
        scrolls: stage.scrollWidth > stage.clientWidth,
        cut: heads.filter(({ box }) => box.left < left - 1 && box.right > left + 1).map(({ name }) => name),
        broker: heads.some(({ broker, box }) => broker && box.left >= left && box.right <= right),
      };
    });
    assert.deepEqual(cut, { scrolls: true, cut: [], broker: true });
  });
});
