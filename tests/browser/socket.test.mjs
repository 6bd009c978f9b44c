/** VitrineSocket beside what the WebSocket standard says, and where that can be asked, beside the browser's own. */

import { assert, pageTest, sharedPage, until } from './support/scene.mjs';
import { encode } from './support/raw.mjs';

const CONNECT = encode({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'tomada', keepalive: 0 });

const socketTest = sharedPage();

/** Runs `work` on the page with the socket's helpers and the given arguments. */
async function on(page, work, ...args) {
  await page.evaluate(async () => void (window.tools = await import('/test-assets/socket.js')));
  return page.evaluate(`(${work})(window.tools, ...${JSON.stringify(args)})`);
}

pageTest('the constructor refuses what the browser refuses, with the same errors', async ({ page, scene }) => {
  // The browser's own sockets are closed before they are connected, and it says so.
  scene.expectError(/WebSocket/);
  const [own, native] = await on(page, ({ VitrineSocket, thrown }) => {
    // Not `vitrine.local`: `new WebSocket` leads to the broker there.
    const cases = [
      ['ws://127.0.0.1:1/#parte'],
      ['ws://127.0.0.1:1/#'],
      ['ftp://vitrine.local/'],
      ['mqtt://vitrine.local/'],
      ['ws://'],
      ['ws://127.0.0.1:99999/'],
      ['ws://127.0.0.1:1/', 'dois nomes'],
      ['ws://127.0.0.1:1/', ['mqtt', 'mqtt']],
      ['ws://127.0.0.1:1/', ['mqtt', 'MQTT']],
      ['ws://127.0.0.1:1/', ['mqtt', '']],
      ['ws://127.0.0.1:1/', ''],
      ['ws://127.0.0.1:1/', []],
      ['wss://127.0.0.1:1/', ['mqtt', 'mqttv3.1']],
      ['/caminho', 'mqtt'],
      ['http://127.0.0.1:1/', 'mqtt'],
      [],
    ];
    const all = (Socket) => cases.map((args) => [...args, thrown(() => new Socket(...args).close())]);
    return [all(VitrineSocket), all(WebSocket)];
  });
  assert.deepEqual(own, native);
  assert.equal(own.filter((one) => one.at(-1) === 'SyntaxError').length >= 9, true, 'the cases reach the errors');
});

pageTest('constants, names and defaults are those of WebSocket', async ({ page, scene }) => {
  // The browser's own socket finds no server that speaks WebSocket.
  scene.expectError(/WebSocket/);
  const [own, native] = await on(page, async ({ VitrineSocket }) => {
    const facts = (Socket, socket) => ({
      statics: [Socket.CONNECTING, Socket.OPEN, Socket.CLOSING, Socket.CLOSED],
      states: [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED],
      tag: Object.prototype.toString.call(socket),
      target: socket instanceof EventTarget,
      state: socket.readyState,
      handlers: [socket.onopen, socket.onmessage, socket.onerror, socket.onclose],
      binaryType: socket.binaryType,
      protocol: socket.protocol,
      extensions: socket.extensions,
      bufferedAmount: socket.bufferedAmount,
    });
    // A real server that never answers would be needed for more; this one is asked before it can fail.
    const native = new WebSocket(location.href.replace('http', 'ws').split('#')[0]);
    const asked = facts(WebSocket, native);
    native.onerror = () => {};
    return [facts(VitrineSocket, new VitrineSocket('ws://vitrine.local/', 'mqtt')), asked];
  });
  assert.deepEqual(own, native);
});

socketTest('readyState goes from CONNECTING to CLOSED, and the events come in their states', async ({ page }) => {
  const seen = await on(page, async ({ watched }) => {
    const { socket, events, opened, closed } = watched();
    const states = [socket.readyState];
    await opened;
    states.push(socket.readyState);
    socket.close(1000, 'até logo');
    states.push(socket.readyState);
    const last = await closed;
    return { states, events, last, url: socket.url };
  });
  assert.deepEqual(seen.states, [0, 1, 2]);
  assert.deepEqual(seen.events, [{ type: 'open', state: 1 }, seen.last]);
  assert.deepEqual(seen.last, { type: 'close', state: 3, code: 1000, reason: 'até logo', wasClean: true });
  assert.equal(seen.url, 'ws://vitrine.local/mqtt');
});

socketTest('a sub-protocol is agreed upon, or there is no connection', async ({ page }) => {
  const seen = await on(page, async ({ watched }) => {
    const ask = async (protocols) => {
      const { socket, events, opened, closed } = watched(protocols);
      await Promise.race([opened, closed]);
      const result = { protocol: socket.protocol, events: events.map(({ type, code }) => code ?? type) };
      socket.close();
      return result;
    };
    return [await ask(['mqtt']), await ask('mqttv3.1'), await ask(['chat', 'mqtt']), await ask(['chat'])];
  });
  assert.deepEqual(seen, [
    { protocol: 'mqtt', events: ['open'] },
    { protocol: 'mqttv3.1', events: ['open'] },
    { protocol: 'mqtt', events: ['open'] },
    { protocol: '', events: ['error', 1006] },
  ]);
});

socketTest('send before open throws, send after the end is counted and forgotten', async ({ page }) => {
  const seen = await on(page, async ({ watched, thrown }) => {
    const { socket, opened, closed } = watched();
    const early = thrown(() => socket.send(new Uint8Array(3)));
    const none = thrown(() => socket.send());
    await opened;
    socket.close();
    const late = thrown(() => socket.send(new Uint8Array(5)));
    await closed;
    socket.send('ção');
    return { early, none, late, buffered: socket.bufferedAmount };
  });
  assert.deepEqual(seen, { early: 'InvalidStateError', none: 'TypeError', late: null, buffered: 10 });
});

socketTest('bufferedAmount counts what waits and falls to 0', async ({ page }) => {
  // One megabyte in publications of 1 KiB: more than may be under way at once.
  const publish = encode({ cmd: 'publish', topic: 'muito', payload: Buffer.alloc(1024), qos: 0 });
  const seen = await on(
    page,
    async ({ watched }, connect, publish) => {
      const { socket, opened, message } = watched();
      await opened;
      const answered = message();
      socket.send(new Uint8Array(connect));
      await answered;
      const drained = async () => {
        while (socket.bufferedAmount > 0 && socket.readyState === 1) await new Promise((resolve) => setTimeout(resolve, 5));
        return socket.bufferedAmount;
      };
      const amounts = [await drained()];
      for (let n = 0; n < 1024; n += 1) socket.send(new Uint8Array(publish));
      amounts.push(socket.bufferedAmount);
      amounts.push(await drained());
      return { amounts, state: socket.readyState };
    },
    CONNECT,
    publish,
  );
  assert.deepEqual(seen, { amounts: [0, publish.length * 1024, 0], state: 1 });
});

socketTest('binaryType says what messages are; anything sent arrives', async ({ page }) => {
  const seen = await on(
    page,
    async ({ watched }, connect) => {
      const results = [];
      for (const [type, form] of [
        ['blob', (bytes) => bytes.buffer],
        ['arraybuffer', (bytes) => new Blob([bytes])],
        ['arraybuffer', (bytes) => new DataView(bytes.buffer)],
      ]) {
        const { socket, opened, message, closed } = watched();
        socket.binaryType = type;
        socket.binaryType = 'texto';
        await opened;
        const answered = message();
        socket.send(form(new Uint8Array(connect)));
        const { data, origin } = await answered;
        const bytes = [...new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)];
        results.push({ set: socket.binaryType, is: data.constructor.name, bytes, origin });
        socket.close();
        await closed;
      }
      return results;
    },
    CONNECT,
  );
  const connack = [0x20, 0x02, 0x00, 0x00];
  assert.deepEqual(seen, [
    { set: 'blob', is: 'Blob', bytes: connack, origin: 'ws://vitrine.local' },
    { set: 'arraybuffer', is: 'ArrayBuffer', bytes: connack, origin: 'ws://vitrine.local' },
    { set: 'arraybuffer', is: 'ArrayBuffer', bytes: connack, origin: 'ws://vitrine.local' },
  ]);
});

socketTest('close checks its arguments, and its codes come back', async ({ page }) => {
  const seen = await on(page, async ({ watched, thrown }) => {
    const checks = watched();
    await checks.opened;
    const errors = [1001, 2999, 5000, 0, 1005].map((code) => thrown(() => checks.socket.close(code)));
    errors.push(thrown(() => checks.socket.close(1000, 'ã'.repeat(62))));
    const closes = [];
    for (const args of [[], [1000], [3000, 'fim'], [4999, 'x'.repeat(123)]]) {
      const { socket, opened, closed } = watched();
      await opened;
      socket.close(...args);
      socket.close();
      const { code, reason, wasClean } = await closed;
      closes.push([code, reason, wasClean]);
    }
    const early = watched();
    early.socket.close();
    const { code, wasClean } = await early.closed;
    return { errors, closes, early: { code, wasClean, events: early.events.map(({ type }) => type) } };
  });
  assert.deepEqual(seen.errors, [...Array(5).fill('InvalidAccessError'), 'SyntaxError']);
  assert.deepEqual(seen.closes, [
    [1005, '', true],
    [1000, '', true],
    [3000, 'fim', true],
    [4999, 'x'.repeat(123), true],
  ]);
  assert.deepEqual(seen.early, { code: 1006, wasClean: false, events: ['error', 'close'] });
});

// 3.1.1: [MQTT-6.0.0-1]
// 5.0: [MQTT-6.0.0-1]
pageTest('a text frame ends the connection, and the ladder says so', async ({ page, view }) => {
  const last = await on(
    page,
    async ({ watched }, connect) => {
      const { socket, opened, message, closed } = watched();
      await opened;
      const answered = message();
      socket.send(new Uint8Array(connect));
      await answered;
      socket.send('CONNECT');
      return closed;
    },
    CONNECT,
  );
  // RFC 6455: 1003 is for data of a kind that cannot be accepted.
  assert.deepEqual([last.code, last.wasClean], [1003, true]);
  await view.row(({ kind, client }) => kind === 'closed' && client === 'tomada');
});

pageTest('bytes that are no MQTT end the connection, with the broken statement', async ({ page, view }) => {
  const last = await on(page, async ({ watched }) => {
    const { socket, opened, closed } = watched();
    await opened;
    // PUBLISH as the first packet.
    socket.send(new Uint8Array([0x30, 0x04, 0x00, 0x01, 0x61, 0x62]));
    return closed;
  });
  assert.equal(last.type, 'close');
  const row = await view.row(({ kind }) => kind === 'closed');
  assert.equal(row.why, 'protocol-error');
  await view.selectRow(row);
  await until(async () => assert.match(await view.panelText(), /MQTT-3\.1\.0-1/));
});

socketTest('after DISCONNECT the broker closes with 1000', async ({ page }) => {
  const last = await on(
    page,
    async ({ watched }, connect) => {
      const { socket, opened, message, closed } = watched();
      await opened;
      const answered = message();
      socket.send(new Uint8Array(connect));
      await answered;
      socket.send(new Uint8Array([0xe0, 0x00]));
      return closed;
    },
    CONNECT,
  );
  assert.deepEqual([last.code, last.wasClean], [1000, true]);
});
