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
 *   size?: number, topic?: string, reason?: number, why?: string, rule?: string, faded: boolean, text: string, title: string }} Row
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

  /** Waits until the page is connected to the broker, its own or another tab's, and has drawn what it is told: of that broker, or of the lab. */
  async ready() {
    await this.page.locator(`${selector('total-clients')}, ${selector('lab-timebar')}`).first().waitFor({ state: 'attached' });
    await this.at('banner').waitFor({ state: 'detached' });
  }

  /** Whether a notice of this kind is shown. @param {string} kind As in `web/DESIGN.md`. */
  async notice(kind) {
    return (await this.at('notice', { kind }).count()) > 0;
  }

  /** How it is with what must survive, in the dialog of settings. */
  async storage() {
    return this.at('storage').getAttribute('data-state');
  }

  /** Whether the broker runs in this tab or in another one. @returns {Promise<'host' | 'guest'>} */
  async role() {
    return (await this.at('role').count()) > 0 ? 'guest' : 'host';
  }

  /** The figures of the page's head. */
  async totals() {
    const figure = async (name) => Number((await this.at(`total-${name}`).locator('b').textContent())?.replaceAll(/\D/g, ''));
    return { clients: await figure('clients'), topics: await figure('topics') };
  }

  /** Starts the course's world. @param {250 | 1000 | 2000 | 5000 | 10000} [pace] Milliseconds between two readings of a topic; the page's own choice if not given. */
  async startWorld(pace) {
    await this.at('start-world').click();
    if (pace !== undefined) await this.at('world-rate').selectOption(String(pace));
  }

  /** The rows of the ladder that are on screen. @returns {Promise<Row[]>} */
  async rows() {
    return (await raw(this.page, 'row')).map((row) => ({
      number: Number(row.number),
      kind: row.kind,
      client: row.client || undefined,
      publication: number(row.publication),
      type: row.packetType || undefined,
      direction: row.direction || undefined,
      packetId: number(row.packetId),
      qos: number(row.qos),
      dup: flag(row.dup),
      retain: flag(row.retain),
      size: number(row.size),
      topic: row.topic,
      reason: number(row.reason),
      why: row.why || undefined,
      rule: row.rule || undefined,
      selected: row.selected,
      story: row.light === 'lit',
      faded: row.light === 'faded',
      text: row.text,
      title: row.title,
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

  /** Where the ladder stands in its record. */
  async ladder() {
    const [{ total, newer }] = await raw(this.page, 'timebar');
    const [{ following }] = await raw(this.page, 'flow');
    return { total: number(total), newer: number(newer), following: flag(following) };
  }

  /** Holds the ladder still. */
  async pause() {
    if ((await this.ladder()).following) await this.at('pause').click();
  }

  /** Lets the ladder follow what comes. */
  async resume() {
    if (!(await this.ladder()).following) await this.at('pause').click();
    await this.rest();
  }

  /** Takes the pointer to where it holds nothing still. */
  async rest() {
    await this.page.mouse.move(2, 2);
  }

  /** Waits for a row and gives it. @param {(row: Row) => boolean} wanted @param {string} [what] @returns {Promise<Row>} */
  row(wanted, what = 'a row of the ladder') {
    return until(async () => (await this.rows()).find(wanted) ?? false, what);
  }

  /** Selects a row of the ladder. @param {Row | number} row */
  async selectRow(row) {
    await this.at('row', { number: typeof row === 'number' ? row : row.number }).click();
  }

  /** The lifelines, from left to right, without the broker's. */
  async lifelines() {
    return (await raw(this.page, 'lifeline')).map(({ client, side, connected }) => ({
      client,
      side: side === 'left' ? 'publisher' : 'subscriber',
      connected: flag(connected),
    }));
  }

  /** The bars of what is held, and until which packet. */
  async holds() {
    return (await raw(this.page, 'hold')).map(({ client, at, kind, packetId, publication, until, lasts }) => ({
      client,
      at,
      kind,
      packetId: number(packetId),
      publication: number(publication),
      until,
      lasts: flag(lasts),
    }));
  }

  /** Whether a line connects the rows of the selected story. */
  async storyIsConnected() {
    return (await this.page.locator('.lines .spine').count()) === 1;
  }

  /** The depth that is chosen. */
  depth() {
    return this.at('depth').getAttribute('data-chosen');
  }

  async #openFilters() {
    if ((await this.at('filters').count()) === 0) await this.at('open-filters').click();
  }

  /** Shows or hides a client's rows. @param {string} client */
  async filterClient(client) {
    await this.#openFilters();
    await this.at('filter-client', { client }).click();
  }

  /** @param {string} filter */
  async filterTopic(filter) {
    await this.#openFilters();
    await this.at('filter-topic').fill(filter);
  }

  /** @param {'publish' | 'acks' | 'subscribe' | 'connect'} group */
  async filterTypes(group) {
    await this.#openFilters();
    await this.at(`filter-${group}`).click();
  }

  async clearFilters() {
    await this.at('filter-reset').click();
  }

  /** The rows of the tree that are on screen, and those close to it. */
  async tree() {
    return (await raw(this.page, 'topic')).map((row) => ({
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
    const at = this.at('topic', { topic });
    const texts = await at.locator('.payload').allTextContents();
    return { ...row, payload: texts[0], pin: (await at.locator('.pin').count()) > 0 };
  }

  /** Selects a topic. @param {string} topic */
  async selectTopic(topic) {
    await this.at('topic', { topic }).click();
  }

  /** Opens or closes a node. @param {string} topic */
  async toggleTopic(topic) {
    await this.at('topic', { topic }).locator('.twist').click();
  }

  /** How many rows the tree has, drawn or not. */
  async treeTotal() {
    return number((await raw(this.page, 'topics'))[0].total);
  }

  /** Scrolls the tree. @param {number} to Share of its height, 0 for the top and 1 for the end. */
  async scrollTree(to) {
    await this.page.locator('[role=tree]').evaluate((element, to) => {
      element.scrollTop = to * (element.scrollHeight - element.clientHeight);
    }, to);
  }

  /** @param {string} text */
  async search(text) {
    if ((await this.at('topic-search').count()) === 0) await this.at('open-search').click();
    await this.at('topic-search').fill(text);
  }

  /** Whether new rows are kept back while the pointer is over the tree. */
  async withholds() {
    return (await this.at('withheld').count()) > 0;
  }

  /** Shows `$` topics too, or not. */
  async toggleSystem() {
    await this.at('system').click();
  }

  /** Whether the page is laid out for a phone. */
  async isNarrow() {
    return (await this.at('go-flow').count()) > 0;
  }

  /** Turns the right panel. @param {'selected' | 'matches' | 'clients' | 'packet' | 'memory'} tab */
  async turn(tab) {
    await this.at(`${(await this.isNarrow()) ? 'go' : 'tab'}-${tab}`).click();
  }

  /** All that the right panel says. */
  async panelText() {
    return (await this.at('panel').textContent()) ?? '';
  }

  /** The sessions, as the view of clients lists them. */
  async clients() {
    return (await raw(this.page, 'client')).map((row) => ({
      client: row.client,
      connected: flag(row.connected),
      door: row.door,
      version: row.version,
      inFlight: number(row.inFlight),
      queued: number(row.queued),
      text: row.text,
    }));
  }

  /** One session of the view of clients. @param {string} client */
  async client(client) {
    return (await this.clients()).find((one) => one.client === client);
  }

  /** The subscriptions of a session. @param {string} client */
  async subscriptionsOf(client) {
    const subscriptions = this.at('client', { client }).locator(selector('subscription'));
    return subscriptions.evaluateAll((all) => all.map(({ dataset: { filter, qos } }) => ({ filter, qos: Number(qos) })));
  }

  /** Does something to one of the page's clients: selects it by its lifeline, then presses. @param {'subscribe' | 'disconnect' | 'cut' | 'reconnect' | 'remove' | 'drop' | 'drop-hard'} action @param {string} client */
  async act(action, client) {
    await this.at('lifeline', { client }).click();
    await this.at(`client-${action}`, { client }).click();
  }

  /**
   * Connects a client with the page's own form.
   * @param {{ id: string, version?: 4 | 5, filter?: string, qos?: number, kept?: boolean, will?: boolean, username?: string, password?: string }} choice
   */
  async connectClient({ id, version = 4, filter = '', qos = 1, kept = false, will = false, username = '', password = '' }) {
    if ((await this.at('connect-send').count()) === 0) await this.at('open-connect').click();
    await this.at('connect-id').fill(id);
    await this.at('connect-username').fill(username);
    await this.at('connect-password').fill(password);
    await this.at('connect-filter').fill(filter);
    await this.at(`connect-qos-${qos}`).click();
    await this.at(`connect-version-${version}`).click();
    await this.at(`connect-session-${kept ? 'kept' : 'clean'}`).click();
    await press(this.at('connect-will'), will);
    await this.at('connect-send').click();
  }

  /** Publishes with the page's own form. @param {{ topic: string, payload: string, qos: number, retain: boolean }} message */
  async publish({ topic, payload, qos, retain }) {
    if ((await this.at('publish-send').count()) === 0) await this.at('open-publish').click();
    await this.at('publish-topic').fill(topic);
    await this.at('publish-payload').fill(payload);
    await this.at(`publish-qos-${qos}`).click();
    await press(this.at('publish-retain'), retain);
    await this.at('publish-send').click();
  }

  /** Types a Topic Filter to try, and a topic to hold against it. @param {string} filter @param {string} [topic] */
  async tryFilter(filter, topic) {
    await this.turn('matches');
    await this.at('matches-filter').fill(filter);
    if (topic !== undefined) await this.at('matches-topic').fill(topic);
  }

  /** Why the filter is wrong; undefined while it is not. */
  async filterProblem() {
    const [problem] = await raw(this.page, 'matches-filter-problem');
    return problem && { code: problem.code, at: number(problem.at), text: problem.text };
  }

  /** How many topics the filter matches, as it is said below the field: all numbers of that sentence. */
  async matchNumbers() {
    return ((await this.at('matches-filter-says').textContent()) ?? '').match(/\d+/g)?.map(Number);
  }

  /** The topics that the filter matches, as the view of matches lists them. */
  async matchedTopics() {
    return this.at('matched-topics').locator('li').allTextContents();
  }

  /** Whether filter and topic match, and why, level by level; null where filter or topic has ended. */
  async explanation() {
    const at = this.at('explanation');
    const levels = await at.locator(selector('level')).evaluateAll((levels) =>
      levels.map((level) => {
        const side = (name) => {
          const cell = level.querySelector(name);
          return cell.querySelector('.nothing') ? null : cell.textContent;
        };
        return [side('.of-filter'), side('.of-topic'), level.dataset.verdict];
      }),
    );
    return { matches: flag((await at.getAttribute('data-matches')) ?? undefined), levels };
  }

  /** Chooses the QoS of the imagined publication. @param {number} qos */
  async imagineQos(qos) {
    await this.at(`matches-qos-${qos}`).click();
  }

  /** Who would receive a message, in the order of their names. */
  async receivers() {
    const receivers = (await raw(this.page, 'receiver')).map((row) => ({
      client: row.client,
      filter: row.filter,
      granted: number(row.granted),
      qos: number(row.qos),
      outcome: row.outcome,
    }));
    return receivers.sort((a, b) => (a.client < b.client ? -1 : 1));
  }

  /** The subscribers' parts of the selected story, in the order of their names. */
  async deliveries() {
    const deliveries = (await raw(this.page, 'delivery')).map((row) => ({
      client: row.client,
      filter: row.filter,
      qos: number(row.qos),
      outcome: row.outcome,
    }));
    return deliveries.sort((a, b) => (a.client < b.client ? -1 : 1));
  }

  /** The bytes of the selected packet. */
  async hex() {
    return (await this.at('byte').allTextContents()).map((text) => Number.parseInt(text, 16));
  }

  /** The fields of the selected packet. */
  async fields() {
    return (await raw(this.page, 'field')).map(({ name, start, end, value }) => ({
      name,
      start: Number(start),
      end: Number(end),
      value: value ?? '',
    }));
  }

  /** One field, to be pointed at. @param {{ name: string, start: number, end: number }} field */
  field({ name, start, end }) {
    return this.at('field', { name, start, end });
  }

  /** The offsets of the bytes that are lit up. */
  litBytes() {
    return this.page.locator(`${selector('byte')}.hot`).evaluateAll((bytes) => bytes.map(({ dataset }) => Number(dataset.offset)));
  }

  /** The names of the fields that are lit up. */
  litFields() {
    return this.page.locator(`.hot > ${selector('field')}`).evaluateAll((fields) => fields.map(({ dataset }) => dataset.name));
  }

  /** What is wrong with the bytes, in words; undefined when nothing is. */
  async packetProblem() {
    return (await raw(this.page, 'packet-problem'))[0]?.text;
  }
}

/** Makes a toggle say what it should. */
async function press(button, wanted) {
  if ((await button.getAttribute('aria-pressed')) !== String(wanted)) await button.click();
}
