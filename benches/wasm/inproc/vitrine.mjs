// Our broker as the worker's module holds it, driven in memory: bytes in, bytes out, a turn for each chunk.
import { readFileSync } from 'node:fs';
import { connect, subscribe, Client } from '../lib/mqtt.mjs';
import { Clock, Load, TOPIC } from '../lib/load.mjs';

/** Bytes in front of each record: connection and length, 32 bits each. */
const HEAD = 8;

/** Loads the module that the worker loads. @param {string} dist the folder of the built page */
export async function loadEngine(dist) {
  // Not by its file name: Node takes a `.js` without a package.json beside it for CommonJS.
  const source = readFileSync(`${dist}/worker/vitrine-worker.js`, 'base64');
  const { initSync, Engine } = await import(`data:text/javascript;base64,${source}`);
  const { memory } = initSync({ module: readFileSync(`${dist}/worker/vitrine-worker_bg.wasm`) });
  return { memory, Engine };
}

/** An engine and the clients at it. */
class Host {
  #engine;
  #memory;
  #clients = [];
  // Records for the next turn.
  #input = new Uint8Array(1 << 20);
  #length = 0;
  // The module's memory, until it moves.
  #bytes;

  constructor({ memory, Engine }) {
    this.#memory = memory;
    this.#engine = new Engine(1, 0);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  observe() {
    this.#engine.observe(true);
  }

  open(id) {
    const client = new Client();
    const connection = this.#engine.open('benchmark', performance.now());
    this.#clients[connection] = client;
    this.send(connection, connect(id));
    this.turns();
    if (!client.connected) throw new Error('vitrine: no CONNACK');
    return { client, connection };
  }

  send(connection, bytes) {
    const input = this.#input;
    let at = this.#length;
    for (const number of [connection, bytes.length]) {
      input[at++] = number & 255;
      input[at++] = (number >> 8) & 255;
      input[at++] = (number >> 16) & 255;
      input[at++] = (number >> 24) & 255;
    }
    input.set(bytes, at);
    this.#length = at + bytes.length;
  }

  #view() {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  /** Turns until nobody has anything to say. */
  turns() {
    while (this.#length > 0) {
      const to = this.#engine.input(this.#length);
      this.#view().set(this.#input.subarray(0, this.#length), to);
      const length = this.#engine.turn(this.#length, performance.now());
      this.#length = 0;
      let at = this.#engine.output();
      const end = at + length;
      const bytes = this.#view();
      while (at < end) {
        const connection = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
        const size = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
        if (size === 0) throw new Error('vitrine: the broker has ended a connection');
        const client = this.#clients[connection];
        client.receive(bytes, at + HEAD, at + HEAD + size);
        if (client.owes) this.send(connection, client.flush());
        at += HEAD + size;
      }
    }
  }

  stop() {
    this.#engine.free();
  }
}

export function run(engine, shape, { warmUp, measure }) {
  const host = new Host(engine);
  if (shape.observed) host.observe();
  const subscribers = [];
  for (let i = 0; i < shape.subscribers; i++) {
    const { client, connection } = host.open(`subscriber-${i}`);
    host.send(connection, subscribe(TOPIC, shape.qos));
    host.turns();
    if (!client.subscribed) throw new Error('vitrine: no SUBACK');
    subscribers.push(client);
  }
  const { client, connection } = host.open('publisher');
  const load = new Load(shape, client, subscribers);
  const clock = new Clock(load, warmUp, measure);
  while (!clock.over()) {
    for (let i = 0; i < 64; i++) {
      const bytes = load.next();
      if (bytes === null) throw new Error('vitrine: stalled');
      host.send(connection, bytes);
      host.turns();
    }
  }
  host.stop();
  return clock.result;
}
