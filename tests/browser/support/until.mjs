/** Waiting for what a page shows: looked at again and again, never slept for. */

/** How long something that should happen may take, in milliseconds. Far above what it takes, so that a slow machine is no failure. */
const LIMIT = 15_000;

/** How long to wait between two looks, in milliseconds. */
const PAUSE = 40;

/**
 * Looks until `look` neither throws nor returns false, and hands on what it returned.
 *
 * @template T
 * @param {() => T | Promise<T>} look Usually makes assertions about what it reads.
 * @param {string} [what] What is waited for, for the message when it does not come.
 * @param {number} [limit] In milliseconds.
 * @param {number} [pause] Between two looks, in milliseconds.
 * @returns {Promise<T>}
 * @throws the error of the last look, when the time is up.
 */
export async function until(look, what = 'what was looked for', limit = LIMIT, pause = PAUSE) {
  const end = performance.now() + limit;
  for (;;) {
    let failure;
    try {
      const seen = await look();
      if (seen !== false) return seen;
      failure = new Error(`${what} did not come within ${limit} ms`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) throw failure;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
