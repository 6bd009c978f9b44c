/** What the console says to a student who opens it. */

const WORDS = {
  en: {
    greeting: 'Vitrine: an MQTT broker in this tab.',
    try: 'Try it: `mqtt` is MQTT.js, and connect() gives you a client of the broker you see:',
  },
  es: {
    greeting: 'Vitrine: un broker MQTT en esta pestaña.',
    try: 'Prueba: `mqtt` es MQTT.js, y connect() te da un cliente del broker que ves:',
  },
  pt: {
    greeting: 'Vitrine: um broker MQTT nesta aba.',
    try: 'Experimente: `mqtt` é o MQTT.js, e connect() dá um cliente do broker que você vê:',
  },
};

const EXAMPLE = `  const client = connect()
  client.subscribe('area/#')
  client.on('message', (topic, payload) => console.log(topic, payload.toString()))
  client.publish('area/30/sensor/1/temperatura', '19.5', { qos: 2 })`;

/** Says it, in the browser's language. */
export function hint() {
  const language = navigator.languages.map((name) => name.slice(0, 2)).find((name) => name in WORDS);
  const words = WORDS[/** @type {keyof typeof WORDS} */ (language ?? 'en')];
  console.info(`%c${words.greeting}%c\n${words.try}\n\n${EXAMPLE}`, 'font-weight: bold', '');
}
