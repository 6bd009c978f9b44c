/** Every lesson, from its first text to its last, by the key of a presenter's clicker, in every language. */

import { course, golden, told } from './support/course.mjs';
import { Lab, plain } from './support/lab.mjs';
import { assert, scene, until } from './support/scene.mjs';

const LOCALES = { pt: 'pt-BR', en: 'en-GB', es: 'es-ES' };
const COURSE = course();
const DAY = { width: 1280, height: 720 };

/** How many presses lead from text to text, as the first language found it: they must be as many in the others. @type {Map<string, number[]>} */
const presses = new Map();

/** The pieces of a text between marks of this kind, as they should be set apart. */
const marked = (text, mark) => [...text.matchAll(/([*`])([^]+?)\1/g)].filter(([, found]) => found === mark).map(([, , piece]) => piece.replaceAll(/\s+/g, ' ').trim());

/** Holds what is on screen against a text of the file. */
function isText(seen, lesson, text, language) {
  const { title, step: steps } = lesson;
  const step = steps[text];
  const paragraphs = step.text[language].trim().split(/\n\s*\n/);
  assert.deepEqual(seen.paragraphs, paragraphs.map(plain));
  assert.deepEqual(seen.code, paragraphs.flatMap((paragraph) => marked(paragraph, '`')));
  assert.deepEqual(seen.strong, paragraphs.flatMap((paragraph) => marked(paragraph, '*')));
  assert.equal(seen.title, plain(title[language]));
  assert.deepEqual([seen.step, seen.steps], [text, steps.length]);
  assert.deepEqual(seen.place.match(/\d+/g), [String(text + 1), String(steps.length)]);
  assert.equal(seen.free, text === steps.length - 1);
  assert.equal(seen.astray, false);
  assert.equal(seen.question, step.ask && plain(step.ask.text[language]));
  assert.deepEqual(seen.options.map(({ text }) => text), (step.ask?.option ?? []).map((option) => plain(option[language])));
}

/**
 * What the text points at is lit, and on screen: the heads that it names, and the newest packet of the types and clients
 * that it names. Of a packet that is yet to come, or out of sight, a text may speak, but not point at it.
 */
function isPointedAt(seen, onScreen, step) {
  const points = step.point ?? [];
  const heads = points.filter((point) => !/^[A-Z]+$/.test(point));
  const types = points.filter((point) => /^[A-Z]+$/.test(point));
  const clients = heads.filter((head) => head !== 'broker');
  const says = `text ${seen.lesson.step} points at ${points}, lit is ${seen.pointed}`;
  assert.deepEqual(seen.pointed.filter((name) => !name.includes(' ')).sort(), [...heads].sort(), says);
  const lit = seen.pointed.filter((name) => name.includes(' '));
  const meant = onScreen.filter(({ type, client }) => types.includes(type) && (clients.length === 0 || clients.includes(client)));
  assert.equal(lit.length, types.length > 0 ? 1 : 0, says);
  assert.equal(lit.every((one) => meant.some(({ direction, type, client }) => `${direction} ${type} ${client}` === one)), true, says);
}

/** Answers a question, right and wrong by turns, and holds what is then told against the file. */
async function answer(lab, { ask }, language, rightly) {
  const before = await lab.look();
  assert.equal(before.lesson.because, undefined, 'nothing is told before the answer');
  assert.equal(before.lesson.options.every(({ verdict, disabled }) => verdict === 'none' && !disabled), true);
  const chosen = rightly ? ask.right : (ask.right + 1) % ask.option.length;
  await lab.at('lesson-option', { index: chosen }).click();
  const { lesson } = await lab.when(({ lesson }) => lesson.because !== undefined);
  assert.equal(lesson.because, plain(ask.because[language]));
  const verdicts = ask.option.map((_, index) => {
    if (index === ask.right) return 'right';
    return index === chosen ? 'wrong' : 'none';
  });
  assert.deepEqual(lesson.options.map(({ verdict }) => verdict), verdicts);
  assert.equal(lesson.options.every(({ disabled }) => disabled), true);
}

/** Goes through a lesson. */
async function walk(lab, lesson, language) {
  const counted = [];
  const known = presses.get(lesson.name);
  let questions = 0;
  await lab.open(lesson.name);
  for (const [text, step] of lesson.step.entries()) {
    const begun = await lab.when(({ lesson }) => lesson.step === text, `text ${text}`);
    await until(async () => {
      const now = await lab.look();
      isText(now.lesson, lesson, text, language);
      isPointedAt(now, [...(await lab.rows()), ...(await lab.flying())], step);
    });
    if (step.ask) {
      await answer(lab, step, language, questions % 2 === 0);
      questions += 1;
    }
    if (text === lesson.step.length - 1) break;
    let count = 0;
    if (known) {
      // The same presses, as fast as they come.
      for (; count < known[text]; count += 1) await lab.page.keyboard.press('PageDown');
    } else {
      for (let now = begun; now.lesson.step === text; count += 1) now = await lab.step(now.bar);
    }
    counted.push(count);
  }
  if (!known) presses.set(lesson.name, counted);
}

/** Holds the packets that the ladder shows, with the times beside them, against what was written down. */
async function isGolden(lab, lesson) {
  if ((await lab.view.depth()) !== 'handshake') await lab.at('depth-handshake').click();
  const book = golden(lesson);
  // High enough for all rows (what is no packet has one, too), and wide enough for the times also where the tree stands beside them.
  await lab.page.setViewportSize({ width: 2000, height: 900 + 65 * book.length });
  await until(async () => {
    // What has only just left has not happened yet, in the book.
    const packets = (await lab.rows()).filter(({ type, fate }) => type && fate !== 'flying');
    assert.deepEqual(packets.map(told).sort(), book);
  });
  await lab.page.setViewportSize(DAY);
}

for (const [language, locale] of Object.entries(LOCALES)) {
  scene(
    `every lesson from first text to last: ${language}`,
    async (it, t) => {
      const { page, view } = await it.open();
      const lab = new Lab(view);
      await page.keyboard.press('h');
      for (const lesson of COURSE) {
        await t.test(lesson.name, async () => {
          await walk(lab, lesson, language);
          if (language === 'pt') await isGolden(lab, lesson);
        });
      }
    },
    { locale, timeout: 240_000, viewport: DAY },
  );
}
