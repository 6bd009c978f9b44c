/** Users and rules in the tab: what is refused gets the right code, and the page names the rule. */

import { assert, pageTest, scene, until } from './support/scene.mjs';
import { URL_OF_PAGE } from './support/browser.mjs';
import { Clients } from './support/clients.mjs';
import { View } from './support/view.mjs';

const RULES = `[access]
anonymous = false
default = "allow"

[[access.rules]]
name = "segredo"
deny = ["publish", "subscribe"]
topics = "segredo/#"

[[access.rules]]
name = "so para ana"
user = "bia"
deny = "receive"
topics = "cofre"
`;

/** Writes rules and waits until they count. */
async function apply(view, rules) {
  const before = Number((await view.all('access'))[0].revision);
  await view.at('access-text').fill(rules);
  await view.at('access-apply').click();
  await until(async () => assert.equal(Number((await view.all('access'))[0].revision), before + 1));
}

/** Two users and the rules above. */
async function guard(view) {
  await view.at('settings').click();
  for (const user of ['ana', 'bia']) {
    await view.at('access-name').fill(user);
    await view.at('access-password').fill(`senha de ${user}`);
    await view.at('access-add').click();
    await view.at('access-user', { user }).waitFor();
  }
  await apply(view, RULES);
  await view.at('settings-close').click();
}

/** What a refused CONNECT, or another error of MQTT.js, says. */
const code = async (work) => {
  try {
    await work;
  } catch (error) {
    return Number(/(?:code|reason|error)\D*(\d+)/i.exec(error.message)?.[1] ?? Number.NaN);
  }
  return 0;
};

const login = (user, version, password = `senha de ${user}`) => ({ version, username: user, password });

for (const [name, version] of /** @type {const} */ ([['3.1.1', 4], ['5.0', 5]])) {
  pageTest(`MQTT.js ${name}: wrong password, denied publish, denied subscribe, withheld message`, async ({ view, clients }) => {
    await guard(view);
    for (const [id, options, rule] of [
      ['anonimo', { version }, 'anonymous'],
      ['errado', login('ana', version, 'outra'), 'users'],
      ['ninguem', login('caio', version), 'users'],
    ]) {
      await assert.rejects(clients.connect(id, options));
      // The line says who asked, and by its connection that it is nobody's.
      const ours = new RegExp(`^${id} #\\d+$`);
      const refused = await view.row(({ kind, why, client }) => kind === 'refused' && why === 'connect' && ours.test(client ?? ''));
      assert.deepEqual([refused.rule, refused.reason], [rule, rule === 'users' ? 0x86 : 0x87]);
      const packets = await clients.packets(id);
      const reason = packets.find(({ type }) => type === 'CONNACK')?.reason;
      const expected = rule === 'users' ? [0x86, 4] : [0x87, 5];
      assert.equal(reason, expected[version === 5 ? 0 : 1], id);
    }

    await clients.connect('leitora', login('bia', version));
    await clients.subscribe('leitora', 'cofre', 1);
    await clients.connect('fala', login('ana', version));
    // Denied: a 5.0 client is told, an older one is acknowledged all the same.
    assert.equal((await code(clients.publish('fala', 'segredo/x', 'nada', { qos: 1 }))) > 0, version === 5);
    const published = await view.row(({ kind, why }) => kind === 'refused' && why === 'publish');
    assert.deepEqual([published.client, published.rule, published.reason], ['fala', 'segredo', 0x87]);
    const acked = (await clients.packets('fala')).find(({ type }) => type === 'PUBACK');
    assert.equal(acked?.reason ?? 0, version === 5 ? 0x87 : 0);

    await clients.subscribe('fala', 'segredo/+', 1).catch(() => {});
    const subscribed = await view.row(({ kind, why }) => kind === 'refused' && why === 'subscribe');
    assert.deepEqual([subscribed.client, subscribed.rule], ['fala', 'segredo']);
    assert.equal((await clients.packets('fala')).find(({ type }) => type === 'SUBACK')?.reason, version === 5 ? 0x87 : 0x80);

    await clients.publish('fala', 'cofre', 'ouro', { qos: 1 });
    const withheld = await view.row(({ kind, why }) => kind === 'refused' && why === 'delivery');
    assert.deepEqual([withheld.client, withheld.rule], ['leitora', 'so para ana']);
    assert.deepEqual(await clients.messages('leitora'), []);
    await view.tryFilter('', 'cofre');
    await until(async () => {
      const [receiver] = await view.receivers();
      assert.deepEqual([receiver?.client, receiver?.outcome], ['leitora', 'forbidden']);
    });

    // Other rules count at once, for the same connections.
    await view.at('settings').click();
    await apply(view, RULES.replace('user = "bia"', 'user = "caio"').replace('"publish", ', ''));
    await view.at('settings-close').click();
    await until(async () => assert.equal((await view.receivers())[0]?.outcome, 'now'));
    await clients.publish('fala', 'cofre', 'prata', { qos: 1 });
    await until(async () => assert.deepEqual((await clients.messages('leitora')).map(({ payload }) => payload), ['prata']));
    assert.equal(await code(clients.publish('fala', 'segredo/x', 'agora sim', { qos: 1 })), 0);
    assert.equal(await clients.connections('fala'), 1);
  });
}

pageTest('rules that are wrong change nothing and say where; users and rules outlive a reload', async ({ page, view, clients }) => {
  await guard(view);
  await view.at('settings').click();
  await view.at('access-text').fill(RULES.replace('deny = "receive"', 'deny = "recieve"'));
  await view.at('access-apply').click();
  const problem = view.at('access-problem');
  await problem.waitFor();
  assert.equal(await problem.getAttribute('data-line'), '13');
  assert.match(await problem.textContent(), /access\.rules\[1\]\.deny.*recieve/);

  await page.reload();
  await view.ready();
  await view.at('settings').click();
  await until(async () => assert.equal((await view.all('access-user')).length, 2));
  assert.equal(await view.at('access-text').inputValue(), RULES);
  await view.at('settings-close').click();
  await assert.rejects(clients.connect('anonimo', { version: 5 }));
  assert.deepEqual(await clients.connect('fala', login('ana', 5)), { sessionPresent: false, reason: 0 });

  // A user that is removed is disconnected.
  await view.at('settings').click();
  await view.at('access-user', { user: 'ana' }).getByTestId('access-remove').click();
  const gone = await view.row(({ kind, client }) => kind === 'closed' && client === 'fala');
  assert.deepEqual([gone.why], ['not-authorized']);
  // One switch lets everybody in again.
  await view.at('access-anonymous').click();
  await until(async () => assert.equal((await view.all('access'))[0].anonymous, 'true'));
  await view.at('settings-close').click();
  await clients.connect('anonimo-2', { version: 4 });
});

pageTest('the page’s own form gives User Name and password', async ({ view }) => {
  await guard(view);
  await view.connectClient({ id: 'mesa', filter: 'x', username: 'ana', password: 'senha de ana' });
  await view.row(({ client, type }) => client === 'mesa' && type === 'SUBACK');
  await view.connectClient({ id: 'porta', filter: '', username: 'ana', password: 'não' });
  await until(async () => assert.equal(await view.notice('problem'), true));
  await view.row(({ kind, rule }) => kind === 'refused' && rule === 'users');
  await view.at('notice-close').click();
  // A refused subscription is said as what it is.
  await view.connectClient({ id: 'janela', version: 5, filter: 'segredo/x', username: 'bia', password: 'senha de bia' });
  await until(async () => assert.match(await view.at('notice').textContent(), /refused the subscription.*0x87/));
});

scene('nothing is changed before it is known what counts', async (it) => {
  /** @type {() => void} */
  let start = () => {};
  const started = new Promise((resolve) => {
    start = () => resolve(undefined);
  });
  await it.context.route('**/vitrine-worker_bg.wasm', async (route) => {
    await started;
    await route.continue();
  });
  const page = await it.context.newPage();
  await page.goto(URL_OF_PAGE);
  const view = new View(page);
  await view.at('settings').click();
  const fields = ['access-anonymous', 'access-name', 'access-text', 'access-example'];
  const states = () => Promise.all(fields.map((field) => view.at(field).isDisabled()));
  assert.deepEqual(await states(), [true, true, true, true]);
  start();
  await until(async () => assert.deepEqual((await states()).slice(0, 3), [false, false, false]));
  await apply(view, RULES);
  await assert.rejects(new Clients(page).connect('anonimo', { version: 5 }));
});
