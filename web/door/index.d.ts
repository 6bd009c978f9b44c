/** Where a connection of the tab's broker is looked for and how; see README.md. */
export interface VitrineSocketOptions {
  /**
   * A port from `openPort()`, for a worker or frame that cannot reach the broker by itself. It serves one connection.
   * A promise will do: a client that reconnects asks for a new port each time.
   */
  port?: MessagePort | Promise<MessagePort>;
}

/**
 * Why a connection failed: it was cut (by `cut()`, or by an operator of the broker); the tab that hosted the broker is
 * gone; nobody answered in time; the host refused (no sub-protocol in common); this context has no Web Locks, so it
 * cannot reach another tab; the promised port did not come.
 */
export type Failure = 'cut' | 'host-closed' | 'timeout' | 'refused' | 'no-locks' | 'no-port';

/** A `WebSocket`, as the WHATWG standard has it, whose other end is the broker in the tab. */
export class VitrineSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;

  /**
   * @param url A URL of scheme ws, wss, http or https without a fragment. Where it leads to is not looked at.
   * @param protocols The sub-protocols to choose from: the broker knows `mqtt` and `mqttv3.1`.
   * @throws {DOMException} `SyntaxError`
   */
  constructor(url: string | URL, protocols?: string | string[], options?: VitrineSocketOptions);

  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  readonly url: string;
  readonly readyState: 0 | 1 | 2 | 3;
  /** Bytes that the broker's worker has not taken yet. */
  readonly bufferedAmount: number;
  readonly extensions: string;
  /** The sub-protocol that the broker chose; empty when none was asked for. */
  readonly protocol: string;
  binaryType: BinaryType;
  /** Why the connection failed, once it has. Not in the standard, which tells scripts nothing of this. */
  readonly failure: Failure | undefined;

  onopen: ((this: WebSocket, event: Event) => any) | null;
  onmessage: ((this: WebSocket, event: MessageEvent) => any) | null;
  onerror: ((this: WebSocket, event: Event) => any) | null;
  onclose: ((this: WebSocket, event: CloseEvent) => any) | null;

  /**
   * Several calls in one task may travel as one message. A text ends the connection with close code 1003, as MQTT
   * demands [MQTT-6.0.0-1].
   * @throws {DOMException} `InvalidStateError` while connecting
   */
  send(data: string | Blob | ArrayBufferLike | ArrayBufferView): void;

  /**
   * @param code 1000, or 3000 to 4999
   * @param reason at most 123 bytes
   * @throws {DOMException} `InvalidAccessError`, `SyntaxError`
   */
  close(code?: number, reason?: string): void;

  /**
   * Ends the connection as a broken network does: what was not taken is lost, no closing handshake, `error` and then
   * `close` with code 1006. Not in the standard.
   */
  cut(): void;

  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: (this: WebSocket, event: WebSocketEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: (this: WebSocket, event: WebSocketEventMap[K]) => any,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** For MQTT.js: `mqtt.connect('ws://vitrine.local/mqtt', { createWebsocket })`. */
export function createWebsocket(url: string, protocols: string[]): VitrineSocket;

/**
 * From now on `new WebSocket` with this host name, whatever scheme, port and path, makes a `VitrineSocket`; every other
 * address is the real one's. `instanceof WebSocket` holds for both.
 * @param hostname default `vitrine.local`
 */
export function install(hostname?: string): void;

/** Takes back what `install` did for this host name. Open sockets stay open. */
export function uninstall(hostname?: string): void;

/** A port to transfer to a worker or frame of one's own, for one connection: the option `port` of `VitrineSocket`. */
export function openPort(): MessagePort;

export interface HostStatus {
  /** `host`: the broker runs in a worker of this context. `guest`: another tab hosts. */
  role: 'host' | 'guest';
  /** `lost`: the worker failed and what it held is gone; `restart()` begins anew. */
  state: 'starting' | 'ready' | 'lost';
  /** `lost`: what the worker said. `ready`: `no-locks` when the broker serves this tab only. */
  reason?: string;
  /** `host` and `ready`: whether what must survive does (`Off`, `Kept`, `Unavailable`, `Damaged`), and why not. */
  storage?: { state: string; why: string; sessions: number; retained: number };
}

/** What a broker starts with. */
export interface HostSettings {
  /** Keep sessions, messages under way and retained messages in the origin private file system. Default false. */
  keep?: boolean;
  /** A configuration (TOML) with a table `[access]`. Default: everybody may do everything. */
  rules?: string;
  /** A password file. Default: no users. */
  passwords?: string;
}

/**
 * This context's part in hosting: of all tabs of an origin exactly one runs the broker. The others are its guests, and
 * when it closes one of them takes over, with a new broker: an empty one, or one that goes on from what was kept. Fires `change` when `status` changes.
 */
export class Host extends EventTarget {
  /**
   * @param options.worker The address of the worker's script.
   * @param options.settings Asked when the worker starts.
   */
  constructor(options: { worker: string | URL; settings?: () => HostSettings });
  readonly status: HostStatus;
  /** The compiled module of the worker, once it runs here: another worker of the same build can do with it. */
  readonly module: WebAssembly.Module | undefined;
  /** After `lost`: hosts (or waits to host) again. */
  restart(): void;
  /** Stops hosting for good; another tab may take over. */
  stop(): void;
}

/** A line to the broker's view model, made anew whenever it breaks. Page and worker must be of one build. */
export function openView(
  onMessage: (data: any) => void,
  onLine: (open: boolean, reason?: string) => void,
): { post(data: any): void; close(): void };
