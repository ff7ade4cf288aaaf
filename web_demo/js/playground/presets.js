// Presets of the playground, with the initial values and slider ranges of operations.

/** @type {Record<string, import("./draft.js").Draft>} */
export const PRESETS = {
  Plain: { resize: { width: 800 }, output: { format: "webp" } },
  Safelight: {
    resize: { width: 800 },
    contrast: 1.15,
    tint: { color: "#ff5a1f" },
    output: { format: "webp" },
  },
  "Old print": {
    resize: { width: 800 },
    contrast: 0.92,
    sepia: 0.85,
    pad: { top: 28, right: 28, bottom: 72, left: 28, color: "#f6efe2" },
    output: { format: "jpeg", quality: 85 },
  },
  "Black & white": {
    resize: { width: 800 },
    normalize: 0.01,
    contrast: 1.2,
    grayscale: true,
    sharpen: { sigma: 1, amount: 0.8 },
    output: { format: "webp" },
  },
  Avatar: {
    resize: { width: 400, height: 400, fit: "cover", gravity: "attention" },
    circle: true,
    output: { format: "webp" },
  },
  Proof: {
    resize: { width: 900 },
    watermark: {
      text: "PROOF",
      tiled: true,
      rotation: -30,
      size: 0.08,
      margin: 0.08,
      opacity: 0.4,
    },
    output: { format: "jpeg" },
  },
  "Tiny AVIF": { resize: { width: 800 }, output: { format: "avif", quality: 40 } },
  Mosaic: { resize: { width: 800 }, pixelate: 18, output: { format: "png", colors: 64 } },
};

/** Values of operations when they are switched on; others start with the schema's default. */
export const INITIAL_VALUES = {
  resize: { width: 800 },
  crop: { left: 0.1, top: 0.1, width: 0.8, height: 0.8, unit: "fraction" },
  rotate: { angle: 8 },
  corners: { radius: 48 },
  pad: { top: 24, right: 24, bottom: 24, left: 24 },
  brightness: 1.2,
  contrast: 1.2,
  saturation: 1.4,
  hue: 30,
  gamma: 1.3,
  normalize: 0.01,
  sepia: 0.8,
  tint: { color: "#d9822b" },
  threshold: 128,
  background: "#ffffff",
  blur: 4,
  median: 5,
  pixelate: 12,
  watermark: { text: "Darkroom" },
  focal_point: { x: 0.5, y: 0.5 },
  shadow: "#000000",
  outline: "#000000",
};

/** Slider ranges that are narrower than the schema's limits: [min, max, step]. */
export const SLIDER_RANGES = {
  brightness: [0, 2, 0.05],
  contrast: [0, 2, 0.05],
  saturation: [0, 2, 0.05],
  gamma: [0.2, 3, 0.05],
  hue: [-180, 180, 1],
  angle: [-180, 180, 1],
  rotation: [-180, 180, 1],
  blur: [0.5, 30, 0.5],
  sigma: [0.1, 5, 0.1],
  amount: [0.1, 5, 0.1],
  pixelate: [2, 64, 1],
  radius: [1, 400, 1],
  top: [0, 200, 1],
  right: [0, 200, 1],
  bottom: [0, 200, 1],
  left: [0, 200, 1],
};
