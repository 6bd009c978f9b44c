// What going back and forth in time costs in wasm: see travel.rs.

import { readFileSync } from 'node:fs';

const folder = process.env.CARGO_TARGET_DIR ?? 'target';
const file = `${folder}/wasm32-unknown-unknown/release/examples/travel.wasm`;
const { instance } = await WebAssembly.instantiate(readFileSync(file), {});
const { begin, go, fork, snapshots, held } = instance.exports;

// Processor time, in milliseconds: others use the machine as well.
const took = (what) => {
    const start = process.cpuUsage();
    what();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
};

for (const moments of [1_000, 10_000, 50_000]) {
    const before = held();
    let end = 0;
    const built = took(() => {
        end = begin(moments);
    });
    const bytes = held() - before;
    const times = { jump: [], back: [], fork: [] };
    for (let at = 0; at < 200; at += 1) {
        const position = 1 + ((at * 2_654_435_761) % end);
        times.jump.push(took(() => go(position)));
        // One back from there, as the presenter's key does.
        times.back.push(took(() => go(position - 1)));
        times.fork.push(took(fork));
    }
    const told = Object.entries(times).map(([name, list]) => {
        list.sort((a, b) => a - b);
        return `${name} ${list[100].toFixed(2)} ms (${list[190].toFixed(2)} for 19 of 20, ${list.at(-1).toFixed(1)} at most)`;
    });
    const size = (bytes / 1024).toFixed(0);
    console.log(`${end} moments: built in ${built.toFixed(0)} ms, ${size} KiB with ${snapshots()} snapshots; ${told.join(', ')}`);
}
