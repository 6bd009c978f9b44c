/** Events and event handler attributes as the DOM has them. */

/**
 * Node has no `CloseEvent` before 23; every browser has one.
 * @type {typeof globalThis.CloseEvent}
 */
export const CloseEvent =
  globalThis.CloseEvent ??
  class CloseEvent extends Event {
    /** @param {string} type @param {CloseEventInit} [init] */
    constructor(type, init = {}) {
      super(type, init);
      this.code = init.code ?? 0;
      this.reason = init.reason ?? '';
      this.wasClean = init.wasClean ?? false;
    }
  };

/**
 * Gives a class the attributes `onopen`, `onmessage` and so on. As in HTML a handler keeps its place among the listeners
 * when it is replaced by another, and loses it when it is set to null.
 * @param {Function & { prototype: EventTarget }} target
 * @param {string[]} types
 */
export function defineHandlers(target, types) {
  for (const type of types) {
    /** @type {WeakMap<EventTarget, { handler: Function | object, listener: EventListener }>} */
    const set = new WeakMap();
    Object.defineProperty(target.prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get() {
        return set.get(this)?.handler ?? null;
      },
      set(value) {
        // WebIDL: anything but an object becomes null; an object that cannot be called is kept, and not called.
        const handler = typeof value === 'function' || (typeof value === 'object' && value) ? value : null;
        const before = set.get(this);
        if (handler === null) {
          if (before) this.removeEventListener(type, before.listener);
          set.delete(this);
        } else if (before) {
          before.handler = handler;
        } else {
          const entry = {
            handler,
            /** @param {Event} event */
            listener: (event) => {
              if (typeof entry.handler !== 'function') return;
              if (entry.handler.call(this, event) === false) event.preventDefault();
            },
          };
          set.set(this, entry);
          this.addEventListener(type, entry.listener);
        }
      },
    });
  }
}
