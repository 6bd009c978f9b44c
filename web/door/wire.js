/**
 * What the two ends of a link say to each other, and the names they meet under.
 *
 * A *link* carries one connection between a client and the worker that hosts the broker. It is a `MessagePort`, or,
 * from another tab, a `BroadcastChannel` of its own. On a link travel:
 *
 * | value | direction | meaning |
 * | --- | --- | --- |
 * | `ArrayBuffer` | both | bytes of the connection, cut anywhere |
 * | number n | both | n of your bytes were taken: there is room for n more |
 * | string | to host | a text frame, which MQTT forbids: the host answers with a close |
 * | `{type: 'open', mode, door, protocols, lock?}` | to host | first message |
 * | `{type: 'opened', protocol, host?}` | to client | the answer to it |
 * | `{type: 'refused', reason}` | to client | the other answer to it; the link is over |
 * | `{type: 'close', code?, reason?}` | both | no more bytes will come; answered by `closed` |
 * | `{type: 'closed', code?, reason?}` | both | the answer to `close`; the link is over |
 * | `{type: 'cut', reason?}` | both | the sender's end is gone without a goodbye; the link is over |
 * | `{type: 'data', data}` | both | on a link of mode `view`: what page and worker say to each other |
 *
 * Neither end sends more than `WINDOW` bytes that the other has not said it took. What does not fit waits with the
 * sender, so that nothing grows in the queue between the two, where nobody could bound it.
 *
 * A link from another tab begins on the common channel: the client says `{type: 'link', id}`, the host opens the
 * link's own channel and says `{type: 'linked'}` on it. A host that has just started says `{type: 'here'}` on the
 * common channel, and who still waits asks again.
 *
 * Death is told by Web Locks, which the browser releases when their holder is gone, however it went: each end waits
 * for a lock that the other end holds.
 */

/** Bytes that may be under way on a link, each way. */
export const WINDOW = 256 * 1024;

/** Bytes in one message at most. */
export const CHUNK = 64 * 1024;

/** The channel on which links from other tabs are asked for. */
export const COMMON = 'vitrine';

/** The lock that the one tab holds that hosts. */
export const ELECTION = 'vitrine:host';

/** The channel of a link, and the lock that its client holds. @param {string} id */
export const linkName = (id) => `vitrine:link:${id}`;

/** The lock that a host's worker holds while it lives. @param {string} id */
export const hostName = (id) => `vitrine:host:${id}`;

/** An identifier that no other link or host has. `randomUUID` needs a secure context, this does not. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The context's lock manager; undefined where there is none (an insecure context) or it is out of bounds. */
export function lockManager() {
  return globalThis.navigator?.locks;
}

/** Runs `work` in a task of its own. Unlike a timer this is not slowed down in a background tab. @param {() => void} work */
export function queueTask(work) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(0);
}
