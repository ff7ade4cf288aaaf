// Event emitter whose listeners receive the event's detail.

/** @template [Detail=any] */
export class EventEmitter {
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
   * @param {(detail: Detail) => void} handle
   * @returns {() => void} removes the listener
   */
  on(name, handle) {
    const listener = (event) => handle(event.detail);
    this.#target.addEventListener(name, listener);
    return () => this.#target.removeEventListener(name, listener);
  }
}
