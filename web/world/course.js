/** The world of the course: who is in it, what they publish, what they subscribe to. */

/**
 * @typedef {object} Quantity
 * @property {string} name The last level of the topic.
 * @property {number} mean Where the readings return to.
 * @property {number} spread How far they wander, more or less.
 * @property {number} least
 * @property {number} most
 * @property {0 | 1 | 2} qos
 * @property {boolean} retain
 */

/** @param {Partial<Quantity>} choice @returns {Quantity} */
const temperature = (choice) => ({
  ...{ name: 'temperatura', mean: 22, spread: 2.5, least: -10, most: 50, qos: 1, retain: true },
  ...choice,
});

/** @param {Partial<Quantity>} choice @returns {Quantity} */
const humidity = (choice) => ({
  ...{ name: 'umidade', mean: 60, spread: 8, least: 5, most: 100, qos: 0, retain: false },
  ...choice,
});

/**
 * Each QoS is published by somebody and received by somebody: 2 end to end in area 20, 1 in both, 0 brought down by its
 * publisher in area 10; and the humidity of area 10 goes to nobody.
 */
export const SENSORS = [
  { area: 10, sensor: 5000, quantities: [temperature({ mean: 21.4 }), humidity({ mean: 58 })] },
  { area: 10, sensor: 5001, quantities: [temperature({ mean: 23.1, qos: 0 }), humidity({ mean: 54 })] },
  { area: 20, sensor: 4000, quantities: [temperature({ mean: 17.8 }), humidity({ mean: 71, qos: 2 })] },
  { area: 20, sensor: 4001, quantities: [temperature({ mean: 18.6 }), humidity({ mean: 68, qos: 2 })] },
];

/** The archive keeps its Session when it is cut off, so that what it missed is sent when it comes back. */
export const SUBSCRIBERS = [
  { id: 'painel', clean: true, filter: 'area/10/sensor/+/temperatura', qos: /** @type {const} */ (1) },
  { id: 'arquivo', clean: false, filter: 'area/20/sensor/#', qos: /** @type {const} */ (2) },
];

/** What is measured, one after the other: values drift as those of a room do. */
export class Reading {
  #value;

  /** @param {Quantity} quantity @param {() => number} random */
  constructor(quantity, random = Math.random) {
    this.quantity = quantity;
    this.random = random;
    this.#value = quantity.mean + (random() - 0.5) * quantity.spread;
  }

  /** The next value as the payload of a publication: a plain number with one decimal. */
  next() {
    const { mean, spread, least, most } = this.quantity;
    const drift = (mean - this.#value) * 0.05 + (this.random() - 0.5) * spread * 0.25;
    this.#value = Math.min(Math.max(this.#value + drift, least), most);
    return this.#value.toFixed(1);
  }
}
