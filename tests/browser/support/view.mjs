/**
 * What the page shows, read from its elements. All hooks the tests rely on are in this file, and listed in
 * `tests/README.md`; a test reads rows, topics and clients and knows nothing of elements.
 */

import { until } from './until.mjs';

/** A number from an attribute; undefined where the attribute is missing or empty. @param {string | undefined} text */
const number = (text) => (text === undefined || text === '' ? undefined : Number(text));

/** A flag from an attribute. @param {string | undefined} text */
const flag = (text) => text === '1' || text === 'true';

/** The attributes, the text and the states of the elements with this test id, in the order of the document. */
function raw(page, testid, attributes = {}) {
  return page.locator(selector(testid, attributes)).evaluateAll((elements) =>
    elements.map((element) => ({
      ...element.dataset,
      text: element.textContent?.trim() ?? '',
      title: element.getAttribute('title') ?? '',
      selected: element.getAttribute('aria-selected') === 'true',
      expanded: element.getAttribute('aria-expanded'),
      top: element.getBoundingClientRect().top,
    })),
  );
}

/** @param {string} testid @param {Record<string, string | number>} attributes Without `data-`. */
export function selector(testid, attributes = {}) {
  const conditions = Object.entries(attributes).map(([name, value]) => `[data-${name}=${JSON.stringify(String(value))}]`);
  return `[data-testid="${testid}"]${conditions.join('')}`;
}

/**
 * A row of the ladder.
 * @typedef {{ number: number, kind: string, client?: string, publication?: number, selected: boolean, story: boolean,
 *   type?: string, direction?: 'in' | 'out', packetId?: number, qos?: number, dup?: boolean, retain?: boolean,
 *   size?: number, topic?: string, reason?: number, why?: string, cut?: boolean, text: string }} Row
 */

/** What the ladder and the clients' own records have in common, for comparing them. @param {Row} row */
export function asPacket({ type, direction, packetId, qos, dup, retain, topic }) {
  const packet = { type, direction };
  if (packetId !== undefined) packet.packetId = packetId;
  if (type === 'PUBLISH') Object.assign(packet, { qos, dup, retain, topic });
  return packet;
}

/** A packet in one line: `> PUBLISH 7 q1 dup retain a/b`. `>` is towards the broker. @param {Row} row */
export function line({ type, direction, packetId, qos, dup, retain, topic }) {
  const words = [direction === 'in' ? '>' : '<', type, packetId];
  if (type === 'PUBLISH') words.push(`q${qos}`, dup && 'dup', retain && 'retain', topic);
  return words.filter((word) => word !== undefined && word !== false).join(' ');
}

export class View {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {string} testid @param {Record<string, string | number>} [attributes] */
  at(testid, attributes) {
    return this.page.locator(selector(testid, attributes));
  }

  /** The elements with this test id, with their attributes. */
  all(testid, attributes) {
    return raw(this.page, testid, attributes);
  }

  /** Waits until the page is connected to the broker, its own or another tab's. */
  async ready() {
    await this.at('page', { line: 'ready' }).waitFor();
  }

  /** `host` or `guest`. */
  role() {
    return this.at('page').getAttribute('data-role');
  }

  /** The figures of the page's head. */
  async totals() {
    const [{ connected, sessions, topics, retained, published }] = await raw(this.page, 'totals');
    return {
      connected: number(connected),
      sessions: number(sessions),
      topics: number(topics),
      retained: number(retained),
      published: number(published),
    };
  }

  /** The rows of the ladder that are on screen. @returns {Promise<Row[]>} */
  async rows() {
    return (await raw(this.page, 'ladder-row')).map((row) => ({
      number: Number(row.number),
      kind: row.kind,
      client: row.client || undefined,
      publication: number(row.publication),
      cause: number(row.cause),
      type: row.type || undefined,
      direction: row.direction || undefined,
      packetId: number(row.packetId),
      qos: number(row.qos),
      dup: flag(row.dup),
      retain: flag(row.retain),
      size: number(row.size),
      topic: row.topic,
      reason: number(row.reason),
      why: row.why || undefined,
      cut: flag(row.cut),
      door: row.door || undefined,
      length: number(row.length),
      selected: row.selected,
      story: flag(row.story),
      text: row.text,
    }));
  }

  /** The rows of one client that are on screen. @param {string} client */
  async rowsOf(client) {
    return (await this.rows()).filter((row) => row.client === client);
  }

  /** The Control Packets of one client as lines. @param {string} client */
  async lines(client) {
    return (await this.rowsOf(client)).filter(({ kind }) => kind === 'packet').map(line);
  }

  /** The ladder itself. */
  async ladder() {
    const [{ total, first, newest, newer, forgotten, following }] = await raw(this.page, 'ladder');
    return {
      total: number(total),
      first: number(first),
      newest: number(newest),
      newer: number(newer),
      forgotten: number(forgotten),
      following: flag(following),
    };
  }

  /** Waits for a row and gives it. @param {(row: Row) => boolean} wanted @param {string} [what] @returns {Promise<Row>} */
  row(wanted, what = 'a row of the ladder') {
    return until(async () => (await this.rows()).find(wanted) ?? false, what);
  }

  /** Selects a row of the ladder. @param {Row | number} row */
  async selectRow(row) {
    await this.at('ladder-row', { number: typeof row === 'number' ? row : row.number }).click();
  }

  /** The lifelines, from left to right. */
  async lifelines() {
    return (await raw(this.page, 'lifeline')).map(({ client, side, connected }) => ({
      client,
      side,
      connected: flag(connected),
    }));
  }

  /** The boxes of what is held. */
  async holds() {
    return (await raw(this.page, 'hold')).map(({ client, at, kind, packetId, publication }) => ({
      client,
      at,
      kind,
      packetId: number(packetId),
      publication: number(publication),
    }));
  }

  /** The rows of the tree that are on screen. */
  async tree() {
    return (await raw(this.page, 'tree-row')).map((row) => ({
      topic: row.topic,
      count: number(row.count),
      qos: number(row.qos),
      retained: flag(row.retained),
      matched: flag(row.matched),
      publisher: row.publisher,
      selected: row.selected,
      expanded: row.expanded,
      text: row.text,
    }));
  }

  /** One row of the tree, undefined when it is not on screen, with its payload and whether it wears the pin. @param {string} topic */
  async topic(topic) {
    const row = (await this.tree()).find((one) => one.topic === topic);
    if (!row) return undefined;
    const at = this.at('tree-row', { topic });
    const payload = at.locator(selector('tree-payload'));
    return {
      ...row,
      payload: (await payload.count()) > 0 ? await payload.first().textContent() : undefined,
      pin: (await at.locator(selector('tree-pin')).count()) > 0,
    };
  }

  /** Selects a topic. @param {string} topic */
  async selectTopic(topic) {
    await this.at('tree-row', { topic }).click();
  }

  /** Turns the right panel. @param {'selected' | 'matches' | 'clients' | 'packet'} tab */
  async turn(tab) {
    await this.at(`tab-${tab}`).click();
  }

  /** The rows of the table of clients. */
  async clients() {
    return (await raw(this.page, 'client-row')).map((row) => ({
      client: row.client,
      connected: flag(row.connected),
      door: row.door,
      version: number(row.version),
      keepAlive: number(row.keepAlive),
      inFlight: number(row.inFlight),
      queued: number(row.queued),
      text: row.text,
    }));
  }

  /** Types a Topic Filter to try, and a topic to hold against it. @param {string} filter @param {string} [topic] */
  async tryFilter(filter, topic) {
    await this.turn('matches');
    await this.at('match-filter').fill(filter);
    if (topic !== undefined) await this.at('match-topic').fill(topic);
  }

  /** The explanation, level by level. */
  async levels() {
    return (await raw(this.page, 'match-level')).map(({ filter, topic, verdict }) => ({ filter, topic, verdict }));
  }

  /** Who would receive a message. */
  async receivers() {
    return (await raw(this.page, 'receiver')).map((row) => ({
      client: row.client,
      filter: row.filter,
      granted: number(row.granted),
      qos: number(row.qos),
      outcome: row.outcome,
    }));
  }

  /** The subscribers' parts of the selected story. */
  async deliveries() {
    return (await raw(this.page, 'delivery')).map((row) => ({
      client: row.client,
      filter: row.filter,
      granted: number(row.granted),
      qos: number(row.qos),
      outcome: row.outcome,
    }));
  }
}
