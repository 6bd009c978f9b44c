// mqtt5-wasm in a worker: a port carries the connection's bytes and nothing else.

const heard = (worker) =>
  new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => reject(new Error(event.message));
  });

export async function start() {
  const worker = new Worker('/bench/ports/peer-worker.mjs', { type: 'module' });
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
