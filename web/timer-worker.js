/** The worker's half of `timers.js`: says the number of an interval whenever it has passed. */

/** @type {Map<number, ReturnType<typeof setInterval>>} */
const running = new Map();

self.onmessage = ({ data: { id, milliseconds } }) => {
  clearInterval(running.get(id));
  running.delete(id);
  if (milliseconds !== undefined) running.set(id, setInterval(() => self.postMessage(id), milliseconds));
};
