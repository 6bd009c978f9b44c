/** The packet view: the bytes as they were sent, and every field of them, both ways. */

import { assert, pageTest, TALL, until } from './support/scene.mjs';
import { encode, RawClient } from './support/raw.mjs';

const PUBLISH = {
  cmd: 'publish',
  topic: 'área/10',
  payload: 'vinte e um',
  qos: 1,
  dup: true,
  retain: true,
  messageId: 0x1234,
  properties: { payloadFormatIndicator: true, messageExpiryInterval: 600, userProperties: { unidade: '°C' } },
};

/** Sends PUBLISH from a 5.0 client that is nothing but bytes, and selects its row. */
async function select(page, view) {
  const raw = new RawClient(page, 'bytes', 5);
  await raw.connect();
  await raw.send(PUBLISH);
  await raw.packet('puback');
  const row = await view.row(({ client, type }) => client === 'bytes' && type === 'PUBLISH');
  await view.selectRow(row);
  await view.turn('packet');
  return row;
}

pageTest(
  'the bytes shown are the bytes sent',
  async ({ page, view }) => {
    const row = await select(page, view);
    const bytes = encode(PUBLISH, 5);
    assert.equal(row.size, bytes.length);
    await until(async () => assert.deepEqual(await view.hex(), bytes));

    const fields = await view.fields();
    // Every byte belongs to a field, and no field lies outside.
    for (const [index] of bytes.entries()) {
      assert.equal(fields.some(({ start, end }) => start <= index && index < end), true, `byte ${index} has a field`);
    }
    const field = (name) => {
      const found = fields.find((one) => one.name === name);
      assert.notEqual(found, undefined, `${name} is among ${fields.map((one) => one.name).join(', ')}`);
      // What a field of parts says is what its parts say.
      const parts = fields.filter(({ start, end }) => found.start <= start && end <= found.end);
      return { ...found, value: parts.map(({ value }) => value).join(' ') };
    };
    assert.match(field('Packet Identifier').value, /4[.,]?660|0x1234/);
    assert.match(field('Topic Name').value, /área\/10/);
    assert.match(field('Message Expiry Interval').value, /600/);
    assert.match(field('User Property').value, /unidade.*°C/s);
    assert.match(field('Payload').value, /vinte e um/);
    const topic = field('Topic Name');
    const at = bytes.indexOf(0xc3);
    assert.equal(topic.end, at + Buffer.byteLength('área/10'));
    // With the two bytes of its length, or without.
    assert.equal([at, at - 2].includes(topic.start), true);
  },
  { viewport: { width: 1280, height: 1400 } },
);

pageTest(
  'a field lights up its bytes, and a byte its field',
  async ({ page, view }) => {
    await select(page, view);
    await until(async () => assert.equal((await view.fields()).length > 0, true));
    const fields = await view.fields();
    const topic = fields.find(({ name }) => name === 'Topic Name');
    await view.field(topic).hover();
    await until(async () =>
      assert.deepEqual(
        await view.litBytes(),
        Array.from({ length: topic.end - topic.start }, (_, n) => topic.start + n),
      ),
    );
    // By keyboard too.
    const payload = fields.find(({ name }) => name === 'Payload');
    await page.mouse.move(1, 1);
    await view.field(payload).focus();
    await until(async () => assert.equal((await view.litBytes()).includes(payload.end - 1), true));
    assert.equal((await view.litBytes()).includes(topic.start), false);

    // And back: the deepest field of the byte pointed at.
    await view.at('byte', { offset: topic.end - 1 }).hover();
    await until(async () => assert.equal((await view.litFields()).includes('Topic Name'), true));
    assert.equal((await view.litFields()).includes('Payload'), false);
  },
  { viewport: { width: 1280, height: 1400 } },
);

pageTest(
  'bytes that are no packet are shown as far as they go, with what is wrong and where',
  async ({ page, view }) => {
    const raw = new RawClient(page, 'torto');
    await raw.connect();
    // SUBSCRIBE with the reserved flags 0000: [MQTT-3.8.1-1].
    const bytes = [0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00];
    await raw.sendBytes(bytes);
    const row = await view.row(({ kind, client }) => kind === 'malformed' && client === 'torto');
    await view.selectRow(row);
    await view.turn('packet');
    // The first byte is wrong already: what comes behind it belongs to no packet that anybody could know the end of.
    await until(async () => assert.equal((await view.hex()).length >= 2, true));
    const shown = await view.hex();
    assert.deepEqual(shown, bytes.slice(0, shown.length));
    await until(async () => assert.match((await view.packetProblem()) ?? '', /MQTT-3\.8\.1-1/));
    const closed = await view.row(({ kind, client }) => kind === 'closed' && client === 'torto');
    assert.equal(closed.why, 'malformed');
  },
  { viewport: TALL },
);
