// A client that sends the very bytes it is told to, over any stream.

import net from 'node:net';
import tls from 'node:tls';
import { generate, parser as newParser } from 'mqtt-packet';

import { until } from './server.mjs';

/** Connects a socket, and collects what comes. */
export async function socket(port, { secure } = {}) {
  const stream = secure ? tls.connect({ port, host: 'localhost', ca: secure }) : net.connect(port, '127.0.0.1');
  const chunks = [];
  const state = { closed: false };
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('error', () => {});
  stream.on('close', () => (state.closed = true));
  stream.on('end', () => (state.ended = true));
  await new Promise((resolve, reject) => {
    stream.once(secure ? 'secureConnect' : 'connect', resolve);
    stream.once('error', reject);
  });
  return {
    stream,
    write: (bytes) => stream.write(bytes),
    bytes: () => Buffer.concat(chunks),
    text: () => Buffer.concat(chunks).toString('latin1'),
    ended: () => until(() => state.ended || state.closed, 'the server ends the connection'),
  };
}

/** An MQTT client by its packets. */
export async function client(port, connect = {}) {
  const raw = await socket(port);
  const version = connect.protocolVersion ?? 4;
  const parser = newParser({ protocolVersion: version });
  const packets = [];
  parser.on('packet', (packet) => packets.push(packet));
  raw.stream.on('data', (chunk) => parser.parse(chunk));
  const send = (packet) => raw.write(generate(packet, { protocolVersion: version }));
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: version, clean: true, clientId: 'raw', keepalive: 0, ...connect });
  const take = (cmd) =>
    until(() => {
      const at = packets.findIndex((packet) => packet.cmd === cmd);
      return at < 0 ? undefined : packets.splice(at, 1)[0];
    }, `a ${cmd} comes`);
  await take('connack');
  return { ...raw, send, take, packets };
}
