import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reading, SENSORS, SUBSCRIBERS } from './course.js';

/** A sequence that is the same in every run. */
function sequence(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const quantities = SENSORS.flatMap((sensor) => sensor.quantities);

test('four sensors have eight topics', () => {
  const topics = SENSORS.flatMap(({ area, sensor, quantities }) => quantities.map(({ name }) => `${area}/${sensor}/${name}`));
  assert.equal(SENSORS.length, 4);
  assert.equal(new Set(topics).size, 8);
});

test('every QoS is published and granted', () => {
  assert.deepEqual([...new Set(quantities.map(({ qos }) => qos))].sort(), [0, 1, 2]);
  assert.deepEqual(SUBSCRIBERS.map(({ qos }) => qos), [1, 2]);
});

test('readings are plain numbers that drift, and stay what a room can have', () => {
  for (const quantity of quantities) {
    const reading = new Reading(quantity, sequence(7));
    let last = Number(reading.next());
    let moved = 0;
    for (let n = 0; n < 5000; n += 1) {
      const payload = reading.next();
      assert.match(payload, /^\d+\.\d$/);
      const value = Number(payload);
      assert.ok(value >= quantity.least && value <= quantity.most);
      assert.ok(Math.abs(value - quantity.mean) < 2 * quantity.spread, `${quantity.name} ${value}`);
      assert.ok(Math.abs(value - last) < quantity.spread / 2, 'no jumps');
      moved += value === last ? 0 : 1;
      last = value;
    }
    assert.ok(moved > 2500, 'the reading moves');
  }
});
