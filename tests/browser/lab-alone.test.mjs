/** The lab has a worker of its own: whoever is connected to the broker in the tab does not notice what is done in it. */

import { deflateSync } from 'node:zlib';
import { Lab } from './support/lab.mjs';
import { assert, pageTest, scene, until } from './support/scene.mjs';

const LESSON = '06-qos-1-lost-acknowledgement';

/** As many round trips as this go by while the lab is at work, at least. With one worker for both it was one or two. */
const TRIPS = 50;

/** A link to a world that costs nearly as much as one may: sixty clients get what one of them publishes, again and again. */
function heavy() {
  const names = Array.from({ length: 60 }, (_, n) => `c${n}`);
  const acts = (from, lines) => lines.map((line, n) => `@${from + n} ${line}`);
  const text = [
    ...names.map((name) => `client ${name}`),
    'road position=24000',
    ...acts(0, names.map((name) => `${name} connect`)),
    ...acts(400, names.map((name) => `${name} subscribe "#" qos=0`)),
    ...acts(1000, Array.from({ length: 380 }, (_, n) => `c0 publish casa/${n} "${n}"`)),
    '@24000 end',
  ].join('\n');
  return `lab=1${deflateSync(`${text}\n`).toString('base64url')}`;
}

/** The page's workers that run its lab. */
async function labs(page) {
  const names = await Promise.all(
    page.workers().map(async (worker) => ({ worker, name: await worker.evaluate(() => self.name).catch(() => '') })),
  );
  return names.filter(({ name }) => name === 'vitrine-lab').map(({ worker }) => worker);
}

/**
 * A client of MQTT.js sends to itself, one after the other, at QoS 1, until something is on screen; gives how often it
 * went round. Counted in the page, so that nothing else is waited for.
 */
function tripsUntil(page, selector) {
  return page.evaluate(async (selector) => {
    const { mqtt } = window;
    const { VitrineSocket } = window.vitrine;
    const client = await mqtt.connectAsync('ws://vitrine.local/mqtt', {
      clientId: `volta-${Math.random()}`,
      createWebsocket: (address, protocols) => new VitrineSocket(address, protocols),
      reconnectPeriod: 0,
    });
    await client.subscribeAsync('volta', { qos: 1 });
    let trips = 0;
    while (!document.querySelector(selector)) {
      const problem = document.querySelector('[data-testid=notice]');
      if (problem?.dataset.kind === 'lab-problem') throw new Error(problem.textContent);
      const back = new Promise((resolve) => client.once('message', resolve));
      await client.publishAsync('volta', String(trips), { qos: 1 });
      await back;
      trips += 1;
    }
    await client.endAsync();
    return trips;
  }, selector);
}

pageTest(
  'a heavy lab is opened, compared and given out while an MQTT.js client goes on',
  async ({ page, view, clients }) => {
    const lab = new Lab(view);
    await clients.connect('fica');
    await page.waitForFunction(() => window.mqtt);
    const during = async (what, selector) => {
      const trips = tripsUntil(page, selector);
      await what();
      assert.equal((await trips) >= TRIPS, true, `${await trips} round trips until ${selector}`);
    };
    await during(
      () => page.evaluate((address) => void (window.location.hash = address), heavy()),
      '[data-testid=lab][data-open=true]',
    );
    const { bar } = await lab.when(({ bar }) => bar.moment === 24_000, 'where the link leads to');
    assert.equal(bar.kind, 'world');
    await during(() => lab.at('lab-beside').click(), '[data-testid=beside-column]');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      during(async () => {
        await page.keyboard.press('e');
        await lab.at('export-pcapng').click();
        await page.evaluate(() => document.body.classList.add('asked'));
      }, '.asked [data-testid=export-pcapng][aria-busy=false]'),
    ]);
    assert.match(download.suggestedFilename(), /pcapng$/);
    // Who was connected stayed connected.
    assert.equal(await clients.connections('fica'), 1);
  },
  { timeout: 180_000 },
);

pageTest('a lab that fails is said so, and begins again where it was; the broker has not noticed', async ({ page, view, clients, scene: it }) => {
  it.expectError(/the lab fails on purpose/);
  const lab = new Lab(view);
  await clients.connect('fica', { clean: false });
  await clients.subscribe('fica', 'casa/#', 1);
  await lab.open(LESSON);
  await lab.step();
  const { bar: before } = await lab.step();
  const [worker] = await labs(page);
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('the lab fails on purpose');
    });
  });
  for (const [language, words] of [
    ['en', /The lab failed.*on purpose.*The broker in this tab goes on/],
    ['pt', /O laboratório falhou.*on purpose.*O broker desta aba continua/],
    ['es', /El laboratorio falló.*on purpose.*El broker de esta pestaña continúa/],
  ]) {
    await view.at('language').selectOption(language);
    await until(async () => assert.match((await view.at('notice', { kind: 'lab-lost' }).textContent()) ?? '', words));
  }
  await clients.publish('fica', 'casa/sala', 'ainda', { qos: 1 });
  await until(async () => assert.deepEqual((await clients.messages('fica')).map(({ payload }) => payload), ['ainda']));
  assert.equal(await view.at('banner').count(), 0);
  await lab.at('lab-again').click();
  await until(async () => assert.equal(await view.notice('lab-lost'), false));
  await until(async () => assert.equal((await labs(page)).length, 1));
  const { bar: after } = await lab.when(({ bar }) => bar.moment === before.moment, 'the moment of before');
  assert.equal(after.time, before.time);
  const { bar: on } = await lab.step();
  assert.equal(on.moment > before.moment, true);
  await lab.at('lab-leave').click();
  await view.row(({ client, type }) => client === 'fica' && type === 'PUBACK');
  assert.equal(await clients.connections('fica'), 1);
});

pageTest('a lab that says nothing more can be stopped, and goes on where it was', async ({ page, view, clients }) => {
  const lab = new Lab(view);
  await clients.connect('fica');
  await lab.open(LESSON);
  const { bar: before } = await lab.step();
  const [worker] = await labs(page);
  await worker.evaluate(() => self.close());
  await page.keyboard.press('PageDown');
  await until(async () => assert.equal(await view.notice('lab-slow'), true), 'that it may be stopped');
  await lab.at('lab-stop').click();
  await until(async () => assert.equal(await view.notice('lab-slow'), false));
  // The button is gone; the keyboard is not.
  await until(async () => assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'ladder-rows'));
  const { bar: after } = await lab.when(({ bar }) => bar.moment === before.moment, 'the moment of before');
  assert.equal(after.time, before.time);
  await lab.step();
  assert.equal(await clients.connections('fica'), 1);
});

pageTest('a lab that is stopped while time goes on by itself begins where it was on screen', async ({ page, view }) => {
  const lab = new Lab(view);
  await lab.open(LESSON);
  const before = await lab.bar();
  await lab.at('lab-speed').selectOption('0.25');
  await page.keyboard.press('r');
  await lab.when(({ bar }) => bar.speed > 0 && bar.moment > before.moment, 'that time goes on');
  const [worker] = await labs(page);
  await worker.evaluate(() => self.close());
  await page.keyboard.press('e');
  await lab.at('export-recording').click();
  await until(async () => assert.equal(await view.notice('lab-slow'), true), 'that it may be stopped');
  const on = await lab.bar();
  assert.equal(on.moment > before.moment, true);
  // The dialog does not wait for who is gone, and the link is that of the new one.
  await lab.at('carry-dialog').getByTestId('lab-stop').click();
  await until(async () => assert.equal(await view.notice('lab-slow'), false));
  await lab.at('share-link').waitFor();
  assert.equal(await lab.at('export-recording').getAttribute('aria-busy'), 'false');
  await lab.at('carry-close').click();
  await lab.when(({ bar }) => bar.moment === on.moment && bar.speed === 0, 'the moment on screen');
});

pageTest('a lab that is stopped after something was done by hand begins at the time that was on screen', async ({ page, view }) => {
  const lab = new Lab(view);
  await lab.open(LESSON);
  // From here on it is a road of its own, on which no question stops the time.
  await lab.atHead('painel', 'disconnect');
  const before = await lab.bar();
  await lab.at('lab-speed').selectOption('4');
  await page.keyboard.press('r');
  await lab.when(({ bar }) => bar.speed > 0 && bar.time > before.time + 10_000, 'that much time has passed since');
  const [worker] = await labs(page);
  await worker.evaluate(() => self.close());
  await page.keyboard.press('PageDown');
  await until(async () => assert.equal(await view.notice('lab-slow'), true), 'that it may be stopped');
  const on = await lab.bar();
  await lab.at('lab-stop').click();
  await until(async () => assert.equal(await view.notice('lab-slow'), false));
  await lab.when(({ bar }) => bar.speed === 0 && bar.time === on.time && bar.moment === on.moment, `${on.time} ms, moment ${on.moment}`);
});

pageTest('when the lab is left, what was on screen before it is there at once', async ({ page, view, clients }) => {
  const lab = new Lab(view);
  await clients.connect('fica');
  await clients.publish('fica', 'casa/sala', '1', { qos: 1 });
  await view.row(({ client, type }) => client === 'fica' && type === 'PUBACK');
  await lab.open(LESSON);
  // Every state of the page from the press on.
  await page.evaluate(() => {
    window.seen = [];
    const look = () => {
      if (document.querySelector('[data-testid=page]').dataset.lab === 'true') return;
      const rows = document.querySelectorAll('[data-testid=row][data-client=fica]').length;
      const others = document.querySelectorAll('[data-testid=row]:not([data-client=fica])').length;
      window.seen.push({ rows, others, topics: document.querySelectorAll('[data-testid=topic]').length });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await lab.at('lab-leave').click();
  await until(async () => assert.equal(await page.evaluate(() => window.seen.length > 0), true));
  await clients.publish('fica', 'casa/sala', '2', { qos: 1 });
  await until(async () => assert.equal((await view.rows()).filter(({ type }) => type === 'PUBACK').length, 2));
  const seen = await page.evaluate(() => window.seen);
  for (const { rows, others, topics } of seen) assert.equal(rows > 0 && others === 0 && topics > 0, true, JSON.stringify(seen));
});

scene('each tab has its lab for itself, while it is open', async (it) => {
  const host = await it.open();
  const guest = await it.open();
  const count = async () => [(await labs(host.page)).length, (await labs(guest.page)).length];
  assert.deepEqual(await count(), [0, 0]);
  const lab = new Lab(guest.view);
  await lab.open(LESSON);
  assert.deepEqual(await count(), [0, 1]);
  const { bar: before } = await lab.step();
  // What happens live is told when one is back, and not before.
  await host.clients.connect('fica');
  await host.clients.publish('fica', 'casa/sala', 'agora', { qos: 1 });
  assert.deepEqual((await guest.view.rows()).filter(({ client }) => client === 'fica'), []);
  // Nor does it matter to the lab who hosts the broker.
  await host.page.close();
  await until(async () => assert.equal(await guest.view.role(), 'host'));
  const { bar: after } = await lab.step();
  assert.equal(after.moment > before.moment, true);
  await lab.at('lab-leave').click();
  await until(async () => assert.equal((await labs(guest.page)).length, 0));
  await guest.clients.connect('nova');
  await guest.view.row(({ client, type }) => client === 'nova' && type === 'CONNACK');
});
