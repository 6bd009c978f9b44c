/** Sets up `window.vitrine` and the console before the page starts. What is there is described in `vitrine.d.ts`. */

import { Host, VitrineSocket, createWebsocket, install, openPort, openView, uninstall } from './door/index.js';
import { hint } from './hint.js';
import { openLab } from './lab.js';
import { ADDRESS, loadMqtt, ours } from './mqtt.js';
import { World } from './world.js';

/** @typedef {import('./vitrine.d.ts').LineState} LineState */

const build = document.querySelector('meta[name="vitrine-build"]')?.getAttribute('content') ?? '';
/** What the broker starts with: what is to survive does, unless the user said otherwise; the rules are those of last time. */
function settings() {
  const remembered = (/** @type {string} */ key) => {
    try {
      return localStorage.getItem(`vitrine.${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  };
  return { keep: remembered('keep') !== '0', rules: remembered('rules'), passwords: remembered('passwords') };
}

const host = new Host({ worker: new URL('../worker/worker.js', import.meta.url), settings });
const world = new World();

// From here on an address at `vitrine.local` is enough: mqtt.connect('ws://vitrine.local'), new Paho.Client(...).
install();

/**
 * @param {(data: any) => void} onMessage
 * @param {(state: LineState) => void} onState
 */
function view(onMessage, onState) {
  let told = '';
  const tell = (/** @type {LineState} */ state) => {
    const key = JSON.stringify(state);
    if (key !== told) onState(state);
    told = key;
  };
  let open = false;
  const { role, state } = host.status;
  tell({ role, state: state === 'lost' ? 'lost' : 'starting' });
  const changed = () => {
    const { role, state, reason } = host.status;
    if (state === 'lost') tell({ role, state, reason });
    else tell({ role, state: open ? 'ready' : 'starting', ...(open && reason ? { reason } : {}) });
  };
  host.addEventListener('change', changed);
  const line = openView(onMessage, (now, reason) => {
    open = now;
    // A break is told even when the next line is there at once: the page has to greet anew.
    if (!open && host.status.state !== 'lost') tell({ role: host.status.role, state: 'lost', reason });
    changed();
  });
  return {
    post: line.post,
    close() {
      host.removeEventListener('change', changed);
      line.close();
    },
  };
}

/**
 * A client of MQTT.js at the broker you see. For the console.
 * @param {import('mqtt').IClientOptions} [options]
 */
function connect(options = {}) {
  const settings = { ...ours, ...options };
  if (window.mqtt) return window.mqtt.connect(ADDRESS, settings);
  // In the first moments of a page.
  return loadMqtt().then((mqtt) => mqtt.connect(ADDRESS, settings));
}

window.vitrine = {
  build,
  host,
  world,
  openView: view,
  openLab: (onMessage, onState) => openLab({ build, module: host.module }, onMessage, onState),
  connect,
  loadMqtt,
  VitrineSocket,
  createWebsocket,
  install,
  uninstall,
  openPort,
};
window.connect = connect;

/** Loads MQTT.js once the page has started, so that it does not compete with what the page needs. */
function loadLater() {
  const load = async () => {
    try {
      window.mqtt = await loadMqtt();
      hint();
    } catch (error) {
      console.error('Vitrine: MQTT.js could not be loaded.', error);
    }
  };
  if (window.requestIdleCallback) window.requestIdleCallback(load, { timeout: 3000 });
  else setTimeout(load, 500);
}

if (document.readyState === 'complete') loadLater();
else window.addEventListener('load', loadLater, { once: true });
