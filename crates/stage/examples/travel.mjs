// What going back and forth in time costs in wasm: see travel.rs.

import { readFileSync } from 'node:fs';

const folder = process.env.CARGO_TARGET_DIR ?? 'target';
const file = `${folder}/wasm32-unknown-unknown/release/examples/travel.wasm`;
const { instance } = await WebAssembly.instantiate(readFileSync(file), {});
const { begin, go, fork, snapshots, held, open, jump, back, step } = instance.exports;

// Processor time, in milliseconds: others use the machine as well.
const took = (what) => {
    const start = process.cpuUsage();
    what();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
};

const tell = (times) =>
    Object.entries(times)
        .map(([name, list]) => {
            list.sort((a, b) => a - b);
            const at = (part) => list[Math.floor(part * (list.length - 1))].toFixed(2);
            return `${name} ${at(0.5)} / ${at(0.95)} / ${at(1)}`;
        })
        .join(', ');

// Positions all over the road, in no order.
const positions = (end) => Array.from({ length: 200 }, (_, at) => 1 + ((at * 2_654_435_761) % end));

for (const moments of [1_000, 10_000, 24_000]) {
    let before = held();
    let end = 0;
    const built = took(() => {
        end = begin(moments);
    });
    const size = () => `${((held() - before) / 1024).toFixed(0)} KiB`;
    console.log(`${end} moments: built in ${built.toFixed(0)} ms, ${size()} with ${snapshots()} snapshots`);
    let times = { jump: [], back: [], fork: [] };
    for (const position of positions(end)) {
        times.jump.push(took(() => go(position)));
        times.back.push(took(() => go(position - 1)));
        times.fork.push(took(fork));
    }
    console.log(`  the road: ${tell(times)}`);
    const opened = took(open);
    console.log(`  a page: opened in ${opened.toFixed(0)} ms, ${size()}`);
    times = { jump: [], back: [], step: [] };
    for (const position of positions(end)) {
        times.jump.push(took(() => jump(position)));
        times.back.push(took(back));
        times.step.push(took(step));
    }
    console.log(`  with a frame each: ${tell(times)}`);
}
