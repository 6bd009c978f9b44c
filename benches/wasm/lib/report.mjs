// What a benchmark says: rounds that alternate between the brokers, medians, ratios, a table and a file.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const thousands = (number) =>
  Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** A ratio with as many digits as it deserves. */
export const factor = (number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));

/** Options of the command line: `--rounds 5 --measure 1000 --warm-up 300 --only TEXT --json FILE`. */
export function options(defaults) {
  const found = { ...defaults };
  const args = process.argv.slice(2);
  while (args.length) {
    const name = args
      .shift()
      .replace(/^--/, '')
      .replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (!(name in found) && !['json', 'only'].includes(name)) throw new Error(`no such option: ${name}`);
    const value = args.shift();
    if (value === undefined) throw new Error(`${name} wants a value`);
    found[name] = typeof defaults[name] === 'number' ? Number(value) : value;
  }
  return found;
}

/** What a case is called. */
export function title({ subscribers, qos, chunk, payload }) {
  const size = payload < 1024 ? `${payload} B` : `${payload / 1024} KiB`;
  return `1 → ${subscribers}, QoS ${qos}, ${size}, ${chunk} a chunk`;
}

/**
 * Runs every case once for each broker in each round, the brokers taking turns at being first.
 *
 * @param {object[]} cases shapes of load
 * @param {string[]} names the brokers; ours first
 * @param {(name: string, shape: object) => Promise<{rate: number} | null>} run null where a broker has no such case
 */
export async function rounds(cases, names, run, { rounds: count, only }) {
  const chosen = cases.filter((shape) => !only || title(shape).includes(only));
  const results = chosen.map((shape) => ({ shape, runs: Object.fromEntries(names.map((name) => [name, []])) }));
  for (let round = 0; round < count; round++) {
    for (const { shape, runs } of results) {
      const order = round % 2 ? names.toReversed() : names;
      for (const name of order) {
        const result = await run(name, shape);
        if (result) runs[name].push(result);
        if (process.stderr.isTTY)
          process.stderr.write(`\rround ${round + 1} of ${count}: ${title(shape)}, ${name}          `);
      }
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  return results;
}

/** Prints the table, and writes all runs to `json` where that is given. */
export function report(heading, results, names, { json }) {
  const [ours, ...others] = names;
  const columns = ['messages delivered a second', ...names, ...others.map((name) => `${ours} ÷ ${name}`)];
  const lines = [columns, columns.map((_, i) => (i ? '---:' : '---'))];
  for (const { shape, runs } of results) {
    const rates = (name) => {
      const all = runs[name].map((run) => run.rate);
      return all.length
        ? `${thousands(median(all))} (${thousands(Math.min(...all))}–${thousands(Math.max(...all))})`
        : '–';
    };
    // Noise is shared by the runs of one round, so the ratio is the median of the rounds' own ratios.
    const ratio = (name) =>
      runs[name].length ? factor(median(runs[name].map((run, round) => runs[ours][round].rate / run.rate))) : '–';
    lines.push([title(shape), ...names.map(rates), ...others.map(ratio)]);
  }
  console.log(`\n${heading}\n`);
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
  const machine = { processors: cpus().length, load: loadavg().map((load) => +load.toFixed(1)), node: process.version };
  const date = new Date().toISOString().slice(0, 10);
  console.log(
    `\n${date}, ${machine.processors} processors, load ${machine.load.join(' ')} at the end, Node ${machine.node}`,
  );
  if (json) writeFileSync(json, JSON.stringify({ heading, date, machine, results }, null, 2) + '\n');
}
