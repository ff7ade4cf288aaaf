// The module `querystring`.

const unescapeText = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return Buffer.from(text.replace(/[^%]+|%(?![0-9a-f]{2})|%([0-9a-f]{2})/gi, (part, digits) =>
      digits ? digits : hex(toUtf8(part))), "hex").toString();
  }
};

const querystring = {
  escape: (text) => encodeURIComponent(text),
  unescape: (text) => unescapeText(text.replaceAll("+", " ")),
  parse(text, separator, equals, settings) {
    [separator, equals, settings] = [separator || "&", equals || "=", settings || {}];
    const decode = settings.decodeURIComponent || querystring.unescape;
    const most = settings.maxKeys === undefined ? 1000 : settings.maxKeys;
    const found = Object.create(null);
    let parts = String(text).split(separator).filter((part) => part !== "");
    if (most > 0) parts = parts.slice(0, most);
    for (const part of parts) {
      const at = part.indexOf(equals);
      const pair = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + equals.length)];
      const [name, value] = pair.map((each) => decode(each.replaceAll("+", " ")));
      if (!(name in found)) found[name] = value;
      else if (Array.isArray(found[name])) found[name].push(value);
      else found[name] = [found[name], value];
    }
    return found;
  },
  stringify(value, separator, equals, settings) {
    [separator, equals, settings] = [separator || "&", equals || "=", settings || {}];
    if (value === null || typeof value !== "object") return "";
    const encode = settings.encodeURIComponent || querystring.escape;
    const text = (each) => {
      const has = typeof each === "number" ? isFinite(each) : /^(string|boolean)$/.test(typeof each);
      return has ? encode(String(each)) : "";
    };
    const parts = [];
    for (const name of Object.keys(value))
      for (const each of Array.isArray(value[name]) ? value[name] : [value[name]])
        parts.push(encode(name) + equals + text(each));
    return parts.join(separator);
  },
};
querystring.decode = querystring.parse;
querystring.encode = querystring.stringify;
