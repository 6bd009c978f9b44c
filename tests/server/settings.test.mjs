// What the program says when it is told something that makes no sense, and that flags win over the file.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';

import { client } from './support/raw.mjs';
import { certificate, folder, run, start, until } from './support/server.mjs';

/** Writes a configuration file, and gives what the program says of it. */
function refused(path, text, ...args) {
  const file = join(path, 'vitrine.toml');
  writeFileSync(file, text);
  const { status, stderr } = run('broker', '--config', file, ...args);
  assert.equal(status, 1, stderr);
  return stderr.replaceAll(`${path}/`, '');
}

test('an unknown key is told with its line and the one that was meant', (t) => {
  const path = folder(t);
  assert.equal(refused(path, 'tcp = "0"\nlgo = "info"\n'), 'vitrine: vitrine.toml:2: no key `lgo`; did you mean `log`?\n');
  const told = refused(path, '[limits]\nmax_conections = 3\n');
  assert.equal(told, 'vitrine: vitrine.toml:2: no key `max_conections` in [limits]; did you mean `max_connections`?\n');
});

test('values that are none are told with their line', (t) => {
  const path = folder(t);
  assert.match(refused(path, '\nlog = "loud"\n'), /vitrine\.toml:2: `log`: write "off", "error", /);
  assert.match(refused(path, 'tcp = "127.0.0.1:x"\n'), /"x" is no port/);
  assert.match(refused(path, 'tcp = \n'), /vitrine\.toml:1: /);
  assert.match(run('broker', '--config', join(path, 'none.toml')).stderr, /cannot read the configuration .*none\.toml/);
});

test('TLS without its files, or with the wrong ones, says what is wanted', (t) => {
  const path = folder(t);
  const files = certificate(path);
  const other = certificate(folder(t));
  const tls = (certificate, key) => run('broker', '--tls', '127.0.0.1:0', '--certificate', certificate, '--key', key).stderr;
  assert.match(run('broker', '--tls', '127.0.0.1:0').stderr, /TLS needs --certificate FILE and --key FILE.*vitrine certificate/s);
  assert.match(tls(join(path, 'none'), files.key), /cannot read the certificate from .*none.*vitrine certificate/);
  assert.match(tls(files.key, files.key), /holds no certificate/);
  assert.match(tls(files.certificate, files.certificate), /holds no private key/);
  assert.match(tls(files.certificate, other.key), /cannot be used together: the key is not the one of the certificate/);
  const again = run('certificate', '--certificate', files.certificate, '--key', files.key);
  assert.match(again.stderr, /is there already; --force replaces it/);
});

test('files for TLS that nothing listens for are told, and a name that no machine has is refused', async (t) => {
  const server = await start(t, { args: ['--client-authority', 'clients.pem'] });
  await until(() => server.log().includes('--client-authority is for TLS, and nothing listens for that'));
  const told = run('certificate', '--name', 'https://example.org');
  assert.equal(told.status, 1);
  assert.match(told.stderr, /"https:\/\/example\.org" is no name of a machine/);
});

test('a store in a folder that is not there, and an origin that is none, are refused', (t) => {
  const store = join(folder(t), 'none', 'vitrine.db');
  assert.match(run('broker', '--tcp', '127.0.0.1:0', '--store', store).stderr, /none\/vitrine\.db .*; make the folder .*none first\n$/);
  assert.match(run('broker', '--tcp', '127.0.0.1:0', '--origin', 'example.org').stderr, /^vitrine: --origin example\.org: this is no origin/);
});

test('an address that is taken is told', async (t) => {
  const server = await start(t);
  const { status, stderr } = run('broker', '--tcp', `127.0.0.1:${server.ports.tcp}`);
  assert.equal(status, 1);
  assert.match(stderr, /cannot listen on --tcp 127\.0\.0\.1:\d+: another program listens there already/);
});

test('flags win over the file, and what only the file says counts', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'v.toml'), 'tcp = "203.0.113.1:1"\n[limits]\nmax_connections = 1\n');
  const server = await start(t, { args: ['--config', join(path, 'v.toml')] });
  await client(server.ports.tcp);
  await assert.rejects(mqtt.connectAsync(`mqtt://127.0.0.1:${server.ports.tcp}`, { reconnectPeriod: 0 }), /Server unavailable/);
  await until(() => server.log().includes('a limit was reached'), 'the log tells of the limit');
});

test('a client that asks for Response Information is told it', async (t) => {
  const server = await start(t, { args: ['--response-information', 'answers/'] });
  const options = { protocolVersion: 5, family: 4, reconnectPeriod: 0, properties: { requestResponseInformation: true } };
  const asking = mqtt.connect(`mqtt://localhost:${server.ports.tcp}`, options);
  t.after(() => asking.endAsync(true));
  const connack = await new Promise((resolve) => asking.once('connect', resolve));
  assert.equal(connack.properties.responseInformation, 'answers/');
});

test('help teaches', () => {
  const { status, stdout } = run('broker', '--help');
  assert.equal(status, 0);
  for (const word of ['--tcp', '--wss', '--max-queued-bytes', '[default: 33554432]', '--store', 'mosquitto_sub', 'Examples']) assert.ok(stdout.includes(word), word);
  assert.match(run('borker').stderr, /broker/);
});
