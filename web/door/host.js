/** Hosting: of all tabs of one origin exactly one runs the broker, and another one takes over when it goes. */

import { openLink, setLocal } from './link.js';
import { ELECTION, lockManager, newId } from './wire.js';

/**
 * @typedef {import('./index.d.ts').HostStatus} HostStatus
 * @typedef {import('./link.js').Link} Link
 */

/** This context's part in hosting. There is one at most in a context. */
export class Host extends EventTarget {
  /** @type {HostStatus} */
  #status = { role: 'guest', state: 'starting' };
  #workerUrl;
  #settings;
  /** @type {Worker | undefined} */
  #worker;
  /** Ends the holding of the election's lock. */
  #resign = () => {};
  #stopped = false;
  /** @type {WebAssembly.Module | undefined} */
  #module;

  /** @param {{ worker: string | URL, settings?: () => import('./index.d.ts').HostSettings }} options */
  constructor({ worker, settings = () => ({}) }) {
    super();
    this.#workerUrl = worker;
    this.#settings = settings;
    this.#stand();
  }

  get status() {
    return this.#status;
  }

  get module() {
    return this.#module;
  }

  restart() {
    if (this.#status.state !== 'lost') return;
    this.#stand();
  }

  stop() {
    this.#stopped = true;
    this.#end();
  }

  /** Stands for election: hosts at once if nobody does, else waits until it is its turn. */
  async #stand() {
    const locks = lockManager();
    if (!locks) {
      console.warn('Vitrine: no Web Locks here (they need https or localhost). The broker serves this tab only.');
      this.#start(false);
      return;
    }
    const hold = (/** @type {Lock | null} */ lock) => {
      if (!lock || this.#stopped) return undefined;
      this.#start(true);
      return new Promise((resolve) => {
        this.#resign = () => resolve(undefined);
      });
    };
    let elected = false;
    await locks.request(ELECTION, { ifAvailable: true }, (lock) => {
      elected = lock !== null;
      if (!elected) this.#tell({ role: 'guest', state: 'ready' });
      return hold(lock);
    });
    if (!elected && !this.#stopped) await locks.request(ELECTION, hold);
  }

  /** Starts the worker. @param {boolean} open Whether other tabs may come. */
  #start(open) {
    this.#tell({ role: 'host', state: 'starting' });
    const worker = new Worker(this.#workerUrl, { type: 'module', name: 'vitrine' });
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      if (this.#worker !== worker) return;
      if (data.type === 'ready') {
        const { storage } = data;
        this.#tell({ role: 'host', state: 'ready', storage, ...(open ? {} : { reason: 'no-locks' }) });
      }
      if (data.type === 'module') this.#module = data.module;
      if (data.type === 'lost') this.#lose(data.reason);
    };
    worker.onerror = (event) => {
      if (this.#worker === worker) this.#lose(event.message || 'The worker could not be started.');
    };
    worker.postMessage({ type: 'host', id: newId(), open, ...this.#settings() });
    setLocal(() => {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ type: 'port' }, [port2]);
      return port1;
    });
  }

  /** The worker failed. What it held is gone; another tab may take over. @param {string} reason */
  #lose(reason) {
    this.#tell({ role: 'host', state: 'lost', reason });
    this.#end();
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = undefined;
    setLocal(undefined);
    this.#resign();
    this.#resign = () => {};
  }

  /** @param {HostStatus} status */
  #tell(status) {
    this.#status = status;
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * A link for a page's view. It is made anew whenever it breaks, until it is closed.
 * @param {(data: any) => void} onMessage
 * @param {(open: boolean, reason?: string) => void} onLink
 */
export function openView(onMessage, onLink) {
  /** @type {Link | undefined} */
  let link;
  let open = false;
  const attach = () => {
    const current = openLink({ mode: 'view' });
    link = current;
    current.onmessage = (value) => {
      if (value?.type === 'data') {
        onMessage(value.data);
      } else if (value?.type === 'opened') {
        open = true;
        onLink(true);
      }
    };
    current.ongone = (reason) => {
      if (link !== current) return;
      open = false;
      onLink(false, reason);
      if (reason !== 'no-locks') attach();
    };
  };
  attach();
  return {
    /** @param {any} data */
    post(data) {
      if (open) link?.post({ type: 'data', data });
    },
    close() {
      const last = link;
      link = undefined;
      if (open) last?.post({ type: 'cut' });
      last?.close();
    },
  };
}
