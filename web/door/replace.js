/** Puts `VitrineSocket` in the place of the global `WebSocket`, for chosen host names only. */

import { VitrineSocket } from './socket.js';

/** The host names that lead to the broker in the tab. */
const names = new Set();

/** @type {typeof WebSocket | undefined} */
let real;
/** @type {typeof WebSocket | undefined} */
let replacement;

/** @param {unknown} url */
function isOurs(url) {
  try {
    return names.has(new URL(/** @type {string} */ (url), globalThis.location?.href).hostname);
  } catch {
    // What is no URL is the real one's to complain about.
    return false;
  }
}

/** @type {ProxyHandler<typeof WebSocket>} */
const handler = {
  construct(target, args, newTarget) {
    const subclass = newTarget !== replacement;
    if (!isOurs(args[0])) return Reflect.construct(target, args, subclass ? newTarget : target);
    if (subclass) throw new TypeError('A class that extends WebSocket cannot reach the broker in the tab; extend VitrineSocket.');
    return Reflect.construct(VitrineSocket, args.slice(0, 2));
  },
  get(target, key) {
    if (key !== Symbol.hasInstance) return Reflect.get(target, key);
    return (/** @type {unknown} */ value) => value instanceof VitrineSocket || value instanceof target;
  },
};

/**
 * From now on `new WebSocket` with this host name, whatever scheme, port and path, reaches the broker in the tab.
 * @param {string} [hostname]
 */
export function install(hostname = 'vitrine.local') {
  names.add(new URL(`ws://${hostname}`).hostname);
  if (replacement && globalThis.WebSocket === replacement) return;
  real = globalThis.WebSocket;
  replacement = new Proxy(real, handler);
  globalThis.WebSocket = replacement;
}

/**
 * Takes back what `install` did for this host name. Sockets that are open stay open.
 * @param {string} [hostname]
 */
export function uninstall(hostname = 'vitrine.local') {
  names.delete(new URL(`ws://${hostname}`).hostname);
  // Somebody else may have wrapped it meanwhile: then it stays, and passes everything on.
  if (names.size > 0 || !real || globalThis.WebSocket !== replacement) return;
  globalThis.WebSocket = real;
  replacement = undefined;
}
