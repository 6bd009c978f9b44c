import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openLab } from './lab.js';

/** A worker that says what the test has it say. */
class Far {
  /** @type {Far} */
  static last;
  /** @type {any[]} */
  heard = [];
  ended = false;
  /** @type {(event: { data: any }) => void} */
  onmessage = () => {};

  constructor() {
    Far.last = this;
  }

  /** @param {any} message */
  postMessage(message) {
    this.heard.push(message);
  }

  terminate() {
    this.ended = true;
  }

  /** @param {string} type */
  says(type) {
    this.onmessage({ data: { type } });
  }
}

/** A lab whose clock the test sets. @param {import('node:test').TestContext} t */
function open({ mock }) {
  let now = 0;
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
  Object.assign(globalThis, { Worker: Far });
  /** @type {string[]} */
  const states = [];
  const lab = openLab({ build: 'b' }, () => {}, ({ state }) => states.push(state));
  const pass = (/** @type {number} */ milliseconds) => {
    for (const until = now + milliseconds; now < until; now += 1) mock.timers.tick(1);
  };
  return { lab, far: Far.last, states, pass };
}

test('work that was asked for and takes long is told, and that it is done', (t) => {
  const { lab, far, states, pass } = open(t);
  lab.post('step');
  lab.post('step');
  pass(150);
  far.says('done');
  // The second one waited behind the first.
  pass(100);
  far.says('done');
  pass(5000);
  assert.deepEqual(states, ['busy', 'ready']);
  lab.post('step');
  pass(2100);
  assert.deepEqual(states, ['busy', 'ready', 'busy', 'slow']);
});

test('so is work that the worker begins by itself', (t) => {
  const { lab, far, states, pass } = open(t);
  for (let frame = 0; frame < 100; frame += 1) {
    far.says('begins');
    pass(30);
    far.says('done');
  }
  assert.deepEqual(states, []);
  far.says('begins');
  pass(250);
  assert.deepEqual(states, ['busy']);
  // What is asked for meanwhile waits for it.
  lab.post('stop');
  pass(2000);
  assert.deepEqual(states, ['busy', 'slow']);
  far.says('done');
  far.says('done');
  assert.deepEqual(states, ['busy', 'slow', 'ready']);
  lab.close();
  assert.equal(far.ended, true);
});
