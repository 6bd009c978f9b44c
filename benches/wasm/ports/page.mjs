// Runs in the page: the same client code for either broker, over whatever ports it gives.
import { Client, connect, subscribe } from '../lib/mqtt.mjs';
import { Clock, Load, TOPIC } from '../lib/load.mjs';
import * as plain from './plain.mjs';
import * as vitrine from './vitrine.mjs';

const brokers = {
  echo: () => plain.start('echo'),
  peer: () => plain.start('peer'),
  vitrine: () => vitrine.start(false),
  watched: () => vitrine.start(true),
};

// A task of its own, not slowed down as timers are.
const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(0);
  });

/** One run: a fresh worker, one publisher, one subscriber. */
window.run = async (broker, shape, { warmUp, measure }) => {
  const worker = await brokers[broker]();
  const deadline = performance.now() + 30_000;
  const until = async (condition, what) => {
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`${broker}: no ${what}`);
      await turn();
    }
  };
  // A transferred buffer is gone, so a chunk that comes again is copied.
  const open = async (id, progress) => {
    const client = new Client();
    const port = await worker.open();
    port.listen((bytes) => {
      client.receive(bytes);
      if (client.owes) port.send(client.flush().buffer);
      progress();
    });
    port.send(connect(id).buffer);
    await until(() => client.connected, 'CONNACK');
    return { client, send: (bytes) => port.send(bytes.slice().buffer) };
  };
  let progress = () => {};
  const subscribers = [];
  for (let i = 0; i < shape.subscribers; i++) {
    const subscriber = await open(`subscriber-${i}`, () => progress());
    subscriber.send(subscribe(TOPIC, shape.qos));
    await until(() => subscriber.client.subscribed, 'SUBACK');
    subscribers.push(subscriber.client);
  }
  const publisher = await open('publisher', () => progress());
  const load = new Load(shape, publisher.client, subscribers);
  const clock = new Clock(load, warmUp, measure);
  await new Promise((resolve, reject) => {
    let over = false;
    let seen = 0;
    const watch = setInterval(() => {
      if (over || load.delivered > seen) seen = load.delivered;
      else reject(new Error(`${broker}: nothing delivered for 5 s after ${seen}`));
    }, 5_000);
    progress = () => {
      if (over) return;
      if (clock.over()) {
        over = true;
        clearInterval(watch);
        resolve();
        return;
      }
      for (let bytes = load.next(); bytes !== null; bytes = load.next()) publisher.send(bytes);
    };
    progress();
  });
  worker.stop();
  return clock.result;
};
