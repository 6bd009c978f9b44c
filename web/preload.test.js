import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (/** @type {URL} */ url) => readFileSync(url, 'utf8');
const index = new URL('../index.html', import.meta.url);

/** Every module that `url` leads to without being asked later. */
function reached(url, found = new Set()) {
  for (const [, name] of read(url).matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)';$/gm)) {
    const next = new URL(name, url);
    if (found.has(next.href)) continue;
    found.add(next.href);
    reached(next, found);
  }
  return found;
}

test('the page asks for every script of its own at once', () => {
  const links = read(index).matchAll(/<link rel="modulepreload" href="(\.\/web\/[^"]+)">/g);
  const listed = Array.from(links, ([, href]) => new URL(href, index).href);
  assert.deepEqual(listed.toSorted(), [...reached(new URL('boot.js', import.meta.url))].toSorted());
});
