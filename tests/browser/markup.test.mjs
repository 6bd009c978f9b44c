/** A payload, a topic, a client id and a user name are data: shown as text, whatever is in them. */

import { assert, pageTest, until } from './support/scene.mjs';

const EVIL = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"'&amp;`;

pageTest('markup in payload, topic, client id, user name and filter stays text', async ({ page, view, clients }) => {
  const topic = `mal/${EVIL.replaceAll('/', '|')}`;
  const filter = `mal/${EVIL.replaceAll('/', '|')}/#`;
  await clients.connect(`id ${EVIL}`, { username: `user ${EVIL}`, password: 'x', will: { topic, payload: EVIL } });
  await clients.subscribe(`id ${EVIL}`, filter, 1);
  await clients.publish(`id ${EVIL}`, topic, EVIL, { qos: 1, retain: true });

  const clean = async (what) => {
    assert.equal(await page.evaluate(() => window.pwned), undefined, what);
    assert.equal(await page.locator('img[src=x], [onerror]').count(), 0, what);
    assert.equal(await page.locator('body script').count(), 0, what);
  };
  await until(async () => assert.equal((await view.topic(topic))?.payload, EVIL));
  await clean('topics');
  const row = await view.row(({ type, topic: named }) => type === 'PUBLISH' && named === topic);
  assert.equal(row.client, `id ${EVIL}`);
  await clean('ladder');
  await view.selectRow(row);
  await until(async () => assert.equal((await view.panelText()).includes(EVIL), true));
  await clean('selected');
  await view.turn('packet');
  await until(async () => assert.equal((await view.panelText()).includes(EVIL), true));
  await clean('packet');
  await view.turn('clients');
  await until(async () => assert.equal((await view.panelText()).includes(`id ${EVIL}`), true));
  await clean('clients');
  await view.tryFilter(filter, topic);
  await until(async () => assert.equal((await view.receivers())[0]?.client, `id ${EVIL}`));
  await clean('matches');
  await view.selectTopic(topic);
  await clean('topic');
});

pageTest('a payload that is no text is shown as bytes', async ({ page, view }) => {
  await page.evaluate(async () => {
    const client = window.vitrine.connect({ clientId: 'bytes' });
    await new Promise((resolve) => client.once('connect', resolve));
    await client.publishAsync('bruto', new Uint8Array([0x00, 0xff, 0xfe, 0x80]), { qos: 1 });
  });
  await until(async () => assert.match((await view.topic('bruto'))?.payload ?? '', /00 ?ff ?fe ?80/i));
});
