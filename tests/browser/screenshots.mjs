/** Pictures of every view for the README: `npm run screenshots [folder]`, with the page served at `VITRINE_URL`. */

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { closeChromium, freshContext, URL_OF_PAGE } from './support/browser.mjs';
import { Clients } from './support/clients.mjs';
import { until } from './support/until.mjs';
import { View } from './support/view.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

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
];

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
for (const { name, size = { width: 1280, height: 720 }, colorScheme = 'light', world = true, pose } of PICTURES) {
  const context = await freshContext({ viewport: size, locale: 'pt-BR', colorScheme });
  const page = await context.newPage();
  await page.goto(URL_OF_PAGE);
  const view = new View(page);
  await view.ready();
  if (world) {
    await view.startWorld(5000);
    await until(async () => (await view.totals()).topics === 8, 'eight topics');
  }
  await pose(view, new Clients(page));
  await page.mouse.move(size.width / 2, size.height - 2);
  await page.screenshot({ path: `${folder}/${name}.png` });
  console.log(`${name}.png`);
  await context.close();
}
await closeChromium();
