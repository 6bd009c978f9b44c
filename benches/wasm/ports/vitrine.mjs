// The page's own worker, as its tab uses it: what travels on a port is described in web/door/wire.js.

/** Bytes taken that are reported together, as the door does. */
const REPORT = 64 * 1024;

const told = (target, type) =>
  new Promise((resolve, reject) => {
    target.onmessage = ({ data }) => {
      if (data.type === type) resolve();
      else reject(new Error(`expected ${type}, not ${JSON.stringify(data)}`));
    };
    target.onerror = (event) => reject(new Error(event.message));
  });

/** @param {boolean} watched whether a view is open, so that the worker observes all and keeps it for the page */
export async function start(watched) {
  const worker = new Worker('/worker/worker.js', { type: 'module' });
  const ready = told(worker, 'ready');
  worker.postMessage({ type: 'host', id: crypto.randomUUID(), open: false });
  await ready;
  const link = async (mode) => {
    const { port1: port, port2 } = new MessageChannel();
    worker.postMessage({ type: 'port' }, [port2]);
    const opened = told(port, 'opened');
    port.postMessage({ type: 'open', mode, door: 'page', protocols: ['mqtt'] });
    await opened;
    return port;
  };
  const view = watched ? await link('view') : null;
  return {
    async open() {
      const port = await link('mqtt');
      let taken = 0;
      return {
        listen(receive) {
          port.onmessage = ({ data }) => {
            // A number says how much the worker has taken. The load's window is far smaller than the link's.
            if (typeof data === 'number') return;
            receive(new Uint8Array(data));
            taken += data.byteLength;
            if (taken >= REPORT) {
              port.postMessage(taken);
              taken = 0;
            }
          };
        },
        send: (buffer) => port.postMessage(buffer, [buffer]),
      };
    },
    stop() {
      view?.close();
      worker.terminate();
    },
  };
}
