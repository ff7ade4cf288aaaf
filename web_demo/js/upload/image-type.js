// Media type of a file by its first bytes, with the signatures of processor/images/decode/: the types
// that systems derive from names differ, and folders hold other files too.

const BYTES = 64;

/** Signatures in Latin-1, by media type. */
const SIGNATURES = {
  "image/jpeg": /^\xff\xd8\xff/,
  "image/png": /^\x89PNG\r\n\x1a\n/,
  "image/webp": /^RIFF.{4}WEBP/s,
  "image/gif": /^GIF8[79]a/,
  "image/tiff": /^(II\*\0|MM\0\*)/,
  "image/bmp": /^BM/,
  "image/avif": /^.{4}ftyp(.{4})*?avi[fs]/s,
  "image/heic": /^.{4}ftyp(.{4})*?(hei[cxms]|hev[cx])/s,
};

export const UNREADABLE =
  "The browser cannot read the file: it is a folder, or was moved or changed. Choose it again.";

/**
 * Returns the first bytes of a file as Latin-1. Rejects for a file that the browser cannot read.
 * @param {Blob} file
 */
export async function firstBytes(file) {
  const bytes = new Uint8Array(await file.slice(0, BYTES).arrayBuffer());
  return String.fromCharCode(...bytes);
}

/**
 * Returns the media type of an image, or undefined for other files. Rejects for a file that the
 * browser cannot read.
 * @param {Blob} file
 * @returns {Promise<string | undefined>}
 */
export async function imageType(file) {
  const start = await firstBytes(file);
  return Object.keys(SIGNATURES).find((type) => SIGNATURES[type].test(start));
}
