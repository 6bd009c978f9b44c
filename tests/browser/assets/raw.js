/** Sockets that carry bytes and know nothing of MQTT. */

import { VitrineSocket } from '/web/door/index.js';

const sockets = new Map();

export function open(name) {
  const socket = new VitrineSocket('ws://vitrine.local/mqtt', ['mqtt']);
  socket.binaryType = 'arraybuffer';
  const entry = { socket, received: [], closed: undefined };
  sockets.set(name, entry);
  socket.onmessage = ({ data }) => entry.received.push(...new Uint8Array(data));
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onclose = ({ code, reason, wasClean }) => {
      entry.closed = { code, reason, wasClean };
      reject(new Error(`closed with ${code}`));
    };
  });
}

export function send(name, bytes) {
  sockets.get(name).socket.send(new Uint8Array(bytes));
}

export const received = (name) => sockets.get(name).received;
export const closed = (name) => sockets.get(name).closed;
export const cut = (name) => sockets.get(name).socket.cut();
