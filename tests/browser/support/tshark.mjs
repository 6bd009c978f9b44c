/** What tshark reads in a capture. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Wireshark's own names of the Control Packet types, by their numbers. */
const TYPES = 'RESERVED CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT AUTH'.split(' ');
const FIELDS = ['mqtt.msgtype', 'mqtt.msgid', 'mqtt.qos', 'mqtt.dupflag', 'mqtt.retain', 'mqtt.topic', 'frame.comment'];
/** What nobody who looks at a capture may find in it. */
const FAULTS = '_ws.malformed || _ws.expert.severity == "Error" || tcp.analysis.flags';

/** The MQTT packets of a capture, in its order, as lines. @param {Buffer} bytes */
export async function dissect(bytes) {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-'));
  try {
    const file = join(folder, 'session.pcapng');
    await writeFile(file, bytes);
    const tshark = async (filter, ...fields) => {
      const args = ['-r', file, '-Y', filter, '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=f', ...fields.flatMap((field) => ['-e', field])];
      const { stdout } = await run(process.env.TSHARK ?? 'tshark', args, { maxBuffer: 64 * 1024 * 1024 });
      return stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));
    };
    const faults = await tshark(FAULTS, 'frame.number', '_ws.col.Info');
    if (faults.length > 0) throw new Error(`tshark finds faults: ${faults.join('\n')}`);
    const set = (flag) => flag === '1' || flag === 'True';
    return (await tshark('mqtt', ...FIELDS)).map(([type, id, qos, dup, retain, topic, comment]) => {
      const name = TYPES[Number(type)];
      const publish = name === 'PUBLISH';
      return packet({
        // Each packet says whose it is: `from painel`, `to painel`.
        direction: comment.startsWith('from ') ? 'in' : 'out',
        client: comment.replace(/^(from|to) /, ''),
        type: name,
        id: id ? Number(id) : undefined,
        qos: publish ? Number(qos) : undefined,
        dup: publish && set(dup),
        retain: publish && set(retain),
        topic: publish ? topic : undefined,
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A packet in a line, of a row of the ladder or of tshark's. */
export function packet({ direction, client, type, id, qos, dup, retain, topic }) {
  const publish = type === 'PUBLISH';
  return [direction === 'in' ? '>' : '<', client, type, id, publish && `q${qos}`, dup && 'dup', retain && 'retain', publish && topic]
    .filter((word) => word !== undefined && word !== false)
    .join(' ');
}
