// mosquitto_pub and mosquitto_sub over TCP and TLS, in all three versions.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { before, describe, test } from 'node:test';

import { certificate, folder, start, suite, until } from './support/server.mjs';

const [PUB, SUB] = [process.env.MOSQUITTO_PUB ?? 'mosquitto_pub', process.env.MOSQUITTO_SUB ?? 'mosquitto_sub'];

function program(command, args) {
  const child = spawn(command, args);
  const state = { said: '', failed: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (state.said += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (state.failed += text));
  state.ended = new Promise((resolve) => child.on('exit', resolve));
  state.child = child;
  return state;
}

describe('mosquitto_pub and mosquitto_sub', () => {
  let server;
  let tls;
  const t = suite();
  before(async () => {
    tls = certificate(folder(t));
    server = await start(t, { doors: ['tcp', 'tls'], tls });
  });
  const where = (door) => ['-h', 'localhost', '-p', String(server.ports[door]), ...(door === 'tls' ? ['--cafile', tls.certificate] : [])];

  for (const door of ['tcp', 'tls']) {
    for (const version of ['mqttv31', 'mqttv311', 'mqttv5']) {
      // 3.1.1: [MQTT-7.1.1-1] [MQTT-7.0.0-2]
      // 5.0: [MQTT-4.2-1]
      test(`${door}, ${version}`, async () => {
        const id = `${door}-${version}`;
        const subscriber = program(SUB, [...where(door), '-V', version, '-i', id, '-t', `${id}/#`, '-q', '2', '-v', '-C', '4']);
        await until(() => server.log().includes(`client=${id} `) && server.log());
        // Its SUBSCRIBE comes right behind its CONNECT; a retained message tells when it is there.
        const publish = async (...args) => {
          const { ended, child } = program(PUB, [...where(door), '-V', version, ...args]);
          child.stdin.end();
          assert.equal(await ended, 0);
        };
        await publish('-t', `${id}/kept`, '-m', 'r', '-r', '-q', '1');
        await until(() => subscriber.said.includes('kept'));
        for (const qos of ['0', '1', '2']) await publish('-t', `${id}/${qos}`, '-m', `m${qos}`, '-q', qos);
        assert.equal(await subscriber.ended, 0, subscriber.failed);
        assert.equal(subscriber.said, `${id}/kept r\n${id}/0 m0\n${id}/1 m1\n${id}/2 m2\n`);
      });
    }
  }
});
