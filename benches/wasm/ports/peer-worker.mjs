// Hosts mqtt5-wasm's broker, and gives away one of its client ports for each message.
import init, { Broker, BrokerConfig } from '/peer/peer.js';

await init();
const config = new BrokerConfig();
config.allowAnonymous = true;
const broker = Broker.withConfig(config);
onmessage = () => {
  const port = broker.createClientPort();
  postMessage('port', [port]);
};
postMessage('ready');
