/** Intervals that keep their pace in a background tab, where a page's own are slowed down to one a minute. */

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, () => void>} */
const running = new Map();
let last = 0;

function start() {
  worker = new Worker(new URL('./timer-worker.js', import.meta.url), { type: 'module', name: 'vitrine-timers' });
  worker.onmessage = ({ data }) => running.get(data)?.();
}

/** In the shape that MQTT.js asks for as `timerVariant`. */
export const timers = {
  /**
   * Calls `work` every so many milliseconds. Gives a number for `clear`.
   * @param {() => void} work
   * @param {number} milliseconds
   */
  set(work, milliseconds) {
    if (!worker) start();
    last += 1;
    running.set(last, work);
    worker?.postMessage({ id: last, milliseconds });
    return last;
  },

  /** @param {number} id */
  clear(id) {
    if (running.delete(id)) worker?.postMessage({ id });
  },
};
