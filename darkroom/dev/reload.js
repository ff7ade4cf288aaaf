// Uploaded by `darkroom dev`, and deleted at its end: reloads the page when its version changes.
const version = new URL("dev-version.txt", document.baseURI);
let known;

async function check() {
  if (!document.hidden) {
    try {
      const response = await fetch(version, { cache: "no-store" });
      if (response.status === 200) {
        const found = await response.text();
        known ??= found;
        if (found !== known) {
          location.reload();
          return;
        }
      }
    } catch {
      // The emulator is restarting.
    }
  }
  setTimeout(check, 400);
}

check();
