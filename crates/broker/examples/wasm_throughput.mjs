// Drives the broker compiled to wasm with raw MQTT bytes, in a closed loop: see wasm_throughput.rs.
// usage: node wasm_throughput.mjs [messages] [path of the module]
import { readFileSync } from 'node:fs'

const N = Number(process.argv[2] || 500000)
const WARM = 20000
const here = import.meta.dirname
const path = process.argv[3] || `${here}/../../../target/wasm32-unknown-unknown/release/examples/wasm_throughput.wasm`
const { instance } = await WebAssembly.instantiate(readFileSync(path))
const wasm = instance.exports

const text = s => { const b = Buffer.from(s); return Buffer.concat([Buffer.from([b.length >> 8, b.length & 255]), b]) }
const packet = (first, ...parts) => {
  const body = Buffer.concat(parts)
  const length = []
  let n = body.length
  do { const low = n & 127; n >>= 7; length.push(n ? low | 128 : low) } while (n)
  return Buffer.concat([Buffer.from([first, ...length]), body])
}
const connect = id => packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text(id))
const subscribe = (topic, qos) => packet(0x82, Buffer.from([0, 1]), text(topic), Buffer.from([qos]))
const publish = (topic, qos, id, payload) => packet(0x30 | qos << 1, text(topic), Buffer.from(qos ? [id >> 8, id & 255] : []), payload)

let memory = new Uint8Array(wasm.memory.buffer)
const view = () => (memory.buffer === wasm.memory.buffer ? memory : (memory = new Uint8Array(wasm.memory.buffer)))

function send (connection, bytes, length = bytes.length) {
  view().set(length === bytes.length ? bytes : bytes.subarray(0, length), wasm.input())
  wasm.receive(connection, length)
}

// Looks at the packets in memory from `at`: counts PUBLISH, and writes what they ask for as an answer.
const answers = new Uint8Array(1 << 16)
let answered = 0
function look (at, count) {
  const b = view()
  const end = at + count
  let publishes = 0
  answered = 0
  const answer = (first, high, low) => { answers[answered] = first; answers[answered + 1] = 2; answers[answered + 2] = high; answers[answered + 3] = low; answered += 4 }
  while (at < end) {
    const first = b[at++]
    let length = 0; let shift = 0; let c
    do { c = b[at++]; length |= (c & 127) << shift; shift += 7 } while (c > 127)
    const kind = first >> 4
    if (kind === 3) {
      publishes++
      if (first & 6) {
        const id = at + 2 + (b[at] << 8 | b[at + 1])
        answer(first & 2 ? 0x40 : 0x50, b[id], b[id + 1])
      }
    } else if (kind === 5) answer(0x62, b[at], b[at + 1])
    else if (kind === 6) answer(0x70, b[at], b[at + 1])
    at += length
  }
  return publishes
}

function run ({ subscribers, qos, chunk, payload, observed }) {
  wasm.reset(!!observed)
  const topic = 'bench/a/t'
  for (let c = 0; c <= subscribers; c++) {
    wasm.open(c)
    send(c, connect('c' + c))
    if (c > 0) send(c, subscribe(topic, qos))
    wasm.pull(c)
  }
  while (wasm.next() >= 0);
  const body = Buffer.alloc(payload, 1)
  const pieces = []
  for (let g = 0; g < Math.ceil(1000 / chunk); g++) {
    pieces.push(Buffer.concat(Array.from({ length: chunk }, (_, i) => publish(topic, qos, (g * chunk + i) % 1000 + 1, body))))
  }
  const total = WARM + Math.round(N / subscribers)
  let delivered = 0; let start = 0; let cpu = null; let before = 0
  for (let sent = 0, g = 0; sent < total; sent += chunk) {
    if (!start && sent >= WARM) { start = performance.now(); cpu = process.cpuUsage(); before = delivered }
    send(0, pieces[g++ % pieces.length])
    for (let c = wasm.next(); c >= 0; c = wasm.next()) {
      const count = wasm.pull(c)
      delivered += look(wasm.output(), count)
      if (answered) send(c, answers, answered)
    }
  }
  const seconds = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  const n = delivered - before
  return { rate: n / seconds, cpu: (used.user + used.system) / n }
}

const cases = []
for (const qos of [0, 1, 2]) {
  cases.push({ name: `1->1 qos${qos}, 1 packet/chunk`, subscribers: 1, qos, chunk: 1, payload: 64 })
  cases.push({ name: `1->1 qos${qos}, 50 packets/chunk`, subscribers: 1, qos, chunk: 50, payload: 64 })
  cases.push({ name: `1->50 qos${qos}, 50 packets/chunk`, subscribers: 50, qos, chunk: 50, payload: 64 })
}
cases.push({ name: '1->1 qos0, 50 packets/chunk, observed', subscribers: 1, qos: 0, chunk: 50, payload: 64, observed: true })
cases.push({ name: '1->1 qos0 4 KiB payload', subscribers: 1, qos: 0, chunk: 10, payload: 4096 })
const median = a => a.slice().sort((x, y) => x - y)[a.length >> 1]
const results = cases.map(() => [])
for (let r = 0; r < 5; r++) for (const [i, c] of cases.entries()) results[i].push(run(c))
for (const [i, c] of cases.entries()) {
  const rates = results[i].map(x => x.rate)
  console.log(JSON.stringify({ case: c.name, delivered_per_s: Math.round(median(rates)), min: Math.round(Math.min(...rates)), max: Math.round(Math.max(...rates)), cpu_us_per_delivery: +median(results[i].map(x => x.cpu)).toFixed(3) }))
}
