// What the scripts of hostile pages share. `loot(text)` is the harness's own.
// Milliseconds for one request, and for a whole script. SLOWNESS is the machine's (tests/speed.py).
const PATIENCE = SLOWNESS * 10_000;
const MOST = SLOWNESS * 40_000;

const within = (promise, limit = PATIENCE) =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, limit, "no answer"))]);

// Runs a script to its end, whatever becomes of it.
const attempt = async (script) => {
  if (!document.body) await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
  try {
    await within(script(), MOST);
  } catch (error) {
    return String(error);
  }
  return "done";
};

// Inserts markup with one element that loads something; resolves when that has succeeded or failed.
const insert = (markup) => {
  const fragment = document.createRange().createContextualFragment(markup);
  const element = fragment.firstElementChild;
  const ended = new Promise((resolve) => {
    element.onload = () => resolve("load");
    element.onerror = () => resolve("error");
  });
  document.body.append(fragment);
  return within(ended);
};

// Inserts markup and clicks on its element.
const click = (markup) => {
  const fragment = document.createRange().createContextualFragment(markup);
  const element = fragment.firstElementChild;
  document.body.append(fragment);
  element.click();
};

// Submits a form into a frame; resolves when the frame has loaded.
const submit = (action, fields, { method = "POST", enctype = "", policy = "no-referrer" } = {}) => {
  const frame = document.createElement("iframe");
  frame.name = `frame${document.querySelectorAll("iframe").length}`;
  document.body.append(frame);
  const form = document.createElement("form");
  Object.assign(form, { action, method, target: frame.name });
  if (enctype) form.enctype = enctype;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.name = name;
    if (value instanceof File) {
      const transfer = new DataTransfer();
      transfer.items.add(value);
      input.type = "file";
      input.files = transfer.files;
    } else {
      input.type = "hidden";
      input.value = value;
    }
    form.append(input);
  }
  const meta = document.createElement("meta");
  Object.assign(meta, { name: "referrer", content: policy });
  document.head.append(meta);
  document.body.append(form);
  const ended = new Promise((resolve) => (frame.onload = resolve));
  form.submit();
  return within(ended);
};

// Fetches, and hands over whatever can be read, with the name that it is known by.
const take = async (url, options = {}, name = "") => {
  try {
    const response = await within(fetch(url, { referrerPolicy: "no-referrer", ...options }));
    const text = await response.text();
    if (text) await loot(`${name}\n${text}`);
  } catch (error) {
    console.log(String(error));
  }
};
