/** The page's own MQTT clients: the course's world, the teacher's, and those made for a try. All are real MQTT.js clients. */

import { Client, WorldError } from './world/client.js';
import { Reading, SENSORS, SUBSCRIBERS } from './world/course.js';
import { timers } from './timers.js';

/**
 * @typedef {import('./vitrine.d.ts').PageClient} Told
 * @typedef {import('./vitrine.d.ts').ConnectOptions} ConnectOptions
 * @typedef {import('./vitrine.d.ts').Publication} Publication
 */

/** Only one tab runs the course's world: two would take the sessions from each other. */
const LOCK = 'vitrine:world';

/** Who publishes when nobody is named. */
const TEACHER = 'professor';

export class World {
  /** @type {Map<string, Client>} */
  #clients = new Map();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #telling = false;
  #running = false;
  #paused = false;
  #rate = 2000;
  /** @type {number | undefined} */
  #timer;
  /** Gives the lock back. */
  #release = () => {};
  #made = 0;

  get running() {
    return this.#running;
  }

  get paused() {
    return this.#paused;
  }

  /** Milliseconds between two readings of one sensor topic. */
  get rate() {
    return this.#rate;
  }

  async start() {
    if (this.#running) return;
    if (!(await this.#lock())) throw new WorldError('world-elsewhere');
    this.#running = true;
    this.#paused = false;
    this.#changed();
    // Subscribers first, so that they miss nothing.
    const subscribers = SUBSCRIBERS.map(async ({ id, clean, filter, qos }) => {
      const client = this.#enter(id, 'subscriber', { clean });
      await client.connect();
      await client.subscribe(filter, qos);
    });
    const outcomes = await Promise.allSettled(subscribers);
    const sensors = SENSORS.map(({ sensor }) => this.#enter(`sensor-${sensor}`, 'sensor', {}).connect());
    outcomes.push(...(await Promise.allSettled(sensors)));
    this.#beat();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async stop() {
    if (!this.#running) return;
    this.#running = false;
    this.#beat();
    const members = [...this.#clients.values()].filter(({ role }) => role !== 'student');
    await Promise.all(members.map((client) => this.remove(client.id)));
    this.#release();
    this.#changed();
  }

  pause() {
    this.#paused = true;
    this.#beat();
    this.#changed();
  }

  resume() {
    this.#paused = false;
    this.#beat();
    this.#changed();
  }

  /** @param {number} milliseconds */
  setRate(milliseconds) {
    if (!(milliseconds > 0)) throw new RangeError('The time between two readings must be more than 0 milliseconds.');
    this.#rate = Math.min(Math.max(milliseconds, 20), 3_600_000);
    this.#beat();
    this.#changed();
  }

  /** @returns {Told[]} */
  clients() {
    return Array.from(this.#clients.values(), ({ told }) => told);
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {ConnectOptions} [options] */
  async connect(options = {}) {
    const id = options.clientId || this.#freeName();
    const before = this.#clients.get(id);
    if (before?.state === 'connected' || before?.state === 'connecting') throw new WorldError('duplicate-client');
    await this.#enter(id, before?.role ?? 'student', options).connect();
    return id;
  }

  /** @param {string} id */
  async disconnect(id) {
    await this.#find(id).disconnect();
  }

  /** @param {string} id */
  cut(id) {
    this.#find(id).cut();
  }

  /** @param {string} id */
  async reconnect(id) {
    await this.#find(id).connect();
  }

  /** @param {string} id */
  async remove(id) {
    const client = this.#find(id);
    await client.disconnect();
    if (this.#clients.get(id) === client) this.#clients.delete(id);
    this.#changed();
  }

  /** @param {string} id @param {string} filter @param {0 | 1 | 2} qos */
  async subscribe(id, filter, qos) {
    return this.#find(id).subscribe(filter, qos);
  }

  /** @param {string} id @param {string} filter */
  async unsubscribe(id, filter) {
    await this.#find(id).unsubscribe(filter);
  }

  /** @param {Publication} publication */
  async publish({ client: id = TEACHER, topic, payload, qos = 0, retain = false }) {
    if (!this.#clients.has(id) && id === TEACHER) this.#enter(id, 'student', {});
    const client = this.#find(id);
    if (client.state !== 'connected' && id === TEACHER) await client.connect();
    await client.publish(topic, payload, { qos, retain });
  }

  /** @param {string} id @param {Told['role']} role @param {ConnectOptions} options */
  #enter(id, role, options) {
    const client = new Client(id, role, options, () => this.#changed());
    this.#clients.set(id, client);
    this.#changed();
    return client;
  }

  /** @param {string} id */
  #find(id) {
    const client = this.#clients.get(id);
    if (!client) throw new WorldError('unknown-client');
    return client;
  }

  #freeName() {
    do this.#made += 1;
    while (this.#clients.has(`aluno-${this.#made}`));
    return `aluno-${this.#made}`;
  }

  /** Sets the sensors' pace: their topics take turns, so that readings come evenly. */
  #beat() {
    if (this.#timer !== undefined) timers.clear(this.#timer);
    this.#timer = undefined;
    if (!this.#running || this.#paused) return;
    const readings = this.#readings;
    let turn = 0;
    this.#timer = timers.set(() => {
      const { id, topic, reading } = readings[turn % readings.length];
      turn += 1;
      const client = this.#clients.get(id);
      if (client?.state !== 'connected') return;
      const { qos, retain } = reading.quantity;
      // Cut off half-way: the client's own state says so.
      client.publish(topic, reading.next(), { qos, retain }).catch(() => {});
    }, this.#rate / readings.length);
  }

  #readings = [0, 1].flatMap((which) =>
    SENSORS.map(({ area, sensor, quantities }) => ({
      id: `sensor-${sensor}`,
      topic: `area/${area}/sensor/${sensor}/${quantities[which].name}`,
      reading: new Reading(quantities[which]),
    })),
  );

  /** Takes the world's lock, if no other tab has it. */
  async #lock() {
    const { locks } = navigator;
    if (!locks) return true;
    return new Promise((resolve) => {
      locks.request(LOCK, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        if (!lock) return undefined;
        return new Promise((done) => {
          this.#release = () => done(undefined);
        });
      });
    });
  }

  #changed() {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
