/** One Chromium for each test file, and a fresh profile for each test in it. */

import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

/** The address of the built page. */
export const URL_OF_PAGE = process.env.VITRINE_URL ?? 'http://127.0.0.1:8080/';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };

/** What `/test-assets/…` is answered with: files of ours, and clients as npm has them, not a byte changed. */
const ASSETS = {
  'paho-mqtt.js': new URL('../../node_modules/paho-mqtt/paho-mqtt.js', import.meta.url),
  'axe.js': new URL('../../node_modules/axe-core/axe.min.js', import.meta.url),
};

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

/** Chromium, started when first asked for. */
export function chromiumOnce() {
  browser ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  return browser;
}

/** Closes Chromium, if it was started. */
export async function closeChromium() {
  if (browser) await (await browser).close();
}

/**
 * A profile of its own: own storage, own locks, so an own broker.
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function freshContext(options = {}) {
  const context = await (await chromiumOnce()).newContext({
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...options,
  });
  // Far above what anything takes, so that a busy machine is no failure.
  context.setDefaultTimeout(15_000);
  context.setDefaultNavigationTimeout(30_000);
  await context.route('**/test-assets/*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').pop() ?? '';
    const file = ASSETS[name] ?? new URL(`../assets/${name}`, import.meta.url);
    const contentType = TYPES[/\.\w+$/.exec(name)?.[0] ?? ''] ?? 'text/plain';
    await route.fulfill({ body: await readFile(file), contentType });
  });
  return context;
}
