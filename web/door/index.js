/** A WebSocket-shaped door to the MQTT broker that runs in a browser tab. See README.md. */

import { openView } from './host.js';
import { openPort } from './port.js';
import { VitrineSocket } from './socket.js';

export { Host } from './host.js';
export { install, uninstall } from './replace.js';
export { openPort, openView, VitrineSocket };

/**
 * What MQTT.js asks for as its option `createWebsocket`.
 * @param {string} url
 * @param {string[]} protocols
 */
export const createWebsocket = (url, protocols) => new VitrineSocket(url, protocols);
