/** A client that is nothing but bytes: it sends what a test gives it, and answers nothing by itself. */

import mqttPacket from 'mqtt-packet';
import { until } from './until.mjs';

/** A Control Packet's bytes. @param {import('mqtt-packet').Packet} packet @param {4 | 5} [version] */
export function encode(packet, version = 4) {
  return [...mqttPacket.generate(packet, { protocolVersion: version })];
}

/** The Control Packets in `bytes`. @param {number[]} bytes @param {4 | 5} [version] */
export function decode(bytes, version = 4) {
  const parser = mqttPacket.parser({ protocolVersion: version });
  const packets = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.parse(Buffer.from(bytes));
  return packets;
}

export class RawClient {
  #where;
  #name;
  #version;

  /** @param {{ evaluate: Function }} where A page, a frame or a worker. @param {string} name @param {4 | 5} [version] */
  constructor(where, name, version = 4) {
    this.#where = where;
    this.#name = name;
    this.#version = version;
  }

  #call(name, ...args) {
    return this.#where.evaluate(
      async ([name, args]) => (await import('/test-assets/raw.js'))[name](...args),
      [name, [this.#name, ...args]],
    );
  }

  /** Opens the transport. */
  open() {
    return this.#call('open');
  }

  /** Opens the transport, sends CONNECT and waits for CONNACK. @param {object} [options] Fields of CONNECT. */
  async connect(options = {}) {
    await this.open();
    await this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.#version,
      clean: true,
      clientId: this.#name,
      keepalive: 0,
      ...options,
    });
    return this.packet('connack');
  }

  /** @param {object} packet As mqtt-packet has it. */
  send(packet) {
    return this.sendBytes(encode(packet, this.#version));
  }

  /** @param {number[]} bytes */
  sendBytes(bytes) {
    return this.#call('send', bytes);
  }

  /** What came. */
  async packets() {
    return decode(await this.#call('received'), this.#version);
  }

  /** Waits for a packet of this type. @param {string} cmd */
  packet(cmd) {
    return until(async () => (await this.packets()).find((packet) => packet.cmd === cmd) ?? false, `a ${cmd}`);
  }

  /** How the transport was closed; undefined while it is open. @returns {Promise<{ code: number, reason: string, wasClean: boolean } | undefined>} */
  closed() {
    return this.#call('closed');
  }

  /** The transport dies. */
  cut() {
    return this.#call('cut');
  }
}
