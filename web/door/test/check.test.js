import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkClose, checkProtocols, checkUrl } from '../check.js';

const throws = (name, work) => assert.throws(work, (error) => error instanceof DOMException && error.name === name);

test('URLs are those of WebSockets', () => {
  assert.equal(checkUrl('ws://vitrine.local').href, 'ws://vitrine.local/');
  assert.equal(checkUrl('http://vitrine.local:8080/mqtt').href, 'ws://vitrine.local:8080/mqtt');
  assert.equal(checkUrl('https://vitrine.local/').href, 'wss://vitrine.local/');
  for (const url of ['', 'no url', 'mqtt://vitrine.local', 'ws://vitrine.local/#', 'ws://vitrine.local/#x']) {
    throws('SyntaxError', () => checkUrl(url));
  }
});

test('sub-protocols are distinct tokens', () => {
  assert.deepEqual(checkProtocols('mqtt'), ['mqtt']);
  assert.deepEqual(checkProtocols(['mqtt', 'mqttv3.1']), ['mqtt', 'mqttv3.1']);
  // Names that differ in case are different names, as they are for the browser.
  assert.deepEqual(checkProtocols(['mqtt', 'MQTT']), ['mqtt', 'MQTT']);
  for (const list of ['', ['mqtt', 'mqtt'], 'a b', 'a,b', ['é']]) {
    throws('SyntaxError', () => checkProtocols(list));
  }
});

test('a close code is 1000 or 3000 to 4999', () => {
  assert.deepEqual(checkClose(undefined, undefined), {});
  assert.deepEqual(checkClose(1000, 'bye'), { code: 1000, reason: 'bye' });
  assert.deepEqual(checkClose(4999.4, undefined), { code: 4999 });
  for (const code of [0, 999, 1001, 1005, 2999, 5000, 70000, NaN, null]) {
    throws('InvalidAccessError', () => checkClose(code, undefined));
  }
});

test('a close reason has at most 123 bytes', () => {
  assert.equal(checkClose(1000, 'é'.repeat(61)).reason.length, 61);
  throws('SyntaxError', () => checkClose(1000, 'é'.repeat(62)));
  assert.equal(checkClose(1000, '\ud800').reason, '\ufffd');
});
