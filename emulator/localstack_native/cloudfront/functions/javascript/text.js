// Bytes and text: UTF-8, Base64 and hexadecimal digits.

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

// Both alphabets. Padding, and any other character, ends the text.
function fromBase64(text) {
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = BASE64.indexOf(character === "-" ? "+" : character === "_" ? "/" : character);
    if (value < 0) break;
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
