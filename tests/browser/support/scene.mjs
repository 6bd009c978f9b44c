/** A test's scene: the page in one or more tabs, clients in them, and an eye on the console. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Clients } from './clients.mjs';
import { closeChromium, freshContext, URL_OF_PAGE } from './browser.mjs';
import { until } from './until.mjs';
import { View } from './view.mjs';

/** Tall enough for every row of a test to be on screen at once. */
export const TALL = { width: 1280, height: 2600 };

after(closeChromium);

/** What one test works with. */
class Scene {
  /** Errors that browsers and pages reported and no test asked for. @type {string[]} */
  #errors = [];
  /** @type {RegExp[]} */
  #expected = [];
  /** @type {import('playwright-core').BrowserContext[]} */
  #others = [];

  /** @param {import('playwright-core').BrowserContext} context */
  constructor(context) {
    this.context = context;
    context.on('console', (message) => {
      if (message.type() === 'error') this.#note(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#note(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on('response', (response) => {
      if (response.status() >= 400) this.#note(`${response.status()}: ${response.url()}`);
    });
    context.on('page', (page) => page.on('crash', () => this.#note('the tab crashed')));
  }

  /** @param {string} error */
  #note(error) {
    this.#errors.push(error);
  }

  /** A scene of its own in another profile, such as one with another language. @param {import('playwright-core').BrowserContextOptions} options */
  async another(options) {
    const context = await freshContext(options);
    this.#others.push(context);
    return new Scene(context);
  }

  /** Closes the profiles made with `another`. */
  async close() {
    await Promise.all(this.#others.map((context) => context.close()));
  }

  /** The test provokes an error that reads so. @param {RegExp} pattern */
  expectError(pattern) {
    this.#expected.push(pattern);
  }

  /** Opens the page in a new tab and waits until it shows the broker's state. @param {string} [address] From `#` on. */
  async open(address = '') {
    const page = await this.context.newPage();
    await page.goto(URL_OF_PAGE + address);
    const view = new View(page);
    await view.ready();
    return { page, view, clients: new Clients(page) };
  }

  /** Opens the page's origin without the page: a student's own page. */
  async openOwn() {
    const page = await this.context.newPage();
    await page.goto(new URL('/test-assets/own.html', URL_OF_PAGE).href);
    return { page, clients: new Clients(page) };
  }

  /** The errors that no test asked for. */
  unexpected() {
    return this.#errors.filter((error) => !this.#expected.some((pattern) => pattern.test(error)));
  }

  /** Forgets errors and expectations: the next test in the same scene begins anew. */
  forget() {
    this.#errors = [];
    this.#expected = [];
  }

  /** Fails when there was an error that no test asked for. */
  judge() {
    assert.deepEqual(this.unexpected(), [], 'the browser reported errors');
  }
}

/** Runs a test's body in a scene and judges it. @param {Scene} it @param {() => Promise<void>} body */
async function play(it, body) {
  try {
    await body();
    it.judge();
  } catch (error) {
    // What the browser said is often why.
    const said = it.unexpected();
    if (said.length > 0) error.message += `\n\nThe browser said:\n${said.join('\n')}`;
    throw error;
  }
}

/**
 * A test with a scene of its own.
 * @param {string} name
 * @param {(scene: Scene, t: import('node:test').TestContext) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions & { timeout?: number }} [options]
 */
export function scene(name, body, { timeout = 60_000, ...options } = {}) {
  return test(name, { timeout }, async (t) => {
    const context = await freshContext(options);
    const it = new Scene(context);
    try {
      await play(it, () => body(it, t));
    } finally {
      await it.close();
      await context.close();
    }
  });
}

/**
 * A test with the page open in one tab.
 * @param {string} name
 * @param {(tab: { page: import('playwright-core').Page, view: View, clients: Clients, scene: Scene }, t: import('node:test').TestContext) => Promise<void>} body
 * @param {Parameters<typeof scene>[2] & { address?: string }} [options]
 */
export function pageTest(name, body, { address, ...options } = {}) {
  return scene(
    name,
    async (it, t) => {
      const tab = await it.open(address);
      await body({ ...tab, scene: it }, t);
    },
    options,
  );
}

/**
 * Tests that all use one tab, one after the other: for what leaves no trace that the next one could see.
 * @returns {(name: string, body: (tab: { page: import('playwright-core').Page, scene: Scene }) => Promise<void>) => Promise<void>}
 */
export function sharedPage() {
  /** @type {Promise<{ page: import('playwright-core').Page, scene: Scene }> | undefined} */
  let tab;
  const open = async () => {
    const it = new Scene(await freshContext());
    return { ...(await it.open()), scene: it };
  };
  return (name, body) =>
    test(name, { timeout: 60_000 }, async () => {
      tab ??= open();
      const { scene: it, ...rest } = await tab;
      try {
        await play(it, () => body({ ...rest, scene: it }));
      } finally {
        it.forget();
      }
    });
}

export { assert, until };
