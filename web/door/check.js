/** What the WebSocket standard says about the arguments of `new WebSocket` and of `close`. */

const syntax = (/** @type {string} */ message) => new DOMException(message, 'SyntaxError');

/**
 * The URL record of a socket.
 * @param {string | URL} url
 * @throws {DOMException} `SyntaxError` when it is no URL, of another scheme, or has a fragment.
 */
export function checkUrl(url) {
  let parsed;
  try {
    parsed = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    throw syntax(`The URL '${url}' is invalid.`);
  }
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:';
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:';
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw syntax(`The URL's scheme must be ws, wss, http or https; '${parsed.protocol}' is not allowed.`);
  }
  // An empty fragment counts too, and `hash` does not show it.
  if (parsed.hash !== '' || parsed.href.endsWith('#')) {
    throw syntax(`The URL contains a fragment ('${parsed.hash || '#'}'), which a WebSocket URL cannot have.`);
  }
  return parsed;
}

/** A token of HTTP, which is what a sub-protocol's name must be. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The list of sub-protocols that are asked for.
 * @param {string | Iterable<string>} protocols
 * @returns {string[]}
 * @throws {DOMException} `SyntaxError` for a name that is no token, or that is there twice.
 */
export function checkProtocols(protocols) {
  const list = typeof protocols === 'string' ? [protocols] : Array.from(protocols, String);
  const seen = new Set();
  for (const name of list) {
    if (!TOKEN.test(name)) throw syntax(`The subprotocol '${name}' is invalid.`);
    if (seen.has(name)) throw syntax(`The subprotocol '${name}' is duplicated.`);
    seen.add(name);
  }
  return list;
}

/** WebIDL's conversion for `[Clamp] unsigned short`. @param {unknown} value */
function clampShort(value) {
  const number = Math.min(Math.max(Number(value), 0), 65535);
  if (Number.isNaN(number)) return 0;
  const below = Math.floor(number);
  const rest = number - below;
  if (rest !== 0.5) return Math.round(number);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The arguments of `close`.
 * @param {unknown} code
 * @param {unknown} reason
 * @returns {{ code?: number, reason?: string }}
 * @throws {DOMException} `InvalidAccessError` for a code that is not the caller's to use; `SyntaxError` for a reason of
 *   more than 123 bytes.
 */
export function checkClose(code, reason) {
  const checked = {};
  if (code !== undefined) {
    const short = clampShort(code);
    if (short !== 1000 && (short < 3000 || short > 4999)) {
      throw new DOMException(
        `The code must be either 1000, or between 3000 and 4999. ${short} is neither.`,
        'InvalidAccessError',
      );
    }
    checked.code = short;
  }
  if (reason !== undefined) {
    const bytes = new TextEncoder().encode(String(reason));
    if (bytes.length > 123) throw syntax('The message must not be greater than 123 bytes.');
    // Through the encoder and back: lone surrogates become U+FFFD, as a USVString's do.
    checked.reason = new TextDecoder().decode(bytes);
  }
  return checked;
}
