/** The three QoS flows of real MQTT.js clients, as the ladder shows them. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';
import { asPacket } from './support/view.mjs';

/** What the ladder should show of a client: its own record of what it sent and got. */
const recorded = async (clients, id) => (await clients.packets(id)).map(({ reason: _, ...packet }) => packet);

for (const version of /** @type {const} */ ([4, 5])) {
  const name = version === 4 ? '3.1.1' : '5.0';

  pageTest(
    `MQTT.js ${name}: publications of each QoS, packet by packet`,
    async ({ view, clients }) => {
      await clients.connect('escuta', { version });
      await clients.connect('fala', { version });
      for (const qos of /** @type {const} */ ([0, 1, 2])) {
        assert.equal(await clients.subscribe('escuta', `aula/${qos}`, qos), qos);
        await clients.publish('fala', `aula/${qos}`, `valor ${qos}`, { qos });
        // Only then the next SUBSCRIBE: else the two would cross.
        await until(async () => assert.equal((await clients.messages('escuta')).length, qos + 1));
      }

      const [, id1, id2] = (await clients.packets('fala')).filter(({ type }) => type === 'PUBLISH');
      await until(async () =>
        assert.deepEqual(await view.lines('fala'), [
          '> CONNECT',
          '< CONNACK',
          '> PUBLISH q0 aula/0',
          `> PUBLISH ${id1.packetId} q1 aula/1`,
          `< PUBACK ${id1.packetId}`,
          `> PUBLISH ${id2.packetId} q2 aula/2`,
          `< PUBREC ${id2.packetId}`,
          `> PUBREL ${id2.packetId}`,
          `< PUBCOMP ${id2.packetId}`,
        ]),
      );
      const subscribes = (await clients.packets('escuta')).filter(({ type }) => type === 'SUBSCRIBE');
      const [s0, s1, s2] = subscribes.map(({ packetId }) => packetId);
      const [, d1, d2] = (await clients.packets('escuta')).filter(({ type }) => type === 'PUBLISH');
      await until(async () =>
        assert.deepEqual(await view.lines('escuta'), [
          '> CONNECT',
          '< CONNACK',
          `> SUBSCRIBE ${s0}`,
          `< SUBACK ${s0}`,
          '< PUBLISH q0 aula/0',
          `> SUBSCRIBE ${s1}`,
          `< SUBACK ${s1}`,
          `< PUBLISH ${d1.packetId} q1 aula/1`,
          `> PUBACK ${d1.packetId}`,
          `> SUBSCRIBE ${s2}`,
          `< SUBACK ${s2}`,
          `< PUBLISH ${d2.packetId} q2 aula/2`,
          `> PUBREC ${d2.packetId}`,
          `< PUBREL ${d2.packetId}`,
          `> PUBCOMP ${d2.packetId}`,
        ]),
      );
    },
    { viewport: TALL },
  );

  pageTest(
    `MQTT.js ${name}: what the ladder shows is what the client sent and got, field by field`,
    async ({ view, clients }) => {
      await clients.connect('escuta', { version });
      await clients.subscribe('escuta', 'aula/#', 1);
      await clients.connect('fala', { version });
      await clients.publish('fala', 'aula/x', 'um', { qos: 2, retain: true });
      await clients.publish('fala', 'aula/y', 'dois', { qos: 1 });
      await clients.unsubscribe('escuta', 'aula/#');
      await clients.disconnect('escuta');
      await clients.disconnect('fala');

      for (const id of ['escuta', 'fala']) {
        const own = await recorded(clients, id);
        // Each direction has one order; between the two, client and broker may see packets cross.
        for (const way of ['in', 'out']) {
          await until(async () => {
            const shown = (await view.rowsOf(id)).filter(({ kind }) => kind === 'packet').map(asPacket);
            assert.deepEqual(
              shown.filter(({ direction }) => direction === way),
              own.filter(({ direction }) => direction === way).map((packet) => ({ ...packet, ...topicOf(packet) })),
            );
          });
        }
        const closed = await view.row(({ kind, client }) => kind === 'closed' && client === id);
        assert.equal(closed.why, 'client-disconnect');
      }
    },
    { viewport: TALL },
  );

  pageTest(
    `MQTT.js ${name}: a message is delivered with the lower of both QoS`,
    async ({ view, clients }) => {
      await clients.connect('fala', { version });
      for (const granted of /** @type {const} */ ([0, 1, 2])) {
        await clients.connect(`escuta-${granted}`, { version });
        await clients.subscribe(`escuta-${granted}`, '+', granted);
      }
      for (const qos of /** @type {const} */ ([0, 1, 2])) await clients.publish('fala', `t${qos}`, 'x', { qos });
      for (const granted of [0, 1, 2]) {
        await until(async () => {
          const got = await clients.messages(`escuta-${granted}`);
          assert.deepEqual(
            got.map(({ topic, qos }) => [topic, qos]).sort(),
            [0, 1, 2].map((qos) => [`t${qos}`, Math.min(qos, granted)]),
          );
          const shown = (await view.rowsOf(`escuta-${granted}`)).filter(
            ({ type, direction }) => type === 'PUBLISH' && direction === 'out',
          );
          assert.deepEqual(
            shown.map(({ topic, qos }) => [topic, qos]).sort(),
            [0, 1, 2].map((qos) => [`t${qos}`, Math.min(qos, granted)]),
          );
        });
      }
      // What the tree tells is what was published, not what was delivered.
      await until(async () => assert.equal((await view.topic('t2'))?.qos, 2));
    },
    { viewport: TALL },
  );
}

/** The ladder names topics of PUBLISH only in what is compared here. */
function topicOf({ type, topic }) {
  return type === 'PUBLISH' ? { topic } : {};
}
