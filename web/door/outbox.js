/** What a socket has to send: in order, in as few messages as possible, and no more under way than the host takes. */

import { CHUNK, WINDOW } from './wire.js';

/** One end's sending half of a link. */
export class Outbox {
  /** @type {(Uint8Array | string | Blob | Last)[]} What waits, oldest first. */
  #waiting = [];
  /** Bytes that wait. */
  #held = 0;
  /** Bytes on their way that the host has not yet taken. */
  #underWay = 0;
  #scheduled = false;
  #reading = false;
  #over = false;
  #post;
  #failed;

  /**
   * @param {(value: any, transfer?: Transferable[]) => void} post
   * @param {() => void} failed A Blob cannot be read: nothing more can be sent in order.
   */
  constructor(post, failed) {
    this.#post = post;
    this.#failed = failed;
  }

  /** Bytes that the host has not taken yet. */
  get bytes() {
    return this.#held + this.#underWay;
  }

  /**
   * Takes bytes (which nobody else may change afterwards), a text, or a Blob.
   * @param {Uint8Array | string | Blob} data
   * @param {number} size Its bytes.
   */
  push(data, size) {
    if (this.#over) return;
    this.#waiting.push(data);
    this.#held += size;
    this.#schedule();
  }

  /** Posts `value` after all that waits. @param {object} value */
  finish(value) {
    if (this.#over) return;
    this.#waiting.push(new Last(value));
    this.#schedule();
  }

  /** The host took `bytes`. @param {number} bytes */
  taken(bytes) {
    this.#underWay -= Math.min(bytes, this.#underWay);
    if (!this.#scheduled) this.#flush();
  }

  /** Forgets all that waits. */
  drop() {
    this.#over = true;
    this.#waiting = [];
  }

  // Several `send`s of one task become one message.
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush() {
    while (this.#waiting.length > 0 && !this.#reading && !this.#over) {
      const first = this.#waiting[0];
      if (first instanceof Uint8Array) {
        if (this.#underWay >= WINDOW) return;
        this.#postBytes();
      } else if (typeof first === 'string') {
        // A text is against the rules of MQTT and ends the connection, so it need not keep to the window.
        const size = new TextEncoder().encode(first).length;
        this.#held -= size;
        this.#underWay += size;
        this.#waiting.shift();
        this.#post(first);
      } else if (first instanceof Last) {
        this.#waiting.shift();
        this.#post(first.value);
      } else {
        this.#read(first);
      }
    }
  }

  /** Posts one message made of the bytes that wait at the front. */
  #postBytes() {
    const limit = Math.min(CHUNK, WINDOW - this.#underWay);
    const parts = [];
    let length = 0;
    for (const entry of this.#waiting) {
      if (!(entry instanceof Uint8Array) || length === limit) break;
      const part = entry.subarray(0, limit - length);
      parts.push(part);
      length += part.length;
    }
    const last = parts[parts.length - 1];
    const rest = /** @type {Uint8Array} */ (this.#waiting[parts.length - 1]).subarray(last.length);
    this.#waiting.splice(0, parts.length, ...(rest.length > 0 ? [rest] : []));
    const bytes = join(parts, length);
    this.#held -= length;
    this.#underWay += length;
    this.#post(bytes.buffer, [bytes.buffer]);
  }

  /** Turns the Blob at the front into bytes; what comes behind it waits. @param {Blob} blob */
  async #read(blob) {
    this.#reading = true;
    try {
      this.#waiting[0] = new Uint8Array(await blob.arrayBuffer());
    } catch {
      if (!this.#over) this.#failed();
      return;
    }
    this.#reading = false;
    this.#flush();
  }
}

/** Marks the message behind which nothing comes. */
class Last {
  /** @param {object} value */
  constructor(value) {
    this.value = value;
  }
}

/** @param {Uint8Array[]} parts @param {number} length */
function join(parts, length) {
  const [first] = parts;
  if (parts.length === 1 && first.length === first.buffer.byteLength) return first;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
