/** What somebody finds out alone: why a message did not arrive, what is wrong with what was asked for, and how to get back. */

import { Lab } from './support/lab.mjs';
import { assert, pageTest, scene, TALL, until } from './support/scene.mjs';

const PT = { locale: 'pt-BR' };

/** Selects the PUBLISH of a client to this topic. */
async function selectPublish(view, topic) {
  await view.selectRow(await view.row(({ type, direction, topic: name }) => type === 'PUBLISH' && direction === 'in' && name === topic));
}

/** What the panel says of those whom a message did not reach. */
const missed = async (view) => (await view.all('missed')).map(({ client, filter, why }) => ({ client, filter, why }));

pageTest(
  'a message that nobody got tells who subscribes to something, and at which level that differs',
  async ({ view, clients }) => {
    await clients.connect('painel', { version: 5 });
    await clients.subscribe('painel', 'area/10/+', 1);
    await clients.subscribe('painel', 'casa/#', 1);
    await clients.connect('fala', { version: 5 });
    await clients.publish('fala', 'area/10/sensor/t', '21.5', { qos: 1 });
    await selectPublish(view, 'area/10/sensor/t');
    await until(async () => assert.deepEqual(await missed(view), [{ client: 'painel', filter: 'area/10/+', why: 'filter' }]));
    // It stands open where nobody got it, and says what the level that decides says.
    const verdicts = await view.at('missed').locator('[data-testid=level]').evaluateAll((all) => all.map(({ dataset }) => dataset.verdict));
    assert.deepEqual(verdicts, ['same', 'same', 'plus', 'filter-ended']);
    assert.equal(await view.at('missed').isVisible(), true);
    assert.match(await view.at('missed').innerText(), /o filtro acabou/);

    // Where others got it, it is folded away.
    await clients.connect('tudo', { version: 5 });
    await clients.subscribe('tudo', '#', 0);
    await clients.publish('fala', 'area/10/sensor/u', '48', { qos: 1 });
    await view.page.keyboard.press('End');
    await selectPublish(view, 'area/10/sensor/u');
    await until(async () => assert.equal((await view.deliveries()).length, 1));
    assert.deepEqual((await missed(view)).map(({ client }) => client), ['painel']);
    assert.equal(await view.at('missed').isVisible(), false);
  },
  { ...PT, viewport: TALL },
);

pageTest(
  'a refused PUBLISH names the rule, and a wrong rule is told in the language of the page',
  async ({ view, clients }) => {
    await view.at('settings').click();
    const problem = view.at('access-problem');
    for (const [text, says] of [
      ['[access]\nanonymous = 1\n', /escreva true ou false/],
      ['[access]\ndefault = "maybe"\n', /escreva "allow" ou "deny"/],
      ['[access]\ndefault = "deny"\n[[access.rules]]\nallow = "publish"\ntopics = "a/#/b"\n', /"a\/#\/b" não é um Topic Filter\. No caractere \d+: o # só pode ser o último nível/],
      ['[access]\ndefault = "deny"\n[[access.rules]]\nallow = "write"\ntopics = "a"\n', /"write" não é uma ação/],
      ['[access]\n[[access.rules]]\nallow = "all"\ntopics = "a"\n', /diga o que vale onde nenhuma regra serve/],
    ]) {
      await view.at('access-text').fill(text);
      await view.at('access-apply').click();
      await until(async () => assert.match(await problem.innerText(), says));
    }
    await view.at('access-text').fill('[access]\ndefault = "allow"\n[[access.rules]]\nname = "segredo"\ndeny = "publish"\ntopics = "segredo/#"\n');
    await view.at('access-apply').click();
    await problem.waitFor({ state: 'detached' });
    await view.at('settings-close').click();

    await clients.connect('fala', { version: 5 });
    await clients.publish('fala', 'segredo/x', 'nada', { qos: 1 }).catch(() => {});
    await selectPublish(view, 'segredo/x');
    await view.at('selected-refused', { what: 'publish', rule: 'segredo' }).waitFor();
    assert.match(await view.at('selected-refused').innerText(), /a regra segredo proíbe publicar em segredo\/x/);
  },
  { ...PT, viewport: TALL },
);

scene(
  'a language that is chosen stays, also where the address asks for another one',
  async (it) => {
    const { page, view } = await it.open('?lang=pt#tab=clients');
    await until(async () => assert.equal(await page.evaluate(() => document.documentElement.lang), 'pt-BR'));
    await page.evaluate(() => {
      window.location.hash = 'topic=casa/sala';
    });
    await until(async () => assert.match(page.url(), /\?lang=pt#topic=casa\/sala&depth=handshake$/));
    await view.at('language').selectOption('es');
    await until(async () => assert.equal(await page.evaluate(() => document.documentElement.lang), 'es'));
    await until(async () => assert.match(page.url(), /\?lang=es#topic=casa/));
    // So does the step before it, which was made with the other one.
    await page.goBack();
    await until(async () => assert.match(page.url(), /\?lang=es#tab=clients/));
    await page.reload();
    await view.ready();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  },
  { locale: 'en-GB' },
);

scene('one step back undoes an address that was typed', async (it) => {
  const { page, clients, view } = await it.open();
  await clients.connect('fala');
  await clients.publish('fala', 'casa/sala', '1');
  await view.topic('casa/sala');
  // As people type it: the page writes the depth beside it.
  await page.evaluate(() => {
    window.location.hash = 'topic=casa/sala';
  });
  await until(async () => assert.match(page.url(), /#topic=casa\/sala&depth=handshake$/));
  await page.goBack();
  await until(async () => assert.equal(new URL(page.url()).hash, ''));
  await until(async () => assert.equal(await view.at('selected-topic').count(), 0));
  // The same with a lesson.
  await page.evaluate(() => {
    window.location.hash = 'lesson=01-publish-subscribe';
  });
  await new Lab(view).when(({ lesson }) => lesson?.step === 0);
  await until(async () => assert.match(page.url(), /moment=/));
  await page.goBack();
  await until(async () => assert.equal(new URL(page.url()).hash, ''));
  await view.at('lab-timebar').waitFor({ state: 'detached' });
});

scene(
  'in the lab one publishes at QoS 0 first, then at the QoS of before, and a problem is told and goes',
  async (it) => {
    const { view, page } = await it.open('#lesson=00-free-world');
    const lab = new Lab(view);
    await lab.toText(1);
    const offered = () => lab.at('publish-qos').getAttribute('data-chosen');
    await lab.at('open-publish').click();
    assert.equal(await offered(), '0');
    await lab.at('publish-topic').fill('area/#/x');
    await lab.at('publish-qos-1').click();
    await lab.at('publish-send').click();
    const notice = lab.at('notice', { kind: 'lab-problem' });
    await notice.waitFor();
    assert.match(await notice.innerText(), /O tópico não vale: No caractere 6: \+ e # não podem estar em um Topic Name/);
    // What is tried next goes well: nothing is wrong any more.
    await lab.at('publish-topic').fill('area/10/x');
    const { end } = await lab.bar();
    await lab.at('publish-send').click();
    await lab.when(({ bar }) => bar.end > end);
    await notice.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await lab.at('open-publish').click();
    assert.equal(await offered(), '1');
  },
  PT,
);

pageTest(
  'a name that a virtual client cannot have is said with what it may have',
  async ({ view, page }) => {
    const join = async (name) => {
      await view.at('connect-id').fill(name);
      await view.at('connect-send').click();
    };
    await view.at('open-connect').click();
    await view.at('connect-kind-virtual').click();
    await join('aluno 1');
    await view.at('notice').waitFor();
    assert.match(await view.at('notice').innerText(), /aluno 1 não pode ser o nome: .* sem espaços, sem aspas/);
    await join('aluno(1)');
    await view.at('lifeline', { client: 'aluno(1)' }).waitFor();
    await view.at('notice').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    // Only who joined can be told to publish.
    await view.at('open-publish').click();
    const names = await view.at('publish-client').locator('option').allInnerTexts();
    assert.deepEqual(names.filter((name) => name.startsWith('aluno')), ['aluno(1)']);
  },
  PT,
);

scene('a link that was cut off on its way is told in the language of the page', async (it) => {
  const { view } = await it.open('#lab=1eJwrS');
  await view.at('notice', { kind: 'lab-problem' }).waitFor();
  assert.match(await view.at('notice').innerText(), /O link está cortado ou danificado\. Peça o link de novo/);
}, PT);

scene('a client of the lab whose Client Identifier is not its name has one line, and acts', async (it) => {
  const response = await it.context.request.get(new URL('web/lessons/00-free-world.toml', process.env.VITRINE_URL ?? 'http://127.0.0.1:8080/').href);
  const file = (await response.text()).replace('client sensor-4000 ', 'client sensor-4000 id=estufa-7 ');
  await it.context.route('**/web/lessons/00-free-world.toml', (route) => route.fulfill({ body: file, contentType: 'text/plain' }));
  const { view } = await it.open('#lesson=00-free-world');
  const lab = new Lab(view);
  await lab.toText(1);
  const lines = async () => (await view.all('lifeline')).map(({ client }) => client).sort();
  assert.deepEqual(await lines(), ['arquivo', 'estufa-7', 'painel', 'sensor-5000']);
  // The text points at it by its name in the script.
  assert.equal(await lab.at('lifeline', { client: 'estufa-7' }).getAttribute('data-pointed'), 'true');
  await lab.atHead('estufa-7', 'cut');
  await lab.row({ kind: 'outside', why: 'cut', client: 'estufa-7' });
  assert.deepEqual(await lines(), ['arquivo', 'estufa-7', 'painel', 'sensor-5000']);
});

scene('a Will is told with all that it holds, in both heads and with its client', async (it) => {
  const { view } = await it.open('#lesson=15-last-will');
  const lab = new Lab(view);
  await lab.toText(1);
  await lab.heads();
  for (const who of ['broker', 'sensor-5000']) {
    const will = lab.at('head', { who }).locator('[data-testid=fact][data-kind=will]');
    const { name, value, qos, retain, delay } = await will.evaluate(({ dataset }) => ({ ...dataset }));
    assert.deepEqual({ name, value, qos, retain, delay }, { name: 'area/10/sensor/5000/estado', value: 'offline', qos: '1', retain: 'true', delay: '0' });
    assert.match(await will.innerText(), /offline/);
  }
  await view.turn('clients');
  await until(async () => assert.match((await view.client('sensor-5000'))?.text ?? '', /area\/10\/sensor\/5000\/estado.*offline/s));
});

scene('a lesson that speaks of the tree has it beside the ladder, and the next one has its room', async (it) => {
  const { view } = await it.open('#lesson=02-topics');
  const lab = new Lab(view);
  await lab.toText(1);
  await view.at('topics').waitFor();
  await lab.open('03-plus');
  await view.at('topics').waitFor({ state: 'detached' });
});

scene('three columns get the room of the panel, which comes back with the one', async (it) => {
  const { view } = await it.open('#lesson=06-qos-1-lost-acknowledgement');
  const lab = new Lab(view);
  await lab.when(({ lesson }) => lesson?.step === 0);
  await view.at('panel').waitFor();
  await lab.at('lab-beside').click();
  await lab.at('beside').waitFor();
  await view.at('panel').waitFor({ state: 'detached' });
  await lab.at('lab-beside').click();
  await view.at('panel').waitFor();
});

scene(
  'on a phone what was right comes into sight when a question is answered',
  async (it) => {
    const { view } = await it.open('#lesson=06-qos-1-lost-acknowledgement');
    const lab = new Lab(view);
    await lab.toText(2);
    await lab.at('lesson-option', { index: 0 }).click();
    await lab.when(({ lesson }) => lesson.because !== undefined);
    await until(async () => {
      const [told, band] = await Promise.all([lab.at('lesson-because').boundingBox(), lab.page.locator('.lesson .reading').boundingBox()]);
      assert.ok(told.y >= band.y - 1 && told.y + told.height <= band.y + band.height + 1, JSON.stringify({ told, band }));
    });
  },
  { viewport: { width: 390, height: 844 } },
);
