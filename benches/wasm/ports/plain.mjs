// A worker whose ports carry a connection's bytes and nothing else: mqtt5-wasm's, or one that only passes bytes on.

const heard = (worker) =>
  new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => reject(new Error(event.message));
  });

/** @param {'peer' | 'echo'} name */
export async function start(name) {
  const worker = new Worker(`/bench/ports/${name}-worker.mjs`, { type: 'module' });
  await heard(worker);
  return {
    async open() {
      const answer = heard(worker);
      worker.postMessage('open');
      const [port] = (await answer).ports;
      return {
        listen(receive) {
          port.onmessage = ({ data }) => receive(new Uint8Array(data));
        },
        send: (buffer) => port.postMessage(buffer, [buffer]),
      };
    },
    stop: () => worker.terminate(),
  };
}
