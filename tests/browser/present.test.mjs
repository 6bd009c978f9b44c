/** The presenter's view: keys, full screen, reduced motion, the keyboard alone, and what axe finds in the lab. */

import { readFile } from 'node:fs/promises';
import { Lab } from './support/lab.mjs';
import { assert, pageTest, until } from './support/scene.mjs';

const AXE = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const LOST_ACK = '06-qos-1-lost-acknowledgement';

pageTest('in full screen, arrows and space step as the clicker does, and Escape comes back', async ({ page, view }) => {
  const lab = new Lab(view);
  await lab.open(LOST_ACK);
  const size = () => lab.at('lesson-text').evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
  const before = await size();
  await page.keyboard.press('f');
  await until(async () => assert.equal(await page.evaluate(() => document.fullscreenElement !== null), true));
  await until(async () => assert.equal((await size()) > before, true));
  const stops = [(await lab.bar()).moment];
  for (const key of ['PageDown', 'ArrowRight', 'Space', 'PageDown']) stops.push((await lab.press(key)).bar.moment);
  assert.deepEqual(stops, [...stops].sort((a, b) => a - b));
  for (const [n, key] of ['PageUp', 'ArrowLeft', 'PageUp', 'ArrowLeft'].entries()) {
    assert.equal((await lab.press(key)).bar.moment, stops[stops.length - 2 - n]);
  }
  await page.keyboard.press('f');
  await until(async () => assert.equal(await page.evaluate(() => document.fullscreenElement), null));
  await until(async () => assert.equal(await size(), before));
});

pageTest('a key that stays pressed is one step', async ({ page, view }) => {
  const lab = new Lab(view);
  await lab.open(LOST_ACK);
  const first = (await lab.step()).bar.moment;
  const second = (await lab.step()).bar.moment;
  await lab.go(first);
  await page.keyboard.down('PageDown');
  await page.keyboard.down('PageDown');
  await page.keyboard.down('PageDown');
  await page.keyboard.up('PageDown');
  await lab.when(({ bar }) => bar.moment === second);
  await lab.back();
  assert.equal((await lab.bar()).moment, first);
});

for (const reducedMotion of /** @type {const} */ (['reduce', 'no-preference'])) {
  pageTest(
    `with motion ${reducedMotion}: ${reducedMotion === 'reduce' ? 'nothing moves by itself' : 'the last packet may move'}`,
    async ({ page, view }) => {
      const lab = new Lab(view);
      await lab.open(LOST_ACK);
      await page.keyboard.press('f');
      let moving = 0;
      for (let n = 0; n < 8; n += 1) {
        await lab.step();
        moving += await page.evaluate(() => document.getAnimations().filter(({ effect }) => effect.getComputedTiming().duration > 1).length);
      }
      if (reducedMotion === 'reduce') assert.equal(moving, 0);
    },
    { reducedMotion },
  );
}

pageTest('with the keyboard alone: open a lesson, read on, answer, cut a packet, undo', async ({ page, view }) => {
  const lab = new Lab(view);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const style = getComputedStyle(element);
      const visible = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
      const name = element.getAttribute('aria-label') ?? element.textContent;
      return { testid: element.dataset.testid, ...element.dataset, visible, named: Boolean(name?.trim() || element.title), html: element.outerHTML.slice(0, 160) };
    });
  const tabTo = async (wanted, what, key = 'Tab') => {
    for (let n = 0; n < 90; n += 1) {
      await page.keyboard.press(key);
      const now = await focused();
      if (!now) continue;
      assert.equal(now.visible, true, `the focus is not visible on ${now.html}`);
      if (now.html.startsWith('<button')) assert.equal(now.named, true, `it has no name: ${now.html}`);
      if (wanted(now)) return;
    }
    throw new Error(`the keyboard does not reach ${what}`);
  };
  await page.keyboard.press('o');
  await lab.at('lab-dialog').waitFor();
  await lab.at('open-lesson').first().waitFor();
  await tabTo(({ testid, name }) => testid === 'open-lesson' && name === LOST_ACK, 'the lesson');
  await page.keyboard.press('Enter');
  await lab.when(({ lesson }) => lesson?.step === 0);
  await tabTo(({ testid }) => testid === 'lesson-next', 'the way on');
  await page.keyboard.press('Enter');
  await lab.when(({ lesson }) => lesson.step === 1);
  await page.keyboard.press('Enter');
  await lab.when(({ lesson }) => lesson.step === 2);
  await tabTo(({ testid, index }) => testid === 'lesson-option' && index === '2', 'the answer', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await lab.when(({ lesson }) => lesson.because !== undefined);
  await page.keyboard.press('PageDown');
  await lab.stepToFlying({ client: 'sensor-5000', type: 'PUBLISH', direction: 'in' });
  await tabTo(({ testid, client }) => testid === 'flying' && client === 'sensor-5000', 'the packet under way');
  await page.keyboard.press('Enter');
  await lab.at('fault').waitFor();
  assert.equal((await focused()).testid, 'fault-cut-before');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal((await focused()).testid, 'fault-hold-here');
  await page.keyboard.press('Escape');
  await lab.at('fault').waitFor({ state: 'detached' });
  // The focus is where it was.
  assert.equal((await focused())?.testid, 'flying');
  const { bar } = await lab.look();
  await page.keyboard.press('Enter');
  await lab.at('fault').waitFor();
  await page.keyboard.press('Enter');
  await lab.when(({ bar: now }) => now.road !== bar.road || now.end !== bar.end, 'that it is cut');
  await page.keyboard.press('u');
  await lab.when(({ bar: now }) => now.road === bar.road && now.moment === bar.moment, 'that it is undone');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, height] of [
    [1280, 720],
    [390, 844],
  ]) {
    pageTest(
      `axe finds nothing in the lab: ${colorScheme}, ${width}×${height}`,
      async ({ page, view }) => {
        const lab = new Lab(view);
        const found = {};
        const check = async (name) => {
          const violations = await page.evaluate(async () => {
            const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
            return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) => `${id}: ${html.slice(0, 160)}: ${[...any, ...all, ...none].map(({ message }) => message).join(' ')}`));
          });
          if (violations.length > 0) found[name] = violations.slice(0, 5);
        };
        await page.evaluate(AXE);
        await view.at('open-lab').click();
        await lab.at('open-lesson').first().waitFor();
        await check('list of lessons');
        await page.keyboard.press('Escape');
        await lab.open(LOST_ACK);
        await lab.toText(2);
        await check('text with a question');
        await lab.at('lesson-option', { index: 1 }).click();
        await lab.when(({ lesson }) => lesson.because !== undefined);
        await check('question answered');
        await lab.stepToFlying({ client: 'sensor-5000', type: 'PUBLISH', direction: 'in' });
        await check('packet under way');
        await lab.at('flying').first().click();
        await lab.at('fault').waitFor();
        await check('menu of a packet');
        await page.keyboard.press('Escape');
        await lab.at('lifeline', { client: 'painel' }).click();
        await lab.at('fault').waitFor();
        await check('menu of a client');
        await page.keyboard.press('Escape');
        await view.turn('memory');
        await lab.at('heads').waitFor();
        await check('heads');
        if (await view.isNarrow()) await view.at('go-flow').click();
        await page.keyboard.press('e');
        await lab.at('share-link').waitFor();
        await check('share');
        await page.keyboard.press('Escape');
        await lab.at('lab-beside').click();
        await lab.at('beside').waitFor();
        await check('side by side');
        await page.keyboard.press('f');
        await until(async () => assert.equal(await page.evaluate(() => document.fullscreenElement !== null), true));
        await check('presenter');
        assert.deepEqual(found, {});
      },
      { viewport: { width, height }, colorScheme, timeout: 120_000 },
    );
  }
}
