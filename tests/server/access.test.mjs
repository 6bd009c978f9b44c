// Users, rules, and changing them while the broker runs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';

import { PROGRAM, folder, run, start, until } from './support/server.mjs';

function passwd(file, user, password, ...options) {
  const args = ['passwd', file, user, '--stdin', ...options];
  return spawnSync(PROGRAM, args, { input: `${password}\n`, encoding: 'utf8' });
}

const connect = (server, options) =>
  mqtt.connectAsync(`mqtt://127.0.0.1:${server.ports.tcp}`, { protocolVersion: 5, reconnectPeriod: 0, ...options }, false);

/** The Reason Code with which a CONNECT is refused. */
const refusal = (server, options) =>
  connect(server, options).then(
    () => assert.fail('it was accepted'),
    (error) => error.code,
  );

test('passwd writes hashes, replaces and removes, and says what is wrong', (t) => {
  const file = join(folder(t), 'users');
  assert.equal(passwd(file, 'ana', 'secret').status, 0);
  assert.equal(passwd(file, 'ben', 'geheim', '--scram').status, 0);
  const before = readFileSync(file, 'utf8');
  assert.match(before, /^ana:\$argon2id\$[^\n]+\nben:\$argon2id\$[^ ]+ SCRAM-SHA-256\$[^\n]+\n$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!before.includes('secret'));
  passwd(file, 'ana', 'other');
  const after = readFileSync(file, 'utf8').split('\n');
  assert.notEqual(after[0], before.split('\n')[0]);
  assert.equal(after[1], before.split('\n')[1]);
  assert.equal(run('passwd', file, 'ana', '--delete').status, 0);
  assert.match(readFileSync(file, 'utf8'), /^ben:/);
  assert.match(run('passwd', file, 'ana', '--delete').stderr, /has no user "ana"/);
  assert.match(passwd(file, 'a:b', 'x').stderr, /no colons/);
  assert.match(passwd(file, 'zoe', '').stderr, /empty password/);
});

test('only users with the right password get in', async (t) => {
  const file = join(folder(t), 'users');
  passwd(file, 'ana', 'secret');
  const server = await start(t, { args: ['--password-file', file] });
  const [ana] = await Promise.all([
    connect(server, { username: 'ana', password: 'secret' }),
    refusal(server, { username: 'ana', password: 'wrong' }).then((code) => assert.equal(code, 0x86)),
    refusal(server, { username: 'eve', password: 'secret' }).then((code) => assert.equal(code, 0x86)),
    refusal(server, {}).then((code) => assert.equal(code, 0x87)),
    refusal(server, { username: 'ana', password: 'wrong', protocolVersion: 4 }).then((code) => assert.equal(code, 4)),
  ]);
  // What comes right behind a CONNECT waits until the password is checked.
  await ana.publishAsync('t', 'x', { qos: 1 });
  await ana.endAsync();
  const open = await start(t, { args: ['--password-file', file, '--anonymous', 'true'] });
  await (await connect(open, {})).endAsync();
});

test('rules refuse, and SIGHUP changes them for those who are connected', async (t) => {
  const path = folder(t);
  const [config, users] = [join(path, 'vitrine.toml'), join(path, 'users')];
  passwd(users, 'ana', 'secret');
  passwd(users, 'ben', 'secret');
  const rules = (topics) => `[access]\npassword_file = "users"\ndefault = "deny"\n[[access.rules]]\nuser = "*"\nallow = "all"\ntopics = "${topics}"\n`;
  writeFileSync(config, rules('home/%u/#'));
  const server = await start(t, { args: ['--config', config] });
  const ana = await connect(server, { username: 'ana', password: 'secret' });
  const ben = await connect(server, { username: 'ben', password: 'secret' });
  await ana.publishAsync('home/ana/x', '1', { qos: 1 });
  const refused = () => assert.rejects(ana.publishAsync('home/ben/x', '1', { qos: 1 }), { code: 0x87 });
  await refused();
  writeFileSync(config, 'nonsense');
  process.kill(server.pid, 'SIGHUP');
  await until(() => server.log().includes('What counted before goes on to count'));
  await refused();
  writeFileSync(config, rules('home/#'));
  run('passwd', users, 'ben', '--delete');
  const told = new Promise((resolve) => ben.on('disconnect', resolve));
  process.kill(server.pid, 'SIGHUP');
  assert.equal((await told).reasonCode, 0x87);
  await ana.publishAsync('home/ben/x', '1', { qos: 1 });
  await Promise.all([ana.endAsync(), ben.endAsync(true)]);
});

test('the log tells who was refused, from where, and by which rule', async (t) => {
  const path = folder(t);
  const [config, users] = [join(path, 'vitrine.toml'), join(path, 'users')];
  passwd(users, 'ana', 'secret');
  writeFileSync(
    config,
    `[access]
password_file = "users"
default = "allow"
[[access.rules]]
name = "not the safe"
deny = ["publish", "subscribe"]
topics = "safe/#"
`,
  );
  const server = await start(t, { args: ['--config', config] });
  const logged = (pattern) => until(() => pattern.test(server.log()), String(pattern));
  await refusal(server, { clientId: 'panel', username: 'ana', password: 'wrong' });
  await logged(/INFO refused client=panel user=ana from=127\.0\.0\.1:\d+ by="tcp" reason=BadUserNameOrPassword rule="users"\n/);
  await refusal(server, {});
  await logged(/INFO refused client=\S+ from=127\.0\.0\.1:\d+ by="tcp" reason=NotAuthorized rule="anonymous"\n/);
  const ana = await connect(server, { clientId: 'ana', username: 'ana', password: 'secret', protocolVersion: 4 });
  await ana.publishAsync('safe/door', 'open', { qos: 1 });
  await logged(/DEBUG refused to publish client=ana topic=safe\/door reason=NotAuthorized rule="not the safe"\n/);
  await ana.subscribeAsync('safe/+', { qos: 1 }).catch(() => {});
  await logged(/DEBUG refused to subscribe client=ana filter=safe\/\+ reason=NotAuthorized rule="not the safe"\n/);
  await ana.endAsync(true);
});

test('a broker that is open to everybody says so', async (t) => {
  const open = /everybody who can reach this machine may publish and read everything/;
  const users = join(folder(t), 'users');
  passwd(users, 'ana', 'secret');
  assert.match((await start(t, { args: ['--ws', '0.0.0.0:0'] })).log(), open);
  assert.doesNotMatch((await start(t)).log(), open);
  assert.doesNotMatch((await start(t, { args: ['--ws', '0.0.0.0:0', '--password-file', users] })).log(), open);
});

test('files that are watched count by themselves when they change', async (t) => {
  const path = folder(t);
  const [config, users] = [join(path, 'vitrine.toml'), join(path, 'users')];
  passwd(users, 'ana', 'secret');
  writeFileSync(config, 'watch_files = true\n[access]\npassword_file = "users"\n');
  const server = await start(t, { args: ['--config', config] });
  assert.equal(await refusal(server, { username: 'ben', password: 'secret' }), 0x86);
  passwd(users, 'ben', 'secret');
  await until(() => server.log().includes('files changed: read again who may do what users=2'));
  await (await connect(server, { username: 'ben', password: 'secret' })).endAsync();
  writeFileSync(users, 'nonsense');
  await until(() => server.log().includes(`files changed: ${users}:1: `));
  await (await connect(server, { username: 'ana', password: 'secret' })).endAsync();
});

test('files that make no sense stop the start, with their line', (t) => {
  const path = folder(t);
  const [config, users] = [join(path, 'vitrine.toml'), join(path, 'users')];
  writeFileSync(users, '# people\nana:secret\n');
  const said = (...args) => run('broker', '--tcp', '127.0.0.1:0', ...args).stderr.replaceAll(`${path}/`, '');
  assert.match(said('--password-file', users), /^vitrine: users:2: .*no argon2id hash/);
  assert.match(said('--password-file', join(path, 'none')), /cannot read none: .*; `vitrine passwd none NAME` makes it\n$/);
  writeFileSync(config, '[access]\nanonymos = true\n');
  assert.match(said('--config', config), /^vitrine: vitrine\.toml:2: .*anonym/);
});
