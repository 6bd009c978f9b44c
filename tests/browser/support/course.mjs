/** The course's files, read by themselves: the lessons as their authors wrote them, and what was written down to happen in each. */

import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'smol-toml';

const LESSONS = new URL('../../../web/lessons/', import.meta.url);
const GOLDEN = new URL('../../../crates/course/tests/golden/', import.meta.url);

/**
 * @typedef {Record<'pt' | 'en' | 'es', string>} Texts
 * @typedef {{ text: Texts, point?: string[], ask?: { text: Texts, option: Texts[], right: number, because: Texts } }} Step
 * @typedef {{ name: string, title: Texts, depth: string, compare?: boolean, step: Step[], world: string }} Lesson
 */

/** Every lesson, in the order of the course. @returns {Lesson[]} */
export function course() {
  const files = readdirSync(LESSONS).filter((name) => name.endsWith('.toml')).sort();
  return files.map((file) => ({
    name: file.replace(/\.toml$/, ''),
    .../** @type {any} */ (parse(readFileSync(new URL(file, LESSONS), 'utf8'))),
  }));
}

/** `3.600` as the page says it, `0:03.600`. */
function clock(seconds) {
  const ms = Math.round(Number(seconds) * 1000);
  const pad = (n, digits) => String(n).padStart(digits, '0');
  const [hours, minutes, rest] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, ms % 60_000];
  const tail = `${pad(Math.floor(rest / 1000), 2)}.${pad(rest % 1000, 3)}`;
  return hours > 0 ? `${hours}:${pad(minutes, 2)}:${tail}` : `${minutes}:${tail}`;
}

/**
 * The packets that a lesson must show, as lines: for a packet to the broker when it arrived or was lost, for one from the
 * broker when it left. Sorted, for what happens at the same time has no order of its own. Pings are shown where a text
 * points at them.
 * @param {Lesson} lesson
 */
export function golden({ name, step }) {
  const pings = step.some(({ point }) => point?.some((one) => one.startsWith('PING')));
  const lines = readFileSync(new URL(`${name}.txt`, GOLDEN), 'utf8').split('\n');
  // On the ladder clients are called by their Client Identifiers.
  const called = new Map();
  const packets = lines.flatMap((line) => {
    const found = /^ *([\d.]+) (\S+) +-> (\S+) +([A-Z]+)(.*?)(?: \(left ([\d.]+)\))?$/.exec(line);
    const [, at, from, to, type, rest, left] = found ?? [];
    if (!found || (type.startsWith('PING') && !pings)) return [];
    const toBroker = to === 'broker';
    const lost = / LOST$/.test(rest);
    const who = toBroker ? from : to;
    const id = type === 'CONNECT' && /^ "([^"]*)"/.exec(rest)?.[1];
    if (id) called.set(who, id);
    return told({
      time: clock(toBroker ? at : left),
      client: called.get(who) ?? who,
      direction: toBroker ? 'in' : 'out',
      type,
      id: Number(/ id=(\d+)/.exec(rest)?.[1]) || undefined,
      qos: type === 'PUBLISH' ? Number(/ qos=(\d)/.exec(rest)?.[1]) : undefined,
      dup: / DUP\b/.test(rest),
      retain: type === 'PUBLISH' && / RETAIN\b/.test(rest),
      fate: lost ? 'lost' : 'arrived',
    });
  });
  return packets.sort();
}

/** A packet in a line. */
export function told({ time, client, direction, type, id, qos, dup, retain, fate }) {
  const words = [time, direction === 'in' ? '>' : '<', client, type, id, qos !== undefined && `q${qos}`];
  words.push(dup && 'dup', retain && 'retain', fate === 'lost' && 'lost');
  return words.filter((word) => word !== undefined && word !== false).join(' ');
}
