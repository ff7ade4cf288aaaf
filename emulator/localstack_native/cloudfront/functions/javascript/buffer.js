// The module `buffer`.

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
      throw new TypeError(`first argument ${typeof value} is not a string or Buffer-like object`);
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
    const { length } = bytes;
    for (let i = start; i < end; i++) this[i] = length ? bytes[(i - start) % length] : 0;
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
    const bytes = encodingOf(encoding)[0](text);
    const part = bytes.subarray(0, Math.min(length, this.length - at));
    this.set(part, at);
    return part.length;
  }

  #view(at, size) {
    if (!(at >= 0 && at + size <= this.length)) throw new RangeError("index out of range");
    return new DataView(this.buffer, this.byteOffset + at, size);
  }

  #swap(size) {
    if (this.length % size)
      throw new RangeError(`Buffer size must be a multiple of ${size * 8}-bits`);
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
        for (let i = size - 1; i >= 0; i--)
          value = value * 256 + (part.get ? part.get(i) : part[i]);
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
