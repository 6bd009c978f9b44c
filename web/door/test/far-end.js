/** The host's end of a link, as far as the tests of the door need one: what it hears it keeps, what it says they choose. */

import { setLocal } from '../link.js';
import { VitrineSocket } from '../socket.js';

export class FarEnd {
  /** Everything received but the opening, oldest first. */
  heard = [];
  #waiting = [];

  constructor(port) {
    this.port = port;
    port.onmessage = ({ data }) => {
      this.heard.push(data);
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  say(value) {
    this.port.postMessage(value);
  }

  /** Resolves to the first message that `test` accepts, and forgets it and those before it. */
  async hear(test = () => true) {
    for (;;) {
      const index = this.heard.findIndex(test);
      if (index >= 0) return this.heard.splice(0, index + 1).pop();
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** Makes this context its own host, and collects the far ends in the order of the links. */
export function hostHere() {
  const ends = [];
  return {
    ends,
    start() {
      setLocal(() => {
        const { port1, port2 } = new MessageChannel();
        ends.push(new FarEnd(port2));
        return port1;
      });
      return this;
    },
    stop() {
      setLocal(undefined);
      for (const end of ends) end.port.close();
    },
  };
}

/** The next event of a type. */
export const next = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

/** A socket and its far end, open. */
export async function connected(host, protocols = ['mqtt']) {
  const socket = new VitrineSocket('ws://vitrine.local/mqtt', protocols);
  const end = host.ends.at(-1);
  const wish = await end.hear();
  const open = next(socket, 'open');
  end.say({ type: 'opened', protocol: wish.protocols[0] ?? '' });
  await open;
  return { socket, end };
}
