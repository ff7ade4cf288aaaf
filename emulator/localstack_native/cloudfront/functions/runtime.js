// The runtime of CloudFront Functions on QuickJS: modules, globals, and the run of a handler.
//
// Source: "JavaScript runtime 2.0 features for CloudFront Functions" and "Helper methods for key
// value stores" of the CloudFront Developer Guide.
//
// The file is an expression: a function that prepares a new context. Its argument is JSON with the
// key value store's identifier and metadata, its result what Python calls.
(function (optionsText) {
  "use strict";
  const options = JSON.parse(optionsText);
  const { parse: parseJson, stringify: toJson } = JSON;
  // Functions lose these; the modules keep them.
  const { from: arrayFrom } = Array;
  const { hasOwn } = Object;

  // ---- Bytes and text ------------------------------------------------------------------------

  function toUtf8(text) {
    const bytes = [];
    for (let i = 0; i < text.length; i++) {
      let code = text.codePointAt(i);
      if (code > 0xffff) i++;
      else if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000)
        bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else
        bytes.push(
          0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63),
          0x80 | (code & 63),
        );
    }
    return new Uint8Array(bytes);
  }

  // Invalid sequences become U+FFFD, or an error if `fatal`.
  function fromUtf8(bytes, fatal) {
    let text = "";
    for (let i = 0; i < bytes.length; ) {
      const first = bytes[i++];
      if (first < 0x80) {
        text += String.fromCharCode(first);
        continue;
      }
      const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 && first < 0xf0 ? 2
        : first >= 0xc2 && first < 0xe0 ? 1 : 0;
      let code = first & (0x3f >> more);
      let read = 0;
      while (read < more && (bytes[i] & 0xc0) === 0x80) {
        const next = bytes[i];
        if (read === 0) {
          const tooLow = (first === 0xe0 && next < 0xa0) || (first === 0xf0 && next < 0x90);
          const tooHigh = (first === 0xed && next > 0x9f) || (first === 0xf4 && next > 0x8f);
          if (tooLow || tooHigh) break;
        }
        code = (code << 6) | (next & 0x3f);
        i++;
        read++;
      }
      if (more && read === more) text += String.fromCodePoint(code);
      else if (fatal) throw new TypeError("The encoded data was not valid");
      else text += "\ufffd";
    }
    return text;
  }

  const bytesToBase64 = Uint8Array.prototype.toBase64;
  const base64 = (bytes) => bytesToBase64.call(bytes);
  const base64url = (bytes) =>
    bytesToBase64.call(bytes, { alphabet: "base64url", omitPadding: true });
  const bytesToHex = Uint8Array.prototype.toHex;
  const hex = (bytes) => bytesToHex.call(bytes);

  const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  // As Buffer does: both alphabets; other characters are skipped, and padding ends the text.
  function fromBase64(text) {
    const bytes = [];
    let bits = 0;
    let held = 0;
    for (const character of text) {
      if (character === "=") break;
      const value = BASE64.indexOf(character === "-" ? "+" : character === "_" ? "/" : character);
      if (value < 0) continue;
      bits = ((bits << 6) | value) & 0xfff;
      held += 6;
      if (held >= 8) {
        held -= 8;
        bytes.push((bits >> held) & 0xff);
      }
    }
    return new Uint8Array(bytes);
  }

  function fromHex(text) {
    const bytes = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const pair = text.slice(i, i + 2);
      if (!/^[0-9a-f]{2}$/i.test(pair)) break;
      bytes.push(parseInt(pair, 16));
    }
    return new Uint8Array(bytes);
  }

  const latin1 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
    return text;
  };

  const ENCODINGS = {
    "utf8": [toUtf8, fromUtf8],
    "utf-8": [toUtf8, fromUtf8],
    "hex": [fromHex, hex],
    "base64": [fromBase64, base64],
    "base64url": [fromBase64, base64url],
  };

  function encodingOf(name) {
    const found = ENCODINGS[name === undefined ? "utf8" : name];
    if (!found) throw new TypeError(`"${name}" encoding is not supported`);
    return found;
  }

  const bytesOf = (value, what) => {
    if (typeof value === "string") return toUtf8(value);
    if (value instanceof Uint8Array) return value;
    if (value instanceof DataView)
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    throw new TypeError(`${what} is not a string or Buffer-like object`);
  };

  // ---- Buffer --------------------------------------------------------------------------------

  class Buffer extends Uint8Array {
    static alloc(size, fill, encoding) {
      const made = new Buffer(size);
      return fill === undefined ? made : made.fill(fill, 0, size, encoding);
    }

    static allocUnsafe(size) {
      return new Buffer(size);
    }

    static byteLength(value, encoding) {
      if (typeof value === "string") return encodingOf(encoding)[0](value).length;
      return value.byteLength;
    }

    static compare(one, other) {
      const length = Math.min(one.length, other.length);
      for (let i = 0; i < length; i++)
        if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1;
      return Math.sign(one.length - other.length);
    }

    static concat(list, total) {
      let size = 0;
      for (const each of list) size += each.length;
      const made = new Buffer(total === undefined ? size : total);
      let at = 0;
      for (const each of list) {
        const part = each.subarray(0, Math.max(0, made.length - at));
        made.set(part, at);
        at += part.length;
      }
      return made;
    }

    static from(value, encoding, length) {
      if (typeof value === "string") return new Buffer(encodingOf(encoding)[0](value));
      if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
      if (value && value.type === "Buffer" && Array.isArray(value.data)) value = value.data;
      if (value instanceof String) return Buffer.from(value.valueOf(), encoding);
      if (value === null || typeof value !== "object" || value.length === undefined)
        throw new TypeError(
          "first argument is not a string or Buffer-like object",
        );
      const made = new Buffer(value.length);
      for (let i = 0; i < made.length; i++) made[i] = value[i];
      return made;
    }

    static isBuffer(value) {
      return value instanceof Buffer;
    }

    static isEncoding(name) {
      return typeof name === "string" && name in ENCODINGS;
    }

    compare(other, start = 0, end = other.length, from = 0, to = this.length) {
      return Buffer.compare(this.subarray(from, to), other.subarray(start, end));
    }

    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }

    equals(other) {
      return Buffer.compare(this, other) === 0;
    }

    fill(value, start = 0, end = this.length, encoding) {
      if (typeof start === "string") [encoding, start] = [start, 0];
      if (typeof value === "number") return super.fill(value & 0xff, start, end);
      const bytes = typeof value === "string" ? encodingOf(encoding)[0](value) : value;
      for (let i = start; i < end; i++) this[i] = bytes.length ? bytes[(i - start) % bytes.length] : 0;
      return this;
    }

    includes(value, from, encoding) {
      return this.indexOf(value, from, encoding) >= 0;
    }

    indexOf(value, from = 0, encoding) {
      const bytes = this.#wanted(value, encoding);
      let at = from < 0 ? Math.max(0, this.length + from) : from;
      for (; at + bytes.length <= this.length; at++) if (this.#has(bytes, at)) return at;
      return -1;
    }

    lastIndexOf(value, from = this.length - 1, encoding) {
      const bytes = this.#wanted(value, encoding);
      let at = Math.min(from < 0 ? this.length + from : from, this.length - bytes.length);
      for (; at >= 0; at--) if (this.#has(bytes, at)) return at;
      return -1;
    }

    #wanted(value, encoding) {
      if (typeof value === "number") return [value & 0xff];
      return typeof value === "string" ? encodingOf(encoding)[0](value) : value;
    }

    #has(bytes, at) {
      for (let i = 0; i < bytes.length; i++) if (this[at + i] !== bytes[i]) return false;
      return true;
    }

    slice(start, end) {
      return this.subarray(start, end);
    }

    toJSON() {
      return { type: "Buffer", data: arrayFrom(this) };
    }

    toString(encoding, start = 0, end = this.length) {
      return encodingOf(encoding)[1](this.subarray(start, end));
    }

    write(text, at = 0, length = this.length - at, encoding) {
      if (typeof at === "string") [encoding, at, length] = [at, 0, this.length];
      if (typeof length === "string") [encoding, length] = [length, this.length - at];
      let bytes = encodingOf(encoding)[0](text).subarray(0, Math.min(length, this.length - at));
      if (encoding === undefined || encoding.startsWith("utf"))
        // A character that does not fit is not written in part.
        while (bytes.length && fromUtf8(bytes).endsWith("\ufffd") && !text.includes("\ufffd"))
          bytes = bytes.subarray(0, -1);
      this.set(bytes, at);
      return bytes.length;
    }

    #view(at, size) {
      if (!(at >= 0 && at + size <= this.length)) throw new RangeError("index out of range");
      return new DataView(this.buffer, this.byteOffset + at, size);
    }

    #swap(size) {
      if (this.length % size) throw new RangeError(`Buffer size must be a multiple of ${size * 8}-bits`);
      for (let i = 0; i < this.length; i += size) this.subarray(i, i + size).reverse();
      return this;
    }

    swap16() {
      return this.#swap(2);
    }

    swap32() {
      return this.#swap(4);
    }

    swap64() {
      return this.#swap(8);
    }

    static {
      const define = (name, value) =>
        Object.defineProperty(Buffer.prototype, name, { value, writable: true, configurable: true });
      const fixed = [
        ["Int8", 1], ["UInt8", 1], ["Int16", 2], ["UInt16", 2], ["Int32", 4], ["UInt32", 4],
        ["Float", 4], ["Double", 8],
      ];
      for (const [kind, size] of fixed) {
        const native = { Float: "Float32", Double: "Float64" }[kind] || kind.replace("UI", "Ui");
        for (const order of size === 1 ? [""] : ["BE", "LE"]) {
          define(`read${kind}${order}`, function (at = 0) {
            return this.#view(at, size)[`get${native}`](0, order === "LE");
          });
          define(`write${kind}${order}`, function (value, at = 0) {
            this.#view(at, size)[`set${native}`](0, value, order === "LE");
            return at + size;
          });
        }
      }
      for (const order of ["BE", "LE"]) {
        const bytes = (buffer, at, size) => {
          if (!(size >= 1 && size <= 6)) throw new RangeError('"byteLength" must be <= 6');
          buffer.#view(at, size);
          const part = buffer.subarray(at, at + size);
          return order === "LE" ? part : { get: (i) => part[size - 1 - i], part };
        };
        const read = (buffer, at, size) => {
          const part = bytes(buffer, at, size);
          let value = 0;
          for (let i = size - 1; i >= 0; i--) value = value * 256 + (part.get ? part.get(i) : part[i]);
          return value;
        };
        define(`readUInt${order}`, function (at, size) {
          return read(this, at, size);
        });
        define(`readInt${order}`, function (at, size) {
          const value = read(this, at, size);
          return value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value;
        });
        const write = function (value, at, size) {
          const part = bytes(this, at, size);
          for (let i = 0; i < size; i++) {
            const byte = Math.floor(value / 256 ** i) & 0xff;
            if (part.get) part.part[size - 1 - i] = byte;
            else part[i] = byte;
          }
          return at + size;
        };
        define(`writeUInt${order}`, write);
        define(`writeInt${order}`, write);
      }
    }
  }

  // ---- crypto --------------------------------------------------------------------------------

  const rotl = (value, by) => (value << by) | (value >>> (32 - by));

  // Returns the message with its padding, as 32-bit words.
  function words(bytes, littleEndian) {
    const size = ((bytes.length + 8) >> 6) * 64 + 64;
    const padded = new Uint8Array(size);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    const high = Math.floor(bytes.length / 0x20000000);
    const low = (bytes.length << 3) >>> 0;
    view.setUint32(size - 8, littleEndian ? low : high, littleEndian);
    view.setUint32(size - 4, littleEndian ? high : low, littleEndian);
    const found = new Int32Array(size / 4);
    for (let i = 0; i < found.length; i++) found[i] = view.getInt32(i * 4, littleEndian);
    return found;
  }

  function digestOf(state, littleEndian) {
    const made = new Uint8Array(state.length * 4);
    const view = new DataView(made.buffer);
    for (let i = 0; i < state.length; i++) view.setInt32(i * 4, state[i], littleEndian);
    return made;
  }

  const fraction = (value) => Math.floor((value - Math.floor(value)) * 0x100000000) | 0;

  const MD5_K = arrayFrom({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
  const MD5_S = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

  function md5(bytes) {
    const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
    const message = words(bytes, true);
    for (let block = 0; block < message.length; block += 16) {
      let [a, b, c, d] = state;
      for (let i = 0; i < 64; i++) {
        const round = i >> 4;
        const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
        const word = message[block + [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16];
        const next = (b + rotl((a + mixed + MD5_K[i] + word) | 0, MD5_S[round][i % 4])) | 0;
        [a, d, c, b] = [d, c, b, next];
      }
      [a, b, c, d].forEach((value, i) => (state[i] = (state[i] + value) | 0));
    }
    return digestOf(state, true);
  }

  function sha1(bytes) {
    const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
    const message = words(bytes, false);
    const w = new Int32Array(80);
    for (let block = 0; block < message.length; block += 16) {
      for (let i = 0; i < 80; i++)
        w[i] = i < 16 ? message[block + i] : rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
      let [a, b, c, d, e] = state;
      for (let i = 0; i < 80; i++) {
        const f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        const k = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc | 0, 0xca62c1d6 | 0][Math.floor(i / 20)];
        const next = (rotl(a, 5) + f + e + k + w[i]) | 0;
        [e, d, c, b, a] = [d, c, rotl(b, 30), a, next];
      }
      [a, b, c, d, e].forEach((value, i) => (state[i] = (state[i] + value) | 0));
    }
    return digestOf(state, false);
  }

  // The fractional parts of cube roots and square roots of the first primes.
  const PRIMES = [];
  for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
  const SHA256_K = new Int32Array(PRIMES.map((prime) => fraction(Math.cbrt(prime))));
  const SHA256_H = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

  function sha256(bytes) {
    const state = SHA256_H.slice();
    const message = words(bytes, false);
    const w = new Int32Array(64);
    for (let block = 0; block < message.length; block += 16) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          w[i] = message[block + i];
          continue;
        }
        const x = w[i - 15];
        const y = w[i - 2];
        const s0 = rotl(x, 25) ^ rotl(x, 14) ^ (x >>> 3);
        const s1 = rotl(y, 15) ^ rotl(y, 13) ^ (y >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let a = state[0], b = state[1], c = state[2], d = state[3];
      let e = state[4], f = state[5], g = state[6], h = state[7];
      for (let i = 0; i < 64; i++) {
        const s1 = rotl(e, 26) ^ rotl(e, 21) ^ rotl(e, 7);
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA256_K[i] + w[i]) | 0;
        const s0 = rotl(a, 30) ^ rotl(a, 19) ^ rotl(a, 10);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      const next = [a, b, c, d, e, f, g, h];
      for (let i = 0; i < 8; i++) state[i] = (state[i] + next[i]) | 0;
    }
    return digestOf(state, false);
  }

  const ALGORITHMS = { md5, sha1, sha256 };

  function algorithm(name) {
    if (typeof name !== "string") throw new TypeError("algorithm must be a string");
    if (!hasOwn(ALGORITHMS, name)) throw new TypeError(`not supported algorithm: "${name}"`);
    return ALGORITHMS[name];
  }

  class Digest {
    #parts = [];
    #finish;
    #kind;

    constructor(finish, kind) {
      this.#finish = finish;
      this.#kind = kind;
    }

    update(data) {
      if (!this.#finish) throw new Error("Digest already called");
      this.#parts.push(bytesOf(data, "data").slice());
      return this;
    }

    digest(encoding) {
      if (!this.#finish) throw new Error("Digest already called");
      const finish = this.#finish;
      this.#finish = null;
      const found = finish(Buffer.concat(this.#parts));
      if (encoding === undefined) return Buffer.from(found);
      if (!["hex", "base64", "base64url"].includes(encoding))
        throw new TypeError(`Unknown digest encoding: "${encoding}"`);
      return ENCODINGS[encoding][1](found);
    }
  }

  const crypto = {
    createHash(name) {
      return new Digest(algorithm(name));
    },
    createHmac(name, key) {
      const hash = algorithm(name);
      let bytes = bytesOf(key, "key");
      if (bytes.length > 64) bytes = hash(bytes);
      const inner = new Uint8Array(64).fill(0x36);
      const outer = new Uint8Array(64).fill(0x5c);
      for (let i = 0; i < bytes.length; i++) {
        inner[i] ^= bytes[i];
        outer[i] ^= bytes[i];
      }
      return new Digest((message) => hash(Buffer.concat([outer, hash(Buffer.concat([inner, message]))])));
    },
  };

  // ---- querystring ---------------------------------------------------------------------------

  const unescapeText = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return Buffer.from(text.replace(/[^%]+|%(?![0-9a-f]{2})|%([0-9a-f]{2})/gi, (part, digits) =>
        digits ? digits : hex(toUtf8(part))), "hex").toString();
    }
  };

  const querystring = {
    escape: (text) => encodeURIComponent(text),
    unescape: unescapeText,
    parse(text, separator = "&", equals = "=", settings = {}) {
      const decode = settings.decodeURIComponent || querystring.unescape;
      const most = settings.maxKeys === undefined ? 1000 : settings.maxKeys;
      const found = Object.create(null);
      let parts = String(text).split(separator).filter((part) => part !== "");
      if (most > 0) parts = parts.slice(0, most);
      for (const part of parts) {
        const at = part.indexOf(equals);
        const [name, value] = (at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + equals.length)])
          .map((each) => decode(each.replaceAll("+", " ")));
        if (!(name in found)) found[name] = value;
        else if (Array.isArray(found[name])) found[name].push(value);
        else found[name] = [found[name], value];
      }
      return found;
    },
    stringify(value, separator = "&", equals = "=", settings = {}) {
      if (value === null || typeof value !== "object") return "";
      const encode = settings.encodeURIComponent || querystring.escape;
      const text = (each) => (["string", "number", "boolean"].includes(typeof each) ? encode(String(each)) : "");
      const parts = [];
      for (const name of Object.keys(value))
        for (const each of Array.isArray(value[name]) ? value[name] : [value[name]])
          parts.push(encode(name) + equals + text(each));
      return parts.join(separator);
    },
  };
  querystring.decode = querystring.parse;
  querystring.encode = querystring.stringify;

  // ---- TextEncoder, TextDecoder, atob, btoa --------------------------------------------------

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

  // ---- console -------------------------------------------------------------------------------

  const logs = [];
  const shown = (value, depth = 0) => {
    if (typeof value === "string") return depth ? `'${value}'` : value;
    if (value === null || typeof value !== "object") return String(value);
    if (value instanceof Error) return String(value);
    if (depth > 5) return "[Object]";
    if (value instanceof Uint8Array) return `Buffer [${Array.prototype.join.call(value, ",")}]`;
    if (Array.isArray(value)) return `[${value.map((each) => shown(each, depth + 1)).join(",")}]`;
    return `{${Object.keys(value).map((name) => `${name}:${shown(value[name], depth + 1)}`).join(",")}}`;
  };
  const LOG_LIMIT = 10000;
  let logged = 0;
  const console = {
    log(...values) {
      // AWS truncates log lines beyond 10 KB.
      const line = values.map((each) => shown(each)).join(" ").slice(0, Math.max(0, LOG_LIMIT - logged));
      logged += line.length;
      if (line) logs.push(line);
    },
  };

  // ---- cloudfront ----------------------------------------------------------------------------

  const reads = [];
  const waiting = [];
  let origin = null;

  class KvsError extends Error {
    constructor(name) {
      super(name);
      this.name = name;
    }

    toString() {
      return this.message;
    }
  }

  // Python reads the store between two steps of the function.
  const ask = (key) => {
    if (typeof key !== "string") return Promise.reject(new TypeError("the key must be a string"));
    return new Promise((resolve) => {
      waiting.push(resolve);
      reads.push(key);
    });
  };

  const handle = {
    get(key, settings) {
      const format = (settings && settings.format) || "string";
      if (!["string", "json", "bytes"].includes(format))
        return Promise.reject(new TypeError(`format ${format} is not supported`));
      return ask(key).then((value) => {
        if (value === null) throw new KvsError("KeyNotFound");
        if (format === "json") return parseJson(value);
        return format === "bytes" ? Buffer.from(value) : value;
      });
    },
    exists: (key) => ask(key).then((value) => value !== null),
    meta: () => Promise.resolve(parseJson(toJson(options.store.meta))),
    count: () => Promise.resolve(options.store.meta.keyCount),
  };

  const cloudfront = {
    kvs(id) {
      if (!options.store || (id !== undefined && id !== options.store.id))
        throw new KvsError("KVSNamespaceNotFound");
      return handle;
    },
    updateRequestOrigin(changes) {
      if (changes === null || typeof changes !== "object")
        throw new TypeError("updateRequestOrigin needs an object");
      origin = { id: null, changes: parseJson(toJson(changes)) };
    },
    selectRequestOriginById(id, changes) {
      if (typeof id !== "string") throw new TypeError("selectRequestOriginById needs a string");
      origin = { id, changes: parseJson(toJson(changes || {})) };
    },
  };

  // ---- Globals: those of the runtime only ------------------------------------------------------

  const modules = { buffer: { Buffer }, cloudfront, crypto, querystring };
  const require = (name) => {
    if (name === "cloudfront" || !hasOwn(modules, name))
      throw new Error(`Cannot find module "${name}"`);
    return modules[name];
  };

  const keep = (names) => {
    const kept = Object.create(null);
    for (const name of names.split(" ")) kept[name] = true;
    return kept;
  };
  const ALLOWED = {
    Object: "assign create defineProperties defineProperty entries freeze getOwnPropertyDescriptor " +
      "getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf is isExtensible isFrozen " +
      "isSealed keys preventExtensions seal setPrototypeOf values",
    Array: "isArray of",
    "Array.prototype": "concat copyWithin every fill filter find findIndex forEach includes indexOf " +
      "join lastIndexOf map pop push reduce reduceRight reverse shift slice some sort splice " +
      "toString unshift",
    "String.prototype": "charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf " +
      "match matchAll padEnd padStart repeat replace replaceAll search slice split startsWith " +
      "substr substring toLowerCase toString toUpperCase trim trimEnd trimStart valueOf",
    String: "fromCharCode fromCodePoint",
    Promise: "all allSettled any race reject resolve",
    "TypedArray.prototype": "buffer byteLength byteOffset copyWithin every fill filter find findIndex " +
      "forEach includes indexOf join lastIndexOf map reduce reduceRight reverse set slice some sort " +
      "subarray toString",
    Uint8Array: "BYTES_PER_ELEMENT",
    "Uint8Array.prototype": "BYTES_PER_ELEMENT",
    ArrayBuffer: "isView",
    "ArrayBuffer.prototype": "byteLength slice",
    JSON: "parse stringify",
    Error: "",
    RegExp: "",
  };
  const GLOBALS = keep(
    "AggregateError Array ArrayBuffer Boolean Buffer DataView Date Error EvalError Float32Array " +
      "Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError JSON Math NaN " +
      "Number Object Promise RangeError ReferenceError RegExp String Symbol SyntaxError TextDecoder " +
      "TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray atob btoa " +
      "console decodeURI decodeURIComponent encodeURI encodeURIComponent eval globalThis isFinite " +
      "isNaN parseFloat parseInt require undefined",
  );
  const typedArray = Object.getPrototypeOf(Uint8Array);
  const always = keep("length name prototype constructor");

  function prune(name, owner) {
    const allowed = keep(ALLOWED[name]);
    for (const key of Object.getOwnPropertyNames(owner))
      if (!allowed[key] && !always[key]) delete owner[key];
  }

  const started = Date.now();
  const NativeDate = Date;
  // The time does not pass while a function runs.
  function FixedDate(...given) {
    if (!new.target) return new NativeDate(started).toString();
    const made = given.length ? new NativeDate(...given) : new NativeDate(started);
    return Object.setPrototypeOf(made, new.target.prototype);
  }
  Object.defineProperty(FixedDate, "name", { value: "Date" });
  Object.defineProperty(FixedDate, "length", { value: 7 });
  FixedDate.prototype = NativeDate.prototype;
  FixedDate.prototype.constructor = FixedDate;
  Object.assign(FixedDate, { UTC: NativeDate.UTC, now: () => started, parse: NativeDate.parse });

  const refuse = (what) => {
    const refused = function () {
      throw new TypeError(`${what} is not allowed`);
    };
    return refused;
  };

  function define(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }

  const own = {
    Buffer, Date: FixedDate, TextDecoder, TextEncoder, atob, btoa, console, require,
    eval: refuse("eval"),
  };
  for (const name of Object.keys(own)) define(name, own[name]);
  const NativeFunction = Function;
  const LimitedFunction = refuse("Function constructor");
  LimitedFunction.prototype = NativeFunction.prototype;
  // Functions of all kinds reach their constructor by their prototype.
  const asyncPrototype = Object.getPrototypeOf(async function () {});
  const generatorPrototype = Object.getPrototypeOf(function* () {});
  const asyncGeneratorPrototype = Object.getPrototypeOf(async function* () {});
  for (const prototype of [NativeFunction.prototype, asyncPrototype, generatorPrototype, asyncGeneratorPrototype])
    Object.defineProperty(prototype, "constructor", { value: LimitedFunction });
  define("Function", LimitedFunction);

  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!GLOBALS[name]) delete globalThis[name];
  for (const name of Object.keys(ALLOWED)) {
    const [first, second] = name.split(".");
    const base = first === "TypedArray" ? typedArray : globalThis[first];
    prune(name, second ? base[second] : base);
  }

  // ---- The run of a handler --------------------------------------------------------------------

  let state = "pending";
  let result;
  const ascii = (text) =>
    text.replace(/[\u007f-\uffff]/g, (each) => "\\u" + each.charCodeAt(0).toString(16).padStart(4, "0"));
  const failed = (error) => {
    state = "failed";
    let text;
    try {
      // Without memory for an error, the engine throws null.
      text = error === null ? "null, which the function threw, or it is out of memory" : String(error);
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
})
