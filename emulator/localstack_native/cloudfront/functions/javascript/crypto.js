// The module `crypto`: MD5, SHA-1 and SHA-256, and HMACs. Python can't be called (see runtime.py).

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

// The function's code may have changed Math by the first MD5.
const { abs, floor, sin } = Math;
const sine = (_, i) => floor(abs(sin(i + 1)) * 2 ** 32) | 0;
const MD5_S = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

function md5(bytes) {
  const constants = arrayFrom({ length: 64 }, sine);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  const message = words(bytes, true);
  for (let block = 0; block < message.length; block += 16) {
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
      const word = message[block + [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16];
      const next = (b + rotl((a + mixed + constants[i] + word) | 0, MD5_S[round][i % 4])) | 0;
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
      let f = b ^ c ^ d;
      if (i < 20) f = (b & c) | (~b & d);
      else if (i >= 40 && i < 60) f = (b & c) | (b & d) | (c & d);
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

// Rotations are written out: calls are slow in QuickJS, and each signed URL needs an HMAC.
function sha256(bytes) {
  const state = SHA256_H.slice();
  const message = words(bytes, false);
  const k = SHA256_K;
  const w = new Int32Array(64);
  for (let block = 0; block < message.length; block += 16) {
    w.set(message.subarray(block, block + 16));
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + (g ^ (e & (f ^ g))) + k[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = s0 + ((a & b) | (c & (a | b)));
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
    const both = (one, other) => hash(Buffer.concat([one, other]));
    return new Digest((message) => both(outer, both(inner, message)));
  },
};
