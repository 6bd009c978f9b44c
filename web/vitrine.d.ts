/** What the scripts of this folder put on `window`, for the page and for the console. */

import type { IClientOptions, MqttClient, default as Mqtt } from 'mqtt';
import type * as door from './door/index.d.ts';

/** The line between this page and the worker that hosts the broker. */
export interface LineState {
  /** Whether the broker runs in this tab or in another one. */
  role: 'host' | 'guest';
  /** After every `ready` the page has to greet the worker anew. */
  state: 'starting' | 'ready' | 'lost';
  /** `lost`: `host-closed`, `no-locks`, or what the worker said. `ready`: `no-locks` when no other tab can come. */
  reason?: string;
}

/** The worker that this page has its lab in. */
export interface LabState {
  /** `busy`, `slow`: it has not answered for a while, for long. `lost`: it failed, and is gone. */
  state: 'ready' | 'busy' | 'slow' | 'lost';
  /** `lost`: what it said. */
  reason?: string;
}

/** One of the page's own clients. */
export interface PageClient {
  /** The Client Identifier. */
  id: string;
  role: 'sensor' | 'subscriber' | 'student';
  /** `cut`: its transport was destroyed, and it stays away until it is told to reconnect. */
  state: 'connecting' | 'connected' | 'closed' | 'cut';
  version: 4 | 5;
  /** Its subscriptions, with the granted QoS. */
  filters: { filter: string; qos: 0 | 1 | 2 }[];
  /** What went wrong last, if something did. */
  error?: ErrorKey;
  /** The Reason Code (for 3.1.1 and `refused` the return code of CONNACK) that goes with it. */
  reason?: number;
}

/**
 * What can go wrong. Promises of `World` reject with an `Error` that has one of these as its `message`, and the
 * Reason Code, where there is one, as `reason`.
 *
 * - `refused`: CONNACK said no.
 * - `closed-by-broker`: the broker ended the connection.
 * - `lost`: the connection broke.
 * - `cut`: it was cut while the answer was awaited.
 * - `timeout`: no CONNACK came.
 * - `not-connected`: connect first.
 * - `duplicate-client`: the page has a connected client of this name.
 * - `unknown-client`: it has none.
 * - `invalid-filter`: not a Topic Filter.
 * - `subscription-refused`: SUBACK said no.
 * - `world-elsewhere`: the course's world runs in another tab.
 * - `mqtt-missing`: MQTT.js could not be loaded.
 */
export type ErrorKey =
  | 'refused'
  | 'closed-by-broker'
  | 'lost'
  | 'cut'
  | 'timeout'
  | 'not-connected'
  | 'duplicate-client'
  | 'unknown-client'
  | 'invalid-filter'
  | 'subscription-refused'
  | 'world-elsewhere'
  | 'mqtt-missing';

export interface ConnectOptions {
  /** Default: a free name. */
  clientId?: string;
  /** 4 for MQTT 3.1.1 (the default), 5 for 5.0. */
  version?: 4 | 5;
  /** Clean Session, or Clean Start. Default true. */
  clean?: boolean;
  /** Seconds; 0 for none. Default 60. */
  keepalive?: number;
  will?: { topic: string; payload: string; qos?: 0 | 1 | 2; retain?: boolean };
  username?: string;
  password?: string;
  /** Seconds, for 5.0. */
  sessionExpiry?: number;
}

export interface Publication {
  /** Who publishes. Default `professor`, who is connected when first needed. */
  client?: string;
  topic: string;
  payload: string;
  qos?: 0 | 1 | 2;
  retain?: boolean;
}

/** The page's own clients: the course's world, and whatever is connected by hand. All are real MQTT.js clients. */
export interface World {
  readonly running: boolean;
  readonly paused: boolean;
  /** Milliseconds between two readings of a sensor's topic. Default 2000. */
  readonly rate: number;
  /** Connects the course's subscribers and sensors; rejects when one of them could not. */
  start(): Promise<void>;
  /** Disconnects and forgets them. */
  stop(): Promise<void>;
  /** The sensors stay connected and keep still. */
  pause(): void;
  resume(): void;
  /** @param milliseconds as in `rate`; 20 at least */
  setRate(milliseconds: number): void;
  clients(): PageClient[];
  /** Calls back whenever anything of the above has changed. Gives a function that ends this. */
  onChange(listener: () => void): () => void;
  /** Gives the Client Identifier, once connected. */
  connect(options?: ConnectOptions): Promise<string>;
  disconnect(id: string): Promise<void>;
  /** Destroys the transport: no DISCONNECT, no close. */
  cut(id: string): void;
  reconnect(id: string): Promise<void>;
  /** Disconnects and forgets. */
  remove(id: string): Promise<void>;
  /** Gives the granted QoS. */
  subscribe(id: string, filter: string, qos: 0 | 1 | 2): Promise<0 | 1 | 2>;
  unsubscribe(id: string, filter: string): Promise<void>;
  /** Resolves when the publisher's handshake is complete. */
  publish(publication: Publication): Promise<void>;
}

export interface Vitrine {
  /** The id of the build. */
  build: string;
  host: door.Host;
  world: World;
  /** A line to the worker, for link's commands and events. */
  openView(
    onMessage: (data: any) => void,
    onState: (state: LineState) => void,
  ): { post(data: any): void; close(): void };
  /** Starts a worker for this page's lab, to be spoken with in link's commands and events. `close` ends it at once. */
  openLab(
    onMessage: (data: any) => void,
    onState: (state: LabState) => void,
  ): { post(data: any): void; close(): void };
  /** A client of MQTT.js at the broker you see; in the first moments, while MQTT.js is being loaded, a promise of one. */
  connect(options?: IClientOptions): MqttClient | Promise<MqttClient>;
  loadMqtt(): Promise<typeof Mqtt>;
  VitrineSocket: typeof door.VitrineSocket;
  createWebsocket: typeof door.createWebsocket;
  install: typeof door.install;
  uninstall: typeof door.uninstall;
  openPort: typeof door.openPort;
}

declare global {
  interface Window {
    vitrine: Vitrine;
    /** MQTT.js, once it is loaded. */
    mqtt?: typeof Mqtt;
    connect: Vitrine['connect'];
  }
}
