// Starts the worker: loads the Rust module and runs its `main`. Served as /worker/worker.js and opened with
// `new Worker(url, { type: 'module' })`.
import init from './vitrine-worker.js';

// The builder writes the id of the build here; the worker tells it to the page, which compares it with its own.
self.VITRINE_BUILD = '__VITRINE_BUILD__';

// What arrives before `main` has put its own listener in place would be lost without a word: keep it, then hand it on.
const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event);
};
self.addEventListener('message', keep);

try {
  await init();
} catch (error) {
  // A rejected module promise never reaches the page's `error` listener; a reported error does.
  self.reportError(error);
  throw error;
} finally {
  self.removeEventListener('message', keep);
}

for (const { data, ports } of early) {
  self.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
}
