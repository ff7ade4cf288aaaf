// CloudFront function (viewer request) of the behavior /imgproxy/*: checks the signature of an
// imgproxy URL, translates its options to those of variants, and rewrites it to the key of the stored
// object, which the URLs below /i/ have too. docs/how-to/migrate-from-imgproxy.md has the options.
//
// Source: "Processing an image" and "Signing a URL" of imgproxy's documentation.
// https://docs.imgproxy.net/usage/processing
import cf from 'cloudfront';
import crypto from 'crypto';

const SHORT = pairs('resize rs size s resizing_type rt width w height h enlarge el extend ex ' +
  'gravity g quality q format_quality fq format f ext f background bg expires exp cachebuster cb ' +
  'preset pr jpg jpeg');
const GRAVITIES = pairs('ce center no top so bottom ea right we left noea top-right ' +
  'nowe top-left soea bottom-right sowe bottom-left sm attention');
// Options that are allowed if they change nothing, and those that name what is always done.
const NEUTRAL = ('min-width mw min-height mh extend_aspect_ratio extend_ar exar crop c padding pd ' +
  'rotate rot blur bl sharpen sh pixelate pix watermark wm max_bytes mb keep_copyright kcr ' +
  'enforce_thumbnail eth return_attachment att raw skip_processing skp').split(' ');
const ALWAYS = 'auto_rotate ar strip_metadata sm strip_color_profile scp'.split(' ');
const OFF = /^(0*|0*\.0+|f|false)$/i;
const ON = /^(1|t|true)$/i;
const SIZE = /^[0-9]{1,5}$/;
const QUALITY = /^(0|[1-9][0-9]?|100)$/;

// Each changes the settings `p` by the arguments `a` of its option, and returns whether it can.
const READERS = {
  rs: (p, a) => (!a[0] || READERS.rt(p, a)) && READERS.s(p, a.slice(1)),
  s: (p, a) => (!a[0] || READERS.w(p, a)) && (!a[1] || READERS.h(p, [a[1]])) &&
    (!a[2] || READERS.el(p, [a[2]])) && (!a[3] || READERS.ex(p, a.slice(3))),
  rt: (p, a) => /^(fit|fill|fill-down|force|auto)$/.test(p.rt = a[0]),
  w: (p, a) => SIZE.test(a[0]) && (p.w = a[0], true),
  h: (p, a) => SIZE.test(a[0]) && (p.h = a[0], true),
  el: (p, a) => (p.el = ON.test(a[0])) || OFF.test(a[0]),
  ex: (p, a) => (p.position = a.slice(1), p.ex = ON.test(a[0])) || OFF.test(a[0]),
  g: (p, a) => !!(p.g = a),
  dpr: (p, a) => (p.dpr = Number(a[0])) > 0 && p.dpr < 100,
  q: (p, a) => QUALITY.test(p.q = a[0]),
  fq: (p, a) => a.every((each, i) =>
    i % 2 ? QUALITY.test(p.fq[SHORT[a[i - 1]] || a[i - 1]] = each) : i + 1 < a.length),
  f: (p, a) => /^(|avif|webp|jpeg|png|gif)$/.test(p.f = SHORT[a[0]] || a[0]),
  bg: (p, a) => (p.bg = a[0] && colorOf(a)) !== null,
  exp: (p, a) => /^[0-9]{0,12}$/.test(p.exp = a[0]),
  cb: () => true,
  pr: (p, a) => a.length === 1 && /^[a-z0-9][a-z0-9-]{0,63}$/.test(p.name = a[0])
};

async function handler(event) {
  const request = event.request;
  try {
    const parts = /^\/imgproxy\/([^/]+)(\/.+)$/.exec(request.uri);
    if (!parts) {
      fail(404, 'not-found', 'An imgproxy URL is /imgproxy/<signature>/<options>/<source>.');
    }
    const sources = await verified(parts[1], parts[2]);
    const p = { rt: 'fit', g: [], dpr: 1, fq: {} };
    const segments = parts[2].slice(1).split('/');
    const at = segments.findIndex(each => !decoded(each).includes(':'));
    segments.slice(0, at < 0 ? segments.length : at).forEach(each => read(p, decoded(each)));
    const source = sourceOf(p, at < 0 ? [] : segments.slice(at));
    if (p.exp > 0 && p.exp * 1000 <= Date.now()) {
      fail(404, 'expired', 'The URL has expired. Sign it again with a later `exp`.');
    }
    const options = sized(p);
    options.f = p.f || undefined;
    options.bg = p.bg || undefined;
    options.q = qualityOf(p, chosenFormat(p.f, request.headers.accept));
    return rewritten(request, simplified(options), keyOf(source, sources));
  } catch (error) {
    if (!error.problem) {
      throw error;
    }
    return response(error.problem);
  }
}

// Returns the prefixes of sources if the signature is right.
async function verified(signature, signed) {
  const store = cf.kvs();
  let keys, salts, sources;
  try {
    keys = await store.get('imgproxy-key');
    salts = await store.get('imgproxy-salt');
    sources = await store.get('imgproxy-sources');
  } catch (missing) {
    fail(404, 'not-found', 'imgproxy URLs are not enabled. Run `darkroom keys imgproxy`.');
  }
  salts = salts.split(',');
  const isSigned = keys.split(',').some((key, i) => {
    const hmac = crypto.createHmac('sha256', Buffer.from(key, 'hex'));
    hmac.update(Buffer.from(salts[i], 'hex'));
    return hmac.update(signed).digest('base64url') === signature;
  });
  if (!isSigned) {
    fail(403, 'wrong-signature', 'The signature does not belong to this path. Sign the URL again.');
  }
  return sources.split(' ');
}

function read(p, text) {
  const parts = text.split(':');
  const name = SHORT[parts[0]] || parts[0];
  const values = parts.slice(1);
  const isNeutral = /^z(oom)?$/.test(name) ? values.every(each => Number(each || 1) === 1) :
    NEUTRAL.includes(name) ? values.every(each => OFF.test(each)) :
    ALWAYS.includes(name) && values.every(each => ON.test(each));
  if (!isNeutral && !(Object.keys(READERS).includes(name) && READERS[name](p, values))) {
    unsupported('the option', text);
  }
}

function unsupported(what, text) {
  fail(422, 'unsupported-option', 'Darkroom has no equivalent of ' + what + ' `' +
    text.slice(0, 60) + '`.');
}

// Returns the source URL, and sets the format of its extension.
function sourceOf(p, segments) {
  if (segments[0] === 'enc') {
    unsupported('the source', 'enc');
  }
  const isPlain = segments[0] === 'plain';
  const parts = isPlain ? segments.slice(1).join('/').split('@') : segments.join('').split('.');
  if (!parts[0] || parts.length > 2 || !(isPlain || /^[\w-]+=*$/.test(parts[0]))) {
    fail(404, 'not-found', 'The URL has no source: plain/<source>@<extension>, or base64url.');
  }
  if (parts[1] && !READERS.f(p, [parts[1]])) {
    unsupported('the format', parts[1]);
  }
  return isPlain ? decoded(parts[0]) : Buffer.from(parts[0], 'base64url').toString();
}

function keyOf(source, prefixes) {
  const prefix = prefixes.find(each => source.startsWith(each)) || '';
  if (!prefix && /^[\w+.-]+:\/\//.test(source)) {
    unsupported('the source', source);
  }
  const key = source.slice(prefix.length);
  if (!key) {
    fail(404, 'not-found', 'The source has no key.');
  }
  return /^http/.test(prefix) ? decoded(key.split(/[?#]/)[0]) : key;
}

// Returns the options of width, height, fit and gravity.
function sized(p) {
  const w = p.w > 0;
  const h = p.h > 0;
  if (p.name || !w && !h) {
    if (p.name ? w || h || p.el || p.ex || !/^([1-3](\.\d\d?)?|4)$/.test(p.dpr) : p.dpr !== 1) {
      unsupported('this size with', p.name ? 'preset:' + p.name : 'dpr:' + p.dpr);
    }
    return { name: p.name, dpr: String(p.dpr) };
  }
  const isFit = p.rt === 'fit';
  const isForced = p.rt === 'force';
  if (p.rt === 'auto' && w && h || isForced && !(w && h)) {
    unsupported('with this size, the resizing type', p.rt);
  }
  if (p.ex && !(isFit && w && h)) {
    unsupported('with this size, the option', 'extend');
  }
  const isCrop = !isFit && !isForced && w && h;
  return {
    w: w ? p.w : undefined,
    h: h ? p.h : undefined,
    dpr: p.dpr,
    el: p.el ? '1' : undefined,
    fit: isForced ? 'fill' : p.ex ? 'contain' : isCrop ? 'cover' : undefined,
    g: p.ex ? gravityOf(p.position, false) : isCrop ? gravityOf(p.g, true) : undefined
  };
}

function gravityOf(a, isCrop) {
  const isPoint = a[0] === 'fp';
  const rest = a.slice(1);
  const found = isPoint ? rest.map(each => Math.round(each * 1000) / 1000).join('x') :
    a[0] ? GRAVITIES[a[0]] : 'center';
  const isKnown = isPoint ? rest.length === 2 && rest.every(each => each >= 0 && each <= 1) :
    found && rest.every(each => OFF.test(each));
  if (!isKnown || !isCrop && (isPoint || a[0] === 'sm')) {
    unsupported('the gravity', a.join(':'));
  }
  return found;
}

function qualityOf(p, format) {
  const quality = p.q > 0 ? p.q : p.fq[format === 'any' ? 'jpeg' : format];
  return quality > 0 ? quality : undefined;
}

// Returns the color of three numbers, or of three or six digits; null if it is none.
function colorOf(a) {
  if (a.length === 3 && a.every(each => /^\d{1,3}$/.test(each) && each < 256)) {
    return a.map(each => ('0' + Number(each).toString(16)).slice(-2)).join('');
  }
  const color = a[0].length === 3 ? a[0].replace(/./g, '$&$&') : a[0];
  return a.length === 1 && /^[0-9a-f]{6}$/i.test(color) ? color : null;
}

function pairs(text) {
  const table = Object.create(null);
  text.split(' ').forEach((each, i, all) => { if (i % 2) { table[all[i - 1]] = each; } });
  return table;
}
