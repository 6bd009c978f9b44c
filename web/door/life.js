/** How each end of a link learns that the other is gone: it waits for a lock that the other end holds. */

import { hostName, linkName, lockManager } from './wire.js';

/**
 * Holds the lock of a link. Undefined where there are no locks.
 * @param {string} id
 */
export function holdLife(id) {
  const locks = lockManager();
  if (!locks) return undefined;
  const abort = new AbortController();
  let held = false;
  let release = () => abort.abort();
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => {
    const hold = () => {
      held = true;
      resolve();
      return new Promise((done) => {
        release = () => done(undefined);
      });
    };
    // Given up before it was granted, or (in a sandboxed frame) out of bounds.
    locks.request(linkName(id), { signal: abort.signal }, hold).catch(() => resolve());
  });
  return {
    /** Settles when the lock is held, or cannot be. */
    ready,
    /** The lock's name, if it is held. */
    name: () => (held ? linkName(id) : undefined),
    release: () => release(),
  };
}

/**
 * Calls `gone` when the host is no more. Gives a function that stops waiting.
 * @param {string} host
 * @param {() => void} gone
 */
export function watchHost(host, gone) {
  const abort = new AbortController();
  lockManager()?.request(hostName(host), { mode: 'shared', signal: abort.signal }, gone).catch(() => {});
  return () => abort.abort();
}
