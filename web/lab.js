/**
 * The lab's worker: a second instance of the module that hosts the broker, for this page alone. The page starts it when
 * it opens a lab and ends it when it leaves: a world that is heavy, or fails, is felt by nobody but who looks at it.
 *
 * Page and worker say `{type: 'data', data}` to each other, as on a link of mode `view` (`door/wire.js`). The worker
 * answers each with `{type: 'done'}` once it has done what was said. What it does of itself is between `{type: 'begins'}`
 * and `{type: 'done'}`. `{type: 'lost', reason}` is its last word.
 */

/** @typedef {import('./vitrine.d.ts').LabState} LabState */

/** After so many milliseconds without an answer it is shown that the lab is at work; and that it may be stopped. */
const BUSY = 200;
const SLOW = 2000;

const WORKER = new URL('../worker/worker.js', import.meta.url);

/** The module as the last worker had it, so that the next one need not compile it. @type {WebAssembly.Module | undefined} */
let compiled;

/**
 * Starts a worker.
 * @param {{ build: string, module?: WebAssembly.Module }} own The page's build, and the module of the broker's worker.
 * @param {(data: any) => void} onMessage
 * @param {(state: LabState) => void} onState Told of every change; the first state is `ready`.
 */
export function openLab({ build, module = compiled }, onMessage, onState) {
  const worker = new Worker(WORKER, { type: 'module', name: 'vitrine-lab' });
  /** When each work began that the worker has not done yet, or was asked for, oldest first. @type {number[]} */
  const waiting = [];
  /** @type {LabState['state']} */
  let state = 'ready';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let over = false;

  const tell = (/** @type {LabState['state']} */ now, /** @type {string | undefined} */ reason = undefined) => {
    if (now === state) return;
    state = now;
    onState(reason === undefined ? { state } : { state, reason });
  };
  /** Says how long the worker has kept the page waiting, now and when that changes. */
  const watch = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) {
      tell('ready');
      return;
    }
    const waited = performance.now() - waiting[0];
    const next = waited < BUSY ? BUSY : SLOW;
    if (waited >= SLOW) tell('slow');
    else if (waited >= BUSY) tell('busy');
    else tell('ready');
    if (waited < SLOW) timer = setTimeout(watch, next - waited + 1);
  };
  const begins = () => {
    waiting.push(performance.now());
    // Only the first one starts the clock: it goes on for those behind it.
    if (timer === undefined) watch();
  };
  const end = () => {
    over = true;
    clearTimeout(timer);
    worker.terminate();
  };
  const lose = (/** @type {string} */ reason) => {
    if (over) return;
    end();
    tell('lost', reason);
  };

  worker.onmessage = ({ data }) => {
    if (over) return;
    if (data.type === 'data') {
      onMessage(data.data);
    } else if (data.type === 'begins') {
      begins();
    } else if (data.type === 'done') {
      waiting.shift();
      watch();
    } else if (data.type === 'module') {
      compiled = data.module;
    } else if (data.type === 'lost') {
      lose(data.reason);
    }
  };
  worker.onerror = (event) => lose(event.message || 'The worker could not be started.');
  worker.postMessage({ type: 'lab', build, module });

  return {
    /** @param {any} data */
    post(data) {
      if (over) return;
      worker.postMessage({ type: 'data', data });
      begins();
    },
    close: end,
  };
}
