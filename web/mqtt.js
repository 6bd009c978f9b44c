/** MQTT.js, loaded when it is first wanted: it is larger than the rest of the scripts together. */

import { createWebsocket } from './door/index.js';
import { timers } from './timers.js';

const source = new URL('../vendor/mqtt.esm.js', import.meta.url);

/** The address of the broker in the tab, for clients that want one. */
export const ADDRESS = 'ws://vitrine.local/mqtt';

/** @type {Promise<any> | undefined} */
let loading;

/**
 * The library as its authors made it.
 * @returns {Promise<typeof import('mqtt').default>}
 */
export function loadMqtt() {
  loading ??= import(source.href).then(
    (module) => module.default,
    (error) => {
      // The next one who asks tries again.
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** What makes a client of MQTT.js reach the broker in the tab, and keep its Keep Alive in a background tab. */
export const ours = { createWebsocket, timerVariant: timers };
