/** How the page looks and is worked: languages, themes, sizes, keyboard, and what axe finds. */

import { readFile } from 'node:fs/promises';
import { assert, pageTest, scene, until } from './support/scene.mjs';

const AXE = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TABS = /** @type {const} */ (['selected', 'matches', 'clients', 'packet', 'memory']);
const LANGUAGES = { pt: 'pt-BR', en: 'en', es: 'es' };

/** Fills every view with something. */
async function fill(view, clients) {
  await clients.connect('escuta');
  await clients.subscribe('escuta', 'casa/#', 1);
  await clients.connect('fala', { version: 5, will: { topic: 'vida', payload: 'x' } });
  await clients.publish('fala', 'casa/sala', '21.4', { qos: 2, retain: true });
  await clients.publish('fala', 'casa/rua', '15.0', { qos: 0 });
  const row = await view.row(({ client, type }) => client === 'escuta' && type === 'PUBACK');
  const publish = await view.row(({ client, type, topic }) => client === 'fala' && type === 'PUBLISH' && topic === 'casa/sala');
  await view.selectRow(publish);
  await view.tryFilter('casa/+', 'casa/sala');
  return row;
}

/** Opens a lesson at a moment at which much is under way. */
async function intoLab(page, view) {
  await page.goto(new URL('#lesson=06-qos-1-lost-acknowledgement', page.url()).href);
  await view.at('lab-timebar').waitFor();
  for (let step = 0; step < 2; step += 1) {
    const before = await view.at('lab-timebar').getAttribute('data-moment');
    await view.at('lesson-next').click();
    await until(async () => assert.notEqual(await view.at('lab-timebar').getAttribute('data-moment'), before));
  }
  await view.at('lab-step').click();
}

/** Goes through every view, at the page's size. */
async function eachView(view, look) {
  const narrow = await view.isNarrow();
  if (narrow) {
    for (const place of ['topics', 'flow']) {
      await view.at(`go-${place}`).click();
      await look(place);
    }
  }
  for (const tab of TABS) {
    await view.turn(tab);
    await look(tab);
  }
  if (narrow) await view.at('go-flow').click();
  for (const drawer of ['publish', 'connect']) {
    await view.at(`open-${drawer}`).click();
    await look(drawer);
  }
  await view.page.keyboard.press('Escape');
  await view.at('carry').click();
  await look('carry');
  await view.page.keyboard.press('Escape');
}

/** Every text a user meets: what stands there, and what is said to a screen reader or by a hint. */
const words = (page) =>
  page.evaluate(() => {
    const found = [document.title, document.body.innerText];
    for (const element of document.querySelectorAll('*')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription']) {
        const value = element.getAttribute(name);
        if (value) found.push(value);
      }
    }
    return found.join('\n');
  });

scene('the browser chooses the language, and unknown ones get English', async (it) => {
  for (const [locale, lang] of [
    ['pt-PT', 'pt-BR'],
    ['es-AR', 'es'],
    ['en-US', 'en'],
    ['fi-FI', 'en'],
  ]) {
    const context = await it.another({ locale });
    const { page } = await context.open();
    await until(async () => assert.equal(await page.locator('html').getAttribute('lang'), lang, locale));
  }
});

pageTest('three languages, switched in place and remembered, with no key left untranslated', async ({ page, view, clients }) => {
  await fill(view, clients);
  const keys = Object.keys(await page.evaluate(async () => (await fetch('/web/locales/en.json')).json()));
  assert.equal(keys.length > 50, true);
  const escaped = keys.map((key) => key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).filter((key) => key.includes('.'));
  const key = new RegExp(`(?<![\\w./-])(${escaped.join('|')})(?![\\w/-])`);
  const seen = {};
  for (const [language, lang] of Object.entries(LANGUAGES)) {
    await view.at('language').selectOption(language);
    await until(async () => assert.equal(await page.locator('html').getAttribute('lang'), lang));
    seen[language] = '';
    await eachView(view, async (name) => {
      const text = await words(page);
      assert.doesNotMatch(text, key, `${language}, ${name}`);
      assert.doesNotMatch(text, /\{\w+\}|undefined|\[object|NaN/, `${language}, ${name}`);
      seen[language] += text;
    });
  }
  assert.equal(new Set(Object.values(seen)).size, 3);
  assert.match(seen.pt, /Tópicos/);
  assert.match(seen.es, /Temas|Tópicos/);
  assert.match(seen.en, /Topics/);
  await page.reload();
  await view.ready();
  await until(async () => assert.equal(await page.locator('html').getAttribute('lang'), 'es'));
});

pageTest('who would receive a message stands one below the other, within its pane', async ({ page, view, clients }) => {
  for (const id of ['um', 'dois']) {
    await clients.connect(id);
    await clients.subscribe(id, 'area/#', 1);
  }
  await view.tryFilter('area/#', 'area/10/x');
  await until(async () => assert.equal((await view.receivers()).length, 2));
  const box = async (locator) => (await locator.boundingBox()) ?? assert.fail('it is not drawn');
  const list = await box(page.locator('.deliveries'));
  const [first, second] = [await box(view.at('receiver').nth(0)), await box(view.at('receiver').nth(1))];
  for (const { x, width } of [first, second]) assert.deepEqual({ x, width }, { x: list.x, width: list.width });
  assert.ok(second.y >= first.y + first.height, `${first.y} + ${first.height}, ${second.y}`);
});

pageTest('light and dark: as the system says, or as chosen', async ({ page, view }) => {
  const theme = () => page.locator('html').getAttribute('data-theme');
  const choose = async (wanted) => {
    for (let before = await theme(); before !== wanted; before = await theme()) {
      await view.at('theme').click();
      await until(async () => assert.notEqual(await theme(), before));
    }
  };
  const brightness = () =>
    page.evaluate(() => {
      // The ground that one sees is that of the first ancestor that has one.
      const grounds = [document.querySelector('[data-testid=page]'), document.body, document.documentElement]
        .map((element) => getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number))
        .filter(([, , , alpha = 1]) => alpha > 0);
      const [red, green, blue] = grounds[0];
      return red + green + blue;
    });
  // Of what scrolls: some desktops would draw it as light in a dark page.
  const thumb = () => page.locator('[role=tree]').evaluate((tree) => getComputedStyle(tree).scrollbarColor);
  const light = await brightness();
  const lightThumb = await thumb();
  const dark = async (wanted) => until(async () => assert.equal((await brightness()) < light / 2, wanted));
  await page.emulateMedia({ colorScheme: 'dark' });
  await dark(true);
  assert.notEqual(await thumb(), lightThumb);
  // Chosen: it no longer follows the system.
  await choose('light');
  await dark(false);
  await page.emulateMedia({ colorScheme: 'light' });
  await choose('dark');
  await dark(true);
  await page.reload();
  await view.ready();
  assert.equal(await theme(), 'dark');
  await choose('auto');
  await dark(false);
});

for (const [width, height] of [
  [1280, 720],
  [1920, 1080],
  [390, 844],
]) {
  pageTest(
    `at ${width}×${height} nothing is wider than the screen, in any view or language`,
    async ({ page, view, clients }) => {
      await fill(view, clients);
      for (const language of Object.keys(LANGUAGES)) {
        await view.at('language').selectOption(language);
        await eachView(view, async (name) => {
          const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
          assert.equal(wide <= 0, true, `${language}, ${name}: ${wide} pixels too wide`);
        });
      }
      await intoLab(page, view);
      for (const language of Object.keys(LANGUAGES)) {
        await view.at('language').selectOption(language);
        await eachView(view, async (name) => {
          const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
          assert.equal(wide <= 0, true, `lab, ${language}, ${name}: ${wide} pixels too wide`);
        });
      }
    },
    { viewport: { width, height } },
  );
}

pageTest(
  'on a phone a message can be published and a client connected from every view, without scrolling to the button',
  async ({ view }) => {
    for (const place of ['topics', 'selected', 'flow']) {
      for (const drawer of ['publish', 'connect']) {
        await view.at(`go-${place}`).click();
        await view.at(`open-${drawer}`).click();
        await view.at(`${drawer}-send`).waitFor();
        const button = (await view.at(`${drawer}-send`).boundingBox()) ?? assert.fail('it is not drawn');
        const form = (await view.at('drawer').boundingBox()) ?? assert.fail('it is not drawn');
        assert.ok(button.y + button.height <= form.y + form.height, `${place}, ${drawer}: ${button.y} of ${form.y} + ${form.height}`);
      }
    }
    // Pressed where it is seen, it closes.
    await view.at('open-connect').click();
    await view.at('drawer').waitFor({ state: 'detached' });
  },
  { viewport: { width: 390, height: 844 } },
);

for (const [width, height] of [
  [640, 360],
  [844, 390],
]) {
  pageTest(
    `at ${width}×${height}, a laptop at 200 % or a phone on its side, the ladder and the lab's have rows, and the lab can be stepped`,
    async ({ page, view, clients }) => {
      assert.equal(await view.isNarrow(), true);
      await view.at('empty-start').scrollIntoViewIfNeeded();
      const lead = (await page.locator('.stage .lead').boundingBox()) ?? assert.fail('it is not drawn');
      const stage = (await page.locator('.stage').boundingBox()) ?? assert.fail('it is not drawn');
      assert.ok(lead.y >= stage.y, `what it is begins at ${lead.y}, and its room at ${stage.y}`);
      await clients.connect('fala');
      for (let n = 0; n < 9; n += 1) await clients.publish('fala', 'casa/sala', `${n}`);
      await until(async () => assert.ok((await view.rows()).length >= 4));
      await page.goto(new URL('#lesson=06-qos-1-lost-acknowledgement', page.url()).href);
      await view.at('lab-step').waitFor();
      await until(async () => assert.ok((await view.rows()).length >= 2));
      const moment = () => view.at('lab-timebar').getAttribute('data-moment');
      const before = await moment();
      await view.at('lab-step').click();
      await until(async () => assert.notEqual(await moment(), before));
    },
    { viewport: { width, height } },
  );
}

pageTest('on a projector what is written in a dialog can be applied without scrolling', async ({ view }) => {
  await view.at('settings').click();
  const button = (await view.at('access-apply').boundingBox()) ?? assert.fail('it is not drawn');
  assert.ok(button.y + button.height <= 720 - 12, `${button.y} + ${button.height}`);
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
    [390, 844],
  ]) {
    pageTest(
      `axe finds nothing: ${colorScheme}, ${width}×${height}`,
      async ({ page, view, clients }) => {
        /** @type {Map<string, string>} */
        const found = new Map();
        const check = async (name) => {
          const violations = await page.evaluate(async () => {
            const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
            return violations.flatMap(({ id, nodes }) =>
              nodes.map(({ html, target, any, all, none }) => ({
                what: `${id} ${target.at(-1).replaceAll(/\d+/g, 'N')}`,
                why: `${html.slice(0, 160)}: ${[...any, ...all, ...none].map(({ message }) => message).join(' ')}`,
              })),
            );
          });
          for (const { what, why } of violations) if (!found.has(what)) found.set(what, `${name}: ${why}`);
        };
        await page.evaluate(AXE);
        await check('empty');
        await fill(view, clients);
        await eachView(view, check);
        await intoLab(page, view);
        await eachView(view, (name) => check(`lab: ${name}`));
        if (await view.isNarrow()) await view.at('go-flow').click();
        for (const button of ['lifeline', 'lifeline-broker', 'lab-wait', 'open-lab', 'help', 'settings']) {
          await view.at(button).first().click();
          await check(`lab: ${button}`);
          await page.keyboard.press('Escape');
        }
        await page.keyboard.press('f');
        await check('lab: presenting');
        await page.keyboard.press('f');
        await view.at('lab-beside').click();
        await check('lab: side by side');
        assert.deepEqual(Object.fromEntries(found), {});
      },
      { viewport: { width, height }, colorScheme },
    );
  }
}

pageTest('with the keyboard alone: start the world, select an arrow, read its packet', async ({ page, view }) => {
  // Where the focus is can always be seen.
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const style = getComputedStyle(element);
      const visible = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
      return { testid: element.dataset.testid, visible, html: element.outerHTML.slice(0, 200) };
    });
  const tabTo = async (wanted, limit = 60) => {
    for (let n = 0; n < limit; n += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (!now) continue;
      assert.equal(now.visible, true, `the focus is not visible on ${now.html}`);
      if (wanted(now)) return now;
    }
    throw new Error('the keyboard does not reach it');
  };
  await tabTo(({ testid }) => testid === 'start-world');
  await page.keyboard.press('Enter');
  await view.row(({ type }) => type === 'PUBLISH');
  await tabTo(({ testid }) => testid === 'ladder-rows');
  await page.keyboard.press('ArrowUp');
  const selected = async () => (await view.rows()).find((row) => row.selected);
  await until(async () => assert.notEqual(await selected(), undefined));
  const first = await selected();
  await page.keyboard.press('ArrowUp');
  await until(async () => assert.equal((await selected())?.number < first.number, true));
  while ((await selected())?.type !== 'PUBLISH') {
    const { number } = await selected();
    await page.keyboard.press('ArrowUp');
    await until(async () => (await selected())?.number !== number);
  }
  const row = await selected();
  await page.keyboard.press('Enter');
  await until(async () => assert.equal((await view.hex()).length, row.size));
  // The tree, too.
  await page.keyboard.press('t');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await until(async () => assert.equal((await view.tree()).some((one) => one.selected), true));
  // And help, which a key opens and another closes.
  await page.keyboard.press('?');
  await view.at('help-dialog').waitFor();
  await page.keyboard.press('Escape');
  await view.at('help-dialog').waitFor({ state: 'detached' });
});
