// Formatting of quantities, times and names for display.

import { serverTime } from "./clock.js";

const UNITS = ["B", "KB", "MB", "GB"];

/**
 * `237223` -> `237 KB`, in decimal units with at most three digits.
 * @param {number | undefined} bytes
 * @returns {string}
 */
export function size(bytes) {
  if (bytes === undefined || !Number.isFinite(bytes)) return "–";
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

/**
 * `412` -> `412 ms`, `3200` -> `3.20 s`, `192000` -> `3 min 12 s`.
 * @param {number | undefined} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) return "–";
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 10_000) return `${(whole / 1000).toFixed(2)} s`;
  if (whole < 60_000) return `${(whole / 1000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  const rest = seconds % 60 ? ` ${seconds % 60} s` : "";
  return `${Math.floor(seconds / 60)} min${rest}`;
}

/**
 * Returns a rendition's size relative to its original: `−89%` if it is smaller.
 * @param {number} bytes
 * @param {number | undefined} original
 * @returns {string}
 */
export function saving(bytes, original) {
  if (!original) return "–";
  const percent = Math.round((bytes / original - 1) * 100);
  return percent > 0 ? `+${percent}%` : percent < 0 ? `−${-percent}%` : "0%";
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {string} `800 × 600`
 */
export function dimensions(width, height) {
  return `${width} × ${height}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string} `1 rendition`, `3 renditions`
 */
export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/**
 * Returns the last part of a key.
 * @param {string} key
 * @returns {string}
 */
export function fileName(key) {
  return key.split("/").filter(Boolean).pop() ?? key;
}

/**
 * `image/svg+xml` -> `SVG`, `jpeg` -> `JPEG`.
 * @param {string | undefined} type
 * @returns {string}
 */
export function format(type) {
  const name = (type ?? "").replace(/^image\//, "").replace(/\+.*$/, "");
  return name === "webp" ? "WebP" : name.toUpperCase() || "–";
}

const TIME_UNITS = /** @type {const} */ ([
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
]);

/**
 * `3 minutes ago`.
 * @param {string} iso
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function ago(iso, now = serverTime()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, length] of TIME_UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

/**
 * `22 Nov 2026, 22:37:48` in the local time zone; a value that is no time is returned unchanged.
 * @param {string} iso
 * @returns {string}
 */
export function dateTime(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/**
 * Formats EXIF exposure data: `1/250 s · f/2.8 · ISO 200 · 50 mm`.
 * @param {Record<string, any>} photo
 * @returns {string}
 */
export function exposure(photo) {
  const time = photo.exposure;
  const speed = time && (time < 0.5 ? `1/${Math.round(1 / time)} s` : `${time} s`);
  return [
    speed,
    photo.aperture && `f/${photo.aperture}`,
    photo.iso && `ISO ${photo.iso}`,
    photo.focal_length && `${Math.round(photo.focal_length)} mm`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * `97.6` -> `98%`.
 * @param {number} confidence of Rekognition, 0 to 100
 * @returns {string}
 */
export const percent = (confidence) => `${Math.round(confidence)}%`;

const ENTITIES = { "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" };

/**
 * Returns a text as the value of an HTML attribute in double quotes.
 * @param {string} text
 */
export const attribute = (text) => text.replace(/[&"<>]/g, (each) => ENTITIES[each]);
