// Starts the worker: loads the Rust module and runs its `main`. Served as /worker/worker.js and opened with
// `new Worker(url, { type: 'module' })`. Its first message says what it is for. With `module` and `build` in it, a compiled
// module of that build need not be compiled again; this worker tells its own in turn.
import init from './vitrine-worker.js';

// The builder writes the id of the build here; the worker tells it to the page, which compares it with its own.
self.VITRINE_BUILD = '__VITRINE_BUILD__';

// What arrives before `main` has put its own listener in place would be lost without a word: keep it, then hand it on.
const early = [];
let begin;
const first = new Promise((resolve) => {
  begin = resolve;
});
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event);
  begin(event.data);
};
self.addEventListener('message', keep);

/** The module; undefined where it has to be loaded in another way, as from a server that does not know what wasm is. */
async function compiled() {
  try {
    return await WebAssembly.compileStreaming(fetch(new URL('./vitrine-worker_bg.wasm', import.meta.url)));
  } catch {
    return undefined;
  }
}

try {
  const { module: given, build } = await first;
  const module = given && build === self.VITRINE_BUILD ? given : await compiled();
  await init(module && { module_or_path: module });
  if (module) self.postMessage({ type: 'module', module });
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
