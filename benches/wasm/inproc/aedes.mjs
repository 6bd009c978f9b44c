// aedes driven in memory: each client is one Duplex, without a socket.
import { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { connect, subscribe, Client } from '../lib/mqtt.mjs';
import { Clock, Load, TOPIC } from '../lib/load.mjs';

class Pipe extends Duplex {
  // Not `client`: aedes puts its own there.
  peer = new Client();
  onProgress = () => {};
  #waiting = false;

  _read() {}

  _write(chunk, _encoding, done) {
    this.peer.receive(chunk);
    this.#soon();
    done();
  }

  _writev(chunks, done) {
    for (const { chunk } of chunks) this.peer.receive(chunk);
    this.#soon();
    done();
  }

  // Answers go back together at the end of the turn, which is cheaper for aedes than one by one.
  #soon() {
    if (this.#waiting) return;
    this.#waiting = true;
    process.nextTick(() => {
      this.#waiting = false;
      if (this.peer.owes) this.push(this.peer.flush());
      this.onProgress();
    });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function until(condition, what) {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 10_000) throw new Error(`aedes: no ${what}`);
    await turn();
  }
}

export async function run(shape, { warmUp, measure }) {
  const broker = await Aedes.createBroker();
  const open = async (id) => {
    const pipe = new Pipe();
    broker.handle(pipe);
    pipe.push(connect(id));
    await until(() => pipe.peer.connected, 'CONNACK');
    return pipe;
  };
  const pipes = [];
  for (let i = 0; i < shape.subscribers; i++) {
    const pipe = await open(`subscriber-${i}`);
    pipe.push(subscribe(TOPIC, shape.qos));
    await until(() => pipe.peer.subscribed, 'SUBACK');
    pipes.push(pipe);
  }
  const publisher = await open('publisher');
  const load = new Load(
    shape,
    publisher.peer,
    pipes.map((pipe) => pipe.peer),
  );
  const clock = new Clock(load, warmUp, measure);
  await new Promise((resolve) => {
    let over = false;
    const progress = () => {
      if (over) return;
      if (clock.over()) {
        over = true;
        resolve();
        return;
      }
      for (let bytes = load.next(); bytes !== null; bytes = load.next()) publisher.push(bytes);
    };
    for (const pipe of [...pipes, publisher]) pipe.onProgress = progress;
    progress();
  });
  for (const pipe of [...pipes, publisher]) pipe.destroy();
  await new Promise((resolve) => broker.close(resolve));
  return clock.result;
}
