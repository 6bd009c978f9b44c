/**
 * The lab, as the page shows it: where time stands, what the lesson says, what is under way, what is in each head; and
 * the ways to act, each as a user would: a key, a press on an arrow or a head.
 */

import { until } from './until.mjs';
import { selector } from './view.mjs';

/**
 * All that is read at once, so that it is of one moment. Runs in the page, and knows nothing but it.
 *
 * @typedef {{ moment: number, end: number, road: number, speed: number, time: number, kind: string, next?: string }} Bar
 * @typedef {{ index: number, text: string, verdict: 'none' | 'right' | 'wrong', chosen: boolean, disabled: boolean }} Option
 * @typedef {{ name: string, step: number, steps: number, free: boolean, astray: boolean, title: string, place: string,
 *   paragraphs: string[], strong: string[], code: string[], question?: string, options: Option[], because?: string }} Lesson
 * @typedef {{ client: string, direction: 'in' | 'out', type: string, packetId?: number, index: number, state: string,
 *   gone: number, row?: number, beside?: number, pointed: boolean }} Flying
 * @typedef {{ bar?: Bar, lesson?: Lesson, pointed: string[] }} Seen
 */
function seen() {
  const at = (testid) => document.querySelector(`[data-testid="${testid}"]`);
  const all = (testid, within = document) => [...within.querySelectorAll(`[data-testid="${testid}"]`)];
  const text = (element) => element?.textContent.replaceAll(/\s+/g, ' ').trim();
  const texts = (elements) => [...elements].map(text);
  const bar = at('lab-timebar')?.dataset;
  const lesson = at('lesson');
  const said = at('lesson-text');
  const because = at('lesson-because');
  return {
    bar: bar && {
      moment: Number(bar.moment),
      end: Number(bar.end),
      road: Number(bar.road),
      speed: Number(bar.speed),
      time: Number(bar.time),
      kind: bar.kind,
      next: bar.next,
    },
    lesson: lesson
      ? {
          name: lesson.dataset.name,
          step: Number(lesson.dataset.step),
          steps: Number(lesson.dataset.steps),
          free: lesson.dataset.free === 'true',
          astray: lesson.dataset.astray === 'true',
          title: text(lesson.querySelector('h2')),
          place: text(lesson.querySelector('.place')),
          paragraphs: texts(said.querySelectorAll('p')),
          strong: texts(said.querySelectorAll('strong')),
          code: texts(said.querySelectorAll('code')),
          question: text(lesson.querySelector('.question span')),
          options: all('lesson-option', lesson).map((option) => ({
            index: Number(option.dataset.index),
            text: text(option.querySelector('span')),
            verdict: option.dataset.verdict,
            chosen: option.getAttribute('aria-pressed') === 'true',
            disabled: option.disabled,
          })),
          because: because ? text(because) : undefined,
        }
      : undefined,
    // Client names, `broker`, and the packet that is lit as `in PUBLISH painel`.
    pointed: [...document.querySelectorAll('[data-pointed=true]')]
      .filter((element) => element.getClientRects().length > 0)
      .map(({ dataset: { testid, client, packetType, direction } }) => {
        if (testid === 'lifeline-broker') return 'broker';
        return packetType ? `${direction} ${packetType} ${client}` : client;
      }),
  };
}

/** What a text of a lesson's file looks like on screen: its marks are not shown. @param {string} text */
export function plain(text) {
  return text.replaceAll(/([*`])([^]+?)\1/g, '$2').replaceAll(/\s+/g, ' ').trim();
}

export class Lab {
  /** @param {import('./view.mjs').View} view */
  constructor(view) {
    this.view = view;
    this.page = view.page;
  }

  /** @param {string} testid @param {Record<string, string | number>} [attributes] */
  at(testid, attributes) {
    return this.view.at(testid, attributes);
  }

  /** What is on screen now. @returns {Promise<Seen>} */
  look() {
    return this.page.evaluate(seen);
  }

  /** Where time stands. @returns {Promise<Bar>} */
  async bar() {
    return (await this.look()).bar;
  }

  /**
   * Waits until something is so of what is on screen, and gives that.
   * @param {(seen: Seen) => boolean} wanted @param {string} [what]
   * @returns {Promise<Seen>}
   */
  async when(wanted, what = String(wanted)) {
    /** @type {Seen | undefined} */
    let now;
    try {
      return await until(
        async () => {
          now = await this.look();
          return now.bar && wanted(now) ? now : false;
        },
        what,
        undefined,
        8,
      );
    } catch (error) {
      error.message += `\non screen: ${JSON.stringify(now)}`;
      throw error;
    }
  }

  /** Opens a lesson by its address, in the tab as it is, and waits for its first text. @param {string} name */
  async open(name) {
    await this.page.evaluate((name) => {
      window.location.hash = `lesson=${name}`;
    }, name);
    return this.when(({ lesson, bar }) => lesson?.name === name && lesson.step === 0 && bar.kind === 'lesson', `lesson ${name}`);
  }

  /** Presses a key that moves time, and waits until it has moved. @param {string} key @param {Bar} [before] Where time stands, where that is known. */
  async press(key, before) {
    before ??= await this.bar();
    await this.page.keyboard.press(key);
    return this.when(
      ({ bar }) => bar.moment !== before.moment || bar.road !== before.road || bar.time !== before.time,
      `that time moves with ${key}`,
    );
  }

  /** One step on, as with a clicker. @param {Bar} [before] */
  step(before) {
    return this.press('PageDown', before);
  }

  /** One step back, as with a clicker. */
  back() {
    return this.press('PageUp');
  }

  /** Goes on to a text of the lesson. @param {number} text From 0. */
  async toText(text) {
    for (let now = await this.look(); now.lesson.step < text; ) now = await this.press('Shift+ArrowRight');
    return this.when(({ lesson }) => lesson.step === text, `text ${text}`);
  }

  /** To a position, with the slider. @param {number} moment */
  async go(moment) {
    await this.at('lab-track').evaluate((track, moment) => {
      track.value = String(moment);
      track.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }, moment);
    return this.when(({ bar }) => bar.moment === moment, `moment ${moment}`);
  }

  /** Steps until something is so. @param {() => Promise<any>} wanted @param {string} what @param {number} [most] */
  async stepUntil(wanted, what, most = 60) {
    for (let n = 0; n < most; n += 1) {
      const found = await wanted();
      if (found) return found;
      await this.step();
    }
    throw new Error(`${most} steps, and still no ${what}`);
  }

  /** What is under way. @returns {Promise<Flying[]>} */
  async flying() {
    return (await this.view.all('flying')).map((one) => ({
      client: one.client,
      direction: one.direction,
      type: one.packetType,
      packetId: one.packetId === undefined ? undefined : Number(one.packetId),
      index: Number(one.index),
      state: one.state,
      gone: Number(one.gone),
      row: one.row === undefined ? undefined : Number(one.row),
      beside: one.beside === undefined ? undefined : Number(one.beside),
      pointed: one.pointed === 'true',
    }));
  }

  /** Steps until such a packet is under way. @param {Partial<Flying>} wanted */
  stepToFlying(wanted) {
    const fits = (one) => Object.entries(wanted).every(([name, value]) => one[name] === value);
    return this.stepUntil(async () => (await this.flying()).find(fits), `packet under way: ${JSON.stringify(wanted)}`);
  }

  /** Presses a packet under way, and in its menu an entry. @param {Partial<Flying>} wanted @param {'cut-before' | 'cut-after' | 'hold-here' | 'let-go' | 'look'} entry */
  async atPacket({ client, direction, type }, entry) {
    await this.at('flying', { client, direction, 'packet-type': type }).first().click();
    await this.#choose(entry);
  }

  /** Presses a client's head, or the broker's, and in its menu an entry. @param {string} who @param {string} entry */
  async atHead(who, entry) {
    await (who === 'broker' ? this.at('lifeline-broker') : this.at('lifeline', { client: who })).click();
    await this.#choose(entry);
  }

  /** Chooses an entry of the menu that is open; in the lab, most are something done, and a moment more. @param {string} entry */
  async #choose(entry) {
    const { bar: before } = await this.look();
    await this.at(`fault-${entry}`).click();
    if (!before || ['look', 'publish', 'subscribe'].includes(entry)) return;
    await this.when(({ bar }) => bar.end !== before.end || bar.road !== before.road, `what ${entry} does`);
  }

  /** The roads, and which is on screen. */
  async roads() {
    const roads = await this.at('lab-road').evaluateAll((all) =>
      all.map((road) => ({
        id: Number(road.dataset.road),
        moment: Number(road.dataset.moment),
        end: Number(road.dataset.end),
        here: road.getAttribute('aria-pressed') === 'true',
      })),
    );
    return roads;
  }

  /** To another road. @param {number} id */
  async toRoad(id) {
    await this.at('lab-road', { road: id }).click();
    return this.when(({ bar }) => bar.road === id, `road ${id}`);
  }

  /** What each head holds: of each client, or of `broker`, its facts. */
  async heads() {
    await this.page.keyboard.press('h');
    await this.at('heads').waitFor();
    const heads = await this.at('head').evaluateAll((all) =>
      all.map((head) => [
        head.dataset.who,
        {
          state: head.dataset.state,
          facts: [...head.querySelectorAll('[data-testid=fact]')].map(({ dataset }) => ({
            kind: dataset.kind,
            of: dataset.of,
            name: dataset.name,
            value: dataset.value,
            id: dataset.packetId === undefined ? undefined : Number(dataset.packetId),
            until: dataset.until,
            change: dataset.change,
          })),
        },
      ]),
    );
    return Object.fromEntries(heads);
  }

  /** The rows of the ladder with the times that stand beside them, of one of three where so asked. @param {number} [beside] */
  async rows(beside) {
    const within = beside === undefined ? '' : `${selector('beside-column', { qos: beside })} `;
    return this.page.locator(`${within}${selector('row')}`).evaluateAll((rows) =>
      rows.map((row) => {
        const { number, kind, client, packetType, direction, packetId, qos, dup, retain, topic, payload, fate, reason, why } = row.dataset;
        const set = (value) => (value === undefined ? undefined : Number(value));
        return {
          number: Number(number),
          time: row.querySelector('time')?.textContent,
          kind,
          client: client || undefined,
          type: packetType,
          direction,
          id: set(packetId),
          qos: set(qos),
          dup: dup === 'true',
          retain: retain === 'true',
          topic,
          payload,
          fate,
          reason: set(reason),
          why,
        };
      }),
    );
  }

  /** Waits for a row of the ladder that has all this, and gives it. @param {Record<string, any>} wanted */
  row(wanted) {
    return until(async () => {
      const rows = await this.rows();
      const found = rows.find((row) => Object.entries(wanted).every(([name, value]) => row[name] === value));
      if (!found) throw new Error(`no row ${JSON.stringify(wanted)} among\n${rows.map(short).join('\n')}`);
      return found;
    });
  }

  /** The link to this moment, from the dialog. */
  async share() {
    await this.page.keyboard.press('e');
    const link = await this.at('share-link').inputValue();
    await this.page.keyboard.press('Escape');
    await this.at('carry-dialog').waitFor({ state: 'detached' });
    return link;
  }
}

/** A row in a line, for messages. */
export function short(row) {
  return [row.time, row.kind, row.client, row.direction, row.type, row.id, row.dup && 'dup', row.fate, row.why].filter(Boolean).join(' ');
}
