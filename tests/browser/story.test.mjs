/** One publication's whole story: the publisher's handshake, and each subscriber's with its own QoS. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';
import { line } from './support/view.mjs';
import { RawClient } from './support/raw.mjs';

/** The marked rows of one client, without ids. */
const storyOf = (rows, client) =>
  rows.filter((row) => row.client === client && row.story).map((row) => line({ ...row, packetId: undefined }));

pageTest(
  'selecting a QoS 2 publication connects all of its packets, and no others',
  async ({ view, clients }) => {
    for (const qos of /** @type {const} */ ([0, 1, 2])) {
      await clients.connect(`s${qos}`, { version: qos === 1 ? 5 : 4 });
      await clients.subscribe(`s${qos}`, 'aula/#', qos);
    }
    await clients.connect('fala', { version: 5 });
    await clients.publish('fala', 'aula/antes', 'outra', { qos: 2 });
    await clients.publish('fala', 'aula/x', 'esta', { qos: 2 });
    await clients.publish('fala', 'aula/depois', 'outra', { qos: 2 });
    // Every handshake is complete before anything is selected.
    await until(async () => assert.equal((await view.lines('s2')).filter((text) => text.startsWith('> PUBCOMP')).length, 3));
    await until(async () => assert.equal((await view.lines('s1')).filter((text) => text.startsWith('> PUBACK')).length, 3));

    const publish = await view.row(({ client, type, topic }) => client === 'fala' && type === 'PUBLISH' && topic === 'aula/x');
    await view.selectRow(publish);
    await until(async () => {
      const rows = await view.rows();
      assert.deepEqual(storyOf(rows, 'fala'), ['> PUBLISH q2 aula/x', '< PUBREC', '> PUBREL', '< PUBCOMP']);
      assert.deepEqual(storyOf(rows, 's2'), ['< PUBLISH q2 aula/x', '> PUBREC', '< PUBREL', '> PUBCOMP']);
      assert.deepEqual(storyOf(rows, 's1'), ['< PUBLISH q1 aula/x', '> PUBACK']);
      assert.deepEqual(storyOf(rows, 's0'), ['< PUBLISH q0 aula/x']);
      assert.equal(rows.filter(({ story }) => story).length, 11);
      assert.equal(new Set(rows.filter(({ story }) => story).map(({ publication }) => publication)).size, 1);
    });
    assert.equal((await view.rows()).find(({ number }) => number === publish.number)?.selected, true);
    assert.equal(await view.storyIsConnected(), true, 'something connects the rows of the story');

    // The panel tells the same in words and figures.
    await view.turn('selected');
    await until(async () =>
      assert.deepEqual(
        await view.deliveries(),
        [
          { client: 's0', filter: 'aula/#', qos: 0, outcome: 'sent' },
          { client: 's1', filter: 'aula/#', qos: 1, outcome: 'acknowledged' },
          { client: 's2', filter: 'aula/#', qos: 2, outcome: 'acknowledged' },
        ],
      ),
    );

    // From the other end it is the same story.
    const pubcomp = (await view.rows()).find(({ client, type, story }) => client === 's2' && type === 'PUBCOMP' && story);
    await view.selectRow(pubcomp);
    await until(async () => {
      const rows = await view.rows();
      assert.equal(rows.find(({ selected }) => selected)?.number, pubcomp.number);
      assert.equal(rows.filter(({ story }) => story).length, 11);
    });
  },
  { viewport: TALL },
);

pageTest(
  'what each side has stored, until what, stands beside the lifelines',
  async ({ page, view, clients }) => {
    const slow = new RawClient(page, 'lenta');
    await slow.connect();
    await slow.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'aula/#', qos: 2 }] });
    await slow.packet('suback');
    await clients.connect('fala');
    await clients.publish('fala', 'aula/x', 'guardada', { qos: 2 });
    const { messageId } = await slow.packet('publish');

    // The broker has the message until PUBREC …
    const last = async () => {
      const held = (await view.holds()).filter(({ client, at }) => client === 'lenta' && at === 'broker');
      const { kind, packetId, until: end, lasts } = held.at(-1) ?? {};
      return { kind, packetId, end, lasts };
    };
    const stage = (expected) => until(async () => assert.deepEqual(await last(), { packetId: messageId, ...expected }));
    await stage({ kind: 'message', end: 'PUBREC', lasts: true });
    await slow.send({ cmd: 'pubrec', messageId });
    // … then only its identifier until PUBCOMP.
    await slow.packet('pubrel');
    await stage({ kind: 'packet-id', end: 'PUBCOMP', lasts: true });
    await slow.send({ cmd: 'pubcomp', messageId });
    await stage({ kind: 'packet-id', end: 'PUBCOMP', lasts: false });
    // What was held stays drawn in the past.
    const held = (await view.holds()).filter(({ client, at }) => client === 'lenta' && at === 'broker');
    assert.deepEqual(held.map(({ kind, lasts }) => [kind, lasts]), [
      ['message', false],
      ['packet-id', false],
    ]);
    const own = (await view.holds()).filter(({ client, at }) => client === 'fala' && at === 'client');
    assert.deepEqual(own.map(({ kind, until: end }) => [kind, end]), [
      ['message', 'PUBREC'],
      ['packet-id', 'PUBCOMP'],
    ]);
  },
  { viewport: TALL },
);
