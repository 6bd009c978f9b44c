/** Real MQTT.js clients in a tab, a frame or a worker, driven from here. What they do is in `assets/clients.js`. */

/**
 * @typedef {object} Options
 * @property {4 | 5} [version]
 * @property {boolean} [clean]
 * @property {number} [keepalive] Seconds.
 * @property {number} [sessionExpiry] Seconds; 5.0 only.
 * @property {{ topic: string, payload: string, qos?: number, retain?: boolean }} [will]
 * @property {number} [reconnectPeriod] Milliseconds; 0 (the default here) for never.
 * @property {string} [url]
 * @property {string} [username]
 * @property {string} [password]
 *
 * @typedef {{ topic: string, payload: string, qos: number, retain: boolean, dup: boolean }} Message
 * @typedef {{ type: string, direction: 'in' | 'out', packetId?: number, qos?: number, dup?: boolean, retain?: boolean, topic?: string, reason?: number }} Packet
 */

export class Clients {
  #where;

  /** @param {{ evaluate: Function }} where A page, a frame or a worker. */
  constructor(where) {
    this.#where = where;
  }

  /** @param {string} name @param {...any} args */
  #call(name, ...args) {
    return this.#where.evaluate(
      async ([name, args]) => (await import('/test-assets/clients.js'))[name](...args),
      [name, args],
    );
  }

  /**
   * Connects, and waits for CONNACK.
   * @param {string} id @param {Options} [options]
   * @returns {Promise<{ sessionPresent: boolean, reason: number }>}
   */
  connect(id, options = {}) {
    return this.#call('connect', id, options);
  }

  /** Connects the same client once more, with its packets in flight. @param {string} id */
  reconnect(id) {
    return this.#call('reconnect', id);
  }

  /** Says DISCONNECT and waits until the connection is closed. @param {string} id */
  disconnect(id) {
    return this.#call('disconnect', id);
  }

  /** The transport dies, without a DISCONNECT. @param {string} id */
  cut(id) {
    return this.#call('cut', id);
  }

  /** @param {string} id @param {string} filter @param {0 | 1 | 2} [qos] @returns {Promise<number>} The code of SUBACK. */
  subscribe(id, filter, qos = 0) {
    return this.#call('subscribe', id, filter, qos);
  }

  /** @param {string} id @param {string} filter */
  unsubscribe(id, filter) {
    return this.#call('unsubscribe', id, filter);
  }

  /**
   * Publishes, and waits for the end of the handshake.
   * @param {string} id @param {string} topic @param {string} payload
   * @param {{ qos?: 0 | 1 | 2, retain?: boolean }} [options]
   */
  publish(id, topic, payload, options = {}) {
    return this.#call('publish', id, topic, payload, options);
  }

  /**
   * Publishes `count` messages with the payloads `0`, `1`, … without waiting in between, then waits for all handshakes.
   * @param {string} id @param {string} topic @param {number} count @param {0 | 1 | 2} qos
   */
  publishMany(id, topic, count, qos) {
    return this.#call('publishMany', id, topic, count, qos);
  }

  /** Publishes one message of the same payload to each topic, QoS 0 but for the last. @param {string} id @param {string[]} topics */
  publishTo(id, topics) {
    return this.#call('publishTo', id, topics);
  }

  /** What it received. @param {string} id @returns {Promise<Message[]>} */
  messages(id) {
    return this.#call('messages', id);
  }

  /** How many messages it received, and the payload of the first that is not the number of its place. @param {string} id */
  counted(id) {
    return this.#call('counted', id);
  }

  /** Every Control Packet it sent and received, in its order. @param {string} id @returns {Promise<Packet[]>} */
  packets(id) {
    return this.#call('packets', id);
  }

  /** How often it got a CONNACK that accepts. @param {string} id @returns {Promise<number>} */
  connections(id) {
    return this.#call('connections', id);
  }
}
