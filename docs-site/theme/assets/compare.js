// In a table with the columns "before" and "after", a slider over each "after" image of the same
// shape as its "before" image.

const FREE = 0.02; // difference of the aspect ratios, for rounded sizes

const ratio = (image) => image.naturalWidth / image.naturalHeight;

function slider(before, after) {
  const box = document.createElement("span");
  box.className = "compare";
  const copy = before.cloneNode();
  const handle = document.createElement("input");
  Object.assign(handle, { type: "range", min: 0, max: 100, value: 50 });
  handle.setAttribute("aria-label", `Part that shows the image before: ${after.alt}`);
  const show = () => box.style.setProperty("--shown", `${handle.value}%`);
  handle.addEventListener("input", show);
  after.replaceWith(box);
  box.append(after, copy, handle);
  show();
}

async function compare(row) {
  const [before, after] = [...row.cells].map((cell) => cell.querySelector("img"));
  if (!before || !after || after.closest("a")) return;
  await Promise.all([before.decode(), after.decode()]);
  if (Math.abs(ratio(before) / ratio(after) - 1) < FREE) slider(before, after);
}

for (const table of document.querySelectorAll("table")) {
  const heads = [...table.rows[0].cells].map((cell) => cell.textContent.trim());
  if (heads[0] === "before" && heads[1] === "after") {
    for (const row of [...table.rows].slice(1)) compare(row).catch(() => {}); // no image, no slider
  }
}
