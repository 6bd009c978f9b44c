/**
 * Clients that outlive their broker: what they know (sessions, packets in flight) is kept here while worker after worker
 * is ended under them. MQTT 3.1.1, Clean Session 0, packets by hand, so that nothing is hidden in a library.
 */

import { Host, VitrineSocket } from '/web/door/index.js';

/** Messages of one QoS that a writer has under way at a time. */
const WINDOW = 30;

/** A sequence of numbers that a seed gives again (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const text = (value) => new TextEncoder().encode(value);
const short = (value) => [value >> 8, value & 255];
const field = (value) => [...short(text(value).length), ...text(value)];
const packet = (first, ...parts) => {
  const body = parts.flat();
  return [first, body.length, ...body];
};

/** Called with every packet that any client sends or gets. */
let onPacket = () => {};

class Peer {
  /** What is under way from here: Packet Identifier to what is sent again. */
  out = new Map();
  /** QoS 2 messages that came and are not released. */
  in = new Set();
  ready = false;
  sessions = 0;
  /** @type {string | undefined} */
  wrong;
  #id;
  #socket;
  #bytes = [];
  #done = false;
  #next = 1;

  constructor(id) {
    this.#id = id;
    this.#open();
  }

  #open() {
    if (this.#done) return;
    this.ready = false;
    this.#bytes = [];
    const socket = new VitrineSocket('ws://vitrine.local/mqtt', ['mqtt']);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => this.send(packet(0x10, field('MQTT'), 4, 0, 0, 0, field(this.#id)));
    socket.onmessage = ({ data }) => {
      this.#bytes.push(...new Uint8Array(data));
      while (this.#socket === socket && this.#bytes.length >= 2 && this.#bytes.length >= 2 + this.#bytes[1]) {
        this.#hear(this.#bytes.splice(0, 2 + this.#bytes[1]));
      }
    };
    socket.onclose = () => {
      if (this.#socket === socket) setTimeout(() => this.#open(), 0);
    };
  }

  send(bytes) {
    onPacket();
    if (this.#socket.readyState === 1) this.#socket.send(new Uint8Array(bytes));
  }

  freeId() {
    do this.#next = (this.#next % 65_535) + 1;
    while (this.out.has(this.#next));
    return this.#next;
  }

  end() {
    this.#done = true;
    this.#socket.close();
  }

  #hear([first, , ...body]) {
    onPacket();
    const id = (body[0] << 8) | body[1];
    switch (first >> 4) {
      case 2:
        if (body[1] !== 0) this.wrong ??= `CONNACK ${body[1]}`;
        // The first CONNECT makes the session; ever after it must be there, unless no CONNACK was seen for it.
        if (this.sessions > 0 && body[0] !== 1) this.wrong ??= `${this.#id}: the session is gone`;
        this.sessions += 1;
        this.ready = true;
        for (const again of this.out.values()) this.send(again());
        this.onready?.();
        break;
      case 3: {
        const qos = (first >> 1) & 3;
        const length = (body[0] << 8) | body[1];
        const topic = new TextDecoder().decode(new Uint8Array(body.slice(2, 2 + length)));
        const at = 2 + length;
        const messageId = (body[at] << 8) | body[at + 1];
        const payload = new TextDecoder().decode(new Uint8Array(body.slice(at + (qos > 0 ? 2 : 0))));
        if (qos < 2 || !this.in.has(messageId)) this.onmessage?.(topic, payload, qos, (first & 1) === 1);
        if (qos === 1) this.send(packet(0x40, short(messageId)));
        if (qos === 2) {
          this.in.add(messageId);
          this.send(packet(0x50, short(messageId)));
        }
        break;
      }
      case 4:
        this.#over(id);
        break;
      case 5: {
        const release = () => packet(0x62, short(id));
        const known = this.out.get(id);
        if (known) {
          release.done = known.done;
          this.out.set(id, release);
        }
        this.send(release());
        break;
      }
      case 6:
        this.in.delete(id);
        this.send(packet(0x70, short(id)));
        break;
      case 7:
        this.#over(id);
        break;
      case 9:
        this.#over(id);
        if (body[2] === 0x80) this.wrong ??= 'SUBACK 0x80';
        break;
      default:
        this.wrong ??= `a packet that no broker sends: ${first}`;
    }
  }

  #over(id) {
    const known = this.out.get(id);
    this.out.delete(id);
    known?.done?.();
  }

  /** Subscribes, again with every connection until it is acknowledged. */
  subscribe(filter, done) {
    const id = this.freeId();
    const again = () => packet(0x82, short(id), field(filter), 2);
    again.done = done;
    this.out.set(id, again);
    if (this.ready) this.send(again());
  }

  /** Publishes, again with every connection until it is acknowledged. */
  publish(topic, payload, qos, retain, done) {
    const id = this.freeId();
    let dup = 0;
    const again = () => {
      const bytes = packet(0x30 | dup | (qos << 1) | (retain ? 1 : 0), field(topic), short(id), ...text(payload));
      dup = 8;
      return bytes;
    };
    again.done = done;
    this.out.set(id, again);
    if (this.ready) this.send(again());
  }
}

/** Begins to host in this tab, and keeps what must survive. Settles when the broker is there. */
export function host() {
  window.host = new Host({ worker: new URL('/worker/worker.js', location.href), settings: () => ({ keep: true }) });
  const { host } = window;
  return new Promise((resolve, reject) => {
    host.addEventListener('change', () => {
      const { state, storage } = host.status;
      if (state === 'ready' && storage?.state === 'Kept') resolve();
      else if (state !== 'starting' && host.status.role === 'host') reject(new Error(JSON.stringify(host.status)));
    });
  });
}

class Load {
  sent = { 1: 0, 2: 0 };
  acknowledged = { 1: new Set(), 2: new Set() };
  received = { 1: new Map(), 2: new Map() };
  retained;
  #going = true;

  constructor() {
    this.reader = new Peer('leitor');
    this.writer = new Peer('escritor');
    this.reader.onmessage = (topic, payload, _qos, retained) => {
      if (retained) return;
      const qos = Number(topic.at(-1));
      const { [qos]: counts } = this.received;
      counts?.set(payload, (counts.get(payload) ?? 0) + 1);
    };
    this.subscribed = new Promise((resolve) => this.reader.subscribe('carga/+', resolve));
    this.subscribed.then(() => {
      this.writer.onready = () => this.#fill();
      this.#fill();
    });
  }

  #fill() {
    for (const qos of [1, 2]) {
      while (this.#going && this.writer.ready && this.sent[qos] - this.acknowledged[qos].size < WINDOW) {
        const n = String(this.sent[qos]);
        this.sent[qos] += 1;
        // Every seventh is retained too.
        const retain = qos === 1 && this.sent[1] % 7 === 0;
        this.writer.publish(`carga/${qos}`, n, qos, retain, () => {
          this.acknowledged[qos].add(n);
          if (retain) this.retained = Number(n);
          setTimeout(() => this.#fill(), 0);
        });
      }
    }
  }

  /** Sends nothing new, and waits until all that was sent is acknowledged and has come. */
  async drain() {
    this.#going = false;
    const owed = () =>
      this.writer.out.size + this.reader.in.size + [1, 2].filter((qos) => this.received[qos].size < this.sent[qos]).length;
    const end = performance.now() + 20_000;
    while (owed() > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  report() {
    const lost = (qos) => [...this.acknowledged[qos]].filter((n) => !this.received[qos].has(n)).length;
    return {
      wrong: this.reader.wrong ?? this.writer.wrong ?? null,
      sent: this.sent,
      acknowledged: { 1: this.acknowledged[1].size, 2: this.acknowledged[2].size },
      lost: { 1: lost(1), 2: lost(2) },
      doubled: [...this.received[2].values()].filter((count) => count > 1).length,
      retained: this.retained,
      connections: this.reader.sessions,
    };
  }
}

/** Begins to publish and to receive. */
export function begin() {
  window.load = new Load();
  return window.load.subscribed;
}

/** Ends the broker's worker `kills` times, each time at another packet, and starts another one. */
export async function killWorkers(kills, seed) {
  const next = random(seed);
  for (let kill = 0; kill < kills; kill += 1) {
    let packets = 1 + next(400);
    await new Promise((resolve) => {
      onPacket = () => {
        packets -= 1;
        if (packets > 0) return;
        onPacket = () => {};
        // Within the handling of a packet, or a little later: while the worker commits, or sends.
        if (next(2) === 0) resolve();
        else setTimeout(resolve, next(4));
      };
    });
    window.host.stop();
    // At times before the one that follows is ready.
    const begun = host();
    if (next(4) > 0) await begun;
    else begun.catch((error) => (window.load.reader.wrong ??= String(error)));
  }
}

/** Waits for the end, and tells what became of it all. */
export async function finish() {
  await window.load.drain();
  return window.load.report();
}

/** Waits until so many packets more have passed. */
export async function pass(packets) {
  await new Promise((resolve) => {
    onPacket = () => {
      packets -= 1;
      if (packets <= 0) resolve();
    };
  });
}

/** What a client that is new gets at once from `filter`. */
export async function retainedOn(filter) {
  const peer = new Peer('novato');
  const got = new Promise((resolve) => {
    peer.onmessage = (topic, payload, _qos, retained) => retained && resolve(payload);
  });
  peer.subscribe(filter);
  const payload = await got;
  peer.end();
  return payload;
}
