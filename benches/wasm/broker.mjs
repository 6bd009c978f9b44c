// The broker alone: bytes in, bytes out, in one process and without a client library in between. Ours, as the wasm
// module that the page's worker loads, beside aedes driven the same way in the same run.
//
//   cargo xtask bench broker [--rounds 5] [--measure 1000] [--warm-up 300] [--only 'QoS 0'] [--json FILE]
//
// or, when the page is built: npm ci && node broker.mjs
import { fileURLToPath } from 'node:url';
import * as aedes from './inproc/aedes.mjs';
import * as vitrine from './inproc/vitrine.mjs';
import { options, report, rounds } from './lib/report.mjs';

const dist = process.env.VITRINE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
const { warmUp, measure, ...how } = options({ rounds: 5, warmUp: 300, measure: 1000 });

const window = 100;
const cases = [
  ...[1, 50].flatMap((subscribers) =>
    [0, 1, 2].flatMap((qos) => [1, 50].map((chunk) => ({ subscribers, qos, chunk, window, payload: 64 }))),
  ),
  { subscribers: 1, qos: 0, chunk: 1, window, payload: 4096 },
];
const engine = await vitrine.loadEngine(dist);
const brokers = {
  vitrine: (shape) => vitrine.run(engine, shape, { warmUp, measure }),
  'vitrine, observed': (shape) => vitrine.run(engine, { ...shape, observed: true }, { warmUp, measure }),
  'aedes 1.2.0': (shape) => aedes.run(shape, { warmUp, measure }),
};
const names = Object.keys(brokers);
const results = await rounds(cases, names, (name, shape) => brokers[name](shape), how);
report('Bytes in, bytes out, in Node, window 100', results, names, how);
// aedes leaves timers behind.
process.exit(0);
