// The globals TextEncoder, TextDecoder, atob and btoa.

class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return toUtf8(String(text));
  }

  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = toUtf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      read += character.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  #fatal;
  #keepsMark;

  constructor(label = "utf-8", settings = {}) {
    if (!["utf-8", "utf8"].includes(String(label).toLowerCase()))
      throw new RangeError(`The "${label}" encoding is not supported`);
    this.#fatal = Boolean(settings.fatal);
    this.#keepsMark = Boolean(settings.ignoreBOM);
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#keepsMark;
  }

  decode(bytes = new Uint8Array(0)) {
    const text = fromUtf8(bytesOf(bytes, "input"), this.#fatal);
    return text.startsWith("\ufeff") && !this.#keepsMark ? text.slice(1) : text;
  }
}

const btoa = (text) => {
  const bytes = arrayFrom(String(text), (character) => character.codePointAt(0));
  if (bytes.some((each) => each > 0xff)) throw new TypeError("invalid character (>= U+00FF)");
  return base64(new Uint8Array(bytes));
};

const atob = (text) => {
  const plain = String(text).replace(/[\t\n\f\r ]/g, "").replace(/={1,2}$/, "");
  if (/[^A-Za-z0-9+/]/.test(plain) || plain.length % 4 === 1)
    throw new TypeError("The string to be decoded is not correctly encoded");
  return latin1(fromBase64(plain));
};
