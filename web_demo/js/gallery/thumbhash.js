// ThumbHash decoder for placeholders (https://evanw.github.io/thumbhash/).

/** Longer side of a decoded placeholder, in pixels. */
const EDGE = 32;

/**
 * @typedef {{width: number, height: number, rgba: Uint8ClampedArray<ArrayBuffer>}} Bitmap
 */

/**
 * Decodes a ThumbHash into pixels.
 * @param {Uint8Array} hash
 * @returns {Bitmap}
 */
export function decode(hash) {
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const tail = hash[3] | (hash[4] << 8);
  const hasAlpha = head >> 23 === 1;
  const isLandscape = tail >> 15 === 1;
  const longWaves = hasAlpha ? 5 : 7;
  const across = Math.max(3, isLandscape ? longWaves : tail & 7);
  const down = Math.max(3, isLandscape ? tail & 7 : longWaves);

  let nibble = (hasAlpha ? 6 : 5) * 2;
  const coefficients = (nx, ny, scale) => {
    const found = [];
    for (let cy = 0; cy < ny; cy++) {
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++, nibble++) {
        found.push((((hash[nibble >> 1] >> ((nibble & 1) * 4)) & 15) / 7.5 - 1) * scale);
      }
    }
    return found;
  };
  // The reference decoder raises the saturation by a quarter as well.
  const light = coefficients(across, down, ((head >> 18) & 31) / 31);
  const yellow = coefficients(3, 3, (((tail >> 3) & 63) / 63) * 1.25);
  const red = coefficients(3, 3, (((tail >> 9) & 63) / 63) * 1.25);
  const alpha = hasAlpha ? coefficients(5, 5, (hash[5] >> 4) / 15) : [];

  const ratio = aspect(hash);
  const width = Math.round(ratio > 1 ? EDGE : EDGE * ratio);
  const height = Math.round(ratio > 1 ? EDGE / ratio : EDGE);
  const waves = (count, size) =>
    Array.from({ length: size }, (_, at) =>
      Array.from({ length: count }, (__, n) => Math.cos((Math.PI / size) * (at + 0.5) * n)),
    );
  const fx = waves(Math.max(across, hasAlpha ? 5 : 3), width);
  const fy = waves(Math.max(down, hasAlpha ? 5 : 3), height);
  const value = (mean, channel, nx, ny, x, y) => {
    let sum = mean;
    for (let cy = 0, at = 0; cy < ny; cy++) {
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++, at++) {
        sum += channel[at] * fx[x][cx] * fy[y][cy] * 2;
      }
    }
    return sum;
  };

  const rgba = new Uint8ClampedArray(width * height * 4);
  const means = [(head & 63) / 63, ((head >> 6) & 63) / 31.5 - 1, ((head >> 12) & 63) / 31.5 - 1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const l = value(means[0], light, across, down, x, y);
      const p = value(means[1], yellow, 3, 3, x, y);
      const q = value(means[2], red, 3, 3, x, y);
      const b = l - (2 / 3) * p;
      const r = (3 * l - b + q) / 2;
      const a = hasAlpha ? value((hash[5] & 15) / 15, alpha, 5, 5, x, y) : 1;
      rgba.set([r * 255, (r - q) * 255, b * 255, a * 255], at);
    }
  }
  return { width, height, rgba };
}

/**
 * Returns the approximate aspect ratio of the image.
 * @param {Uint8Array} hash
 * @returns {number}
 */
export function aspect(hash) {
  const longWaves = hash[2] & 0x80 ? 5 : 7;
  const shortWaves = hash[3] & 7;
  return hash[4] & 0x80 ? longWaves / shortWaves : shortWaves / longWaves;
}

/**
 * Draws a base64 ThumbHash into a canvas, or nothing if it is invalid.
 * @param {HTMLCanvasElement} canvas
 * @param {string} base64
 */
export function paint(canvas, base64) {
  try {
    const hash = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
    const { width, height, rgba } = decode(hash);
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  } catch {
    canvas.width = canvas.height = 1;
  }
}
