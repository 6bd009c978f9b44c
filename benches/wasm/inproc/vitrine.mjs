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

/** Bytes of records in one turn at most. */
const INPUT = 1 << 20;

/** An engine and the clients at it. */
class Host {
  #engine;
  #memory;
  #clients = [];
  /** The module's memory, until it grows and moves. */
  #bytes;
  /** Where the records for the next turn begin and how long they are. */
  #input;
  #length = 0;

  constructor({ memory, Engine }) {
    this.#memory = memory;
    this.#engine = new Engine(1, performance.now());
    this.#input = this.#engine.input(INPUT);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  observe() {
    this.#engine.observe(true);
  }

  open(id) {
    const client = new Client();
    const connection = this.#engine.open('benchmark', performance.now());
    this.#look();
    this.#clients[connection] = client;
    this.send(connection, connect(id));
    this.turns();
    if (!client.connected) throw new Error('vitrine: no CONNACK');
    return { client, connection };
  }

  send(connection, packets) {
    const bytes = this.#bytes;
    let at = this.#input + this.#length;
    at = number(bytes, at, connection);
    at = number(bytes, at, packets.length);
    bytes.set(packets, at);
    this.#length += HEAD + packets.length;
    if (this.#length > INPUT) throw new Error('vitrine: too much for one turn');
  }

  /** After every call to the module: where its memory has grown, the old view of it is empty. */
  #look() {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  /** Turns until nobody has anything to say. */
  turns() {
    while (this.#length > 0) {
      const length = this.#engine.turn(this.#length, performance.now());
      if (length === undefined) throw new Error('vitrine: a record is cut off');
      this.#length = 0;
      let at = this.#engine.output();
      const end = at + length;
      this.#look();
      while (at < end) {
        const bytes = this.#bytes;
        const connection = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
        const size = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
        if (size === 0) throw new Error('vitrine: the broker has ended a connection');
        const client = this.#clients[connection];
        at += HEAD;
        client.receive(bytes, at, at + size);
        if (client.owes) this.send(connection, client.flush());
        at += size;
      }
    }
  }

  stop() {
    this.#engine.free();
  }
}

/** Writes 32 bits, little-endian, and says where they end. */
function number(bytes, at, value) {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
  return at + 4;
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
