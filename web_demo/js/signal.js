// Tells those who listen of what happens elsewhere.

/**
 * An event target whose listeners get the detail alone.
 * @template [Detail=any]
 */
export class Signal {
  #target = new EventTarget();

  /**
   * @param {string} name
   * @param {Detail} [detail]
   */
  emit(name, detail) {
    this.#target.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /**
   * @param {string} name
   * @param {(detail: Detail) => void} act
   * @returns {() => void} stops listening
   */
  on(name, act) {
    const listener = (event) => act(event.detail);
    this.#target.addEventListener(name, listener);
    return () => this.#target.removeEventListener(name, listener);
  }
}
