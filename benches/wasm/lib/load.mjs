// The load: a closed loop with a window, from packets made before the clock starts.
import { concat, publish } from './mqtt.mjs';

/** Short and of few levels: aedes takes noticeably longer for a long one. */
export const TOPIC = 'bench/a/t';

/**
 * A publisher's stream of chunks, and how much of it may be under way.
 *
 * A publication is under way until every subscriber has it and, with QoS 1 and 2, its publisher's handshake is complete.
 */
export class Load {
  /** Publications handed out. */
  sent = 0;
  #chunks;
  #next = 0;

  /**
   * @param {{qos: number, chunk: number, window: number, payload: number}} shape packets per chunk, publications under
   *   way at most, bytes of payload
   * @param {import('./mqtt.mjs').Client} publisher
   * @param {import('./mqtt.mjs').Client[]} subscribers
   */
  constructor(shape, publisher, subscribers) {
    this.shape = shape;
    this.publisher = publisher;
    this.subscribers = subscribers;
    const payload = new Uint8Array(shape.payload).fill(0x31);
    // A Packet Identifier comes back after 1,000 publications; no window is that large.
    const count = Math.ceil(1000 / shape.chunk);
    this.#chunks = Array.from({ length: count }, (_, chunk) =>
      concat(
        Array.from({ length: shape.chunk }, (_, i) => publish(TOPIC, shape.qos, chunk * shape.chunk + i + 1, payload)),
      ),
    );
  }

  /** PUBLISH packets that have arrived, all subscribers together. */
  get delivered() {
    let sum = 0;
    for (const client of this.subscribers) sum += client.delivered;
    return sum;
  }

  /** @throws {Error} when something else arrived than was sent */
  check() {
    const { qos, payload } = this.shape;
    const length = 2 + TOPIC.length + (qos ? 2 : 0) + payload;
    for (const { delivered, volume } of this.subscribers) {
      if (volume !== delivered * length) throw new Error('what arrived is not what was sent');
    }
  }

  /** The next chunk, or null while the window is full. The bytes stay the load's: they come again. */
  next() {
    const { chunk, window, qos } = this.shape;
    const after = this.sent + chunk;
    if (qos !== 0 && after - this.publisher.acknowledged > window) return null;
    for (const client of this.subscribers) {
      if (after - client.delivered > window) return null;
    }
    this.sent = after;
    const bytes = this.#chunks[this.#next];
    this.#next = this.#next + 1 === this.#chunks.length ? 0 : this.#next + 1;
    return bytes;
  }
}

/**
 * Measures deliveries a second: `start` after the warm-up, `stop` when the time is over. Times are in milliseconds of
 * `performance.now()`; processor time is counted where the platform tells it.
 */
export class Clock {
  #load;
  #from = 0;
  #delivered = 0;
  #cpu = null;

  constructor(load, warmUp, measure) {
    this.#load = load;
    this.warm = performance.now() + warmUp;
    this.end = this.warm + measure;
  }

  /** Notes the time; true when the run is over. */
  over() {
    const now = performance.now();
    if (this.#from === 0) {
      if (now >= this.warm) {
        this.#from = now;
        this.#delivered = this.#load.delivered;
        this.#cpu = globalThis.process?.cpuUsage?.() ?? null;
        this.end = now + (this.end - this.warm);
      }
      return false;
    }
    if (now < this.end) return false;
    this.#load.check();
    const seconds = (now - this.#from) / 1000;
    const count = this.#load.delivered - this.#delivered;
    this.result = { rate: count / seconds, seconds, count };
    if (this.#cpu) {
      const { user, system } = process.cpuUsage(this.#cpu);
      this.result.cpuMicros = (user + system) / count;
    }
    return true;
  }
}
