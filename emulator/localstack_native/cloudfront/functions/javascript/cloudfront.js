// The module `cloudfront`: reads of the key value store, and changes of the origin.
//
// Source: "Helper methods for key value stores" and "Helper methods for origin modification" of the
// CloudFront Developer Guide.

const reads = [];
const waiting = [];
let origin = null;

class KvsError extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }

  toString() {
    return this.message;
  }
}

// Python reads the store between two steps of the function.
const ask = (key) => {
  if (typeof key !== "string") return Promise.reject(new TypeError("the key must be a string"));
  return new Promise((resolve) => {
    waiting.push(resolve);
    reads.push(key);
  });
};

const handle = {
  get(key, settings) {
    const format = (settings && settings.format) || "string";
    if (!["string", "json", "bytes"].includes(format))
      return Promise.reject(new TypeError(`format ${format} is not supported`));
    return ask(key).then((value) => {
      if (value === null) throw new KvsError("KeyNotFound");
      if (format === "json") return parseJson(value);
      return format === "bytes" ? Buffer.from(value) : value;
    });
  },
  exists: (key) => ask(key).then((value) => value !== null),
  meta: () => Promise.resolve(parseJson(toJson(options.store.meta))),
  count: () => Promise.resolve(options.store.meta.keyCount),
};

const cloudfront = {
  kvs(id) {
    if (!options.store || (id !== undefined && id !== options.store.id))
      throw new KvsError("KVSNamespaceNotFound");
    return handle;
  },
  updateRequestOrigin(changes) {
    if (changes === null || typeof changes !== "object")
      throw new TypeError("updateRequestOrigin needs an object");
    origin = { id: null, changes: parseJson(toJson(changes)) };
  },
  selectRequestOriginById(id, changes) {
    if (typeof id !== "string") throw new TypeError("selectRequestOriginById needs a string");
    origin = { id, changes: parseJson(toJson(changes || {})) };
  },
};
