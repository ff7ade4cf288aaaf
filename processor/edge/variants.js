// CloudFront function (viewer request) of the behavior /i/*: checks the signature of a variant's URL
// and rewrites it to the key of the stored object, one for all spellings of a request.
// docs/reference/variants.md has the grammar. The syntax is that of cloudfront-js-2.0:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
import cf from 'cloudfront';
import crypto from 'crypto';

// The template inserts both.
const PRESETS_ALLOWED = '${Variants}' === 'presets';
const NAMES = '${RenditionNames}'.split(',');

const WIDTHS = [160, 320, 480, 640, 800, 1080, 1280, 1600, 1920, 2560, 3840];
const RATIOS = ['1', '1.5', '2', '3'];
const LARGEST_SIDE = 16384;
const KEY_BYTES = 1024;
const ERROR_SECONDS = 30;

const SIDE = /^[1-9][0-9]{0,4}$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const FRACTIONS = /^(0?\.[0-9]{1,3}|0|1)x(0?\.[0-9]{1,3}|0|1)$/;
const NEEDS_COVER = /^(entropy|attention|face|subject|.+x.+)$/;
const PATTERNS = {
  w: SIDE,
  h: SIDE,
  le: SIDE,
  ar: /^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$/,
  fit: /^(inside|outside|cover|contain|fill)$/,
  g: /^((top|bottom)(-(left|right))?|left|right|center|entropy|attention|face|subject|[0-9.]+x[0-9.]+)$/,
  dpr: /^([1-3](\.[0-9]{1,2})?|4(\.00?)?)$/,
  el: /^[01]$/,
  bg: /^[0-9a-fA-F]{6}$/,
  q: /^([1-9][0-9]?|100)$/,
  f: /^(auto|avif|webp|jpeg|png|gif)$/,
  v: /^[A-Za-z0-9._-]{1,64}$/,
  exp: /^[0-9]{1,12}$/
};
// The order of options in a stored object's key.
const ORDER = ['w', 'h', 'le', 'ar', 'fit', 'g', 'el', 'bg', 'q', 'dpr'];
const OF_NAMED = ['name', 'dpr', 'q', 'f', 'bg', 'v', 'exp'];
const OF_PRESETS = ['name', 'w', 'dpr', 'f', 'v'];

async function handler(event) {
  const request = event.request;
  try {
    const parts = /^\/i\/([^/]+)(\/([^/]+)\/(.+))$/.exec(request.uri);
    if (!parts) {
      fail(404, 'not-found', 'The URL of a variant is /i/<signature>/<options>/<key>.');
    }
    const isPreset = parts[1] === '-' && PRESETS_ALLOWED;
    if (!isPreset) {
      const isSigned = await verify(parts[1], parts[2]);
      if (!isSigned) {
        fail(403, 'wrong-signature',
          'The signature does not belong to these options and this key. Sign the URL again.');
      }
    }
    const options = read(decoded(parts[3]), isPreset);
    if (options.exp && Number(options.exp) * 1000 <= Date.now()) {
      fail(403, 'expired', 'The URL has expired. Sign it again with a later `exp`.');
    }
    return rewritten(request, options, decoded(parts[4]));
  } catch (error) {
    if (!error.problem) {
      throw error;
    }
    return response(error.problem);
  }
}

// Returns the request for the stored object of simplified options.
function rewritten(request, options, key) {
  const format = chosenFormat(options.f, request.headers.accept);
  if (format === 'png' || format === 'gif') {
    delete options.q;
  }
  if (key.split('/').some(part => part === '.' || part === '..')) {
    fail(404, 'not-found', 'No image has a key with a part that is only `.` or `..`.');
  }
  const target = 'variants/' + key + '/' + canonical(options) + '.' + format;
  if (Buffer.from(target).length > KEY_BYTES) {
    fail(404, 'not-found', 'The key is too long to have variants.');
  }
  request.uri = '/' + target.split('/').map(encoded).join('/');
  request.querystring = {};
  if (options.v) {
    request.querystring.v = { value: options.v };
  }
  return request;
}

async function verify(signature, signed) {
  const keys = cf.kvs();
  const current = await keys.get('current');
  if (signatureOf(signed, current) === signature) {
    return true;
  }
  let previous;
  try {
    previous = await keys.get('previous');
  } catch (missing) {
    return false;
  }
  return signatureOf(signed, previous) === signature;
}

function signatureOf(signed, key) {
  const hmac = crypto.createHmac('sha256', Buffer.from(key, 'base64url'));
  return hmac.update(signed).digest('base64url').slice(0, 22);
}

// Returns the options by name, without those that change nothing.
function read(text, isPreset) {
  const options = {};
  text.split(',').forEach((part, index) => {
    const at = part.indexOf('_');
    const name = at < 0 ? 'name' : part.slice(0, at);
    const value = part.slice(at + 1);
    if (at < 0 && (index > 0 || !NAME.test(part))) {
      fail(400, 'invalid-option', 'The option `' + shown(part) +
        '` is invalid. Options are a name, `_` and a value; the name of a rendition comes first.');
    }
    if (at >= 0 && !Object.keys(PATTERNS).includes(name)) {
      fail(400, 'invalid-option', 'There is no option `' + shown(name) + '`. Use one of: ' +
        Object.keys(PATTERNS).join(', ') + '.');
    }
    if (at >= 0 && (!PATTERNS[name].test(value) ||
        (name === 'g' && /x/.test(value) && !FRACTIONS.test(value)))) {
      fail(400, 'invalid-option', 'The value of `' + shown(part) + '` is not allowed.');
    }
    if (options[name] !== undefined) {
      fail(400, 'invalid-option', 'The option `' + name + '` occurs twice.');
    }
    options[name] = value;
  });
  check(options, isPreset);
  return simplified(options, isPreset);
}

function check(options, isPreset) {
  const allowed = isPreset ? OF_PRESETS : options.name ? OF_NAMED : null;
  Object.keys(options).forEach(name => {
    if (allowed && !allowed.includes(name)) {
      fail(400, 'invalid-option', 'The option `' + name + '` is not allowed ' +
        (isPreset ? 'without a signature' : 'after the name of a rendition') + '. Use: ' +
        allowed.join(', ') + '.');
    }
  });
  const o = options;
  const sized = o.w || o.h || o.le || o.ar;
  if (isPreset && (o.name ? o.w || !NAMES.includes(o.name) : !o.w)) {
    fail(400, 'invalid-option', 'Without a signature, use `w`, or one of the names ' +
      NAMES.join(', ') + '.');
  }
  if (isPreset && o.dpr && !RATIOS.includes(String(Number(o.dpr)))) {
    fail(400, 'invalid-option', 'Without a signature, use a `dpr` of ' + RATIOS.join(', ') + '.');
  }
  if (isPreset && o.f && o.f !== 'auto') {
    fail(400, 'invalid-option', 'Without a signature, the format is `f_auto`.');
  }
  if (o.le && (o.w || o.h || o.ar || o.fit || o.g)) {
    fail(400, 'invalid-option', '`le` cannot be combined with `w`, `h`, `ar`, `fit` or `g`.');
  }
  if (o.w && o.h && o.ar) {
    fail(400, 'invalid-option', '`ar` follows from `w` and `h`: omit one of the three.');
  }
  if (!sized && (o.fit || o.g || o.el || (o.dpr && !o.name))) {
    fail(400, 'invalid-option', '`fit`, `g`, `el` and `dpr` need `w`, `h`, `le` or `ar`.');
  }
  if (o.ar && !o.w && !o.h && (o.fit === 'inside' || o.fit === 'outside')) {
    fail(400, 'invalid-option', '`ar` alone needs `fit_cover`, `fit_contain` or `fit_fill`.');
  }
  if (o.g && o.fit && o.fit !== 'cover' && (o.fit !== 'contain' || NEEDS_COVER.test(o.g))) {
    fail(400, 'invalid-option', '`' + 'g_' + o.g + '` cannot be combined with `fit_' + o.fit + '`.');
  }
}

function simplified(options, isPreset) {
  const o = options;
  const ratio = Number(o.dpr || '1');
  o.dpr = o.name && ratio !== 1 ? String(ratio) : undefined;
  ['w', 'h', 'le'].forEach(name => {
    if (o[name]) {
      const side = Math.round(Number(o[name]) * ratio);
      if (side > LARGEST_SIDE) {
        fail(400, 'invalid-option', 'With `dpr`, `' + name + '` is ' + side + '; at most ' +
          LARGEST_SIDE + ' pixels are allowed.');
      }
      o[name] = String(isPreset ? snapped(side) : side);
    }
  });
  if (o.ar) {
    const sides = o.ar.split('x').map(Number);
    const divisor = gcd(sides[0], sides[1]);
    o.ar = sides[0] / divisor + 'x' + sides[1] / divisor;
  }
  o.fit = o.fit || (o.g || o.ar ? 'cover' : 'inside');
  if (o.fit === 'inside') {
    o.fit = undefined;
  }
  if (o.g && /x/.test(o.g)) {
    o.g = o.g.split('x').map(each => String(Number(each)).replace(/^0\./, '.')).join('x');
  }
  if (o.g === 'center') {
    o.g = undefined;
  }
  if (o.el === '0') {
    o.el = undefined;
  }
  if (o.bg) {
    o.bg = o.bg.toLowerCase();
  }
  if (isPreset) {
    // Without a signature, it would let anybody avoid the cache.
    o.v = undefined;
  }
  return o;
}

function canonical(options) {
  const parts = ORDER.filter(name => options[name] !== undefined)
    .map(name => name + '_' + options[name]);
  if (options.name) {
    parts.unshift(options.name);
  }
  return parts.join(',') || '_';
}

function chosenFormat(wanted, header) {
  if (wanted && wanted !== 'auto') {
    return wanted;
  }
  const accepted = (header ? header.value : '').toLowerCase().split(',').filter(each =>
    !/;\s*q=0(\.0*)?\s*(;|$)/.test(each)).map(each => each.split(';')[0].trim());
  return accepted.includes('image/avif') ? 'avif' : accepted.includes('image/webp') ? 'webp' : 'any';
}

function snapped(side) {
  return WIDTHS.find(each => each >= side) || WIDTHS[WIDTHS.length - 1];
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (malformed) {
    fail(400, 'invalid-encoding', 'The URL is not percent-encoded UTF-8.');
  }
}

// As Python's urllib.parse.quote.
function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, each =>
    '%' + each.charCodeAt(0).toString(16).toUpperCase());
}

function shown(text) {
  return text.slice(0, 40);
}

function fail(status, code, detail) {
  const error = new Error(detail);
  error.problem = { status: status, code: code, detail: detail };
  throw error;
}

// RFC 9457. A function's response has no headers of the distribution's policies.
function response(problem) {
  const titles = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 422: 'Unprocessable Content' };
  const title = titles[problem.status];
  return {
    statusCode: problem.status,
    statusDescription: title,
    headers: {
      'content-type': { value: 'application/problem+json' },
      'cache-control': { value: 'public, max-age=' + ERROR_SECONDS },
      'access-control-allow-origin': { value: '*' },
      'x-content-type-options': { value: 'nosniff' }
    },
    body: {
      encoding: 'text',
      data: JSON.stringify({
        title: title, status: problem.status, code: problem.code, detail: problem.detail
      })
    }
  };
}
