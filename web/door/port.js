/** Ports to hand to a worker or a frame of one's own. */

import { Link, localPort, openLink } from './link.js';

/**
 * A port that leads to the broker, for one connection: `new VitrineSocket(url, protocols, { port })` at its other end.
 * @returns {MessagePort}
 */
export function openPort() {
  const direct = localPort();
  if (direct) return direct;
  // Another tab hosts, and a port cannot be sent there: pass everything on.
  const { port1, port2 } = new MessageChannel();
  const near = new Link((value, transfer) => port1.postMessage(value, transfer ?? []));
  near.atEnd(() => port1.close());
  /** @type {Link | undefined} */
  let far;
  port1.onmessage = ({ data }) => {
    if (far) {
      far.post(data);
      return;
    }
    const { mode, protocols, door, lock } = data;
    far = openLink({ mode, protocols, door, lock });
    far.onmessage = (value) => near.post(value);
    far.ongone = (reason) => {
      near.post({ type: 'cut', reason });
      near.close();
    };
  };
  port1.addEventListener('close', () => {
    far?.post({ type: 'cut' });
    far?.close();
  });
  return port2;
}
