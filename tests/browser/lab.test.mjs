/** The world of the lab in the user's hand: time that goes on and back, faults where they are pressed, roads that fork, heads. */

import { Lab, short } from './support/lab.mjs';
import { assert, pageTest, until } from './support/scene.mjs';

/** Room for every row of these tests. */
const TALL = { width: 1400, height: 2600 };
const LOST_ACK = '06-qos-1-lost-acknowledgement';
const PUBLISH = { client: 'sensor-5000', direction: 'in', type: 'PUBLISH' };

/** A test in a lesson. @param {string} name @param {string} lesson @param {(lab: Lab, tab: any) => Promise<void>} body @param {object} [options] */
function labTest(name, lesson, body, options = {}) {
  return pageTest(
    name,
    async (tab) => {
      const lab = new Lab(tab.view);
      await lab.open(lesson);
      await body(lab, tab);
    },
    { viewport: TALL, ...options },
  );
}

/** A test in the world without a script, once all is quiet. Its clients come back by themselves; sensor-5000 has a Will. */
const freeTest = (name, body) =>
  labTest(name, '00-free-world', async (lab, tab) => {
    await lab.toText(1);
    await body(lab, tab);
  });

/** Publishes with the lab's form. */
async function publish(lab, client, topic, payload, { qos = 0, retain = false } = {}) {
  await lab.atHead(client, 'publish');
  await lab.at('publish-topic').fill(topic);
  await lab.at('publish-payload').fill(payload);
  await lab.at(`publish-qos-${qos}`).click();
  if (retain) await lab.at('publish-retain').click();
  const { end } = await lab.bar();
  await lab.at('publish-send').click();
  await lab.when(({ bar }) => bar.end > end, 'that it publishes');
  await lab.page.keyboard.press('Escape');
}

/** Lets time pass, and all happen that happens in it. @param {1 | 10 | 60 | 600 | 3600 | 'sleep'} seconds */
async function wait(lab, seconds) {
  const { time } = await lab.bar();
  await lab.at('lab-wait').click();
  await lab.at(`lab-wait-menu-${seconds}`).click();
  await lab.when(({ bar }) => bar.time > time, `that ${seconds} s pass`);
}

/** What the ladder says, in lines. */
const told = async (lab, beside) => (await lab.rows(beside)).map(short);

/** Waits for a fact in a head. */
async function fact(lab, who, wanted) {
  return until(async () => {
    const { [who]: head } = await lab.heads();
    const found = head.facts.find((fact) => Object.entries(wanted).every(([name, value]) => fact[name] === value));
    if (!found) throw new Error(`${who} has no ${JSON.stringify(wanted)} but ${JSON.stringify(head.facts)}`);
    return found;
  });
}

/** Waits until there is no such fact in a head, but for what the last step ended. */
async function noFact(lab, who, wanted) {
  await until(async () => {
    const { [who]: head } = await lab.heads();
    const found = head.facts.filter(({ change, ...fact }) => change !== 'gone' && Object.entries(wanted).every(([name, value]) => fact[name] === value));
    assert.deepEqual(found, [], `${who} still has it`);
  });
}

labTest('a step on, a step back, with the slider to anywhere: each moment shows what it showed', LOST_ACK, async (lab) => {
  const before = new Map();
  const see = async () => {
    const { moment, time } = await lab.bar();
    return [moment, { time, rows: await told(lab), heads: await lab.heads() }];
  };
  const keep = ([moment, what]) => before.set(moment, what);
  keep(await see());
  for (let n = 0; n < 14; n += 1) {
    await lab.step();
    keep(await see());
  }
  const moments = [...before.keys()];
  assert.deepEqual(moments, [...moments].sort((a, b) => a - b));
  const again = async (moment) =>
    until(async () => {
      const [there, seen] = await see();
      assert.equal(there, moment);
      assert.deepEqual(seen, before.get(moment));
    });
  for (const moment of moments.slice(0, -1).reverse()) {
    await lab.back();
    await again(moment);
  }
  for (const at of [9, 2, 13, 0, 7]) {
    await lab.go(moments[at]);
    await again(moments[at]);
  }
});

labTest('to a text and back to it, and time that goes on by itself until a question', LOST_ACK, async (lab, { page }) => {
  const { bar: first } = await lab.look();
  await lab.press('Shift+ArrowRight');
  const { bar: second } = await lab.when(({ lesson }) => lesson.step === 1);
  await lab.step();
  await lab.press('Shift+ArrowLeft');
  await lab.when(({ bar, lesson }) => lesson.step === 1 && bar.moment === second.moment);
  await lab.press('Shift+ArrowLeft');
  await lab.when(({ bar, lesson }) => lesson.step === 0 && bar.moment === first.moment);
  await lab.at('lab-speed').selectOption('60');
  await page.keyboard.press('r');
  // Nobody answers by letting time run: it stops where the question stands.
  const asked = await lab.when(({ bar, lesson }) => bar.speed === 0 && bar.moment > first.moment && lesson.step === 2);
  assert.equal(asked.lesson.because, undefined);
  assert.equal(asked.lesson.options.length, 3);
  // Who goes on without an answer is told it, and where he comes back to it, too.
  await lab.toText(3);
  await lab.press('Shift+ArrowLeft');
  const { lesson } = await lab.when(({ lesson }) => lesson.step === 2 && lesson.because !== undefined);
  assert.deepEqual(lesson.options.map(({ verdict, chosen }) => [verdict, chosen]), [['none', false], ['none', false], ['right', false]]);
});

labTest('acting in the past begins another road; both are kept; undo takes it back', LOST_ACK, async (lab) => {
  await lab.toText(3);
  const first = { ...(await lab.bar()), rows: await told(lab) };
  assert.equal(await lab.at('lab-roads').count(), 0);
  await lab.go((await lab.at('lab-mark', { kind: 'text' }).nth(1).getAttribute('data-moment')) * 1);
  await lab.atHead('painel', 'disconnect');
  const roads = await lab.roads();
  assert.deepEqual(roads.map(({ here }) => here), [false, true]);
  const { lesson } = await lab.step();
  assert.equal(lesson.astray, true);
  await lab.row({ kind: 'packet', type: 'DISCONNECT', client: 'painel' });
  // The first road is what it was.
  await lab.toRoad(roads[0].id);
  await lab.go(first.moment);
  await until(async () => assert.deepEqual(await told(lab), first.rows));
  // And so is the second.
  await lab.toRoad(roads[1].id);
  await lab.row({ kind: 'packet', type: 'DISCONNECT', client: 'painel' });
  await lab.page.keyboard.press('u');
  await lab.when(({ bar }) => bar.road === roads[0].id, 'the first road');
  assert.equal(await lab.at('lab-roads').count(), 0);
});

freeTest('cut before a packet arrives: it is lost, nobody has it, and it is sent again with DUP', async (lab) => {
  await publish(lab, 'sensor-5000', 'area/10/x', 'um', { qos: 1 });
  await lab.stepToFlying(PUBLISH);
  await lab.atPacket(PUBLISH, 'cut-before');
  await lab.stepUntil(async () => (await lab.rows()).find(({ type, fate }) => type === 'PUBLISH' && fate === 'lost'), 'lost PUBLISH');
  const arrived = async () => (await lab.rows()).filter(({ type, fate, payload, client }) => type === 'PUBLISH' && fate === 'arrived' && payload === 'um' && client === 'painel');
  assert.deepEqual(await arrived(), []);
  // It says what happened.
  await lab.row({ kind: 'outside', why: 'cut', client: 'sensor-5000' });
  await lab.stepUntil(async () => (await lab.rows()).find(({ type, direction, dup, fate }) => type === 'PUBLISH' && direction === 'in' && dup && fate === 'arrived'), 'PUBLISH with DUP');
  await lab.stepUntil(async () => (await arrived()).length === 1, 'copy for painel');
});

freeTest('cut after a packet arrived: it is there, its acknowledgement is lost, and it comes twice', async (lab) => {
  await publish(lab, 'sensor-5000', 'area/10/x', 'dois', { qos: 1 });
  await lab.stepToFlying(PUBLISH);
  await lab.atPacket(PUBLISH, 'cut-after');
  const to = async (client, direction) =>
    (await lab.rows()).filter((row) => row.type === 'PUBLISH' && row.fate === 'arrived' && row.payload === 'dois' && row.client === client && row.direction === direction);
  await lab.stepUntil(async () => (await to('sensor-5000', 'in')).length === 2, 'second PUBLISH');
  assert.deepEqual((await to('sensor-5000', 'in')).map(({ dup, id }) => [dup, id]), [[false, 2], [true, 2]]);
  await lab.stepUntil(async () => (await to('painel', 'out')).length === 2, 'second copy for painel');
  assert.deepEqual((await to('painel', 'out')).map(({ dup }) => dup), [false, false]);
});

freeTest('a packet held in flight stays there while time passes, until it is let go', async (lab) => {
  await publish(lab, 'sensor-5000', 'area/10/x', 'preso', { qos: 1 });
  await lab.stepToFlying(PUBLISH);
  await lab.atPacket(PUBLISH, 'hold-here');
  await lab.row({ kind: 'outside', why: 'hold', client: 'sensor-5000' });
  const held = async () => (await lab.flying()).filter(({ state }) => state === 'held').map(({ type, client }) => [type, client]);
  await until(async () => assert.deepEqual(await held(), [['PUBLISH', 'sensor-5000']]));
  await wait(lab, 10);
  assert.deepEqual(await held(), [['PUBLISH', 'sensor-5000']]);
  await lab.atPacket(PUBLISH, 'let-go');
  await lab.row({ kind: 'outside', why: 'release', client: 'sensor-5000' });
  await lab.stepUntil(async () => (await lab.rows()).find(({ type, payload, client }) => type === 'PUBLISH' && payload === 'preso' && client === 'painel'), 'copy for painel');
});

freeTest('a side held at its lifeline says so, and lets go', async (lab) => {
  await lab.atHead('painel', 'hold-down');
  const head = lab.at('lifeline', { client: 'painel' });
  await until(async () => assert.equal(await head.getAttribute('data-held'), 'down'));
  await publish(lab, 'sensor-5000', 'area/10/x', 'espera', { qos: 0 });
  await wait(lab, 10);
  await lab.row({ type: 'PUBLISH', client: 'painel', payload: 'espera', fate: 'flying' });
  await lab.atHead('painel', 'release-down');
  await until(async () => assert.equal((await head.getAttribute('data-held')) || '', ''));
  await lab.stepUntil(async () => (await lab.rows()).find(({ client, payload, fate }) => client === 'painel' && payload === 'espera' && fate === 'arrived'), 'copy for painel');
});

for (const [entry, again] of [
  ['crash-memory', true],
  ['crash', false],
]) {
  freeTest(`a client crashes ${again ? 'with its memory kept' : 'and its memory is gone'}: the message is ${again ? '' : 'not '}sent again`, async (lab) => {
    await publish(lab, 'sensor-5000', 'area/10/x', 'queda', { qos: 1 });
    await lab.stepToFlying(PUBLISH);
    await fact(lab, 'sensor-5000', { kind: 'message', value: 'queda', until: 'PUBACK' });
    await lab.atHead('sensor-5000', entry);
    await lab.row({ kind: 'outside', why: 'client-crashed', client: 'sensor-5000' });
    await until(async () => assert.equal(await lab.at('lifeline', { client: 'sensor-5000' }).getAttribute('data-down'), 'true'));
    await lab.row({ type: 'PUBLISH', client: 'sensor-5000', fate: 'lost' });
    if (again) await fact(lab, 'sensor-5000', { kind: 'message', value: 'queda' });
    else await noFact(lab, 'sensor-5000', { kind: 'message' });
    await lab.atHead('sensor-5000', 'start');
    await lab.row({ kind: 'outside', why: 'client-started', client: 'sensor-5000' });
    await wait(lab, 10);
    const dup = (await lab.rows()).filter(({ type, dup, payload, fate }) => type === 'PUBLISH' && dup && payload === 'queda' && fate === 'arrived');
    assert.equal(dup.length, again ? 1 : 0, (await told(lab)).join('\n'));
  });
}

for (const [entry, kept] of [
  ['broker-start', true],
  ['broker-start-empty', false],
]) {
  freeTest(`the broker crashes and comes back ${kept ? 'with' : 'without'} its store`, async (lab) => {
    await publish(lab, 'sensor-5000', 'area/10/fixo', 'guardado', { qos: 1, retain: true });
    await wait(lab, 10);
    await fact(lab, 'broker', { kind: 'retained', name: 'area/10/fixo', value: 'guardado' });
    await lab.atHead('broker', 'broker-crash');
    await lab.row({ kind: 'outside', why: 'broker-crashed' });
    await until(async () => assert.equal(await lab.at('lifeline-broker').getAttribute('data-down'), 'true'));
    await lab.atHead('broker', entry);
    await lab.row({ kind: 'outside', why: 'broker-started' });
    if (kept) {
      await fact(lab, 'broker', { kind: 'retained', name: 'area/10/fixo' });
      await fact(lab, 'broker', { kind: 'session', of: 'arquivo' });
    } else {
      await noFact(lab, 'broker', { kind: 'retained', name: 'area/10/fixo' });
      await noFact(lab, 'broker', { kind: 'subscription', of: 'arquivo' });
    }
  });
}

freeTest('a Will fires when its client is cut off, not when it says goodbye', async (lab) => {
  await lab.atHead('sensor-5000', 'disconnect');
  await wait(lab, 1);
  assert.equal((await lab.rows()).some(({ kind }) => kind === 'will'), false);
  await lab.page.keyboard.press('u');
  await lab.atHead('sensor-5000', 'cut');
  await lab.stepUntil(async () => (await lab.rows()).find(({ kind }) => kind === 'will'), 'Will');
  await lab.stepUntil(async () => (await lab.rows()).find(({ type, client, topic, payload, fate }) => type === 'PUBLISH' && client === 'painel' && topic === 'area/10/sensor/5000/estado' && payload === 'offline' && fate === 'arrived'), 'Will at painel');
  await fact(lab, 'broker', { kind: 'retained', name: 'area/10/sensor/5000/estado', value: 'offline' });
});

freeTest('who leaves with code 0x04 leaves its Will, and a clean session is another one', async (lab) => {
  await lab.atHead('sensor-5000', 'disconnect-will');
  await lab.stepUntil(async () => (await lab.rows()).find(({ kind }) => kind === 'will'), 'Will');
  await lab.row({ type: 'DISCONNECT', client: 'sensor-5000', reason: 4 });
  await lab.atHead('arquivo', 'disconnect');
  await wait(lab, 10);
  await fact(lab, 'broker', { kind: 'subscription', of: 'arquivo' });
  await lab.atHead('arquivo', 'connect-clean');
  await wait(lab, 10);
  await noFact(lab, 'broker', { kind: 'subscription', of: 'arquivo' });
  await fact(lab, 'broker', { kind: 'session', of: 'arquivo' });
});

freeTest('a session expires when its time is over', async (lab) => {
  await lab.atHead('arquivo', 'disconnect');
  await wait(lab, 600);
  await fact(lab, 'broker', { kind: 'session', of: 'arquivo' });
  await fact(lab, 'broker', { kind: 'timer', of: 'arquivo', name: 'SessionExpiry' });
  await wait(lab, 3600);
  await noFact(lab, 'broker', { kind: 'session', of: 'arquivo' });
  await lab.row({ kind: 'session-ended', client: 'arquivo' });
});

freeTest('time is skipped: everybody wakes an hour later', async (lab) => {
  const { time } = await lab.bar();
  await wait(lab, 'sleep');
  const row = await lab.row({ kind: 'outside', why: 'skipped' });
  assert.equal(row.client, undefined);
  assert.equal((await lab.bar()).time, time + 3_600_000);
  // Nobody was heard for an hour: the broker ends what is longer silent than one and a half times the Keep Alive.
  await lab.stepUntil(async () => (await lab.rows()).some(({ kind, why }) => kind === 'closed' && /keep-?alive/i.test(why)), 'end by Keep Alive');
});


labTest('heads tell what each side holds of a QoS 2 handshake, and what the last step changed', '11-qos-2-pubcomp', async (lab) => {
  const held = async () => {
    const heads = await lab.heads();
    const lines = Object.entries(heads).flatMap(([who, { facts }]) =>
      facts
        .filter(({ kind }) => kind === 'message' || kind === 'packet-id')
        .map(({ kind, of, id, until, change }) => `${who}${of ? ` for ${of}` : ''}: ${kind} ${id} until ${until}${change ? ` (${change})` : ''}`),
    );
    return lines.sort();
  };
  const after = async (lines) => {
    await lab.step();
    await until(async () => assert.deepEqual(await held(), lines));
  };
  assert.deepEqual(await held(), []);
  const stop = async (wanted) => {
    await lab.stepUntil(async () => (await lab.flying()).some(({ client, direction, type }) => `${client} ${direction} ${type}` === wanted), wanted);
  };
  await stop('sensor-5000 in PUBLISH');
  await until(async () => assert.deepEqual(await held(), ['sensor-5000: message 1 until PUBREC (new)']));
  // It arrives, is stored and handed on: the broker now has it for painel, and its id from sensor-5000.
  await after(['broker for painel: message 1 until PUBREC (new)', 'broker for sensor-5000: packet-id 1 until PUBREL (new)', 'sensor-5000: message 1 until PUBREC']);
  await stop('painel in PUBREC');
  await until(async () =>
    assert.deepEqual(
      (await held()).filter((line) => line.startsWith('painel')),
      ['painel: packet-id 1 until PUBREL (new)'],
    ),
  );
  await stop('sensor-5000 in PUBREL');
  await until(async () => {
    const lines = (await held()).filter((line) => line.startsWith('sensor-5000'));
    assert.deepEqual(lines, ['sensor-5000: message 1 until PUBREC (gone)', 'sensor-5000: packet-id 1 until PUBCOMP (new)']);
  });
});

labTest('side by side, under the same fault: QoS 0 loses or not, QoS 1 doubles, QoS 2 is exact', LOST_ACK, async (lab, { page }) => {
  await lab.toText(2);
  await lab.at('lab-beside').click();
  await lab.at('beside-column').nth(2).waitFor();
  const columns = await lab.at('beside-column').evaluateAll((all) => all.map(({ dataset }) => [dataset.qos, dataset.main]));
  assert.deepEqual(columns.map(([qos]) => qos), ['0', '1', '2']);
  assert.deepEqual(columns.filter(([, main]) => main === 'true').length, 1);
  await lab.toText(5);
  await wait(lab, 10);
  const copies = async (qos) =>
    (await lab.rows(qos)).filter(({ type, client, direction, payload, fate }) => type === 'PUBLISH' && client === 'painel' && direction === 'out' && payload === '21.6' && fate === 'arrived').length;
  await until(async () => assert.deepEqual([await copies(0), await copies(1), await copies(2)], [1, 2, 1]));
  // The heads tell of all three.
  await page.keyboard.press('h');
  await until(async () => assert.deepEqual(await lab.at('heads-qos').evaluateAll((all) => all.map(({ dataset }) => dataset.qos)), ['0', '1', '2']));
  await lab.at('lab-beside').click();
  await lab.at('beside').waitFor({ state: 'detached' });
});

pageTest(
  'the story: at least once. Stop before the PUBACK, cut, see the duplicate, go back, take the other road, and send the class there',
  async ({ page, view, scene }) => {
    const lab = new Lab(view);
    await lab.open(LOST_ACK);
    await lab.stepToFlying({ client: 'sensor-5000', direction: 'out', type: 'PUBACK' });
    const before = await lab.bar();
    await lab.atPacket({ client: 'sensor-5000', direction: 'out', type: 'PUBACK' }, 'cut-before');
    await lab.stepUntil(async () => (await lab.rows()).find(({ type, fate }) => type === 'PUBACK' && fate === 'lost'), 'lost PUBACK');
    await lab.row({ kind: 'outside', why: 'cut', client: 'sensor-5000' });
    await lab.stepUntil(async () => (await lab.heads())['sensor-5000'].state === 'offline', 'end at sensor-5000');
    await lab.atHead('sensor-5000', 'connect');
    const duplicate = await lab.stepUntil(
      async () => (await lab.rows()).find(({ client, type, direction, dup, fate }) => client === 'sensor-5000' && type === 'PUBLISH' && direction === 'in' && dup && fate === 'arrived'),
      'duplicate',
    );
    assert.equal(duplicate.id, 1);
    const copies = async () => (await lab.rows()).filter(({ client, type, payload, fate }) => client === 'painel' && type === 'PUBLISH' && payload === '21.5' && fate === 'arrived').length;
    await lab.stepUntil(async () => (await copies()) === 2, 'second copy');
    const cut = { ...(await lab.bar()), rows: await told(lab) };
    // Back to where the class was asked, and the other road.
    await lab.go(before.moment);
    if ((await lab.bar()).road === before.road && (await lab.roads()).length > 0) await lab.toRoad((await lab.roads())[0].id);
    await lab.go(before.moment);
    await lab.atHead('painel', 'ping');
    await lab.stepUntil(async () => (await lab.rows()).find(({ client, type, fate }) => client === 'sensor-5000' && type === 'PUBACK' && fate === 'arrived'), 'PUBACK');
    const there = { ...(await lab.bar()), rows: await told(lab), heads: await lab.heads(), roads: await lab.roads() };
    assert.equal(there.roads.length >= 2, true);
    const link = await lab.share();
    assert.equal(await view.at('lab-problem').count(), 0);
    // A student opens it, with nothing of ours.
    const look = async () => {
      const student = await scene.another({ viewport: TALL });
      const tab = await student.open(new URL(link).hash);
      const theirs = new Lab(tab.view);
      await theirs.when(({ bar }) => bar.moment === there.moment, 'the moment of the link');
      return { theirs, rows: await told(theirs) };
    };
    const { theirs, rows } = await look();
    await until(async () => assert.deepEqual(await told(theirs), there.rows));
    const bar = await theirs.bar();
    assert.deepEqual([bar.road, bar.time, bar.end], [there.road, there.time, there.end]);
    await until(async () => assert.deepEqual(await theirs.roads(), there.roads));
    await until(async () => assert.deepEqual(await theirs.heads(), there.heads));
    // The road with the cut is there, too.
    await theirs.toRoad(cut.road);
    await theirs.go(cut.moment);
    await until(async () => assert.deepEqual(await told(theirs), cut.rows));
    // And whoever opens it gets the same, with the same numbers and times.
    const other = await look();
    await until(async () => assert.deepEqual(await told(other.theirs), there.rows));
    assert.deepEqual(rows.length, there.rows.length);

  },
  { viewport: TALL },
);
