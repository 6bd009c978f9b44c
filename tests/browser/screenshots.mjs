/**
 * Pictures of every view for the README: `npm run screenshots [folder [name …]]`, with the page served at `VITRINE_URL`.
 * With names, only those.
 */

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { closeChromium, freshContext, URL_OF_PAGE } from './support/browser.mjs';
import { Clients } from './support/clients.mjs';
import { until } from './support/until.mjs';
import { View } from './support/view.mjs';

const [wanted, ...only] = process.argv.slice(2);
const folder = wanted ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

/** The lesson that most of the lab's pictures show. */
const LOST = '06-qos-1-lost-acknowledgement';

/** What is photographed: the name, the look, and what is done before. */
const PICTURES = [
  { name: 'empty', world: false, pose: async () => {} },
  { name: 'flow', pose: selectStory },
  {
    name: 'topic',
    pose: async (view) => {
      await view.selectTopic('area/10/sensor/5000/temperatura');
      await until(async () => (await view.receivers()).length > 0);
    },
  },
  {
    name: 'matches',
    pose: async (view) => {
      await view.tryFilter('area/10/sensor/+/temperatura', 'area/10/sensor/5000/temperatura');
      await until(async () => (await view.receivers()).length > 0);
    },
  },
  { name: 'clients', pose: async (view) => view.turn('clients') },
  {
    name: 'packet',
    pose: async (view) => {
      await selectStory(view);
      await view.turn('packet');
      await until(async () => (await view.hex()).length > 0);
    },
  },
  { name: 'bytes', pose: async (view) => (await view.at('depth-bytes').click(), await selectStory(view)) },
  { name: 'flow-dark', colorScheme: 'dark', pose: selectStory },
  { name: 'flow-large', size: { width: 1920, height: 1080 }, pose: selectStory },
  { name: 'phone-flow', size: { width: 390, height: 844 }, pose: async (view) => view.at('go-flow').click() },
  { name: 'phone-topics', size: { width: 390, height: 844 }, pose: async (view) => view.at('go-topics').click() },
  { name: 'lab-lessons', world: false, pose: async (view) => (await view.at('open-lab').click(), view.at('open-lesson').first().waitFor()) },
  { name: 'lab', lesson: LOST, pose: async (view) => texts(view, 4) },
  { name: 'lab-cut', lesson: LOST, pose: cutAcknowledgement },
  { name: 'lab-menu', lesson: LOST, pose: async (view) => (await steps(view, 3), view.at('flying').first().click()) },
  {
    name: 'lab-beside',
    lesson: LOST,
    size: { width: 1920, height: 1080 },
    pose: async (view) => {
      await texts(view, 1);
      await view.at('lab-beside').click();
      await steps(view, 3);
    },
  },
  {
    name: 'lab-present',
    lesson: '08-qos-2-publish',
    colorScheme: 'dark',
    size: { width: 1920, height: 1080 },
    pose: async (view) => {
      await view.page.keyboard.press('f');
      await steps(view, 9);
    },
  },
  { name: 'phone-lab', lesson: LOST, size: { width: 390, height: 844 }, pose: async (view) => texts(view, 2) },
];

/** Steps the lab on, one after the other. */
async function steps(view, count) {
  const moment = () => view.at('lab-timebar').getAttribute('data-moment');
  for (let n = 0; n < count; n += 1) {
    const before = await moment();
    await view.page.keyboard.press('PageDown');
    await until(async () => (await moment()) !== before, 'a step');
  }
}

/** Goes on from text to text. */
async function texts(view, count) {
  const step = () => view.at('lesson').getAttribute('data-step');
  for (let n = 0; n < count; n += 1) {
    const before = await step();
    await view.at('lesson-next').click();
    await until(async () => (await step()) !== before, 'the next text');
  }
}

/** Cuts the line before the PUBACK arrives, and goes on until the subscriber has answered. */
async function cutAcknowledgement(view) {
  await steps(view, 3);
  await view.at('flying').first().click();
  await view.at('fault-cut-before').click();
  await until(async () => (await view.at('lab-road').count()) === 2, 'the other road');
  await steps(view, 3);
}

/** Waits for a QoS 2 publication that has gone all the way, holds the ladder there, and selects it. */
async function selectStory(view) {
  const done = (rows) => rows.find(({ client, type }) => client === 'arquivo' && type === 'PUBCOMP');
  const publish = (rows) => rows.find(({ publication, type }) => type === 'PUBLISH' && publication === done(rows)?.publication);
  await until(async () => {
    if (!publish(await view.rows())) return false;
    await view.pause();
    const row = publish(await view.rows());
    if (row) return view.selectRow(row).then(() => true);
    await view.resume();
    return false;
  }, 'a QoS 2 publication', 30_000);
  await until(async () => (await view.rows()).some(({ story }) => story), 'its story');
}

await mkdir(folder, { recursive: true });
for (const { name, size = { width: 1280, height: 720 }, colorScheme = 'light', world = true, lesson, pose } of PICTURES) {
  if (only.length > 0 && !only.includes(name)) continue;
  const context = await freshContext({ viewport: size, locale: 'pt-BR', colorScheme });
  const page = await context.newPage();
  await page.goto(lesson ? `${URL_OF_PAGE}#lesson=${lesson}` : URL_OF_PAGE);
  const view = new View(page);
  if (lesson) {
    await view.at('lab-step').waitFor();
  } else {
    await view.ready();
    if (world) {
      await view.startWorld(5000);
      await until(async () => (await view.totals()).topics === 8, 'eight topics');
    }
  }
  await pose(view, new Clients(page));
  await page.mouse.move(size.width / 2, size.height - 2);
  await page.screenshot({ path: `${folder}/${name}.png` });
  console.log(`${name}.png`);
  await context.close();
}
await closeChromium();
