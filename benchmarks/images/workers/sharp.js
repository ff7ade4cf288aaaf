// The worker that measures sharp, used as its documentation advises. See serve.py for the protocol.
//
// Several renditions are each made from the next larger one, as raw pixels: measured on the 12 MP
// JPEG and its five renditions, this takes two thirds of the time of separate pipelines or of
// clone()s of one (356 ms of CPU against 524 and 535), each of which decodes the input again.

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const sharp = require('sharp');

const AOM_SPEED = 6; // libvips counts the other way, as "effort"
const EXTENSIONS = { jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif' };
const folder = process.argv[2];
const logos = new Map();

sharp.cache(false);
sharp.concurrency(1);

function encoded(pipeline, { format, quality, effort, progressive = false }) {
  switch (format) {
    case 'jpeg':
      return pipeline.jpeg({
        quality,
        progressive,
        optimizeCoding: true,
        chromaSubsampling: '4:2:0',
      });
    case 'webp':
      return pipeline.webp({ quality, effort });
    case 'png':
      return pipeline.png({ compressionLevel: 6 });
    default:
      return pipeline.avif({ quality, effort: 9 - AOM_SPEED, chromaSubsampling: '4:2:0' });
  }
}

// Raw pixels, and what sharp has to know to read them again. The rest of `info` must not be passed
// on: its `premultiplied` tells that the pixels were so on their way, not that they are.
async function pixels(pipeline) {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, raw: { width, height, channels } };
}

function scaled(pipeline, { width, height, fit = 'inside' }) {
  return pipeline.resize({ width, height, fit, withoutEnlargement: true });
}

// The size of what `input` becomes within `box`.
async function sizeWithin(input, box) {
  const { autoOrient: upright } = await sharp(input).metadata();
  const scale = Math.min(1, box.width / upright.width, box.height / upright.height);
  return { width: Math.round(upright.width * scale), height: Math.round(upright.height * scale) };
}

// The logo in the lower right corner.
async function overlay({ width, height }, mark) {
  const logo = await scaledLogo(mark.image, Math.round(width * mark.scale));
  const margin = Math.round(Math.min(width, height) * mark.margin);
  return {
    input: logo.data,
    raw: logo.raw,
    left: width - logo.raw.width - margin,
    top: height - logo.raw.height - margin,
  };
}

async function scaledLogo(name, width) {
  const key = `${name} ${width}`;
  if (!logos.has(key)) {
    const logo = sharp(path.join(folder, name)).resize({ width }).ensureAlpha();
    logos.set(key, await pixels(logo));
  }
  return logos.get(key);
}

async function one(input, { resize, watermark, output }) {
  const pipeline = scaled(sharp(input, { animated: true }).autoOrient(), resize);
  if (watermark) pipeline.composite([await overlay(await sizeWithin(input, resize), watermark)]);
  return encoded(pipeline, output).toBuffer();
}

async function several(input, renditions) {
  const outputs = new Array(renditions.length);
  const order = [...renditions.keys()];
  order.sort((a, b) => renditions[b].resize.width - renditions[a].resize.width);
  let larger = sharp(input).autoOrient();
  let size = Infinity;
  let current;
  for (const place of order) {
    const { resize, watermark, output } = renditions[place];
    if (resize.width < size) current = await pixels(scaled(larger, resize));
    size = resize.width;
    const pipeline = sharp(current.data, { raw: current.raw });
    if (watermark) pipeline.composite([await overlay(current.raw, watermark)]);
    outputs[place] = await encoded(pipeline, output).toBuffer();
    larger = sharp(current.data, { raw: current.raw });
  }
  return outputs;
}

async function run(input, { renditions }) {
  return renditions.length > 1 ? several(input, renditions) : [await one(input, renditions[0])];
}

async function measured(data, { recipe, into }) {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  const outputs = await run(data, recipe);
  const { user, system } = process.cpuUsage(cpu);
  const files = {};
  recipe.renditions.forEach(({ name, output: { format } }, place) => {
    const file = `${name}.${EXTENSIONS[format]}`;
    files[file] = outputs[place].length;
    if (into) fs.writeFileSync(path.join(into, file), outputs[place]);
  });
  return { cpu: (user + system) / 1000, wall: performance.now() - wall, files };
}

async function serve() {
  const { sharp: library, vips, aom } = sharp.versions;
  console.log(JSON.stringify({ sharp: library, libvips: vips, aom, node: process.versions.node }));
  let file;
  let data;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const job = JSON.parse(line);
    if (job.input !== file) [file, data] = [job.input, fs.readFileSync(job.input)];
    const answer = await measured(data, job).catch((error) => ({ error: String(error) }));
    console.log(JSON.stringify(answer));
  }
}

serve();
