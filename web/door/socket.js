/** The class that is used in the place of `WebSocket`. */

import { checkClose, checkProtocols, checkUrl } from './check.js';
import { CloseEvent, defineHandlers } from './events.js';
import { openLink, portLink } from './link.js';
import { Outbox } from './outbox.js';
import { CHUNK, queueTask } from './wire.js';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** How long to look for a host, in milliseconds. */
const OPENING_LIMIT = 10_000;

/** How long to wait for the host's answer to a close, in milliseconds. */
const CLOSING_LIMIT = 3_000;

/**
 * A WebSocket, as the standard says one behaves, whose other end is the broker in the tab.
 */
export class VitrineSocket extends EventTarget {
  #url;
  #state = CONNECTING;
  #protocol = '';
  #asked;
  /** @type {BinaryType} */
  #binaryType = 'blob';
  #link;
  #outbox;
  /** @type {import('./index.d.ts').Failure | undefined} */
  #failure;
  /** Bytes given to `send` after the end; they are counted and go nowhere. */
  #vain = 0;
  /** Bytes received and not yet reported to the host as taken. */
  #unreported = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   * @param {{ port?: MessagePort | Promise<MessagePort> }} [options]
   */
  constructor(url, protocols = [], options = {}) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'WebSocket': 1 argument required, but only 0 present.");
    }
    super();
    this.#url = checkUrl(url);
    this.#asked = checkProtocols(protocols);
    const wish = { mode: /** @type {const} */ ('mqtt'), protocols: this.#asked };
    this.#link = options.port ? portLink(options.port, wish) : openLink(wish);
    this.#link.onmessage = (value) => this.#receive(value);
    this.#link.ongone = (reason) => this.#fail(reason);
    this.#outbox = new Outbox(
      (value, transfer) => this.#link.post(value, transfer),
      () => this.cut(),
    );
    this.#timer = setTimeout(() => this.#giveUp(), OPENING_LIMIT);
  }

  get url() {
    return this.#url.href;
  }

  get readyState() {
    return this.#state;
  }

  get bufferedAmount() {
    return this.#outbox.bytes + this.#vain;
  }

  get failure() {
    return this.#failure;
  }

  get extensions() {
    return '';
  }

  get protocol() {
    return this.#protocol;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(value) {
    // An enumeration of WebIDL: other values are ignored without a word.
    if (value === 'blob' || value === 'arraybuffer') this.#binaryType = value;
  }

  /** @param {string | Blob | ArrayBufferLike | ArrayBufferView} data */
  send(data) {
    if (arguments.length === 0) throw new TypeError("Failed to execute 'send': 1 argument required, but only 0 present.");
    if (this.#state === CONNECTING) {
      throw new DOMException("Failed to execute 'send': Still in CONNECTING state.", 'InvalidStateError');
    }
    const [item, size] = copied(data);
    if (this.#state === OPEN) this.#outbox.push(item, size);
    else this.#vain += size;
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code, reason) {
    const checked = checkClose(code, reason);
    if (this.#state === CLOSING || this.#state === CLOSED) return;
    if (this.#state === CONNECTING) {
      this.#state = CLOSING;
      this.#link.post({ type: 'cut' });
      this.#link.close();
      queueTask(() => this.#fail('cut'));
      return;
    }
    this.#state = CLOSING;
    this.#outbox.finish({ type: 'close', ...checked });
    this.#timer = setTimeout(() => this.#giveUp(), CLOSING_LIMIT);
  }

  cut() {
    if (this.#state === CLOSED) return;
    this.#state = CLOSING;
    this.#outbox.drop();
    this.#link.post({ type: 'cut' });
    this.#link.close();
    queueTask(() => this.#fail('cut'));
  }

  /** @param {any} value */
  #receive(value) {
    if (value instanceof ArrayBuffer) this.#deliver(value);
    else if (typeof value === 'number') this.#outbox.taken(value);
    else if (value.type === 'opened') this.#opened(value.protocol);
    else if (value.type === 'refused') this.#fail('refused');
    else if (value.type === 'close') {
      this.#link.post({ type: 'closed', code: value.code, reason: value.reason });
      this.#end(value.code ?? 1005, value.reason ?? '', true);
    } else if (value.type === 'closed') this.#end(value.code ?? 1005, value.reason ?? '', true);
  }

  /** @param {string} protocol */
  #opened(protocol) {
    if (this.#state !== CONNECTING) return;
    // A server that picks none of the sub-protocols asked for, or one that was not, is not the one that was wanted.
    if (this.#asked.length > 0 ? !this.#asked.includes(protocol) : protocol !== '') {
      this.#link.post({ type: 'cut' });
      this.#fail('refused');
      return;
    }
    clearTimeout(this.#timer);
    this.#protocol = protocol;
    this.#state = OPEN;
    this.dispatchEvent(new Event('open'));
  }

  /** @param {ArrayBuffer} bytes */
  #deliver(bytes) {
    if (this.#state === OPEN) {
      const data = this.#binaryType === 'blob' ? new Blob([bytes]) : bytes;
      this.dispatchEvent(new MessageEvent('message', { data, origin: `${this.#url.protocol}//${this.#url.host}` }));
    }
    // Reported only when the handlers are through with it: a slow page is sent no more than it can read.
    this.#unreported += bytes.byteLength;
    if (this.#unreported < CHUNK || this.#state === CLOSED) return;
    this.#link.post(this.#unreported);
    this.#unreported = 0;
  }

  /** The host did not answer in time. It is told, because not every way there shows that this end is gone. */
  #giveUp() {
    this.#link.post({ type: 'cut' });
    this.#fail('timeout');
  }

  /** The end that was not agreed upon. @param {import('./index.d.ts').Failure} reason */
  #fail(reason) {
    if (this.#state === CLOSED) return;
    this.#failure = reason;
    this.#state = CLOSED;
    this.dispatchEvent(new Event('error'));
    this.#end(1006, '', false);
  }

  /** @param {number} code @param {string} reason @param {boolean} wasClean */
  #end(code, reason, wasClean) {
    clearTimeout(this.#timer);
    this.#state = CLOSED;
    this.#outbox.drop();
    this.#link.close();
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }));
  }
}

const constants = Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED });
for (const [name, value] of constants) {
  Object.defineProperty(VitrineSocket, name, { value, enumerable: true });
  Object.defineProperty(VitrineSocket.prototype, name, { value, enumerable: true });
}
Object.defineProperty(VitrineSocket.prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true });
defineHandlers(VitrineSocket, ['open', 'message', 'error', 'close']);

/**
 * What `send` was given, as it is at this moment, and its size in bytes.
 * @param {string | Blob | ArrayBufferLike | ArrayBufferView} data
 * @returns {[Uint8Array | string | Blob, number]}
 */
function copied(data) {
  // By their names, because they may come from another window, which has classes of its own.
  const kind = Object.prototype.toString.call(data);
  if (kind === '[object Blob]' || kind === '[object File]') {
    const blob = /** @type {Blob} */ (data);
    return [blob, blob.size];
  }
  if (ArrayBuffer.isView(data) || kind === '[object ArrayBuffer]' || kind === '[object SharedArrayBuffer]') {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(/** @type {ArrayBufferLike} */ (data));
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    return [bytes, bytes.length];
  }
  const text = String(data);
  return [text, new TextEncoder().encode(text).length];
}
