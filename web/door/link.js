/** Links: the ways from here to the worker that hosts the broker. What travels on them is in `wire.js`. */

import { holdLife, watchHost } from './life.js';
import { COMMON, linkName, newId } from './wire.js';

/**
 * What a link is wanted for. Door and lock are given by who passes on somebody else's wish.
 * @typedef {{ mode: 'mqtt' | 'view', protocols?: string[], door?: string, lock?: string }} Wish
 */

/** Why a link is gone. @typedef {'cut' | 'host-closed' | 'no-locks' | 'no-port'} Reason */

/** One end of a link. */
export class Link {
  /** Told of every message. @type {(value: any) => void} */
  onmessage = () => {};
  /** Told when the other end is gone, or cannot be found. @type {(reason: Reason) => void} */
  ongone = () => {};
  /** @type {(() => void)[]} */
  #ends = [];
  #over = false;
  #post;

  /** @param {(value: any, transfer?: Transferable[]) => void} post */
  constructor(post) {
    this.#post = post;
  }

  get over() {
    return this.#over;
  }

  /** @param {any} value @param {Transferable[]} [transfer] */
  post(value, transfer) {
    if (!this.#over) this.#post(value, transfer);
  }

  /** Lets go of it, without a word to the other end. */
  close() {
    if (this.#over) return;
    this.#over = true;
    for (const end of this.#ends) end();
  }

  /** Does `end` when the link is over. @param {() => void} end */
  atEnd(end) {
    this.#ends.push(end);
  }

  /** @param {any} value */
  received(value) {
    if (this.#over) return;
    if (value?.type === 'cut') this.gone(value.reason ?? 'cut');
    else this.onmessage(value);
  }

  /** @param {Reason} reason */
  gone(reason) {
    if (this.#over) return;
    this.close();
    this.ongone(reason);
  }
}

/**
 * Opens a port to a worker that this very context started; undefined while it has none.
 * @type {(() => MessagePort) | undefined}
 */
let local;

/** Called when `local` comes or goes. @type {Set<() => void>} */
const watchers = new Set();

/** Tells where links from here lead; the host calls it. @param {(() => MessagePort) | undefined} open */
export function setLocal(open) {
  local = open;
  for (const watcher of [...watchers]) watcher();
}

/** Opens a port to this context's own worker, if it has one. */
export const localPort = () => local?.();

/** By which door this context comes: shown in the table of clients. */
function door() {
  if (typeof document === 'undefined') return 'worker';
  return window.parent !== window ? 'iframe' : 'tab';
}

/**
 * A link over a port that somebody else gave; or will give.
 * @param {MessagePort | Promise<MessagePort>} given
 * @param {Wish} wish
 */
export function portLink(given, wish) {
  /** @type {MessagePort | undefined} */
  let port;
  const life = holdLife(newId());
  const link = new Link((value, transfer) => port?.postMessage(value, transfer ?? []));
  link.atEnd(() => {
    life?.release();
    port?.close();
  });
  const begin = async () => {
    port = await given;
    if (link.over) {
      port.close();
      return;
    }
    port.onmessage = ({ data }) => {
      if (data?.host) link.atEnd(watchHost(data.host, () => link.gone('host-closed')));
      link.received(data);
    };
    // Newer browsers tell when the other end of a port is gone; elsewhere the locks do.
    port.addEventListener('close', () => link.gone('host-closed'));
    await life?.ready;
    link.post({ type: 'open', door: door(), protocols: [], ...wish, lock: life?.name() });
  };
  begin().catch(() => link.gone('no-port'));
  return link;
}

/**
 * A link to this context's own worker.
 * @param {() => MessagePort} open
 * @param {Wish} wish
 */
function pageLink(open, wish) {
  const port = open();
  const link = new Link((value, transfer) => port.postMessage(value, transfer ?? []));
  const watch = () => {
    if (local !== open) link.gone('host-closed');
  };
  watchers.add(watch);
  link.atEnd(() => {
    watchers.delete(watch);
    port.close();
  });
  port.onmessage = ({ data }) => link.received(data);
  link.post({ type: 'open', door: 'page', protocols: [], ...wish });
  return link;
}

/**
 * A link to whichever tab hosts.
 * @param {Wish} wish
 */
function channelLink(wish) {
  const id = newId();
  const life = holdLife(id);
  const channel = new BroadcastChannel(linkName(id));
  const common = new BroadcastChannel(COMMON);
  const link = new Link((value) => channel.postMessage(value));
  link.atEnd(() => {
    life?.release();
    channel.close();
    common.close();
  });
  let linked = false;
  channel.onmessage = ({ data }) => {
    if (data?.type !== 'linked') {
      link.received(data);
    } else if (!linked) {
      linked = true;
      common.close();
      link.atEnd(watchHost(data.host, () => link.gone('host-closed')));
      link.post({ type: 'open', door: door(), protocols: [], ...wish });
    }
  };
  const ask = () => {
    if (!linked && !link.over) common.postMessage({ type: 'link', id });
  };
  common.onmessage = ({ data }) => {
    if (data?.type === 'here') ask();
  };
  if (life) {
    life.ready.then(ask);
  } else {
    // Without locks nobody would learn of a death, and no tab could tell that another one hosts.
    console.warn('Vitrine: this context has no Web Locks (they need https or localhost), so it cannot reach another tab.');
    queueMicrotask(() => link.gone('no-locks'));
  }
  return link;
}

/**
 * A link to the broker, by the shortest way there is. Whoever opens it posts nothing before it is told of `opened`.
 * @param {Wish} wish
 */
export function openLink(wish) {
  if (local) return pageLink(local, wish);
  let inner = channelLink(wish);
  const outer = new Link((value, transfer) => inner.post(value, transfer));
  outer.atEnd(() => inner.close());
  // If this context becomes the host while the link still waits for one, the link takes the short way after all.
  const settle = () => watchers.delete(upgrade);
  const upgrade = () => {
    if (!local) return;
    settle();
    inner.close();
    inner = pageLink(local, wish);
    connect();
  };
  const connect = () => {
    inner.onmessage = (value) => {
      settle();
      outer.received(value);
    };
    inner.ongone = (reason) => outer.gone(reason);
  };
  connect();
  watchers.add(upgrade);
  outer.atEnd(settle);
  return outer;
}
