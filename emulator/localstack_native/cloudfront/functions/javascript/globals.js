// Globals: those that the runtime has, and no others.

const modules = { buffer: { Buffer }, cloudfront, crypto, querystring };
const require = (name) => {
  if (name === "cloudfront" || !hasOwn(modules, name))
    throw new Error(`Cannot find module "${name}"`);
  return modules[name];
};

const keep = (names) => {
  const kept = Object.create(null);
  for (const name of names.split(" ")) kept[name] = true;
  return kept;
};
const ALLOWED = {
  Object: "assign create defineProperties defineProperty entries freeze getOwnPropertyDescriptor " +
    "getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf is isExtensible isFrozen " +
    "isSealed keys preventExtensions seal setPrototypeOf values",
  Array: "isArray of",
  "Array.prototype": "concat copyWithin every fill filter find findIndex forEach includes indexOf " +
    "join lastIndexOf map pop push reduce reduceRight reverse shift slice some sort splice " +
    "toString unshift",
  "String.prototype": "charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf " +
    "match matchAll padEnd padStart repeat replace replaceAll search slice split startsWith " +
    "substr substring toLowerCase toString toUpperCase trim trimEnd trimStart valueOf",
  String: "fromCharCode fromCodePoint",
  Promise: "all allSettled any race reject resolve",
  "TypedArray.prototype": "buffer byteLength byteOffset copyWithin every fill filter find findIndex " +
    "forEach includes indexOf join lastIndexOf map reduce reduceRight reverse set slice some sort " +
    "subarray toString",
  Uint8Array: "BYTES_PER_ELEMENT",
  "Uint8Array.prototype": "BYTES_PER_ELEMENT",
  ArrayBuffer: "isView",
  "ArrayBuffer.prototype": "byteLength slice",
  JSON: "parse stringify",
  Error: "",
  RegExp: "",
};
const GLOBALS = keep(
  "AggregateError Array ArrayBuffer Boolean Buffer DataView Date Error EvalError Float32Array " +
    "Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError JSON Math NaN " +
    "Number Object Promise RangeError ReferenceError RegExp String Symbol SyntaxError TextDecoder " +
    "TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray atob btoa " +
    "console decodeURI decodeURIComponent encodeURI encodeURIComponent eval globalThis isFinite " +
    "isNaN parseFloat parseInt require undefined",
);
const typedArray = Object.getPrototypeOf(Uint8Array);
const always = keep("length name prototype constructor");

function prune(name, owner) {
  const allowed = keep(ALLOWED[name]);
  for (const key of Object.getOwnPropertyNames(owner))
    if (!allowed[key] && !always[key]) delete owner[key];
}

const NativeDate = Date;
let started = 0;
// The time does not pass while a function runs.
function FixedDate(...given) {
  if (!new.target) return new NativeDate(started).toString();
  const made = given.length ? new NativeDate(...given) : new NativeDate(started);
  return Object.setPrototypeOf(made, new.target.prototype);
}
Object.defineProperty(FixedDate, "name", { value: "Date" });
Object.defineProperty(FixedDate, "length", { value: 7 });
FixedDate.prototype = NativeDate.prototype;
FixedDate.prototype.constructor = FixedDate;
Object.assign(FixedDate, { UTC: NativeDate.UTC, now: () => started, parse: NativeDate.parse });

const refuse = (what) => {
  const refused = function () {
    throw new TypeError(`${what} is not allowed`);
  };
  return refused;
};

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

const own = {
  Buffer, Date: FixedDate, TextDecoder, TextEncoder, atob, btoa, console, require,
  eval: refuse("eval"),
};
for (const name of Object.keys(own)) define(name, own[name]);
const NativeFunction = Function;
const LimitedFunction = refuse("Function constructor");
LimitedFunction.prototype = NativeFunction.prototype;
// Functions of all kinds reach their constructor by their prototype.
const asyncPrototype = Object.getPrototypeOf(async function () {});
const generatorPrototype = Object.getPrototypeOf(function* () {});
const asyncGeneratorPrototype = Object.getPrototypeOf(async function* () {});
const prototypes = [
  NativeFunction.prototype, asyncPrototype, generatorPrototype, asyncGeneratorPrototype,
];
for (const prototype of prototypes)
  Object.defineProperty(prototype, "constructor", { value: LimitedFunction });
define("Function", LimitedFunction);

for (const name of Object.getOwnPropertyNames(globalThis))
  if (!GLOBALS[name]) delete globalThis[name];
for (const name of Object.keys(ALLOWED)) {
  const [first, second] = name.split(".");
  const base = first === "TypedArray" ? typedArray : globalThis[first];
  prune(name, second ? base[second] : base);
}
