/** MQTT.js clients as a student would make them, with a record of what they sent and got. Runs in a tab, frame or worker. */

import mqtt from '/vendor/mqtt.esm.js';
import { VitrineSocket } from '/web/door/index.js';

/** @type {Map<string, Recorded>} */
const clients = new Map();

class Recorded {
  messages = [];
  packets = [];
  connections = 0;
  connack = undefined;

  constructor(id, { version = 4, sessionExpiry, url = 'ws://vitrine.local/mqtt', ...options }) {
    this.client = mqtt.connect(url, {
      clientId: id,
      protocolVersion: version,
      keepalive: 0,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      ...(sessionExpiry === undefined ? {} : { properties: { sessionExpiryInterval: sessionExpiry } }),
      ...options,
      manualConnect: true,
      createWebsocket: (address, protocols) => {
        this.socket = new VitrineSocket(address, protocols);
        return this.socket;
      },
    });
    this.client.on('packetsend', (packet) => this.packets.push(noted(packet, 'in')));
    this.client.on('packetreceive', (packet) => this.packets.push(noted(packet, 'out')));
    this.client.on('connect', (connack) => {
      this.connections += 1;
      this.connack = { sessionPresent: connack.sessionPresent, reason: connack.reasonCode ?? connack.returnCode };
    });
    this.client.on('message', (topic, payload, { qos, retain, dup }) => {
      this.messages.push({ topic, payload: new TextDecoder().decode(payload), qos, retain, dup });
    });
    // Without a listener an error is thrown into the void.
    this.client.on('error', () => {});
    // Only now, so that CONNECT is in the record.
    this.client.connect();
  }

  opened() {
    return new Promise((resolve, reject) => {
      this.client.once('connect', () => resolve(this.connack));
      this.client.once('error', reject);
      this.client.once('close', () => reject(new Error('closed before CONNACK')));
    });
  }
}

/** A packet as the ladder should show it. */
function noted(packet, direction) {
  const { cmd, messageId, qos, dup, retain, topic, reasonCode, returnCode, granted } = packet;
  const entry = { type: cmd.toUpperCase(), direction };
  // MQTT.js says `messageId: undefined` for some packets; a fresh object without it crosses to the test as it is.
  if (messageId) entry.packetId = messageId;
  if (cmd === 'publish') Object.assign(entry, { qos, dup: Boolean(dup), retain: Boolean(retain), topic });
  const reason = reasonCode ?? returnCode ?? granted?.[0];
  if (reason !== undefined && reason !== null) entry.reason = Number(reason);
  return entry;
}

const of = (id) => {
  const found = clients.get(id);
  if (!found) throw new Error(`no client ${id}`);
  return found;
};

const called = (run) =>
  new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value)));
  });

export function connect(id, options) {
  const recorded = new Recorded(id, options);
  clients.set(id, recorded);
  return recorded.opened();
}

export function reconnect(id) {
  const recorded = of(id);
  const opened = recorded.opened();
  recorded.client.reconnect();
  return opened;
}

export async function disconnect(id) {
  await of(id).client.endAsync();
}

export async function cut(id) {
  const { client, socket } = of(id);
  const closed = new Promise((resolve) => client.once('close', resolve));
  socket.cut();
  await closed;
}

export async function subscribe(id, filter, qos) {
  const granted = await called((done) => of(id).client.subscribe(filter, { qos }, done));
  return granted[0].qos;
}

export async function unsubscribe(id, filter) {
  await called((done) => of(id).client.unsubscribe(filter, done));
}

export async function publish(id, topic, payload, options) {
  await called((done) => of(id).client.publish(topic, payload, options, done));
}

export async function publishMany(id, topic, count, qos) {
  const { client } = of(id);
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(called((done) => client.publish(topic, String(n), { qos }, done)));
  await Promise.all(all);
}

export async function publishTo(id, topics) {
  const { client } = of(id);
  const all = topics.map((topic, n) =>
    called((done) => client.publish(topic, String(n), { qos: n === topics.length - 1 ? 1 : 0 }, done)),
  );
  await Promise.all(all);
}

export const messages = (id) => of(id).messages;
export const packets = (id) => of(id).packets;
export const connections = (id) => of(id).connections;

export function counted(id) {
  const { messages } = of(id);
  const wrong = messages.findIndex(({ payload }, n) => payload !== String(n));
  return { count: messages.length, firstWrong: wrong < 0 ? null : [wrong, messages[wrong].payload] };
}
