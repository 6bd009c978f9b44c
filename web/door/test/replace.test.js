import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';

import { VitrineSocket, install, uninstall } from '../index.js';
import { hostHere } from './far-end.js';

const host = hostHere().start();
after(() => host.stop());

/** Stands for the browser's own class. */
class Real extends EventTarget {
  static OPEN = 1;
  constructor(url) {
    super();
    if (!String(url).includes(':')) throw new DOMException('no URL', 'SyntaxError');
    this.url = url;
  }
}

globalThis.WebSocket = Real;
afterEach(() => {
  uninstall();
  assert.equal(globalThis.WebSocket, Real);
});

test('only the one host name is taken over', () => {
  install();
  const ours = new WebSocket('ws://vitrine.local:80/mqtt', ['mqtt']);
  const theirs = new WebSocket('ws://example.org');
  assert.ok(ours instanceof VitrineSocket);
  assert.ok(!(theirs instanceof VitrineSocket));
  assert.equal(theirs.constructor, Real);
  assert.ok(ours instanceof WebSocket && theirs instanceof WebSocket);
  assert.ok(!({} instanceof WebSocket));
  assert.equal(WebSocket.OPEN, 1);
  assert.equal(WebSocket.prototype, Real.prototype);
  assert.throws(() => new WebSocket('nonsense'), { name: 'SyntaxError' });
  assert.throws(() => WebSocket('ws://example.org'), TypeError);
  ours.cut();
});

test('classes that extend WebSocket go on working', () => {
  install();
  class Mine extends WebSocket {
    more() {
      return 1;
    }
  }
  const mine = new Mine('ws://example.org');
  assert.ok(mine instanceof Mine && mine instanceof Real);
  assert.equal(mine.more(), 1);
  assert.throws(() => new Mine('ws://vitrine.local'), /extend VitrineSocket/);
});

test('several names, each given back alone', () => {
  install('vitrine.local');
  install('Broker.Example');
  uninstall('vitrine.local');
  assert.equal(new WebSocket('ws://vitrine.local').constructor, Real);
  const ours = new WebSocket('wss://broker.example/x');
  assert.ok(ours instanceof VitrineSocket);
  ours.cut();
  uninstall('broker.example');
});

test('who wrapped it meanwhile keeps his wrapper', () => {
  install();
  const ours = globalThis.WebSocket;
  class Wrapper extends ours {}
  globalThis.WebSocket = Wrapper;
  uninstall();
  assert.equal(globalThis.WebSocket, Wrapper);
  assert.ok(new Wrapper('ws://vitrine.local') instanceof Real);
  globalThis.WebSocket = Real;
});
