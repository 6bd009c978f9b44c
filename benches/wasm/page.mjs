// How long it takes from navigation to a page that can be used, and how large its modules are.
//
// A page can be used when its first frame with controls is drawn and the broker has answered a client's CONNECT. Each
// load begins with an empty cache, on this machine: what a line would add, the sizes tell.
//
//   cargo xtask bench page [--loads 10] [--json FILE]
//
// or, when the page is built: npm ci && node page.mjs
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { launch } from './lib/browser.mjs';
import { connect } from './lib/mqtt.mjs';
import { median, options } from './lib/report.mjs';
import { serve } from './lib/serve.mjs';

const dist = process.env.VITRINE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
const { loads, json } = options({ loads: 10 });

/** Runs in the page before anything of its own: notes when what has come, in milliseconds after navigation. */
function watch(hello) {
  const seen = (window.seen = {});
  const note = (what) => {
    seen[what] ??= performance.now();
  };
  new MutationObserver((_, observer) => {
    if (!document.querySelector('[data-testid="start-world"]')) return;
    observer.disconnect();
    // The frame with it is drawn between this callback and the task after it.
    requestAnimationFrame(() => setTimeout(() => note('drawn')));
  }).observe(document, { childList: true, subtree: true });
  const greet = () => {
    const socket = new window.vitrine.VitrineSocket('ws://vitrine.local/mqtt', 'mqtt');
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(new Uint8Array(hello));
    socket.onmessage = ({ data }) => {
      if (new Uint8Array(data)[0] === 0x20) note('connected');
      socket.close();
    };
  };
  let door;
  Object.defineProperty(window, 'vitrine', {
    configurable: true,
    get: () => door,
    set: (value) => {
      door = value;
      note('door');
      greet();
    },
  });
}

async function load(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error}`));
  await page.addInitScript(watch, [...connect('visitor')]);
  await page.goto(url);
  await page.waitForFunction(() => window.seen.drawn && window.seen.connected);
  const seen = await page.evaluate(() => ({
    ...window.seen,
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  }));
  await context.close();
  const drawn = Math.max(seen.drawn, seen.paint);
  return { ...seen, drawn, usable: Math.max(drawn, seen.connected) };
}

function modules(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.wasm'))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return {
        name: relative(folder, join(folder, name)),
        raw: bytes.length,
        gzip: gzipSync(bytes, { level: 9 }).length,
        brotli: brotliCompressSync(bytes).length,
      };
    });
}

const site = process.env.VITRINE_URL ? { url: process.env.VITRINE_URL, close() {} } : await serve({ '/': dist });
const browser = await launch();
const times = [];
try {
  // The first load pays for the browser's own start.
  await load(browser, site.url);
  for (let i = 0; i < loads; i++) times.push(await load(browser, site.url));
} finally {
  await browser.close();
  await site.close();
}

console.log(`\nFrom navigation, ${loads} loads with an empty cache, Chromium ${browser.version()}\n`);
console.log('| until | median | fastest | slowest |\n| --- | ---: | ---: | ---: |');
const rows = {
  paint: 'something is painted',
  drawn: 'the first frame with controls is drawn',
  connected: 'the broker has answered a CONNECT',
  usable: 'the page can be used',
};
for (const [key, what] of Object.entries(rows)) {
  const values = times.map((time) => time[key]);
  const cells = [median(values), Math.min(...values), Math.max(...values)].map((value) => `${Math.round(value)} ms`);
  console.log(`| ${what} | ${cells.join(' | ')} |`);
}
const sizes = modules(dist);
console.log('\n| module, bytes | raw | gzip -9 | brotli 11 |\n| --- | ---: | ---: | ---: |');
for (const { name, raw, gzip, brotli } of sizes) console.log(`| ${name} | ${raw} | ${gzip} | ${brotli} |`);
if (json) writeFileSync(json, JSON.stringify({ times, sizes }, null, 2) + '\n');
