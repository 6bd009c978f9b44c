// The whole way a client takes in a browser: raw MQTT bytes over a MessagePort into the worker, and out again over
// another. Beside mqtt5-wasm, with the same code on the page's side.
//
//   cargo xtask bench ports [--rounds 5] [--measure 2000] [--warm-up 1000] [--only 'QoS 0'] [--json FILE]
//
// or, when the page is built: npm ci && node ports.mjs
import { fileURLToPath } from 'node:url';
import { launch } from './lib/browser.mjs';
import { options, report, rounds } from './lib/report.mjs';
import { serve } from './lib/serve.mjs';
import { buildPeer } from './peer/build.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = process.env.VITRINE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
const { warmUp, measure, ...how } = options({ rounds: 5, warmUp: 1000, measure: 2000 });

const cases = [0, 1, 2].flatMap((qos) =>
  [1, 50].map((chunk) => ({ subscribers: 1, qos, chunk, window: 100, payload: 64 })),
);
const names = { vitrine: 'vitrine', 'vitrine, observed': 'watched', 'mqtt5-wasm 2.1.9': 'peer', 'no broker': 'echo' };

const site = await serve({ '/bench/': here, '/peer/': buildPeer(), '/': dist });
const browser = await launch();
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error}`));
  await page.goto(`${site.url}/bench/ports/`);
  await page.waitForFunction(() => window.run);
  const run = (name, shape) => {
    const broker = names[name];
    // Who only passes bytes on acknowledges nothing.
    if (broker === 'echo' && shape.qos > 0) return null;
    return page.evaluate(
      ([broker, shape, times]) => window.run(broker, shape, times),
      [broker, shape, { warmUp, measure }],
    );
  };
  const results = await rounds(cases, Object.keys(names), run, how);
  report(`Over message ports, in Chromium ${browser.version()}, window 100`, results, Object.keys(names), how);
} finally {
  await browser.close();
  await site.close();
}
