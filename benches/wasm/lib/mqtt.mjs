// The bytes of MQTT 3.1.1 Control Packets, and a client that does the least a client can do: count what is delivered
// and answer what has to be answered. It is the same for every broker measured, and runs in Node and in a page.

const text = new TextEncoder();

/** A string as MQTT writes it: two bytes of length, then UTF-8. */
function string(value) {
  const bytes = text.encode(value);
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

function packet(first, body) {
  const length = [];
  let rest = body.length;
  do {
    const low = rest & 127;
    rest >>= 7;
    length.push(rest ? low | 128 : low);
  } while (rest);
  return Uint8Array.from([first, ...length, ...body]);
}

/** CONNECT of 3.1.1 with Clean Session 1 and no Keep Alive. */
export const connect = (clientId) => packet(0x10, [...string('MQTT'), 4, 2, 0, 0, ...string(clientId)]);

/** SUBSCRIBE to one Topic Filter, Packet Identifier 1. */
export const subscribe = (filter, qos) => packet(0x82, [0, 1, ...string(filter), qos]);

/** PUBLISH; `id` is written only with QoS 1 and 2. */
export function publish(topic, qos, id, payload) {
  const identifier = qos ? [id >> 8, id & 255] : [];
  return packet(0x30 | (qos << 1), [...string(topic), ...identifier, ...payload]);
}

/** One array with the bytes of all. */
export function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBACK = 9;

/** Bytes of answers that may wait until `flush`. */
const ANSWERS = 1 << 16;

/** Splits what a broker sends into packets, counts them, and collects the answers that QoS 1 and 2 ask for. */
export class Client {
  connected = false;
  subscribed = false;
  /** PUBLISH packets received. */
  delivered = 0;
  /** The sum of their Remaining Lengths. */
  volume = 0;
  /** Own publications whose handshake is complete: PUBACK or PUBCOMP received. */
  acknowledged = 0;
  #rest = null;
  #answers = new Uint8Array(ANSWERS);
  #length = 0;

  /** Takes bytes cut anywhere: those of `chunk` from `start` up to `stop`. */
  receive(chunk, start = 0, stop = chunk.length) {
    let bytes = chunk;
    let at = start;
    let end = stop;
    if (this.#rest !== null) {
      bytes = concat([this.#rest, chunk.subarray(start, stop)]);
      at = 0;
      end = bytes.length;
      this.#rest = null;
    }
    while (at < end) {
      let body = at + 1;
      let length = 0;
      let shift = 0;
      let byte = 128;
      while (byte > 127 && body < end) {
        byte = bytes[body++];
        length |= (byte & 127) << shift;
        shift += 7;
      }
      if (byte > 127 || body + length > end) {
        // What came may be a view of memory that its owner uses again.
        this.#rest = bytes.slice(at, end);
        break;
      }
      this.#packet(bytes, bytes[at], body, length);
      at = body + length;
    }
  }

  #packet(bytes, first, body, length) {
    switch (first >> 4) {
      case PUBLISH: {
        this.delivered++;
        this.volume += length;
        const qos = (first >> 1) & 3;
        if (qos !== 0) {
          const id = body + 2 + ((bytes[body] << 8) | bytes[body + 1]);
          this.#answer(qos === 1 ? 0x40 : 0x50, bytes, id);
        }
        break;
      }
      case PUBACK:
      case PUBCOMP:
        this.acknowledged++;
        break;
      case PUBREC:
        this.#answer(0x62, bytes, body);
        break;
      case PUBREL:
        this.#answer(0x70, bytes, body);
        break;
      case CONNACK:
        this.connected = bytes[body + 1] === 0;
        break;
      case SUBACK:
        this.subscribed = bytes[body + 2] < 128;
        break;
      default:
        throw new Error(`a broker must not send ${first.toString(16)}`);
    }
  }

  #answer(first, bytes, id) {
    const answers = this.#answers;
    let at = this.#length;
    answers[at++] = first;
    answers[at++] = 2;
    answers[at++] = bytes[id];
    answers[at++] = bytes[id + 1];
    this.#length = at;
  }

  /** Whether there are answers to flush. */
  get owes() {
    return this.#length > 0;
  }

  /** The answers collected since the last flush, as one array that is the caller's. */
  flush() {
    const answers = this.#answers.slice(0, this.#length);
    this.#length = 0;
    return answers;
  }
}
