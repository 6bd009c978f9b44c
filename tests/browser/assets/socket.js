/** What the tests of the socket itself need on the page. */

import { VitrineSocket } from '/web/door/index.js';

export { VitrineSocket };

const URL = 'ws://vitrine.local/mqtt';

/** A socket and a record of its events, each with the state in which it came. */
export function watched(protocols = ['mqtt'], url = URL) {
  const socket = new VitrineSocket(url, protocols);
  const events = [];
  const closed = new Promise((resolve) => {
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, (event) => {
        const entry = { type, state: socket.readyState };
        if (type === 'close') Object.assign(entry, { code: event.code, reason: event.reason, wasClean: event.wasClean });
        events.push(entry);
        if (type === 'close') resolve(entry);
      });
    }
  });
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const message = () => new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  return { socket, events, opened, closed, message };
}

/** The name of what `run` throws, or null. */
export function thrown(run) {
  try {
    run();
    return null;
  } catch (error) {
    return error.name;
  }
}
