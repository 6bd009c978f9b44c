/** What is carried away from the page: pictures of the ladder, links and files; and what is in each head. */

import { readFile } from 'node:fs/promises';
import { assert, pageTest, TALL, until } from './support/scene.mjs';
import { RawClient } from './support/raw.mjs';
import { View } from './support/view.mjs';

const EVIL = `<script>window.pwned=1</script>"'&amp;</text>`;

/** Opens the dialog and makes a file. @returns {Promise<{ name: string, bytes: Buffer }>} */
async function made(page, view, kind) {
  if ((await view.at('carry-dialog').count()) === 0) await view.at('carry').click();
  const [download] = await Promise.all([page.waitForEvent('download'), view.at(`export-${kind}`).click()]);
  const bytes = await readFile(await download.path());
  return { name: download.suggestedFilename(), bytes };
}

pageTest('the ladder as an SVG that stands alone, in which a payload is text', async ({ page, view, clients }) => {
  await clients.connect('escuta');
  await clients.subscribe('escuta', '#', 1);
  await clients.connect('fala');
  await clients.publish('fala', 'casa/sala', EVIL, { qos: 2, retain: true });
  await view.row(({ client, type }) => client === 'fala' && type === 'PUBCOMP');
  await view.row(({ client, type }) => client === 'escuta' && type === 'PUBACK');
  const { name, bytes } = await made(page, view, 'svg');
  assert.match(name, /^vitrine-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.svg$/);
  const text = bytes.toString('utf8');
  assert.doesNotMatch(text, /<script|onload|href|NaN|undefined|Infinity/);

  // By itself: no page, no styles, no fonts of ours around it.
  const alone = await page.context().newPage();
  await alone.route('http://alone.test/**', (route) => route.fulfill({ body: bytes, contentType: 'image/svg+xml' }));
  const asked = [];
  alone.on('request', (request) => asked.push(request.url()));
  await alone.goto('http://alone.test/ladder.svg');
  const seen = await alone.evaluate(() => {
    const all = (name) => [...document.querySelectorAll(name)];
    const { width, height } = document.documentElement.viewBox.baseVal;
    const boxes = all('text').map((element) => element.getBoundingClientRect());
    return {
      words: all('text').map((element) => element.textContent),
      outside: boxes.filter((box) => box.left < -1 || box.top < -1 || box.right > width + 1 || box.bottom > height + 1).length,
      shapes: all('line, path, circle, rect').length,
      fonts: [...document.fonts].map(({ family, status }) => `${family} ${status}`),
      elements: [...new Set(all('*').map((element) => element.localName))].sort(),
      pwned: window.pwned,
    };
  });
  assert.equal(seen.pwned, undefined);
  assert.deepEqual(asked.filter((url) => !url.startsWith('data:') && !url.endsWith('/favicon.ico')), ['http://alone.test/ladder.svg']);
  const has = (words) => assert.equal(seen.words.some((text) => text.includes(words)), true, `${words}: ${seen.words.join(' | ')}`);
  ['broker', 'escuta', 'fala', 'PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE', 'CONNECT', '<script>'].forEach(has);
  assert.equal(seen.outside, 0);
  assert.equal(seen.shapes > 30, true);
  assert.equal(seen.fonts.some((font) => font.includes('Vitrine Text loaded')), true, seen.fonts.join());
  const known = ['circle', 'g', 'line', 'path', 'rect', 'style', 'svg', 'text', 'title'];
  assert.deepEqual(seen.elements.filter((name) => !known.includes(name)), []);
});

pageTest('the ladder as a PNG of twice its size, with the page\'s own letters', async ({ page, view, clients }) => {
  await clients.connect('fala');
  await clients.publish('fala', 'casa/sala', 'iiiiiiiiii', { qos: 1 });
  await view.row(({ client, type }) => client === 'fala' && type === 'PUBACK');
  const svg = (await made(page, view, 'svg')).bytes.toString('utf8');
  const { name, bytes } = await made(page, view, 'png');
  assert.match(name, /\.png$/);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg).map(Number);
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [width * 2, height * 2]);
  // Something is drawn, in more than two colours.
  const colours = await page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, [...bytes]);
  assert.equal(colours > 20, true, `${colours} colours`);
});

pageTest('live, no link to a moment is promised, and Escape closes the dialog', async ({ page, view }) => {
  await page.keyboard.press('e');
  await view.at('share-not').waitFor();
  assert.equal(await view.at('share-link').count(), 0);
  await page.keyboard.press('Escape');
  await view.at('carry-dialog').waitFor({ state: 'detached' });
});

pageTest('live, what must be in each head follows from the packets', async ({ page, view, clients }) => {
  const silent = new RawClient(page, 'mudo');
  await silent.connect();
  await silent.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'casa/#', qos: 1 }] });
  await silent.packet('suback');
  await clients.connect('fala');
  await clients.publish('fala', 'casa/sala', '21.4', { qos: 1 });
  await page.keyboard.press('h');
  const held = async () => (await view.all('fact')).filter(({ change }) => change !== 'gone').map(({ kind, of, until, packetId }) => ({ kind, of, until, packetId }));
  await until(async () => assert.deepEqual(await held(), [{ kind: 'message', of: 'mudo', until: 'PUBACK', packetId: '1' }]));
  await view.at('fact-publication').first().click();
  await until(async () => assert.match(page.url(), /publication=/));
  await view.turn('memory');
  await silent.send({ cmd: 'puback', messageId: 1 });
  await until(async () => assert.deepEqual(await held(), []));
});

const LESSON = '#lesson=06-qos-1-lost-acknowledgement';

/** Where the lab stands: its position, its road, and what is in each head. */
async function stands(view) {
  const bar = view.at('lab-timebar');
  const [moment, road] = await Promise.all(['data-moment', 'data-road'].map((name) => bar.getAttribute(name)));
  await view.turn('memory');
  const heads = (await view.all('fact')).map(({ kind, of, name, packetId, until, change }) => [kind, of, name, packetId, until, change].join(' '));
  return { moment, road, heads };
}

/** Opens a lesson and goes on until there is something in the heads that a handshake needs. */
async function inLesson(page, view) {
  await page.goto(new URL(LESSON, page.url()).href);
  await view.at('lab-timebar').waitFor();
  await view.turn('memory');
  for (let steps = 0; steps < 12 && (await view.at('fact', { kind: 'message' }).count()) === 0; steps += 1) {
    const before = await view.at('lab-timebar').getAttribute('data-moment');
    await view.at('lesson-next').click();
    await until(async () => assert.notEqual(await view.at('lab-timebar').getAttribute('data-moment'), before));
  }
}

pageTest('a link leads to the very moment, and nothing leaves the browser', async ({ page, view }) => {
  await inLesson(page, view);
  const here = await stands(view);
  assert.equal(here.heads.length > 3, true, here.heads.join(' | '));
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.keyboard.press('e');
  const link = await view.at('share-link').inputValue();
  assert.match(link, /#.*lab=[\w-]+/);
  assert.equal(link.length < 4000, true, `${link.length} characters`);
  await page.keyboard.press('Escape');
  assert.deepEqual(asked, []);

  const other = await page.context().newPage();
  await other.goto(link);
  const there = new View(other);
  await there.at('lab-timebar').waitFor();
  await until(async () => assert.deepEqual(await stands(there), here));
});

pageTest('a recording that is saved opens again; what is none is named, with what to do', async ({ page, view }) => {
  await inLesson(page, view);
  const { name, bytes } = await made(page, view, 'recording');
  assert.match(name, /^[\w.-]+$/);
  const rows = async () => (await view.rows()).map(({ kind, type, client, packetId }) => [kind, type, client, packetId].join(' '));
  await page.keyboard.press('Escape');
  const before = await rows();
  await page.keyboard.press('e');
  await view.at('open-file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: bytes });
  await until(async () => assert.equal(await view.at('lab-timebar').getAttribute('data-kind'), 'recording'));
  const end = await view.at('lab-timebar').getAttribute('data-end');
  await view.at('lab-track').fill(end);
  // The whole road is in it, so what came later, too.
  await until(async () => assert.deepEqual((await rows()).slice(0, before.length), before));

  await page.keyboard.press('e');
  await view.at('open-file').setInputFiles({ name: 'aula.txt', mimeType: 'text/plain', buffer: Buffer.from('<b>no recording</b>') });
  const notice = view.at('notice', { kind: 'lab-problem' });
  await notice.waitFor();
  assert.match(await notice.textContent(), /aula\.txt/);
  assert.equal(await notice.locator('b').count(), 0);
}, { viewport: TALL });

pageTest('a recording is opened by dropping it, and a link that was cut is named', async ({ page, view }) => {
  await inLesson(page, view);
  const { name, bytes } = await made(page, view, 'recording');
  await page.keyboard.press('Escape');
  await view.at('lab-leave').click();
  await view.at('lab-timebar').waitFor({ state: 'detached' });
  const drag = (kind) =>
    page.evaluate(
      ([kind, name, bytes]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
        document.querySelector('main').dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      },
      [kind, name, [...bytes]],
    );
  await drag('dragover');
  await view.at('dropping').waitFor();
  await drag('drop');
  await view.at('dropping').waitFor({ state: 'detached' });
  await until(async () => assert.equal(await view.at('lab-timebar').getAttribute('data-kind'), 'recording'));
  // What is in each head follows from its packets.
  await view.at('lab-track').fill((await view.at('lab-timebar').getAttribute('data-end')) ?? '');
  await until(async () => assert.deepEqual((await view.all('head')).map(({ who }) => who).sort(), ['broker', 'painel', 'sensor-5000']));
  await page.keyboard.press('e');
  await view.at('share-not').waitFor();
  await page.keyboard.press('Escape');

  const other = await page.context().newPage();
  await other.goto(new URL('#lab=1eNqdkM1', page.url()).href);
  const there = new View(other);
  const notice = there.at('notice', { kind: 'lab-problem' });
  await notice.waitFor();
  assert.match(await notice.textContent(), /link/);
  await there.at('lab-timebar').waitFor({ state: 'detached' });
  await notice.locator('button').click();
  await notice.waitFor({ state: 'detached' });
});

for (const kind of ['pcapng', 'jsonl']) {
  pageTest(`a session goes out as ${kind}, live and in the lab`, async ({ page, view, clients }) => {
    const check = ({ name, bytes }) => {
      assert.equal(name.endsWith(`.${kind}`), true, name);
      if (kind === 'pcapng') {
        // A Section Header Block, in the byte order that it names.
        assert.equal(bytes.readUInt32LE(0), 0x0a0d0d0a);
        assert.equal(bytes.readUInt32LE(8), 0x1a2b3c4d);
      } else {
        const lines = bytes.toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
        assert.equal(lines.length > 3, true);
      }
    };
    await clients.connect('fala');
    await clients.publish('fala', 'casa/sala', '21.4', { qos: 1 });
    await view.row(({ client, type }) => client === 'fala' && type === 'PUBACK');
    check(await made(page, view, kind));
    await page.keyboard.press('Escape');
    await inLesson(page, view);
    check(await made(page, view, kind));
  });
}

for (const kind of /** @type {const} */ (['jsonl', 'pcapng'])) {
  pageTest(`a large live recording comes in pieces, says how far it is, and can be stopped: ${kind}`, async ({ page, view }) => {
    const MESSAGES = 20_000;
    await page.waitForFunction(() => window.mqtt);
    await page.evaluate(async (messages) => {
      const client = await window.connect({ clientId: 'enche' });
      const whole = new Promise((resolve) => client.on('message', (_, payload) => String(payload) === 'fim' && resolve()));
      await new Promise((resolve) => client.on('connect', resolve));
      await client.subscribeAsync('fim', { qos: 0 });
      for (let n = 0; n < messages; n += 1) client.publish('casa/sala', String(n), { qos: 0 });
      client.publish('fim', 'fim', { qos: 0 });
      await whole;
    }, MESSAGES);
    const downloads = [];
    page.on('download', (download) => downloads.push(download));
    await page.keyboard.press('e');
    // Pressed as soon as it is there, before another piece has come; what was on its way may come still.
    await page.evaluate(() => {
      window.seen = [];
      new MutationObserver((_, observer) => {
        const making = document.querySelector('[data-testid=making]');
        if (!making) return;
        const files = ['recording', 'pcapng', 'jsonl', 'svg'].map((kind) => document.querySelector(`[data-testid=export-${kind}]`).getAttribute('aria-disabled'));
        window.seen.push({ percent: Number(making.dataset.percent), text: making.textContent, files });
        observer.disconnect();
        making.querySelector('[data-testid=making-stop]').click();
      }).observe(document.body, { subtree: true, childList: true });
    });
    await view.at(`export-${kind}`).click();
    await until(async () => assert.equal(await page.evaluate(() => window.seen.length), 1));
    const [{ percent, text, files }] = await page.evaluate(() => window.seen);
    assert.ok(percent < 50, `${percent} %`);
    assert.match(text, /^Making vitrine-20[\w-]+…/);
    // Another file of the broker would take its place; a picture would not.
    assert.deepEqual(files, ['true', 'true', 'true', null]);
    await view.at('making').waitFor({ state: 'detached' });
    assert.equal(await view.at(`export-${kind}`).getAttribute('aria-busy'), 'false');

    const { name, bytes } = await made(page, view, kind);
    assert.match(name, new RegExp(`^vitrine-\\d{4}(-\\d\\d){5}\\.${kind}$`));
    assert.equal(downloads.length, 1);
    // Each message is there with its topic, whatever it is written as.
    const written = bytes.toString('latin1');
    assert.ok(written.split('casa/sala').length > MESSAGES, `${bytes.length} bytes`);
    if (kind === 'jsonl') {
      const events = written.trimEnd().split('\n').map((line) => JSON.parse(line));
      assert.equal(events.filter(({ event, topic }) => event === 'published' && topic === 'casa/sala').length, MESSAGES);
    }
    await view.at('making').waitFor({ state: 'detached' });
  });
}
