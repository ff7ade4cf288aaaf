// The run of a handler: the functions that Python calls.

let state = "pending";
let result;
const ascii = (text) =>
  text.replace(/[\u007f-\uffff]/g, (each) => {
    const digits = each.charCodeAt(0).toString(16);
    return "\\u" + digits.padStart(4, "0");
  });
const failed = (error) => {
  state = "failed";
  let text;
  try {
    // Without memory for an error, the engine throws null.
    text = error === null ? "null was thrown, or the function is out of memory" : String(error);
  } catch {
    text = "The error has no text.";
  }
  result = text;
};
const done = (value) => {
  try {
    const text = toJson(value);
    result = text === undefined ? null : parseJson(text);
    state = "done";
  } catch (error) {
    failed(error);
  }
};
const then = Promise.prototype.then;

return {
  // Hides what only Python and compiled code need.
  hide() {
    delete globalThis.__host;
    Object.defineProperty(globalThis, "__import", { value: (name) => modules[name] });
  },
  // A context may have waited long for its event.
  configure(text) {
    options = parseJson(text);
    started = NativeDate.now();
  },
  start(handler, eventText) {
    if (typeof handler !== "function") {
      failed(new ReferenceError("the function handler is not defined"));
      return;
    }
    try {
      const value = handler(parseJson(eventText));
      if (value instanceof Promise) then.call(value, done, failed);
      else done(value);
    } catch (error) {
      failed(error);
    }
  },
  // Returns what has happened since the start, and the keys to read.
  look: () => ascii(toJson({ state, result, logs, origin, reads: reads.splice(0) })),
  give(valuesText) {
    for (const value of parseJson(valuesText)) waiting.shift()(value);
  },
  logs: () => ascii(toJson(logs)),
};
