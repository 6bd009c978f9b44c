/** Paho's JavaScript client, as npm has it: it knows of no factory, so the global WebSocket is replaced for one host name. */

import { assert, pageTest, until } from './support/scene.mjs';

/** Loads Paho and lets `new WebSocket('ws://aula.local…')` reach the tab. */
async function load(page) {
  await page.addScriptTag({ url: '/test-assets/paho-mqtt.js' });
  await page.evaluate(async () => {
    const { install } = await import('/web/door/index.js');
    install('aula.local');
  });
}

/** A connected client with a record of what it got, under `window.pahos[id]`. */
function connect(page, id, options = {}) {
  return page.evaluate(
    ([id, options]) =>
      new Promise((resolve, reject) => {
        const { Client, Message } = window.Paho.MQTT ?? window.Paho;
        const client = new Client('aula.local', 1883, '/mqtt', id);
        const entry = { client, got: [], delivered: [], lost: [] };
        (window.pahos ??= {})[id] = entry;
        client.onMessageArrived = (message) => {
          const { destinationName, payloadString, qos, retained, duplicate } = message;
          entry.got.push({ topic: destinationName, payload: payloadString, qos, retain: retained, dup: duplicate });
        };
        // Paho calls what this returns, if it returns something.
        client.onMessageDelivered = (message) => void entry.delivered.push(message.payloadString);
        client.onConnectionLost = (response) => entry.lost.push(response.errorCode);
        const { will, ...rest } = options;
        if (will) {
          rest.willMessage = new Message(will.payload);
          rest.willMessage.destinationName = will.topic;
          rest.willMessage.qos = will.qos;
        }
        client.connect({
          keepAliveInterval: 30,
          ...rest,
          onSuccess: () => resolve(),
          onFailure: ({ errorCode, errorMessage }) => reject(new Error(`${errorCode} ${errorMessage}`)),
        });
      }),
    [id, options],
  );
}

const subscribe = (page, id, filter, qos) =>
  page.evaluate(
    ([id, filter, qos]) =>
      new Promise((resolve, reject) => {
        window.pahos[id].client.subscribe(filter, { qos, onSuccess: () => resolve(), onFailure: reject });
      }),
    [id, filter, qos],
  );

const publish = (page, id, topic, payload, qos, retained = false) =>
  page.evaluate(
    ([id, ...message]) => window.pahos[id].client.send(...message),
    [id, topic, payload, qos, retained],
  );

const entry = (page, id) =>
  page.evaluate((id) => {
    const { got, delivered, lost } = window.pahos[id];
    return { got, delivered, lost };
  }, id);

for (const version of [3, 4]) {
  const name = version === 3 ? '3.1' : '3.1.1';

  // 3.1.1: [MQTT-7.0.0-2]
  pageTest(`Paho JavaScript ${name}: connect, subscribe and publish at each QoS`, async ({ page, view }) => {
    await load(page);
    await connect(page, 'paho-a', { mqttVersion: version });
    await connect(page, 'paho-b', { mqttVersion: version });
    await subscribe(page, 'paho-a', 'sala/+', 2);
    for (const qos of [0, 1, 2]) await publish(page, 'paho-b', `sala/${qos}`, `p${qos}`, qos);
    await until(async () =>
      assert.deepEqual(
        (await entry(page, 'paho-a')).got,
        [0, 1, 2].map((qos) => ({ topic: `sala/${qos}`, payload: `p${qos}`, qos, retain: false, dup: false })),
      ),
    );
    await until(async () => assert.deepEqual((await entry(page, 'paho-b')).delivered.sort(), ['p0', 'p1', 'p2']));
    // Paho does not wait for one answer before the next message, so each direction has its order, and both together have many.
    const way = async (sign) => (await view.lines('paho-b')).filter((text) => text.startsWith(sign));
    const published = async () => (await view.rowsOf('paho-b')).filter(({ type }) => type === 'PUBLISH');
    await until(async () => (await published()).length === 3, 'the three publications in the ladder');
    const [, one, two] = (await published()).map(({ packetId }) => packetId);
    await until(async () =>
      assert.deepEqual(await way('>'), [
        '> CONNECT',
        '> PUBLISH q0 sala/0',
        `> PUBLISH ${one} q1 sala/1`,
        `> PUBLISH ${two} q2 sala/2`,
        `> PUBREL ${two}`,
      ]),
    );
    await until(async () => assert.deepEqual(await way('<'), ['< CONNACK', `< PUBACK ${one}`, `< PUBREC ${two}`, `< PUBCOMP ${two}`]));
    await view.turn('clients');
    await until(async () => {
      const rows = (await view.clients()).map(({ client, version, connected }) => [client, version, connected]);
      assert.deepEqual(rows, [
        ['paho-a', name, true],
        ['paho-b', name, true],
      ]);
    });
  }, { viewport: { width: 1280, height: 1600 } });
}

pageTest('Paho JavaScript: retained messages, and the will when the network breaks', async ({ page, view }) => {
  await load(page);
  // Paho keeps its socket to itself; the test needs it to break the network.
  await page.evaluate(() => {
    const Replaced = window.WebSocket;
    window.sockets = [];
    window.WebSocket = function (...args) {
      const socket = new Replaced(...args);
      window.sockets.push(socket);
      return socket;
    };
  });
  await connect(page, 'vigia');
  await subscribe(page, 'vigia', 'vida/#', 1);
  await connect(page, 'paho', { will: { topic: 'vida/paho', payload: 'fora', qos: 1 } });
  await publish(page, 'paho', 'vida/nota', 'fica', 1, true);
  await until(async () => assert.equal((await view.topic('vida/nota'))?.retained, true));

  await page.evaluate(() => window.sockets[1].cut());
  await until(async () => assert.deepEqual((await entry(page, 'paho')).lost.length, 1), 'onConnectionLost');
  await view.row(({ kind, client }) => kind === 'will' && client === 'paho');
  await until(async () =>
    assert.deepEqual((await entry(page, 'vigia')).got, [
      { topic: 'vida/nota', payload: 'fica', qos: 1, retain: false, dup: false },
      { topic: 'vida/paho', payload: 'fora', qos: 1, retain: false, dup: false },
    ]),
  );
  await page.evaluate(() => window.pahos.vigia.client.disconnect());
  const goodbye = await view.row(({ kind, client }) => kind === 'closed' && client === 'vigia');
  assert.equal(goodbye.why, 'client-disconnect');
});

pageTest('install() takes over one host name and leaves the others alone', async ({ page, scene }) => {
  scene.expectError(/127\.0\.0\.1:9\//);
  const seen = await page.evaluate(async () => {
    const Native = window.WebSocket;
    const { install, uninstall, VitrineSocket } = await import('/web/door/index.js');
    install('aula.local');
    const ours = new WebSocket('ws://aula.local/mqtt', 'mqtt');
    const other = new WebSocket('ws://127.0.0.1:9/');
    const end = (socket) => new Promise((resolve) => socket.addEventListener('close', resolve));
    const ended = Promise.all([end(other), end(ours)]);
    await new Promise((resolve) => ours.addEventListener('open', resolve));
    ours.close();
    await ended;
    const result = {
      ours: ours instanceof VitrineSocket && ours instanceof WebSocket,
      other: other instanceof Native && !(other instanceof VitrineSocket),
      constants: [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED],
    };
    uninstall('aula.local');
    return { ...result, back: window.WebSocket === Native };
  });
  assert.deepEqual(seen, { ours: true, other: true, constants: [0, 1, 2, 3], back: true });
});
