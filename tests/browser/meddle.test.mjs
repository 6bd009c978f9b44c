/** Live: holding and cutting clients of the tab from the ladder, and virtual clients of the lab's that meet real ones. */

import { Lab } from './support/lab.mjs';
import { assert, pageTest, until } from './support/scene.mjs';

const TALL = { width: 1400, height: 2600 };

/** A test with two MQTT.js clients on the broker in the tab. */
const liveTest = (name, body) =>
  pageTest(
    name,
    async (tab) => {
      const { clients, view } = tab;
      await clients.connect('escuta');
      await clients.subscribe('escuta', 'casa/#', 1);
      await clients.connect('fala', { version: 5, sessionExpiry: 600, clean: false });
      const lab = new Lab(view);
      const at = async (client, entry) => {
        await lab.at('lifeline-menu', { client }).click();
        await lab.at(`fault-${entry}`).click();
      };
      await body({ ...tab, lab, at });
    },
    { viewport: TALL },
  );

/** Publishes from a client without waiting for its end; gives what tells whether that came. */
function publishes(clients, id, topic, payload, qos) {
  const done = { over: false };
  done.end = clients.publish(id, topic, payload, { qos }).then(
    () => (done.over = true),
    () => {},
  );
  return done;
}

liveTest('what an MQTT.js client sends is held, and comes when it is let go', async ({ clients, lab, at }) => {
  await at('fala', 'hold-up');
  await until(async () => assert.notEqual((await lab.rows()).find(({ why }) => why === 'hold'), undefined));
  const publication = publishes(clients, 'fala', 'casa/sala', 'espera', 1);
  // Others go on: what they say passes.
  await clients.publish('escuta', 'casa/outra', 'passa', { qos: 1 });
  await lab.row({ type: 'PUBLISH', client: 'escuta', direction: 'out', payload: 'passa' });
  assert.equal((await lab.rows()).some(({ payload }) => payload === 'espera'), false);
  assert.equal(publication.over, false);
  await at('fala', 'release-up');
  await lab.row({ type: 'PUBLISH', client: 'fala', direction: 'in', payload: 'espera' });
  await publication.end;
  assert.equal(publication.over, true);
  await until(async () => assert.deepEqual((await clients.messages('escuta')).map(({ payload }) => payload), ['passa', 'espera']));
});

liveTest('what the broker sends to an MQTT.js client is held, and comes when it is let go', async ({ clients, lab, at }) => {
  await at('escuta', 'hold-down');
  await until(async () => assert.notEqual((await lab.rows()).find(({ why }) => why === 'hold'), undefined));
  await clients.publish('fala', 'casa/sala', 'espera', { qos: 1 });
  assert.deepEqual(await clients.messages('escuta'), []);
  await at('escuta', 'release-down');
  await lab.row({ type: 'PUBLISH', client: 'escuta', direction: 'out', payload: 'espera' });
  await until(async () => assert.deepEqual((await clients.messages('escuta')).map(({ payload }) => payload), ['espera']));
});

liveTest('cut before the PUBACK: the MQTT.js client comes back by itself and sends again', async ({ clients, lab, at }) => {
  await clients.connect('volta', { clean: false, reconnectPeriod: 100 });
  await at('volta', 'cut-puback-before');
  await clients.publish('volta', 'casa/sala', 'duas', { qos: 1 });
  const cut = await lab.row({ type: 'PUBACK', client: 'volta', direction: 'out', fate: 'lost' });
  const sent = await until(async () => {
    const rows = (await lab.rows()).filter(({ type, client, direction, payload }) => type === 'PUBLISH' && client === 'volta' && direction === 'in' && payload === 'duas');
    return rows.length === 2 && rows;
  }, 'the second PUBLISH');
  assert.equal(sent[0].number < cut.number && cut.number < sent[1].number, true);
  assert.deepEqual(sent.map(({ id }) => id), [cut.id, cut.id]);
  await until(async () => assert.deepEqual((await clients.messages('escuta')).map(({ payload }) => payload), ['duas', 'duas']));
});

liveTest('a virtual client meets real ones at QoS 0, 1 and 2', async ({ clients, view, lab }) => {
  await lab.at('open-connect').click();
  await lab.at('connect-kind-virtual').click();
  await lab.at('connect-id').fill('virtual');
  await lab.at('connect-filter').fill('casa/#');
  await lab.at('connect-qos-2').click();
  await lab.at('connect-version-5').click();
  await lab.at('connect-send').click();
  await lab.row({ type: 'SUBACK', client: 'virtual' });
  await clients.subscribe('escuta', 'rua/#', 2);
  await view.page.keyboard.press('Escape');
  for (const qos of [0, 1, 2]) {
    await clients.publish('fala', 'casa/sala', `real ${qos}`, { qos });
    await lab.row({ type: 'PUBLISH', client: 'virtual', direction: 'out', payload: `real ${qos}`, qos });
    if (qos === 1) await lab.row({ type: 'PUBACK', client: 'virtual', direction: 'in' });
    if (qos === 2) await lab.row({ type: 'PUBCOMP', client: 'virtual', direction: 'in' });
    await lab.at('lifeline-menu', { client: 'virtual' }).click();
    await lab.at('fault-publish').click();
    await lab.at('publish-topic').fill('rua/x');
    await lab.at('publish-payload').fill(`virtual ${qos}`);
    await lab.at(`publish-qos-${qos}`).click();
    await lab.at('publish-send').click();
    await view.page.keyboard.press('Escape');
    await lab.row({ type: 'PUBLISH', client: 'virtual', direction: 'in', payload: `virtual ${qos}`, qos });
  }
  await until(async () => {
    const virtual = (await clients.messages('escuta')).filter(({ topic }) => topic === 'rua/x');
    assert.deepEqual(virtual.map(({ payload, qos }) => [payload, qos]), [0, 1, 2].map((qos) => [`virtual ${qos}`, qos]));
  });
  await lab.row({ type: 'PUBCOMP', client: 'virtual', direction: 'out' });
});

liveTest('a virtual client goes and comes back by the form for its subscriptions', async ({ lab }) => {
  await lab.at('open-connect').click();
  await lab.at('connect-kind-virtual').click();
  await lab.at('connect-id').fill('virtual');
  await lab.at('connect-send').click();
  await lab.row({ type: 'SUBACK', client: 'virtual' });
  await lab.at('lifeline-menu', { client: 'virtual' }).click();
  await lab.at('fault-subscribe').click();
  const connected = () => lab.at('lifeline', { client: 'virtual' }).getAttribute('data-connected');
  for (const [verb, then] of [
    ['disconnect', 'false'],
    ['connect', 'true'],
  ]) {
    await lab.at(`subscribe-${verb}`).click();
    await until(async () => assert.equal(await connected(), then));
  }
});

liveTest('live says what cannot be taken back', async ({ view, lab }) => {
  const says = async (language, words) => {
    await view.at('language').selectOption(language);
    await until(async () => assert.match((await view.at('live').getAttribute('title')) ?? '', words));
    await lab.at('lifeline-menu', { client: 'fala' }).click();
    await until(async () => assert.match((await lab.at('fault').textContent()) ?? '', words));
    await view.page.keyboard.press('Escape');
  };
  await says('en', /cannot be taken back/);
  await says('pt', /não volta atrás/);
  await says('es', /no vuelve atrás/);
  // There is nothing that promises it.
  for (const testid of ['lab-back', 'lab-undo', 'lab-track']) assert.equal(await lab.at(testid).count(), 0);
});
