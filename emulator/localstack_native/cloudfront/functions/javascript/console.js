// console.log, whose lines Python reads.

const logs = [];
const shown = (value, depth = 0) => {
  if (typeof value === "string") return depth ? `'${value}'` : value;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return String(value);
  if (depth > 5) return "[Object]";
  if (value instanceof Uint8Array) return `Buffer [${Array.prototype.join.call(value, ",")}]`;
  if (Array.isArray(value)) return `[${value.map((each) => shown(each, depth + 1)).join(",")}]`;
  return `{${Object.keys(value).map((name) => `${name}:${shown(value[name], depth + 1)}`).join(",")}}`;
};
const LOG_LIMIT = 10000;
let logged = 0;
const console = {
  log(...values) {
    // AWS truncates log lines beyond 10 KB.
    const line = values.map((each) => shown(each)).join(" ").slice(0, Math.max(0, LOG_LIMIT - logged));
    logged += line.length;
    if (line) logs.push(line);
  },
};
