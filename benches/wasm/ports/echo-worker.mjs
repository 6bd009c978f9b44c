// No broker: answers CONNECT and SUBSCRIBE with fixed bytes, and passes everything else on to the subscribers. What a
// broker can reach at most over message ports.
const subscribers = [];

onmessage = () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    const kind = new Uint8Array(data, 0, 1)[0] >> 4;
    if (kind === 1) {
      port1.postMessage(Uint8Array.of(0x20, 2, 0, 0).buffer);
    } else if (kind === 8) {
      subscribers.push(port1);
      port1.postMessage(Uint8Array.of(0x90, 3, 0, 1, 0).buffer);
    } else {
      for (const port of subscribers) port.postMessage(data, subscribers.length === 1 ? [data] : []);
    }
  };
  postMessage('port', [port2]);
};
postMessage('ready');
