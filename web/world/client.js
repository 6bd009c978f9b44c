/** One client of the page: an unmodified MQTT.js client, and what is to be told of it. */

import { VitrineSocket } from '../door/index.js';
import { ADDRESS, loadMqtt, ours } from '../mqtt.js';

/**
 * @typedef {import('../vitrine.d.ts').PageClient} Told
 * @typedef {import('../vitrine.d.ts').ConnectOptions} ConnectOptions
 * @typedef {import('../vitrine.d.ts').ErrorKey} ErrorKey
 */

/** What went wrong, as a key for the page's words, and the MQTT Reason Code (or 3.1.1 return code) where there is one. */
export class WorldError extends Error {
  /** @param {ErrorKey} key @param {number} [reason] */
  constructor(key, reason) {
    super(key);
    this.name = 'WorldError';
    this.key = key;
    this.reason = reason;
  }
}

/** The door tells the broker's Reason Code as a close code this much higher. */
const CLOSE_CODES = 4000;

/** How long a client may take to say goodbye, in milliseconds. */
const GOODBYE_LIMIT = 3000;

export class Client {
  /** @type {Told['state']} */
  state = 'connecting';
  /** @type {WorldError | undefined} */
  error;
  /** @type {Map<string, 0 | 1 | 2>} */
  filters = new Map();
  /** @type {import('mqtt').MqttClient | undefined} */
  #mqtt;
  /** @type {VitrineSocket | undefined} */
  #socket;
  /** The host went away under it: it comes back by itself. */
  #orphaned = false;
  /** It says goodbye: that the connection ends is no failure. */
  #leaving = false;
  /** Who waits for something that the end of the connection makes impossible. @type {Set<() => void>} */
  #waiting = new Set();
  /** Tells who waits for CONNACK. */
  #arrived = () => {};
  #changed;

  /**
   * @param {string} id
   * @param {Told['role']} role
   * @param {ConnectOptions} options
   * @param {() => void} changed
   */
  constructor(id, role, options, changed) {
    this.id = id;
    this.role = role;
    this.options = options;
    this.#changed = changed;
  }

  /** @returns {Told} */
  get told() {
    return {
      id: this.id,
      role: this.role,
      state: this.state,
      version: this.options.version ?? 4,
      filters: Array.from(this.filters, ([filter, qos]) => ({ filter, qos })),
      ...(this.error ? { error: this.error.key, reason: this.error.reason } : {}),
    };
  }

  /** Connects, for the first time or again. Rejects when that failed. */
  async connect() {
    if (this.state === 'connected') return;
    const { clean = true } = this.options;
    const over = this.#leaving && clean;
    this.#orphaned = false;
    this.#leaving = false;
    this.#become('connecting');
    let mqtt;
    try {
      mqtt = await loadMqtt();
    } catch {
      throw this.#become('closed', new WorldError('mqtt-missing'));
    }
    if (!this.#mqtt) {
      const { Store } = mqtt;
      // What belongs to a session that is kept outlasts a goodbye.
      const stores = clean ? {} : { incomingStore: new Store({ clean }), outgoingStore: new Store({ clean }) };
      this.#mqtt = mqtt.connect(ADDRESS, { ...this.#settings(), ...stores, manualConnect: true });
      this.#listen(this.#mqtt);
      this.#mqtt.connect();
    } else {
      // With its stores, so that what was not acknowledged is sent again; a goodbye has closed those of a session that ended
      // with it.
      const { incomingStore, outgoingStore } = this.#mqtt;
      this.#mqtt.reconnect(over ? undefined : { incomingStore, outgoingStore });
    }
    await this.#settled();
  }

  /** Says goodbye. */
  async disconnect() {
    const mqtt = this.#mqtt;
    const { state } = this;
    if (state === 'connecting') {
      this.#become('closed');
      this.#socket?.close();
    }
    if (!mqtt || state !== 'connected') return;
    this.#leaving = true;
    const limit = setTimeout(() => this.#socket?.cut(), GOODBYE_LIMIT);
    await mqtt.endAsync();
    clearTimeout(limit);
    this.#become('closed');
  }

  /** The transport dies; nobody says anything. */
  cut() {
    if (this.state !== 'connected' && this.state !== 'connecting') return;
    this.#become('cut');
    this.#socket?.cut();
  }

  /** @param {string} topic @param {string} payload @param {import('mqtt').IClientPublishOptions} options */
  publish(topic, payload, options) {
    return this.#whileConnected((mqtt) => mqtt.publishAsync(topic, payload, options));
  }

  /**
   * @param {string} filter
   * @param {0 | 1 | 2} qos
   * @returns {Promise<0 | 1 | 2>} The granted QoS.
   */
  async subscribe(filter, qos) {
    const grants = await this.#whileConnected((mqtt) => mqtt.subscribeAsync(filter, { qos })).catch((error) => {
      // MQTT.js tells a refusal, and a filter that it holds to be invalid itself, as errors of its own.
      if (error instanceof WorldError) throw error;
      const code = error.code ?? error.packet?.granted?.at(-1);
      throw new WorldError(code >= 128 ? 'subscription-refused' : 'invalid-filter', code);
    });
    const granted = /** @type {number} */ (grants.at(-1)?.qos ?? qos);
    if (granted >= 128) throw new WorldError('subscription-refused', granted);
    this.filters.set(filter, /** @type {0 | 1 | 2} */ (granted));
    this.#changed();
    return /** @type {0 | 1 | 2} */ (granted);
  }

  /** @param {string} filter */
  async unsubscribe(filter) {
    await this.#whileConnected((mqtt) => mqtt.unsubscribeAsync(filter));
    this.filters.delete(filter);
    this.#changed();
  }

  /** What MQTT.js is told. It never reconnects on its own: that is the teacher's, or the world's, to decide. */
  #settings() {
    const { version = 4, clean = true, keepalive = 60, will, username, password, sessionExpiry } = this.options;
    const properties = version === 5 && sessionExpiry !== undefined ? { sessionExpiryInterval: sessionExpiry } : undefined;
    return {
      ...ours,
      /** @param {string} url @param {string[]} protocols */
      createWebsocket: (url, protocols) => {
        this.#socket = new VitrineSocket(url, protocols);
        this.#socket.addEventListener('close', (event) => this.#ended(/** @type {CloseEvent} */ (event)));
        return this.#socket;
      },
      clientId: this.id,
      protocolVersion: /** @type {4 | 5} */ (version),
      reconnectPeriod: 0,
      clean,
      keepalive,
      ...(will ? { will: { qos: /** @type {const} */ (0), retain: false, ...will } } : {}),
      ...(username !== undefined ? { username } : {}),
      ...(password !== undefined ? { password } : {}),
      ...(properties ? { properties } : {}),
    };
  }

  /** @param {import('mqtt').MqttClient} mqtt */
  #listen(mqtt) {
    mqtt.on('connect', () => {
      this.error = undefined;
      this.#become('connected');
      this.#arrived();
    });
    mqtt.on('error', (error) => {
      const code = /** @type {{ code?: number }} */ (error).code;
      if (typeof code === 'number') this.error = new WorldError('refused', code);
      else if (error.message === 'connack timeout') this.error = new WorldError('timeout');
      else this.error ??= new WorldError('lost');
    });
    mqtt.on('close', () => {
      this.#closed();
      for (const give of this.#waiting) give();
    });
  }

  /** MQTT.js says that the connection is over. */
  #closed() {
    if (this.#leaving || (this.state !== 'connected' && this.state !== 'connecting')) return;
    this.#become('closed', this.error ?? new WorldError('lost'));
    // The tab that hosted is gone and another one takes over. Whether that went well shows in the state.
    if (this.#orphaned) this.connect().catch(() => {});
  }

  /** The transport has ended; MQTT.js hears of it after this. @param {CloseEvent} event */
  #ended(event) {
    if (this.#leaving || (this.state !== 'connected' && this.state !== 'connecting')) return;
    if (event.code > CLOSE_CODES) this.error ??= new WorldError('closed-by-broker', event.code - CLOSE_CODES);
    else this.error ??= new WorldError('lost');
    this.#orphaned = this.state === 'connected' && this.#socket?.failure === 'host-closed';
  }

  /** @param {Told['state']} state @param {WorldError} [error] */
  #become(state, error) {
    this.state = state;
    this.error = error;
    this.#changed();
    return /** @type {WorldError} */ (error);
  }

  /** Settles when the connecting has come to an end. */
  #settled() {
    const arrival = new Promise((resolve) => {
      this.#arrived = () => resolve(undefined);
    });
    return this.#whileOpen(() => arrival);
  }

  /** @template T @param {(mqtt: import('mqtt').MqttClient) => Promise<T>} work @returns {Promise<T>} */
  async #whileConnected(work) {
    if (this.state !== 'connected') throw new WorldError('not-connected');
    return this.#whileOpen(work);
  }

  /**
   * Does `work`, and rejects when the connection ends before it is done: MQTT.js would wait for the next one. Any
   * number may be under way, so that they share one listener.
   * @template T @param {(mqtt: import('mqtt').MqttClient) => Promise<T>} work @returns {Promise<T>}
   */
  async #whileOpen(work) {
    const mqtt = /** @type {import('mqtt').MqttClient} */ (this.#mqtt);
    let give = () => {};
    /** @type {Promise<never>} */
    const end = new Promise((_, reject) => {
      give = () => reject(this.error ?? new WorldError(this.state === 'cut' ? 'cut' : 'lost'));
      this.#waiting.add(give);
    });
    try {
      return await Promise.race([work(mqtt), end]);
    } finally {
      this.#waiting.delete(give);
    }
  }
}
