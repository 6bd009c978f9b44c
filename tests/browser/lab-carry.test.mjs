/** What is carried away from the lab and brought back: links, recordings, captures, pictures; and what is said of bad ones. */

import { readFile } from 'node:fs/promises';
import { Lab, short } from './support/lab.mjs';
import { assert, pageTest, until } from './support/scene.mjs';
import { dissect, packet } from './support/tshark.mjs';

const TALL = { width: 1400, height: 3200 };
const EVIL = `<script>window.pwned=1</script>"'&amp;]]>`;

/** Makes a file with the dialog. @returns {Promise<{ name: string, bytes: Buffer }>} */
async function made(lab, kind) {
  await lab.page.keyboard.press('e');
  const [download] = await Promise.all([lab.page.waitForEvent('download'), lab.at(`export-${kind}`).click()]);
  const bytes = await readFile(await download.path());
  await lab.page.keyboard.press('Escape');
  await lab.at('carry-dialog').waitFor({ state: 'detached' });
  return { name: download.suggestedFilename(), bytes };
}

/** Brings a file. */
async function bring(lab, { name, bytes }) {
  await lab.page.keyboard.press('e');
  await lab.at('open-file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
}

/** To the end of a lesson. */
async function atEnd(lab, lesson) {
  await lab.open(lesson);
  const { lesson: { steps } } = await lab.look();
  await lab.toText(steps - 1);
}

/** To the beginning of a recording: what is there at once counts as moments, too. */
async function toBeginning(lab) {
  await lab.at('lab-track').fill('0');
  await until(async () => assert.deepEqual(await lab.rows(), []));
}

/** Rows without what only the lab knows: whether a packet that left has arrived. */
const happened = (rows) => rows.map(({ fate, ...row }) => short(row));

/** Two MQTT.js clients that talk at every QoS, with a Will and a cut. */
async function talk(lab, clients) {
  await clients.connect('escuta', { version: 5 });
  await clients.subscribe('escuta', 'casa/#', 2);
  await clients.connect('fala', { will: { topic: 'casa/vida', payload: 'fim', qos: 1, retain: true } });
  for (const qos of [0, 1, 2]) await clients.publish('fala', `casa/${qos}`, `${qos}`, { qos, retain: qos === 1 });
  await lab.row({ type: 'PUBCOMP', client: 'escuta', direction: 'in' });
  await clients.cut('fala');
  await lab.row({ kind: 'will' });
  await lab.row({ type: 'PUBLISH', topic: 'casa/vida', client: 'escuta' });
  await lab.row({ type: 'PUBACK', client: 'escuta', direction: 'in' });
}

pageTest(
  'a recording of the lab is saved, opened, and played as it was',
  async ({ page, view }) => {
    const lab = new Lab(view);
    await atEnd(lab, '06-qos-1-lost-acknowledgement');
    const before = happened(await lab.rows());
    const file = await made(lab, 'recording');
    await bring(lab, file);
    const { bar } = await lab.when(({ bar }) => bar.kind === 'recording', 'the recording');
    await lab.go(bar.end);
    await until(async () => assert.deepEqual(happened(await lab.rows()), before));
    // Nobody acts in what has been.
    assert.equal(await lab.at('lifeline', { client: 'painel' }).getAttribute('aria-haspopup'), null);
    assert.equal(await lab.at('lab-wait').count(), 0);
    // It plays by itself, from its beginning, in its own time.
    await toBeginning(lab);
    await lab.at('lab-speed').selectOption('4');
    const begun = performance.now();
    await page.keyboard.press('r');
    await lab.when(({ bar }) => bar.speed === 0 && bar.moment === bar.end, 'its end');
    const took = performance.now() - begun;
    const { time } = await lab.bar();
    assert.equal(took >= time / 4 - 50, true, `${time} ms were over in ${took} ms at four times their speed`);
    assert.deepEqual(happened(await lab.rows()), before);
  },
  { viewport: TALL },
);

pageTest(
  'a recording of live clients is saved, opened in a fresh profile, and played',
  async ({ view, clients, scene }) => {
    const lab = new Lab(view);
    await talk(lab, clients);
    const live = (await lab.rows()).map(({ time, ...row }) => row);
    const file = await made(lab, 'recording');
    const other = await (await scene.another({ viewport: TALL })).open();
    const there = new Lab(other.view);
    await bring(there, file);
    const { bar } = await there.when(({ bar }) => bar.kind === 'recording', 'the recording');
    await there.go(bar.end);
    await until(async () => assert.deepEqual(happened((await there.rows()).map(({ time, ...row }) => row)), happened(live)));
    await toBeginning(there);
    await there.step();
    await until(async () => assert.equal((await there.rows()).length > 0, true));
    await there.at('lab-leave').click();
    await there.at('timebar').waitFor();
    assert.equal((await other.view.totals()).clients, 0);
  },
  { viewport: TALL },
);

for (const lesson of ['06-qos-1-lost-acknowledgement', '11-qos-2-pubcomp', '17-control-packets']) {
  pageTest(
    `tshark reads ${lesson} as the ladder shows it`,
    async ({ view }) => {
      const lab = new Lab(view);
      await atEnd(lab, lesson);
      if ((await view.depth()) !== 'handshake') await lab.at('depth-handshake').click();
      const { name, bytes } = await made(lab, 'pcapng');
      assert.match(name, /\.pcapng$/);
      // What was lost on its way to the broker, nobody could listen to there.
      const rows = (await lab.rows()).filter(({ type, direction, fate }) => type && !(direction === 'in' && fate === 'lost'));
      assert.equal(rows.length > 15, true);
      assert.deepEqual(await dissect(bytes), rows.map(packet));
    },
    { viewport: TALL },
  );
}

pageTest(
  'tshark reads a live session of MQTT.js as the ladder shows it; JSON Lines tell the same',
  async ({ view, clients }) => {
    const lab = new Lab(view);
    await talk(lab, clients);
    const rows = (await lab.rows()).filter(({ type }) => type);
    assert.deepEqual(await dissect((await made(lab, 'pcapng')).bytes), rows.map(packet));
    const { name, bytes } = await made(lab, 'jsonl');
    assert.match(name, /\.jsonl$/);
    const lines = bytes.toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.every((line) => line !== null && typeof line === 'object' && !Array.isArray(line)), true);
    const types = lines.map(({ packet }) => packet?.type ?? packet).filter(Boolean).map((type) => String(type).toUpperCase());
    assert.deepEqual(types, rows.map(({ type }) => type));
  },
  { viewport: TALL },
);

pageTest(
  'pictures of the lab stand alone, hold the words of the ladder, and a payload in them is text',
  async ({ page, view }) => {
    const lab = new Lab(view);
    await lab.open('00-free-world');
    await lab.toText(1);
    await lab.atHead('sensor-5000', 'publish');
    await lab.at('publish-topic').fill('area/10/x');
    await lab.at('publish-payload').fill(EVIL);
    await lab.at('publish-qos-1').click();
    await lab.at('publish-send').click();
    await page.keyboard.press('Escape');
    await lab.stepUntil(async () => (await lab.rows()).find(({ client, payload }) => client === 'painel' && payload === EVIL), 'copy for painel');
    const { name, bytes } = await made(lab, 'svg');
    assert.match(name, /^00-free-world-\d+\.svg$/);
    const text = bytes.toString('utf8');
    assert.doesNotMatch(text, /<script|NaN|undefined|Infinity/);
    // In a page without rules of its own.
    const blank = await page.context().newPage();
    const seen = await blank.evaluate((text) => {
      const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
      const all = [...svg.querySelectorAll('*')];
      return {
        root: svg.documentElement.localName,
        wrong: svg.querySelector('parsererror')?.textContent,
        words: [...svg.querySelectorAll('text')].map((element) => element.textContent),
        refers: all.flatMap((element) => [...element.attributes]).filter(({ name, value }) => /href|src|^on/.test(name) && !value.startsWith('data:')).map(({ name, value }) => `${name}=${value}`),
      };
    }, text);
    assert.equal(seen.wrong, undefined);
    assert.equal(seen.root, 'svg');
    assert.deepEqual(seen.refers, []);
    for (const words of ['broker', 'sensor-5000', 'painel', 'arquivo', 'CONNECT', 'SUBACK', 'PUBLISH', 'PUBACK', '<script>']) {
      // A name may be broken into lines.
      assert.equal(seen.words.join('').includes(words), true, `${words}: ${seen.words.join(' | ')}`);
    }
    const png = (await made(lab, 'png')).bytes;
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.equal(png.readUInt32BE(16) > 1000, true);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
  },
  { viewport: TALL },
);

/** Waits for a notice, and gives what it says. */
async function notice(lab, kind = 'lab-problem') {
  const at = lab.at('notice', { kind });
  await at.waitFor();
  return (await at.textContent()) ?? '';
}

/** After a fault the page goes on: another lesson opens. */
async function goesOn(lab) {
  await lab.open('01-publish-subscribe');
  await lab.step();
}

for (const [what, hash] of [
  ['not a code at all', 'lab=!!!'],
  ['of another version', 'lab=zzzzzzzzzzzzzzzz'],
  ['empty', 'lab='],
]) {
  pageTest(`a link whose code is ${what} is refused in words, and the page goes on`, async ({ page, view }) => {
    const lab = new Lab(view);
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, hash);
    assert.equal((await notice(lab)).length > 40, true);
    await goesOn(lab);
  });
}

pageTest('a link that was cut off is refused in words, and the page goes on', async ({ page, view }) => {
  const lab = new Lab(view);
  await lab.open('06-qos-1-lost-acknowledgement');
  await lab.toText(2);
  const code = /lab=([\w-]+)/.exec(await lab.share())[1];
  await page.evaluate((code) => {
    window.location.hash = `lab=${code}`;
  }, code.slice(0, code.length / 2));
  assert.match(await notice(lab), /link/i);
  await goesOn(lab);
});

pageTest('a recording that is none, and one that is damaged, are refused with their names, and the page goes on', async ({ view }) => {
  const lab = new Lab(view);
  await bring(lab, { name: 'aula-3.vitrine', bytes: 'olá' });
  assert.match(await notice(lab), /aula-3\.vitrine/);
  await lab.at('notice-close').first().click();
  await atEnd(lab, '01-publish-subscribe');
  const file = await made(lab, 'recording');
  const lines = file.bytes.toString('utf8').split('\n');
  lines[Math.floor(lines.length / 2)] = '{"at": 3, "broken';
  await bring(lab, { name: 'aula-4.jsonl', bytes: lines.join('\n') });
  const says = await notice(lab);
  assert.match(says, /aula-4\.jsonl/);
  assert.match(says, new RegExp(`\\b${Math.floor(lines.length / 2) + 1}\\b`), 'the line is told');
  await goesOn(lab);
});

pageTest('a lesson whose file is wrong is refused with line and reason; one that is not there by its name', async ({ page, view, scene }) => {
  const lab = new Lab(view);
  const good = await readFile(new URL('../../web/lessons/05-qos-0-loss.toml', import.meta.url), 'utf8');
  const line = good.split('\n').findIndex((line) => line.startsWith('until')) + 1;
  const bad = good.replace(/^until.*$/m, 'until = "arrived PUBLISH at nobody"');
  await page.route('**/web/lessons/05-qos-0-loss.toml', (route) => route.fulfill({ body: bad, contentType: 'text/plain' }));
  await page.evaluate(() => {
    window.location.hash = 'lesson=05-qos-0-loss';
  });
  const says = await notice(lab);
  assert.match(says, /05-qos-0-loss/);
  assert.match(says, /nobody/);
  assert.match(says, new RegExp(`\\b${line}\\b`), says);
  scene.expectError(/404|99-nothing/);
  await page.evaluate(() => {
    window.location.hash = 'lesson=99-nothing';
  });
  await until(async () => assert.match(await lab.at('notice').allTextContents().then((all) => all.join(' ')), /99-nothing/));
  await goesOn(lab);
});

pageTest(
  'the same link, opened twice, shows the same rows with the same numbers and times',
  async ({ view, scene }) => {
    const lab = new Lab(view);
    await lab.open('22-broker-crash');
    await lab.toText(4);
    await lab.atHead('arquivo', 'crash-memory');
    for (let n = 0; n < 6; n += 1) await lab.step();
    const link = await lab.share();
    const all = async (lab) => ({ rows: (await lab.rows()).map((row) => ({ ...row })), bar: await lab.bar(), heads: await lab.heads() });
    const here = await all(lab);
    for (let n = 0; n < 2; n += 1) {
      const { view: theirs } = await (await scene.another({ viewport: TALL })).open(new URL(link).hash);
      const there = new Lab(theirs);
      await there.when(({ bar }) => bar.moment === here.bar.moment && bar.road === here.bar.road);
      await until(async () => assert.deepEqual(await all(there), here));
    }
  },
  { viewport: TALL },
);
