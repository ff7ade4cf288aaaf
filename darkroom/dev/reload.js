// Put beside the page by `darkroom dev`, and removed at its end: reloads the page when it changed.
const mark = new URL("dev-mark.txt", document.baseURI);
let known;

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(mark, { cache: "no-store" });
      if (answer.status === 200) {
        const found = await answer.text();
        known ??= found;
        if (found !== known) {
          location.reload();
          return;
        }
      }
    } catch {
      // The emulator is being started anew.
    }
  }
  setTimeout(look, 400);
}

look();
